import type { Clock } from '../../time/clock.js';
import type { Progress } from './events.js';

const everyMs = 100;
/** What goes in the first second goes into buffers, not over the line. */
const fillingMs = 1_000;

/** Ten reports a second at most, and one at the end. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #report: (progress: Progress) => void;
  #beganMs: number | undefined;
  /** The last of the filling: the rate counts from here. */
  #filled: Mark | undefined;
  #last: { readonly octets: number; readonly total: number | null } | undefined;
  #reportedMs: number | undefined;

  constructor(clock: Clock, report: (progress: Progress) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /**
   * @param octets done so far, of `total` where that is known. The whole of it is told by `finish` alone: what the line
   * has taken is not across yet.
   */
  note(octets: number, total: number | null): void {
    const now = { octets, ms: this.#clock.monotonicMs() };
    this.#beganMs ??= now.ms;
    if (now.ms - this.#beganMs < fillingMs) this.#filled = now;
    this.#last = { octets, total };
    const isTooSoon = this.#reportedMs !== undefined && now.ms - this.#reportedMs < everyMs;
    if (isTooSoon || octets === total) return;
    this.#reportedMs = now.ms;
    this.#tell(this.#filled ? rateBetween(this.#filled, now) : null);
  }

  /** All is across: the last report, with the rate of the whole. */
  finish(): void {
    if (!this.#last || this.#beganMs === undefined) return;
    const now = { octets: this.#last.octets, ms: this.#clock.monotonicMs() };
    this.#tell(rateBetween({ octets: 0, ms: this.#beganMs }, now));
  }

  #tell(rate: number | null): void {
    if (!this.#last) return;
    const { octets, total } = this.#last;
    const left = total === null ? null : total - octets;
    const secondsLeft = left === 0 ? 0 : left !== null && rate ? Math.ceil(left / rate) : null;
    this.#report({ event: 'progress', octets, total, rate, secondsLeft });
  }
}

interface Mark {
  readonly octets: number;
  readonly ms: number;
}

/** Whole octets a second; `null` where less than a second or no octet tells nothing. */
function rateBetween(from: Mark, to: Mark): number | null {
  if (to.ms - from.ms < fillingMs || to.octets === from.octets) return null;
  return Math.round(((to.octets - from.octets) / (to.ms - from.ms)) * 1_000);
}
