import type { Clock } from '../../../time/clock.js';
import { samplesPerMs } from '../../audio/pcm.js';
import type { Line } from '../line.js';

/** What the program may be ahead of the line: half a second. */
const bufferSamples = 500 * samplesPerMs;

/** What the line may be ahead of the clock: a timer that is late by less, on a busy machine, makes no gap. */
const leadMs = 250;

/** One piece of what is given to the line. */
const pieceSamples = 20 * samplesPerMs;

/** The samples of the program on their way to the line, in real time. */
export class VoicePlayer {
  readonly #line: Line;
  readonly #clock: Clock;
  #waiting: Int16Array = new Int16Array();
  /** When the line will have played what it has. */
  #soundUntilMs = Number.NEGATIVE_INFINITY;
  #isPaused = false;
  #isStarved = true;

  constructor(line: Line, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  /** Samples that `add` should be given at most. */
  get room(): number {
    return Math.max(0, bufferSamples - this.#waiting.length);
  }

  get isHalfEmpty(): boolean {
    return 2 * this.#waiting.length <= bufferSamples;
  }

  /** Everything has been heard. */
  get isDone(): boolean {
    return this.#waiting.length === 0 && this.#soundUntilMs <= this.#clock.monotonicMs();
  }

  add(samples: Int16Array): void {
    const joined = new Int16Array(this.#waiting.length + samples.length);
    joined.set(this.#waiting);
    joined.set(samples, this.#waiting.length);
    this.#waiting = joined;
    this.#isStarved = false;
  }

  /** `<DLE><CAN>`: what the line has already, a quarter of a second, is still heard. */
  clear(): void {
    this.#waiting = new Int16Array();
    this.#isStarved = true;
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
  }

  /**
   * Gives the line what is due.
   * @returns true when it has run dry, once: the far end hears a gap
   */
  advance(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (this.#isPaused) return false;
    while (this.#waiting.length > 0 && this.#soundUntilMs < nowMs + leadMs) {
      const piece = this.#waiting.slice(0, pieceSamples);
      this.#waiting = this.#waiting.subarray(piece.length);
      this.#line.sendAudio(piece);
      this.#soundUntilMs = Math.max(this.#soundUntilMs, nowMs) + piece.length / samplesPerMs;
    }
    if (this.#isStarved || !this.isDone) return false;
    this.#isStarved = true;
    return true;
  }
}
