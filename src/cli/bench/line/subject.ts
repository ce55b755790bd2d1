/** A line from A to B, as it is between the two modems; what comes between them may be a server and a second line. */
export interface LineKind {
  /** bit/s */
  readonly rate: number;
  /** One way, from one end to the other. */
  readonly delayMs: number;
  /** From one end to the other. */
  readonly bitErrorRate: number;
  /** Of the bit errors. */
  readonly seed: number;
}

/** One delivery that is to be measured. */
export interface Errand {
  readonly line: LineKind;
  /** Files directly in this folder; all of them are sent. */
  readonly folder: string;
  /** Octets with which the content begins, and which are nowhere else. */
  readonly mark?: Uint8Array;
  /** The line is lost once so many octets have come to B's modem, and the call is made again. */
  readonly lostAfterOctets?: number;
  /** Between the two calls, on A's side. */
  betweenCalls?(): void;
  /** Of the line's own time; what is not there by then does not count. */
  readonly limitMs: number;
  /** Nobody wants to know any more. */
  readonly signal?: AbortSignal;
}

/** Line time since the caller's CONNECT, in milliseconds; in a second call its own. */
export interface CallTimes {
  /** Until A had a server's word that the two lines are joined; 0 where nobody stands between the two, `undefined` where it did not come. */
  readonly bridgedMs: number | undefined;
  /** Of it: while a server dialled the callee and those two modems trained. */
  readonly calleeMs: number;
  /** Of the rest of it: what server and callee had to say to each other. */
  readonly calleeLegMs: number | undefined;
  /** Until the first octet of content was with B's modem, as it is or sealed; `undefined` where it was not seen. */
  readonly firstContentMs: number | undefined;
  /** Until A knew that B has it all. */
  readonly receiptMs: number | undefined;
  /** Octets that came to B's modem and to A's. */
  readonly octetsThere: number;
  /** Of those to B, what came before the content; `undefined` where that was not seen. */
  readonly octetsBefore: number | undefined;
  readonly octetsBack: number;
}

export interface Delivery {
  /** In order; two where the line was lost once. */
  readonly calls: readonly CallTimes[];
  /** What A's program said at its end: that all was well, or not. */
  readonly isSaidDone: boolean;
  /** Every file that A has now lies with B as it is. */
  readonly isRight: boolean;
  /** Not so, but every file lies there as it was when the sending began. */
  readonly isAsAtFirst: boolean;
  /** Something lies with B under its final name that A neither has nor had. */
  readonly isWrongFiled: boolean;
}

/** Something that sends files from one end of a line to the other. */
export interface Subject {
  readonly name: string;
  deliver(errand: Errand): Promise<Delivery>;
}
