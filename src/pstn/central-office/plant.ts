import type { Clock } from '../../time/clock.js';
import type { DeferredCalls } from './deferred-calls.js';
import type { Observer } from './events.js';
import type { Uniform } from './random-stream.js';
import type { Timings } from './timings.js';

/** What all parts of one network share. */
export interface Plant {
  readonly clock: Clock;
  /** At the network's time scale. */
  readonly timings: Timings;
  readonly chance: Uniform;
  /** What is drawn for one line alone. */
  chanceOf(line: string): Uniform;
  readonly calls: DeferredCalls;
  readonly report: Observer;
}
