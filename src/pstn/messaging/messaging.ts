/** Short messages by a GSM modem on any line URL. */
export interface Messaging {
  readonly url: string;
  /**
   * Sends `text` as one message or as the parts of one. Never rejects; calls are sent in order.
   * @param to `+15555550123`, or digits as the network understands them
   */
  send(to: string, text: string, options?: SendOptions): Promise<SendResult>;
  /** Resolves with the cause when the port is gone for good; every send ends in `lost` from then on. */
  readonly gone: Promise<Error>;
  /** Ends what waits and lets the port go. */
  close(): Promise<void>;
}

export interface SendOptions {
  /** Asks the service centre to tell when the message was delivered. */
  readonly reportDelivery?: boolean;
  /** How long the service centre keeps trying, milliseconds; its own period when left out. A one-time password is worth little in an hour. */
  readonly validityMs?: number;
  /** Class 0: shown by the telephone at once, and not stored. */
  readonly shownAtOnce?: boolean;
}

export type SendResult =
  /** The service centre has it. */
  | { readonly kind: 'sent'; readonly references: readonly number[]; readonly delivery: Promise<Delivery> }
  /** It goes nowhere; of several parts the first `partsSent` have gone. */
  | {
      readonly kind: 'refused';
      /** Of `+CMS ERROR`, where the modem gave one. */
      readonly cms: number | undefined;
      /** For people. */
      readonly meaning: string;
      /** The same may succeed later. */
      readonly isTemporary: boolean;
      readonly partsSent: number;
    }
  /** The modem took the text and said nothing more: it may have gone, or not. Sending again may send it twice. */
  | { readonly kind: 'unanswered'; readonly partsSent: number }
  /** No such number, or a text of more than 255 parts. */
  | { readonly kind: 'unusable'; readonly problem: 'number' | 'length' }
  /** The port is gone, or was closed. */
  | { readonly kind: 'lost'; readonly partsSent: number };

export type Delivery =
  | { readonly kind: 'delivered'; readonly atUtcMs: number | undefined }
  /** `status`: TP-ST of 23.040 9.2.3.15. */
  | { readonly kind: 'failed'; readonly status: number; readonly meaning: string }
  /** Nobody asked for a report, or none came within the validity period. */
  | { readonly kind: 'not-told' };

export type ReceivedMessage =
  | {
      readonly kind: 'text';
      /** A number, or the name that a service gives itself. It proves nothing: senders can be forged. */
      readonly from: string;
      /** As it was sent: control characters and all. */
      readonly text: string;
      /** When the service centre took the first part; undefined where it was stamped with nonsense. */
      readonly sentAtUtcMs: number | undefined;
      /** Numbers of parts that did not come in time; the text goes on behind them. */
      readonly missingParts: readonly number[];
    }
  /** What nobody can read. */
  | { readonly kind: 'unreadable'; readonly pdu: string; readonly fault: string };

/**
 * Takes a message over. The modem forgets it only after this has resolved, so it must be stored durably by then;
 * when it rejects, or the program dies, the same message comes again.
 */
export type Receive = (message: ReceivedMessage) => Promise<void>;
