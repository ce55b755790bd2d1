import type { AccountNumber } from '../../bytes/account-number.js';

/** What the two ends of a bridged call of version 2 have in common, and the channel between them. */
export interface BridgedCall {
  /** As the server named it; the protocols above prove it. */
  readonly peer: AccountNumber;
  readonly role: 'caller' | 'callee';
  readonly purpose: 'data' | 'pairing';
  /** 16 octets: the tracking ID. */
  readonly callId: Uint8Array;
  /** K_call, 32 octets, known to the server too. */
  readonly callKey: Uint8Array;
  /** From the bridge on: then the server releases the call. The caller alone is told. */
  readonly longestSeconds?: number;
  /** As the modem's result code said it, e.g. `CONNECT 33600`. */
  readonly description: string;
  /** bit/s, where the result code gave one. */
  readonly rate: number | undefined;
  readonly channel: CallChannel;
}

/**
 * The outer channel over the link between the ends (`protocol/identity`, "The outer channel"). Records arrive in order, whole
 * and authentic, bulk octets in order and as they come.
 */
export interface CallChannel {
  /** Octets on the line so far in both directions, with everything that link and channel add. */
  readonly octetsSent: number;
  readonly octetsReceived: number;
  /** One listener at a time; what came before there was one is kept for it. A promise that it returns holds back what follows, and the peer with it. */
  listen(listener: (event: ChannelEvent) => void | Promise<void>): void;
  sendRecord(type: number, body: Uint8Array): void;
  /** Resolves when the link can take more, to whether the line still stands. */
  sendBulk(octets: Uint8Array): Promise<boolean>;
  /** Resolves when the peer's link has everything, or the line is lost, to whether the peer has. */
  drained(): Promise<boolean>;
  /** Resolves on-hook, also when the line is down already. Nothing is reported after. */
  hangUp(): Promise<void>;
}

/** The channel with another way to listen to it. */
export function heardThrough(channel: CallChannel, listen: CallChannel['listen']): CallChannel {
  return {
    get octetsSent() {
      return channel.octetsSent;
    },
    get octetsReceived() {
      return channel.octetsReceived;
    },
    listen,
    sendRecord: (type, body) => channel.sendRecord(type, body),
    sendBulk: (octets) => channel.sendBulk(octets),
    drained: () => channel.drained(),
    hangUp: () => channel.hangUp(),
  };
}

export type ChannelEvent =
  | { readonly type: 'record'; readonly recordType: number; readonly body: Uint8Array }
  | { readonly type: 'bulk'; readonly octets: Uint8Array }
  /** A record that does not open, or a link that failed; the reason is for the log. The line is still to be released. */
  | { readonly type: 'broken'; readonly reason: string }
  | { readonly type: 'lost' };
