import type { Timer } from '../../time/clock.js';
import { type DtmfSymbol, tones } from '../signals.js';
import type { Plant } from './plant.js';
import type { Lookup } from './routing/directory.js';
import type { Dialled } from './routing/numbering-plan.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';

/** Where dialling can lead. */
export interface DiallingOutcome {
  lookup(digits: string): Lookup<Dialled>;
  dialled(line: SubscriberLine, dialled: Dialled): void;
  /** No number begins so. */
  unknownNumber(line: SubscriberLine): void;
  unfinishedNumber(line: SubscriberLine): void;
  nothingDialled(line: SubscriberLine): void;
}

/** A line off-hook with a digit register: dial tone, then digits until they make a number or cannot. */
export class Dialling implements LineUse {
  readonly #line: SubscriberLine;
  readonly #plant: Plant;
  readonly #outcome: DiallingOutcome;
  #digits = '';
  #isListening = false;
  #timer: Timer;

  constructor(line: SubscriberLine, plant: Plant, outcome: DiallingOutcome) {
    this.#line = line;
    this.#plant = plant;
    this.#outcome = outcome;
  }

  /**
   * @param delayMs until dial tone; no digit is heard before
   * @param recallBursts short bursts before it goes on steadily: stutter dial tone, which answers a hook-flash
   */
  start(delayMs: number, recallBursts = 0): void {
    this.#line.engage(this);
    this.#after(delayMs, () => {
      this.#isListening = true;
      this.#sound(recallBursts);
    });
  }

  digit(line: SubscriberLine, symbol: DtmfSymbol, onMs: number): void {
    if (!this.#isListening || onMs < this.#plant.timings.shortestDigitMs) return;
    line.hear(tones.silence);
    this.#digits += symbol;
    const found = this.#outcome.lookup(this.#digits);
    const mayGoOn = found.kind === 'ambiguous' || found.kind === 'incomplete';
    this.#after(mayGoOn ? this.#plant.timings.interDigitMs : 0, () => {
      this.#plant.report({ event: 'dialled', line: line.number, digits: this.#digits });
      if ('destination' in found) this.#outcome.dialled(line, found.destination);
      else if (found.kind === 'incomplete') this.#outcome.unfinishedNumber(line);
      else this.#outcome.unknownNumber(line);
    });
  }

  released(): void {
    this.#plant.clock.clearTimeout(this.#timer);
  }

  #sound(recallBursts: number): void {
    const { firstDigitMs, recallBurstMs } = this.#plant.timings;
    this.#line.hear(tones.dial);
    if (recallBursts === 0) {
      this.#after(firstDigitMs, () => this.#outcome.nothingDialled(this.#line));
      return;
    }
    this.#after(recallBurstMs, () => {
      this.#line.hear(tones.silence);
      this.#after(recallBurstMs, () => this.#sound(recallBursts - 1));
    });
  }

  #after(delayMs: number, run: () => void): void {
    this.#plant.clock.clearTimeout(this.#timer);
    this.#timer = this.#plant.clock.setTimeout(run, delayMs);
  }
}
