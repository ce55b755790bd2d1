import type { Bills } from './bills.js';
import type { CallReports } from './call-reports.js';
import type { CallSpool } from './call-spool.js';
import type { CallLedger } from './calls.js';
import type { Charges } from './charges.js';
import type { Exports } from './exports.js';
import type { Payers } from './payers.js';
import type { RatingRuns } from './rating-runs.js';
import type { SavedQueries } from './saved-queries.js';
import type { Subscribers } from './subscribers.js';
import type { Tariffs } from './tariffs.js';

/** The database is away, too slow or too new; the cause tells which. Callers treat it as "cannot serve now". */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** What a telephone server needs of the store: it neither rates nor bills. */
export type ServerStore = Pick<Store, 'subscribers' | 'calls' | 'spool'>;

export interface Store {
  readonly subscribers: Subscribers;
  readonly calls: CallLedger;
  readonly savedQueries: SavedQueries;
  readonly callReports: CallReports;
  readonly tariffs: Tariffs;
  readonly charges: Charges;
  readonly ratingRuns: RatingRuns;
  readonly payers: Payers;
  readonly exports: Exports;
  readonly bills: Bills;
  /** Closed calls that the database does not have yet. */
  readonly spool: CallSpool;
  /** `PostgreSQL 15.18 at localhost:5432/cordboard` or `embedded PostgreSQL 18.6 in ./data/db`; never a password. */
  readonly description: string;
  close(): Promise<void>;
}
