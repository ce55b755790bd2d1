import type { AccountNumber } from '../../src/bytes/account-number.js';
import { type CallRecord, type ClosedCall, NoSuchCall, TrackingIdTaken } from '../../src/store/calls.js';
import { type ServerStore, StoreUnavailable } from '../../src/store/store.js';
import type { Credentials, Subscriber } from '../../src/store/subscribers.js';
import { type Clock, wait } from '../../src/time/clock.js';

type Statement = 'find' | 'credentials' | 'findByKey' | 'open' | 'note' | 'close' | 'closeInterrupted';

/** Accounts and call records in memory, with the faults of a database that a test turns on. */
export class FakeStore implements ServerStore {
  readonly accounts = new Map<AccountNumber, Subscriber>();
  /** What was issued, where anything was. */
  readonly keys = new Map<AccountNumber, Credentials>();
  readonly records = new Map<string, CallRecord>();
  /** What was asked, in order. */
  readonly statements: string[] = [];
  /** The database is away for these statements (fault 61). */
  readonly away = new Set<Statement>();
  /** It does these, and its reply is lost (fault 63). */
  readonly replyLost = new Set<Statement>();
  /** How long a statement takes (fault 62). */
  slowMs = 0;
  readonly #clock: Clock;

  constructor(clock: Clock, subscribers: readonly Subscriber[]) {
    this.#clock = clock;
    for (const subscriber of subscribers) this.accounts.set(subscriber.account, subscriber);
  }

  readonly subscribers: ServerStore['subscribers'] = {
    find: (account) => this.#run('find', account, () => this.accounts.get(account)),
    list: () => Promise.resolve([...this.accounts.values()]),
    add: () => Promise.reject(new Error('not faked')),
    setState: () => Promise.reject(new Error('not faked')),
    credentials: (account) => this.#run('credentials', account, () => this.keys.get(account)),
    findByKey: (staticKey) =>
      this.#run('findByKey', Buffer.from(staticKey).toString('hex'), () => {
        const found = [...this.keys].find(([, issued]) => Buffer.compare(issued.staticKey, staticKey) === 0);
        const holder = found && this.accounts.get(found[0]);
        return found && holder && { account: found[0], state: holder.state, psk: found[1].psk };
      }),
    issue: () => Promise.reject(new Error('not faked')),
    authorise: () => Promise.reject(new Error('not faked')),
  };

  readonly calls: ServerStore['calls'] = {
    open: (call) =>
      this.#run('open', call.trackingId, () => {
        if (this.records.has(call.trackingId)) throw new TrackingIdTaken(call.trackingId);
        this.records.set(call.trackingId, call);
      }),
    note: (trackingId, progress) =>
      this.#run('note', trackingId, () => {
        const record = this.records.get(trackingId);
        if (record && !record.endAt) this.records.set(trackingId, { ...record, ...progress });
      }),
    close: (trackingId, closed) =>
      this.#run('close', trackingId, () => {
        const record = this.records.get(trackingId);
        if (!record) throw new NoSuchCall(trackingId);
        if (!record.endAt) this.records.set(trackingId, { ...record, ...closed });
      }),
    closeInterrupted: (at) => this.#run('closeInterrupted', at.toISOString(), () => 0),
    correct: () => Promise.reject(new Error('not faked')),
    find: (trackingId) => Promise.resolve(this.records.get(trackingId)),
    list: () => Promise.resolve([...this.records.values()]),
    totals: () => Promise.reject(new Error('not faked')),
    endingWith: () => Promise.reject(new Error('not faked')),
  };

  /** What is in the spool; set `isDiskFull` and it takes nothing. */
  readonly spooled = new Map<string, ClosedCall>();
  readonly aside: string[] = [];
  isDiskFull = false;

  readonly spool: ServerStore['spool'] = {
    keep: async ({ trackingId, closed }) => {
      if (this.isDiskFull) throw new Error('ENOSPC');
      this.spooled.set(trackingId, closed);
    },
    forget: async (trackingId) => void this.spooled.delete(trackingId),
    putAside: async (trackingId) => {
      this.spooled.delete(trackingId);
      this.aside.push(trackingId);
      return `spool/${trackingId}.refused`;
    },
    list: async () => [...this.spooled].map(([trackingId, closed]) => ({ trackingId, closed })),
  };

  async #run<T>(statement: Statement, on: string, run: () => T): Promise<T> {
    this.statements.push(`${statement} ${on}`);
    if (this.slowMs > 0) await wait(this.#clock, this.slowMs);
    if (this.away.has(statement)) throw new StoreUnavailable(`away at ${statement}`);
    const result = run();
    if (this.replyLost.has(statement)) throw new StoreUnavailable(`reply lost at ${statement}`);
    return result;
  }
}
