import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import type { DeferredCalls } from './deferred-calls.js';
import type { Uniform } from './random-stream.js';
import type { Timings } from './timings.js';

/** What all parts of one exchange share. */
export interface Plant {
  readonly clock: Clock;
  /** At the exchange's time scale. */
  readonly timings: Timings;
  readonly chance: Uniform;
  readonly calls: DeferredCalls;
  readonly log: Log;
}
