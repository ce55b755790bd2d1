import type { Clock, Timer } from '../../time/clock.js';
import type { CallerId } from '../signals.js';
import { type CallerIdLines, callerIdOf, readCallerIdLine } from './caller-id.js';

/** S1 of most modems: a caller who has not rung for this long has gone. */
const ringForgottenMs = 8_000;
/** The lines of one caller ID come together; none follows after this. */
const callerIdLinesMs = 250;

/** Counts RING and gathers the caller ID lines that stand between two of them. */
export class IncomingCall {
  readonly #clock: Clock;
  readonly #report: { ring(count: number): void; callerId(id: CallerId): void };
  #rings = 0;
  #ringTimer: Timer;
  #lines: CallerIdLines | undefined;
  #linesTimer: Timer;

  constructor(clock: Clock, report: { ring(count: number): void; callerId(id: CallerId): void }) {
    this.#clock = clock;
    this.#report = report;
  }

  get isRinging(): boolean {
    return this.#rings > 0;
  }

  ring(): void {
    this.#reportCallerId();
    this.#clock.clearTimeout(this.#ringTimer);
    this.#ringTimer = this.#clock.setTimeout(() => this.reset(), ringForgottenMs);
    this.#rings++;
    this.#report.ring(this.#rings);
  }

  /** False when the line is no caller ID line. */
  text(line: string): boolean {
    const lines = this.#lines ?? {};
    if (!readCallerIdLine(line, lines)) return false;
    this.#lines = lines;
    this.#clock.clearTimeout(this.#linesTimer);
    this.#linesTimer = this.#clock.setTimeout(() => this.#reportCallerId(), callerIdLinesMs);
    return true;
  }

  /** The call is answered, or gone. */
  reset(): void {
    this.#clock.clearTimeout(this.#ringTimer);
    this.#clock.clearTimeout(this.#linesTimer);
    this.#rings = 0;
    this.#lines = undefined;
  }

  #reportCallerId(): void {
    const lines = this.#lines;
    if (!lines) return;
    this.#lines = undefined;
    this.#clock.clearTimeout(this.#linesTimer);
    this.#report.callerId(callerIdOf(lines));
  }
}
