import type { Timer } from '../../time/clock.js';
import { type DtmfSymbol, tones } from '../signals.js';
import type { Lookup } from './number-plan.js';
import type { Plant } from './plant.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';

/** Where dialling can lead. */
export interface DiallingOutcome<Destination> {
  lookup(digits: string): Lookup<Destination>;
  dialled(line: SubscriberLine, destination: Destination): void;
  /** No number begins so. */
  unknownNumber(line: SubscriberLine): void;
  unfinishedNumber(line: SubscriberLine): void;
  nothingDialled(line: SubscriberLine): void;
}

/** A line off-hook with a digit register: dial tone, then digits until they make a number or cannot. */
export class Dialling<Destination> implements LineUse {
  readonly #line: SubscriberLine;
  readonly #plant: Plant;
  readonly #outcome: DiallingOutcome<Destination>;
  #digits = '';
  #isListening = false;
  #timer: Timer;

  constructor(line: SubscriberLine, plant: Plant, outcome: DiallingOutcome<Destination>) {
    this.#line = line;
    this.#plant = plant;
    this.#outcome = outcome;
  }

  /** @param delayMs until dial tone; no digit is heard before */
  start(delayMs: number): void {
    this.#line.engage(this);
    this.#after(delayMs, () => {
      this.#isListening = true;
      this.#line.hear(tones.dial);
      this.#after(this.#plant.timings.firstDigitMs, () => this.#outcome.nothingDialled(this.#line));
    });
  }

  digit(line: SubscriberLine, symbol: DtmfSymbol, onMs: number): void {
    if (!this.#isListening || onMs < this.#plant.timings.shortestDigitMs) return;
    line.hear(tones.silence);
    this.#digits += symbol;
    const found = this.#outcome.lookup(this.#digits);
    const mayGoOn = found.kind === 'ambiguous' || found.kind === 'incomplete';
    this.#after(mayGoOn ? this.#plant.timings.interDigitMs : 0, () => {
      if ('destination' in found) this.#outcome.dialled(line, found.destination);
      else if (found.kind === 'incomplete') this.#outcome.unfinishedNumber(line);
      else this.#outcome.unknownNumber(line);
    });
  }

  released(): void {
    this.#plant.clock.clearTimeout(this.#timer);
  }

  #after(delayMs: number, run: () => void): void {
    this.#plant.clock.clearTimeout(this.#timer);
    this.#timer = this.#plant.clock.setTimeout(run, delayMs);
  }
}
