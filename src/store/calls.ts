import type { AccountNumber } from '../bytes/account-number.js';
import type { CallFilter, CallTotals } from './call-filter.js';
import type { CallOutcome, RecordedClass } from './call-kinds.js';

/** Known when the phone rings; written durably before the answer (CM-285). */
export interface OpenCall {
  readonly trackingId: string;
  /** The trunk's line URL. */
  readonly port: string;
  /** Digits; `undefined` when withheld, unavailable or not yet told. */
  readonly ani: string | undefined;
  readonly ringAt: Date;
}

/** Known when the call is over. Absent times: that step was not reached. */
export interface ClosedCall {
  readonly ani: string | undefined;
  readonly callerAccount: AccountNumber | undefined;
  readonly calleeAccount: AccountNumber | undefined;
  readonly calledNumber: string | undefined;
  /** The line URL of the trunk on which the callee was called. */
  readonly calleePort: string | undefined;
  readonly protocolVersion: 1 | 2 | undefined;
  /** What it was for; `undefined` where the protocol does not tell (version 1): it is rated as a delivery. An inquiry is never bridged. */
  readonly callClass: RecordedClass | undefined;
  /** The callee was asked to pay: where the call was bridged, it has agreed. */
  readonly isCollect: boolean;
  readonly answerAt: Date | undefined;
  readonly bridgeAt: Date | undefined;
  readonly endAt: Date;
  /** Whole seconds by the monotonic clock: from ring, and from bridge, both rounded up. */
  readonly durationSeconds: number;
  readonly billableSeconds: number;
  /** Absent where the server did not carry the call. */
  readonly octetsFromCaller: number | undefined;
  readonly octetsFromCallee: number | undefined;
  readonly outcome: CallOutcome;
  /** Q.850: 16 normal, 17 busy, 19 no answer, 21 rejected, 27 out of order, 31 normal unspecified, 34 no circuit, 41 temporary failure. */
  readonly releaseCause: number;
  /** Why, for the operator; never told to the caller. */
  readonly reason: string | undefined;
}

/** What is known of a call that goes on, for the record of one that is interrupted. */
export type CallProgress = Partial<
  Pick<
    ClosedCall,
    | 'ani'
    | 'callerAccount'
    | 'calleeAccount'
    | 'calledNumber'
    | 'calleePort'
    | 'protocolVersion'
    | 'callClass'
    | 'isCollect'
    | 'answerAt'
    | 'bridgeAt'
  >
>;

/** A call record as staff and scripts read it; the names are fixed. Times are UTC. */
export type CallRecord = OpenCall & Partial<ClosedCall> & Partial<CallCharge> & Partial<CallCorrected>;

/** What it costs, and whom. */
export interface CallCharge {
  readonly billTo: AccountNumber | undefined;
  /** In units of 10^-`chargeDecimals` of the currency. */
  readonly chargeMinor: bigint | undefined;
  readonly chargeDecimals: number | undefined;
  readonly currency: string | undefined;
}

export interface CallCorrected {
  /** The tracking ID of the record that this one puts right. */
  readonly corrects: string | undefined;
  /** The tracking ID of the record that counts instead of this one. */
  readonly correctedBy: string | undefined;
  /** Who entered a correction: the name of the system's user. */
  readonly enteredBy: string | undefined;
}

/** What a correction changes; the rest is as in the record that it corrects. `reason`: why it was necessary. */
export type CallCorrection = Partial<Omit<ClosedCall, 'reason'>> & { readonly reason: string };

/** A tracking ID that was to be opened belongs to another call already (fault 66). Nothing was changed. */
export class TrackingIdTaken extends Error {
  override readonly name = 'TrackingIdTaken';
  constructor(trackingId: string) {
    super(`The tracking ID ${trackingId} belongs to another call. Take a fresh one.`);
  }
}

/** There is no record to close: it was never opened, or the database was restored from a backup before it. */
export class NoSuchCall extends Error {
  override readonly name = 'NoSuchCall';
  constructor(trackingId: string) {
    super(`There is no call record ${trackingId}.`);
  }
}

/** The record cannot be corrected, or not so: the message says why, and what to do. Nothing was changed. */
export class NotCorrectable extends Error {
  override readonly name = 'NotCorrectable';
}

/** The call records. Every promise resolves when the database has committed. */
export interface CallLedger {
  /** Opening the same call again changes nothing (fault 63). @throws TrackingIdTaken, StoreUnavailable */
  open(call: OpenCall): Promise<void>;
  /** Adds to an open record what is known by now; no matter in what order. Something must be. @throws StoreUnavailable */
  note(trackingId: string, progress: CallProgress): Promise<void>;
  /**
   * Closes an open record, once: a second close of the same call changes nothing (fault 63, 66), but after
   * `closeInterrupted`, which was wrong then.
   * @throws NoSuchCall, StoreUnavailable (the record is still open then, or its answer was lost: close again)
   */
  close(trackingId: string, call: ClosedCall): Promise<void>;
  /**
   * At start: closes the records that servers left open which live no more, wherever they ran. Returns how many.
   * What nobody measured stays absent (`durationSeconds`, octets); nothing of it is billable.
   */
  closeInterrupted(at: Date): Promise<number>;
  /**
   * Enters a further record that counts from now on instead of a closed one, which stays as it was.
   * @param correction its `trackingId` is the further record's, with the time of the ring; entered again, it changes nothing
   * @throws NoSuchCall, NotCorrectable, StoreUnavailable
   */
  correct(trackingId: string, correction: EnteredCorrection): Promise<void>;
  /** One record, whether it counts or was corrected. */
  find(trackingId: string): Promise<CallRecord | undefined>;
  /** Tracking IDs, two at most, that end with these twelve digits, as tables show them. Reads the whole ledger. */
  endingWith(digits: string): Promise<string[]>;
  /** A page of the records that count, newest first by the time that the filter goes by. */
  list(filter: CallFilter): Promise<CallRecord[]>;
  totals(filter: CallFilter): Promise<CallTotals>;
}

export interface EnteredCorrection {
  readonly trackingId: string;
  readonly changes: CallCorrection;
  /** The name of the system's user. */
  readonly enteredBy: string;
}
