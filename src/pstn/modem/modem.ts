import type { Duplex } from 'node:stream';
import type { CallerId, DtmfSymbol, ToneHz } from '../signals.js';

/** How a dialled or answered call came to stand, or why not; one value for each final result code. */
export type ConnectResult =
  | { readonly kind: 'connected'; readonly connection: DataConnection }
  /** In voice mode: the far end answered (`VCON`, or `OK` in class 8). */
  | { readonly kind: 'answered' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'no-answer' }
  | { readonly kind: 'no-carrier' }
  | { readonly kind: 'no-dial-tone' }
  /** ERROR: the modem does not take this command. */
  | { readonly kind: 'refused-by-modem'; readonly command: string }
  /** No final result code within the time allowed (fault 41). */
  | { readonly kind: 'silent' };

/** What became of a transfer by hook-flash. */
export type TransferResult =
  /** The third party has answered and the two are joined: hanging up leaves them so, on a line with transfer service. */
  | { readonly kind: 'joined' }
  /** The caller hung up meanwhile; hanging up lets the third party go. */
  | { readonly kind: 'caller-gone' }
  /** The caller is on the line again, in voice mode: it rang and nobody answered; or it did not even ring (`no-carrier`). */
  | { readonly kind: 'busy' | 'no-answer' | 'no-carrier' }
  /** The line gave no dial tone after the flash: it has no transfer service. The modem is on-hook. */
  | { readonly kind: 'no-dial-tone' }
  /** The modem does not know `!`, or said nothing in time. */
  | { readonly kind: 'refused-by-modem' | 'silent' };

/** The octet stream between two modems, from CONNECT to NO CARRIER. */
export interface DataConnection {
  /** As the result code said it, e.g. `CONNECT 33600`. */
  readonly description: string;
  /** bit/s, where the result code gave one. */
  readonly rate: number | undefined;
  /** Whether the modems correct errors between them (V.42, MNP), where the modem has told. */
  readonly isErrorFree?: boolean | undefined;
  /** Eight-bit clean, with back-pressure both ways. Readable end: the line was released. Writable end: nothing more to send. */
  readonly octets: Duplex;
  /** Lets what was written drain to the far modem, then releases the line. Resolves on-hook, also when the line is down already. */
  hangUp(): Promise<void>;
}

/** What a modem reports by itself. */
export interface ModemEvents {
  /** Each RING result code, with the count since the last call. */
  ring: [count: number];
  callerId: [id: CallerId];
  /** A DTMF symbol heard in voice mode. */
  digit: [symbol: DtmfSymbol];
  /** In voice mode: loop break, busy or dial tone heard; the far end is gone. */
  farEndGone: [];
  /** The adapter or socket is gone; the modem is unusable until opened again. */
  lost: [cause: Error];
}

/** A modem on any line URL, as programs use it. One command is outstanding at a time; calls queue in order. */
export interface Modem {
  readonly url: string;
  on<E extends keyof ModemEvents>(event: E, listener: (...args: ModemEvents[E]) => void): this;
  off<E extends keyof ModemEvents>(event: E, listener: (...args: ModemEvents[E]) => void): this;
  /**
   * Dials and waits for the data carrier.
   * @param number digits and dial modifiers, without the `D`; it is checked for what a dial string may hold (fault 39)
   * @param options.carrierWaitSeconds S7 for this call, 1 to 255
   */
  dial(
    number: string,
    options: { readonly carrierWaitSeconds: number; readonly signal?: AbortSignal },
  ): Promise<ConnectResult>;
  /** Answers with the data carrier (`ATA`), also after `answerVoice`. */
  answerData(options: {
    readonly carrierWaitSeconds: number;
    readonly signal?: AbortSignal;
  }): Promise<ConnectResult>;
  /** Goes off-hook in voice mode; digits are reported from here on (`+FCLASS=8`, `+VLS=1`). */
  answerVoice(): Promise<ConnectResult>;
  /**
   * In voice mode: plays a recording to the far end, linear samples, 8,000 a second. Resolves when it has been heard, or the
   * call or this was given up, or the modem cannot; digits are told meanwhile.
   */
  play(samples: Int16Array): Promise<void>;
  /** Voice mode: plays one tone; resolves when it has been played. At most 2,550 ms (`+VTS`). */
  playTone(tone: ToneHz, lengthMs: number): Promise<void>;
  /**
   * Voice mode: puts the caller on hold by hook-flash, calls `number`, and joins the two when that answers (`!` in the
   * dial string). The line must have transfer or three-way service.
   * @param options.answerWaitSeconds from the last digit to the answer
   */
  transfer(number: string, options: { readonly answerWaitSeconds: number }): Promise<TransferResult>;
  /** On-hook from any state, by DTR where the port has it, else by escape; verified, never rejects. */
  hangUp(): Promise<void>;
  /** Hangs up and lets the port go. */
  close(): Promise<void>;
}
