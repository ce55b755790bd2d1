import type { Log } from '../log/log.js';
import {
  type CallLedger,
  type CallProgress,
  type ClosedCall,
  NoSuchCall,
  type OpenCall,
} from '../store/calls.js';
import { StoreUnavailable } from '../store/store.js';
import { atMost } from '../time/at-most.js';
import type { Clock } from '../time/clock.js';

interface Unwritten {
  readonly trackingId: string;
  readonly closed: ClosedCall;
  /** The database has confirmed the open record. */
  readonly isOpen: boolean;
  tries: number;
}

const firstRetryMs = 1_000;
const slowestRetryMs = 30_000;
/** About a day of outage on a busy server, in a few megabytes. */
const backlogLimit = 10_000;
/** A database that is there and refuses one record will refuse it again. */
const triesWhileThere = 5;

/**
 * Opens, adds to and closes call records (CM-285, CM-335). A close that the database does not take is kept in memory and
 * tried again until it does; one that is given up is logged whole, so that it can be entered by hand.
 */
export class RecordKeeper {
  readonly #ledger: CallLedger;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Of calls that are not closed yet: whether the database has confirmed the open record. */
  readonly #opened = new Map<string, Promise<boolean>>();
  readonly #backlog: Unwritten[] = [];
  #writing = 0;
  #isRetrying = false;
  #isFlushed = false;
  #endRetries = (): void => {};
  readonly #flushed = new Promise<void>((resolve) => {
    this.#endRetries = resolve;
  });
  #settled: (() => void)[] = [];

  constructor(ledger: CallLedger, clock: Clock, log: Log) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when the record is durable. */
  async open(call: OpenCall): Promise<void> {
    const opening = this.#ledger.open(call);
    this.#opened.set(
      call.trackingId,
      opening.then(
        () => true,
        () => false,
      ),
    );
    await opening;
  }

  /**
   * Never rejects and need not be awaited: the record of a call that comes to its end loses nothing by a note that
   * was not taken.
   */
  note(trackingId: string, progress: CallProgress): void {
    this.#ledger.note(trackingId, progress).catch((cause) => {
      this.#log.warn(
        { trackingId, error: String(cause) },
        'not written yet who calls whom; if the server dies during the call, its record will not tell',
      );
    });
  }

  /**
   * Never rejects and need not be awaited. A call whose open failed is closed as well: its commit may have
   * happened although the reply was lost (fault 63).
   */
  close(trackingId: string, closed: ClosedCall): void {
    const opened = this.#opened.get(trackingId);
    this.#opened.delete(trackingId);
    this.#writing += 1;
    void Promise.resolve(opened).then(async (isOpen = false) => {
      const unwritten = { trackingId, closed, isOpen, tries: 0 };
      const isWritten = await this.#write(unwritten);
      this.#writing -= 1;
      if (!isWritten) this.#keep(unwritten);
      this.#tellSettled();
    });
  }

  /** Records that are closed here and not in the database yet. */
  get unwritten(): number {
    return this.#writing + this.#backlog.length;
  }

  /** Waits until all is written, at most `limitMs`; what is not written then is logged whole. */
  async flush(limitMs: number): Promise<void> {
    if (this.unwritten > 0) {
      const settled = new Promise<void>((resolve) => this.#settled.push(resolve));
      await atMost(this.#clock, limitMs, settled);
    }
    this.#isFlushed = true;
    this.#endRetries();
    for (const unwritten of this.#backlog.splice(0)) this.#giveUp(unwritten, 'the server stops');
  }

  async #write(unwritten: Unwritten): Promise<boolean> {
    try {
      await this.#ledger.close(unwritten.trackingId, unwritten.closed);
      return true;
    } catch (cause) {
      // The open record was not committed after all; the call was not answered.
      if (cause instanceof NoSuchCall && !unwritten.isOpen) return true;
      if (!(cause instanceof StoreUnavailable)) unwritten.tries += 1;
      const { trackingId } = unwritten;
      this.#log.error({ trackingId, error: String(cause) }, 'the call record is not written; will try again');
      return false;
    }
  }

  #keep(unwritten: Unwritten): void {
    if (unwritten.tries >= triesWhileThere) {
      this.#giveUp(unwritten, 'the database refuses it');
      return;
    }
    if (this.#isFlushed) {
      this.#giveUp(unwritten, 'the server stops');
      return;
    }
    const oldest = this.#backlog.length >= backlogLimit ? this.#backlog.shift() : undefined;
    if (oldest) this.#giveUp(oldest, 'too many wait');
    this.#backlog.push(unwritten);
    if (!this.#isRetrying) void this.#retry();
  }

  /** One at a time: a database that comes back is not run down by those who waited for it. */
  async #retry(): Promise<void> {
    this.#isRetrying = true;
    let delayMs = firstRetryMs;
    while (this.#backlog.length > 0) {
      await atMost(this.#clock, delayMs, this.#flushed);
      delayMs = Math.min(delayMs * 2, slowestRetryMs);
      for (let next = this.#backlog.shift(); next; next = this.#backlog.shift()) {
        this.#writing += 1;
        const isWritten = await this.#write(next);
        this.#writing -= 1;
        if (!isWritten) {
          this.#keep(next);
          break;
        }
        delayMs = firstRetryMs;
      }
    }
    this.#isRetrying = false;
    this.#tellSettled();
  }

  #tellSettled(): void {
    if (this.unwritten > 0) return;
    for (const settled of this.#settled.splice(0)) settled();
  }

  #giveUp(unwritten: Unwritten, why: string): void {
    const { trackingId, closed } = unwritten;
    this.#log.error(
      { trackingId, why, record: JSON.stringify(closed) },
      'CALL RECORD LOST to the database; enter it by hand from this line',
    );
  }
}
