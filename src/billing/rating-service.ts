import type { Log } from '../log/log.js';
import type { Clock, Timer } from '../time/clock.js';
import type { LedgerRater } from './rate-ledger.js';

/** A call has its charge so long after it is over. */
const pauseMs = 30_000;
/** What ended before that was rated when the server began, or is rated once an hour: the spool keeps calls while the database is away. */
const recentMs = 24 * 3_600_000;
const wholeMs = 3_600_000;

export interface RatingServiceOptions {
  readonly rater: LedgerRater;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Rates closed calls by itself, every half minute, and once an hour also those of long ago and those that could not be rated before. Servers
 * of one database take turns. What fails is logged and tried again.
 */
export class RatingService {
  readonly #options: RatingServiceOptions;
  #timer: Timer;
  #pass: Promise<void> = Promise.resolve();
  #wholeAtMs = Number.NEGATIVE_INFINITY;
  #isOver = false;

  constructor(options: RatingServiceOptions) {
    this.#options = options;
    this.#arm();
  }

  /** Lets a transaction that is under way end. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#options.clock.clearTimeout(this.#timer);
    await this.#pass;
  }

  #arm(): void {
    if (this.#isOver) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#pass = this.#rate().finally(() => this.#arm());
    }, pauseMs);
  }

  async #rate(): Promise<void> {
    const { rater, clock, log } = this.#options;
    const nowMs = clock.monotonicMs();
    const isWhole = nowMs - this.#wholeAtMs >= wholeMs;
    try {
      const recent = { since: new Date(clock.utcMs() - recentMs) };
      const tally = await rater.rate({
        ...(isWhole ? { again: true } : recent),
        isOver: () => this.#isOver,
      });
      if (isWhole) this.#wholeAtMs = nowMs;
      const { charged, unrated, superseded } = tally;
      if (charged + superseded > 0) log.info({ charged, unrated, superseded }, 'calls were rated');
      if (unrated > 0) log.warn({ unrated }, 'calls cannot be rated: `cordboard rate` tells why');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ reason }, 'rating failed; it is tried again');
    }
  }
}
