import { type DtmfSymbol, type ToneHz, tones } from '../signals.js';
import { Carrier } from './carrier.js';
import type { Sound } from './earpiece.js';
import type { Plant } from './plant.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';

export interface TalkPathListener {
  /** The far end of `line` has hung up, and `line` has not. */
  leftAlone(line: SubscriberLine): void;
  /** The first of them has left: the path is no more. */
  over(): void;
}

/** Two lines joined: sounds pass, and a data carrier when both ends send the right signals. */
export class TalkPath implements LineUse {
  readonly #ends: readonly [SubscriberLine, SubscriberLine];
  readonly #plant: Plant;
  readonly #delayMs: number;
  readonly #listener: TalkPathListener;
  #isOver = false;
  #carrier: Carrier | undefined;

  constructor(ends: readonly [SubscriberLine, SubscriberLine], plant: Plant, listener: TalkPathListener) {
    this.#ends = ends;
    this.#plant = plant;
    this.#delayMs = ends[0].settings.delayMs + ends[1].settings.delayMs;
    this.#listener = listener;
  }

  start(): void {
    for (const line of this.#ends) line.engage(this);
    for (const line of this.#ends) this.tone(line, line.sounding);
    this.#train();
  }

  digit(from: SubscriberLine, symbol: DtmfSymbol, onMs: number): void {
    const to = this.#farEndOf(from);
    this.#afterPath(to, () => to.equipment.digit(symbol, onMs));
  }

  tone(from: SubscriberLine, tone: ToneHz): void {
    const to = this.#farEndOf(from);
    this.#afterPath(to, () => to.hear(tone));
  }

  /** Under way for the delay of the path, with no timer: a listener meets it in its time. */
  sound(from: SubscriberLine, sound: Sound): void {
    this.#farEndOf(from).earpiece.add({ ...sound, atMs: sound.atMs + this.#delayMs });
  }

  handshake(from: SubscriberLine): void {
    if (from.handshake) this.#train();
    else this.#carrier?.stop(from);
  }

  /** What was sent still reaches the far end, one path delay later; then it learns that its peer is gone. */
  released(from: SubscriberLine): void {
    const to = this.#farEndOf(from);
    if (!this.#isOver) {
      this.#isOver = true;
      this.#listener.over();
    }
    this.tone(from, tones.silence);
    if (this.#carrier) this.#carrier.stop(from);
    else this.#afterPath(to, () => this.#leaveAlone(to));
  }

  dropCarrier(): void {
    this.#carrier?.drop();
  }

  changeRate(rate: number): void {
    this.#carrier?.changeRate(rate);
  }

  #train(): void {
    const [a, b] = this.#ends;
    if (this.#carrier || a.use !== this || b.use !== this) return;
    if (!a.handshake || !b.handshake || a.handshake.role === b.handshake.role) return;
    this.#carrier = new Carrier(this.#ends, this.#plant, {
      rate: Math.min(a.settings.rate, b.settings.rate, a.handshake.maxRate, b.handshake.maxRate),
      delayMs: this.#delayMs,
      onEnd: () => this.#carrierEnded(),
    });
    this.#carrier.train();
  }

  #carrierEnded(): void {
    this.#carrier = undefined;
    const present = this.#ends.filter((line) => line.use === this);
    if (present.length === 2) this.#train();
    else for (const line of present) this.#leaveAlone(line);
  }

  #leaveAlone(line: SubscriberLine): void {
    this.#listener.leftAlone(line);
    line.tell((equipment) => equipment.loopBreak());
  }

  #farEndOf(line: SubscriberLine): SubscriberLine {
    return this.#ends[line === this.#ends[0] ? 1 : 0];
  }

  #afterPath(to: SubscriberLine, run: () => void): void {
    this.#plant.clock.setTimeout(() => {
      if (to.use === this) run();
    }, this.#delayMs);
  }
}
