import type { CallSpool } from './call-spool.js';
import type { CallLedger } from './calls.js';
import type { Subscribers } from './subscribers.js';

/** The database is away, too slow or too new; the cause tells which. Callers treat it as "cannot serve now". */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export interface Store {
  readonly subscribers: Subscribers;
  readonly calls: CallLedger;
  /** Closed calls that the database does not have yet. */
  readonly spool: CallSpool;
  /** `PostgreSQL 15.18 at localhost:5432/cordboard` or `embedded PostgreSQL 18.6 in ./data/db`; never a password. */
  readonly description: string;
  close(): Promise<void>;
}
