import type { Log } from '../log/log.js';
import type { CallSpool, SpooledCall } from '../store/call-spool.js';
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
  /** It is in the spool. */
  isSpooled: boolean;
  tries: number;
}

const firstRetryMs = 1_000;
const slowestRetryMs = 30_000;
/** More wait in the spool alone, until these are written. */
const backlogLimit = 10_000;
/** A database that is there and refuses one record will refuse it again. */
const triesWhileThere = 5;

/**
 * Opens, adds to and closes call records (CM-285, CM-335). A close that the database does not take goes to the spool on the disk and is
 * tried again until it does, also by the next run of the server; where the disk fails too, it is logged whole, so that it can be entered by hand.
 */
export class RecordKeeper {
  readonly #ledger: CallLedger;
  readonly #spool: CallSpool;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Of calls that are not closed yet: whether the database has confirmed the open record. */
  readonly #opened = new Map<string, Promise<boolean>>();
  #backlog: Unwritten[] = [];
  /** Records wait in the spool that are not in the backlog. */
  #isSpoolAhead = false;
  #writing = 0;
  #isRetrying = false;
  #isFlushed = false;
  #endRetries = (): void => {};
  readonly #flushed = new Promise<void>((resolve) => {
    this.#endRetries = resolve;
  });
  #settled: (() => void)[] = [];

  constructor(ledger: CallLedger, spool: CallSpool, clock: Clock, log: Log) {
    this.#ledger = ledger;
    this.#spool = spool;
    this.#clock = clock;
    this.#log = log;
  }

  /** Goes on with what an earlier run has left in the spool. */
  async recover(): Promise<void> {
    await this.#takeFromSpool();
    const { length } = this.#backlog;
    if (length === 0) return;
    this.#log.warn(
      { records: length },
      'call records of an earlier run wait in the spool; they are being written',
    );
    void this.#retry();
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
      const unwritten = { trackingId, closed, isOpen, isSpooled: false, tries: 0 };
      if (!(await this.#write(unwritten))) await this.#keep(unwritten);
      this.#writing -= 1;
      this.#tellSettled();
    });
  }

  /** Records that are closed here and not in the database yet. */
  get unwritten(): number {
    return this.#writing + this.#backlog.length;
  }

  /** Waits until all is written, at most `limitMs`; what is not written then is in the spool for the next run. */
  async flush(limitMs: number): Promise<void> {
    if (this.unwritten > 0) {
      const settled = new Promise<void>((resolve) => this.#settled.push(resolve));
      await atMost(this.#clock, limitMs, settled);
    }
    this.#isFlushed = true;
    this.#endRetries();
    const left = this.#backlog.splice(0);
    if (left.length > 0)
      this.#log.warn(
        { records: left.length },
        'call records wait in the spool until the server starts again',
      );
    for (const unwritten of left)
      if (!unwritten.isSpooled) this.#giveUp(unwritten, 'the disk refuses it, and the server stops');
  }

  async #write(unwritten: Unwritten): Promise<boolean> {
    try {
      await this.#ledger.close(unwritten.trackingId, unwritten.closed);
      await this.#forget(unwritten);
      return true;
    } catch (cause) {
      // The open record was not committed after all; the call was not answered.
      if (cause instanceof NoSuchCall && !unwritten.isOpen) {
        await this.#forget(unwritten);
        return true;
      }
      if (!(cause instanceof StoreUnavailable)) unwritten.tries += 1;
      const { trackingId } = unwritten;
      this.#log.error({ trackingId, error: String(cause) }, 'the call record is not written; will try again');
      return false;
    }
  }

  async #keep(unwritten: Unwritten): Promise<void> {
    await this.#spoolOnce(unwritten);
    if (unwritten.tries >= triesWhileThere) {
      await this.#putAside(unwritten);
      return;
    }
    if (this.#isFlushed) {
      if (!unwritten.isSpooled) this.#giveUp(unwritten, 'the disk refuses it, and the server stops');
      return;
    }
    const oldest = this.#backlog.length >= backlogLimit ? this.#backlog.shift() : undefined;
    if (oldest?.isSpooled) this.#isSpoolAhead = true;
    else if (oldest) this.#giveUp(oldest, 'the disk refuses it, and too many wait');
    this.#backlog.push(unwritten);
    if (!this.#isRetrying) void this.#retry();
  }

  async #spoolOnce(unwritten: Unwritten): Promise<void> {
    if (unwritten.isSpooled) return;
    try {
      await this.#spool.keep(unwritten);
      unwritten.isSpooled = true;
    } catch (cause) {
      const { trackingId } = unwritten;
      this.#log.error(
        { trackingId, error: String(cause) },
        'the spool does not take a call record; it waits in memory',
      );
    }
  }

  async #forget({ trackingId, isSpooled }: Unwritten): Promise<void> {
    if (!isSpooled) return;
    await this.#spool.forget(trackingId).catch((cause) => {
      this.#log.warn(
        { trackingId, error: String(cause) },
        'a written call record stays in the spool; it does no harm',
      );
    });
  }

  async #takeFromSpool(): Promise<void> {
    this.#isSpoolAhead = false;
    const spooled = await this.#spool.list().catch((cause): SpooledCall[] => {
      this.#log.error({ error: String(cause) }, 'the spool of call records cannot be read');
      return [];
    });
    const waiting = spooled.map((call) => ({ ...call, isOpen: true, isSpooled: true, tries: 0 }));
    this.#backlog = waiting.slice(0, backlogLimit);
    this.#isSpoolAhead = waiting.length > backlogLimit;
  }

  /** One at a time: a database that comes back is not run down by those who waited for it. */
  async #retry(): Promise<void> {
    this.#isRetrying = true;
    let delayMs = firstRetryMs;
    for (;;) {
      if (this.#backlog.length === 0 && this.#isSpoolAhead) await this.#takeFromSpool();
      if (this.#backlog.length === 0) break;
      await atMost(this.#clock, delayMs, this.#flushed);
      delayMs = Math.min(delayMs * 2, slowestRetryMs);
      for (let next = this.#backlog.shift(); next; next = this.#backlog.shift()) {
        this.#writing += 1;
        const isWritten = await this.#write(next);
        if (!isWritten) await this.#keep(next);
        this.#writing -= 1;
        if (!isWritten) break;
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

  /** A database that is there and refuses one record: a person looks at it. */
  async #putAside(unwritten: Unwritten): Promise<void> {
    const { trackingId, isSpooled } = unwritten;
    const path = isSpooled ? await this.#spool.putAside(trackingId).catch(() => undefined) : undefined;
    this.#giveUp(
      unwritten,
      path ? `the database refuses it; it is kept in ${path}` : 'the database refuses it',
    );
  }

  #giveUp(unwritten: Unwritten, why: string): void {
    const { trackingId, closed } = unwritten;
    this.#log.error(
      { trackingId, why, record: JSON.stringify(closed) },
      'CALL RECORD LOST to the database; enter it by hand from this line',
    );
  }
}
