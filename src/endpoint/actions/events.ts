import type { AccountNumber } from '../../bytes/account-number.js';
import type { CallerOutcome } from '../../protocol/call-manager/failures.js';
import type { ReceivedFile, SessionFailureOutcome } from '../../session/session.js';
import type { EndpointErrorOutcome } from '../endpoint-error.js';

export interface PeerName {
  readonly account: AccountNumber;
  /** As in the address book; the account itself for a stranger. */
  readonly name: string;
}

/** What an action tells while it runs. Names and fields are what `--json` prints, a line each. */
export type EndpointEvent =
  | Dialing
  /** The line dropped in the middle of a transfer of version 2; it is dialled again after a while. */
  | {
      readonly event: 'redialing';
      readonly peer: PeerName;
      readonly seconds: number;
      readonly reason: string;
    }
  /** Calls are answered from now on. */
  | { readonly event: 'listening'; readonly line: string; readonly account: AccountNumber }
  /** A call comes in. */
  | { readonly event: 'ringing' }
  /** @property rate bit/s of the line, where the modem told it */
  | { readonly event: 'connected'; readonly description: string; readonly rate: number | null }
  /** 475: show X and have it read out over the telephone. */
  | { readonly event: 'check-string'; readonly peer: PeerName; readonly x: string; readonly version: Version }
  /** 480: X is awaited as it was heard. */
  | { readonly event: 'type-check-string'; readonly peer: PeerName; readonly version: Version }
  /** Version 2: what was typed here last is right; the other side's person waits to hear so. */
  | { readonly event: 'check-string-taken'; readonly peer: PeerName }
  /** Version 2, where both strings are wanted: X was right; show X2 and have it read out. */
  | { readonly event: 'second-string'; readonly peer: PeerName; readonly x: string }
  /** X2 is awaited as it was heard. */
  | { readonly event: 'type-second-string'; readonly peer: PeerName }
  | Progress
  | Warning
  | Quoted
  | ActionEnd;

export type Version = 1 | 2;

export interface Dialing {
  readonly event: 'dialing';
  readonly peer: PeerName;
  readonly number: string;
  readonly version: Version;
  /** A transfer of version 2 that an earlier action has begun goes on. */
  readonly resumed?: true;
}

export interface Progress {
  readonly event: 'progress';
  readonly octets: number;
  /** `null` while receiving: version 1 does not tell. */
  readonly total: number | null;
  /** Octets a second on the line, whole; `null` in the first seconds, which only fill the buffers before it. */
  readonly rate: number | null;
  /** Whole seconds; `null` while the rate or the total is not known. */
  readonly secondsLeft: number | null;
}

/** What a transfer would cost; no call was made. */
export interface Quoted {
  readonly event: 'quote';
  readonly peer: PeerName;
  /** On the line: packed and sealed. */
  readonly octets: number;
  /** That carry them; what is charged and the price is of. */
  readonly seconds: number;
  /** bit/s, as the modem has told it; `null`: it has not, and 28,800 were assumed. */
  readonly rate: number | null;
  /** `0.40`; `null`: the server has no price for it. */
  readonly price: string | null;
  /** ISO 4217. */
  readonly currency: string | null;
  readonly payer: 'caller' | 'callee' | 'third-party' | null;
  /** Then the server releases the call; `null`: no limit. */
  readonly longestSeconds: number | null;
}

/** Nothing has failed, but a person should know. */
export interface Warning {
  readonly event: 'warning';
  readonly reason: string;
  readonly peer: PeerName | null;
}

/** How an action ended; also what it resolves to. */
export type ActionEnd = Paired | Sent | Received | ReceiptRepeated | Failed;

export interface Paired {
  readonly event: 'paired';
  readonly peer: PeerName;
  readonly version: Version;
}

export interface Sent {
  readonly event: 'sent';
  readonly peer: PeerName;
  readonly version: Version;
  /** Version 1: of the sealed container; version 2: of the content. */
  readonly octets: number;
  readonly files: readonly ReceivedFile[];
  /** Version 2: delivered, and the recipient's signed receipt is kept under this number. Version 1 has no report: sent is not delivered. */
  readonly receipt: string | null;
}

export interface Received {
  readonly event: 'received';
  readonly peer: PeerName;
  readonly version: Version;
  /** Below the inbox. */
  readonly folder: string;
  readonly files: readonly ReceivedFile[];
  /** Version 2: the number of the transfer, which was acknowledged. */
  readonly receipt: string | null;
}

/** Version 2: the sender had not heard how an earlier call ended, and was told again. Nothing new is filed. */
export interface ReceiptRepeated {
  readonly event: 'receipt-repeated';
  readonly peer: PeerName;
}

/** `reason` is for the own user and log; the peer learnt at most that it was refused. */
export interface Failed {
  readonly event: 'failed';
  readonly outcome: FailureOutcome;
  readonly step: string;
  readonly reason: string;
  /** What to do next, where the reason does not say it itself. */
  readonly advice: string | null;
  readonly peer: PeerName | null;
}

export type FailureOutcome =
  | SessionFailureOutcome
  | CallerOutcome
  | EndpointErrorOutcome
  /** G6: version 1 is off for this peer. */
  | 'version-not-allowed';

/** What to do after a session failed; a call that came to nothing says it in its reason. */
export const adviceFor: Readonly<Partial<Record<FailureOutcome, string>>> = {
  refused: 'The other side gave no reason. Ask it to look at its own log; if its key is gone, pair again.',
  'not-authentic': 'If it happens again, pair again; if pairing fails too, somebody may be on the line.',
  'no-common-version':
    'Nothing was sent. The other side runs an older or a newer program; one of you has to bring it up to date.',
  unpaired: 'Pair first: `cordboard pair` with this peer.',
  busy: 'Wait until the other session with this peer is over, then try again.',
  'not-confirmed': 'Nothing was stored. Pair again when both people are at the telephone.',
  'timed-out': 'Try again; nothing was delivered.',
  interrupted: 'Call again; version 1 starts from the beginning.',
  'file-refused': 'Nothing was delivered. Ask the sender to send again.',
  'version-not-allowed':
    'Add the peer, or switch version 1 on for it: `cordboard peers add` or `cordboard peers allow-version-1`.',
};

const letThemSayNo =
  'Tell the other side to answer no, so that it stores nothing either; then pair again, with both people at the telephone.';

/** A pairing that a person ended here: the other side waits for its own person and learns of nothing by the line. */
export const adviceAtStep: Readonly<Record<string, string>> = {
  'KX-480': letThemSayNo,
  'KX-485':
    'Tell the other side to give up its question, so that it stores nothing either; then pair again, with both people at the telephone.',
  'KX-490': letThemSayNo,
};
