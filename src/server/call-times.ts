import type { ClosedCall } from '../store/calls.js';
import type { Clock } from '../time/clock.js';

interface Moment {
  readonly utc: Date;
  readonly monotonicMs: number;
}

/**
 * When a call rang, was answered, bridged and ended (CM-280, CM-335). Stamps are UTC; durations are differences of
 * the monotonic clock, so that a clock that is set meanwhile bills nobody (fault 75).
 */
export class CallTimes {
  readonly #clock: Clock;
  readonly #ring: Moment;
  #answer: Moment | undefined;
  #bridge: Moment | undefined;
  #end: Moment | undefined;

  /** The call begins with its ring. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ring = this.#now();
  }

  get ringAt(): Date {
    return this.#ring.utc;
  }

  answered(): void {
    this.#answer = this.#now();
  }

  bridged(): void {
    this.#bridge = this.#now();
  }

  /** The first release counts: what drains after it is not charged. */
  ended(): void {
    this.#end ??= this.#now();
  }

  soFar(): Pick<ClosedCall, 'answerAt' | 'bridgeAt'> {
    return { answerAt: this.#answer?.utc, bridgeAt: this.#bridge?.utc };
  }

  summary(): Pick<ClosedCall, 'answerAt' | 'bridgeAt' | 'endAt' | 'durationSeconds' | 'billableSeconds'> {
    const end = this.#end ?? this.#now();
    return {
      ...this.soFar(),
      endAt: end.utc,
      durationSeconds: secondsBetween(this.#ring, end),
      billableSeconds: this.#bridge ? secondsBetween(this.#bridge, end) : 0,
    };
  }

  #now(): Moment {
    return { utc: new Date(this.#clock.utcMs()), monotonicMs: this.#clock.monotonicMs() };
  }
}

/** Rounded up: a second begun counts. */
function secondsBetween(start: Moment, end: Moment): number {
  return Math.ceil((end.monotonicMs - start.monotonicMs) / 1_000);
}
