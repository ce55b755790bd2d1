import type { AccountNumber } from '../bytes/account-number.js';
import type { CallFilter } from './call-filter.js';
import type { ClosedCall, OpenCall } from './calls.js';

/** A call as it stands in an export: the record, which never changes, and its charge as it was when the call was taken. */
export type ExportedCall = OpenCall &
  ClosedCall & {
    readonly billTo: AccountNumber | undefined;
    /** Of `billTo`: where the server calls it. */
    readonly payerNumber: string | undefined;
    /** In units of 10^-`chargeDecimals` of the currency. */
    readonly chargeMinor: bigint | undefined;
    readonly chargeDecimals: number | undefined;
    readonly currency: string | undefined;
    /** Of a correction: the record that it puts right, and who entered it. */
    readonly corrects: string | undefined;
    readonly enteredBy: string | undefined;
    /** Of a correction: the call in an earlier export of the series whose place this one takes. */
    readonly replaces: string | undefined;
  };

export interface NewExport {
  /** Exports of one series never hold the same call twice. */
  readonly series: string;
  /** As the command names it. */
  readonly format: string;
  /** What the format was told. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly filter: CallFilter;
  /** Absolute, on the machine of who made it. */
  readonly path: string;
  readonly madeAt: Date;
  /** The name of the system's user. */
  readonly madeBy: string;
}

/**
 * An export on record. First it takes calls, a stretch of the ledger at a time, and is not numbered; then its calls are
 * settled, and its file is written; then the file is on the disk, and it is finished.
 */
export type Export = Omit<NewExport, 'filter'> & {
  readonly id: number;
  /** Absent where a newer program has written what this one does not know. */
  readonly filter: CallFilter | undefined;
  /** Within the series, from 1, without gaps; since its calls are settled. */
  readonly number: number | undefined;
  /** The last tracking ID that was looked at. */
  readonly takenThrough: string | undefined;
  readonly records: number;
  readonly leftOut: number;
  readonly finished: FinishedFile | undefined;
};

export type TakingExport = Export & { readonly filter: CallFilter };

export interface FinishedFile {
  readonly octets: bigint;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly at: Date;
}

export interface LeftOutCall {
  readonly trackingId: string;
  /** For a person. */
  readonly reason: string;
}

/** A stretch of the ledger: the calls in it that the filter finds and that no export of the series has. */
export interface Stretch {
  readonly calls: readonly ExportedCall[];
  /** Where the next one begins. */
  readonly through: string | undefined;
  readonly isLast: boolean;
}

/** The exports. Every promise resolves when the database has committed, or rejects with StoreUnavailable. */
export interface Exports {
  begin(begun: NewExport): Promise<Export>;
  /**
   * The next so many calls of the ledger. What may change still is in none: calls that are open, and those that nobody
   * measured.
   */
  stretch(of: TakingExport, most: number): Promise<Stretch>;
  /**
   * Records what became of a stretch, once: a call that another export of the series has taken meanwhile stays there.
   * @returns the export as it is now, whoever took that stretch; `undefined` when it was forgotten
   */
  take(
    of: Export,
    stretch: Stretch,
    calls: readonly ExportedCall[],
    leftOut: readonly LeftOutCall[],
  ): Promise<Export | undefined>;
  /** Numbers an export that has taken its calls; one without any is forgotten, and `undefined`. */
  settle(of: Export): Promise<Export | undefined>;
  /** The calls of a settled export by tracking ID, from behind the one named. */
  calls(of: Export, after: string | undefined, most: number): Promise<ExportedCall[]>;
  /** With the path that `of` has now. */
  finish(of: Export, file: FinishedFile): Promise<void>;
  find(id: number): Promise<Export | undefined>;
  /** Newest first. */
  list(): Promise<Export[]>;
  /** Those whose file has this checksum. */
  withChecksum(sha256: string): Promise<Export[]>;
  /** By tracking ID. */
  leftOut(id: number): Promise<LeftOutCall[]>;
}
