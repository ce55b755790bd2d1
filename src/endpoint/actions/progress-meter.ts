import type { Clock } from '../../time/clock.js';
import type { Progress } from './events.js';

const everyMs = 100;

/** Ten reports a second at most, and always the last one. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #report: (progress: Progress) => void;
  #beganMs: number | undefined;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, report: (progress: Progress) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** @param octets done so far, of `total` where that is known */
  note(octets: number, total: number | null): void {
    const nowMs = this.#clock.monotonicMs();
    this.#beganMs ??= nowMs;
    if (nowMs - this.#reportedMs < everyMs && octets !== total) return;
    this.#reportedMs = nowMs;
    const seconds = (nowMs - this.#beganMs) / 1000;
    const rate = seconds > 0 ? octets / seconds : 0;
    const secondsLeft = total !== null && rate > 0 ? (total - octets) / rate : null;
    this.#report({ event: 'progress', octets, total, rate, secondsLeft });
  }
}
