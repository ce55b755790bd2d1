/** Type octets of PostgreSQL's frontend/backend protocol, version 3 ("Message Formats" in its manual). */
export const messageType = {
  notification: 0x41,
  query: 0x51,
  sync: 0x53,
  terminate: 0x58,
  ready: 0x5a,
} as const;

const transactionIdle = 0x49;

/** What ends any state that a client can leave its backend in: out of an unfinished extended query, then rolled back. */
export const rollBack = Uint8Array.from([
  ...[messageType.sync, 0, 0, 0, 4],
  ...[messageType.query, 0, 0, 0, 13, ...Buffer.from('ROLLBACK\0')],
]);

export interface Reply {
  /** NotificationResponses: they belong to whoever listens, not to the client whose reply carried them. */
  readonly notifications: Uint8Array;
  readonly answer: Uint8Array;
  /** The last message says that the backend waits for a new transaction: another client may take its turn. */
  readonly idle: boolean;
}

/** Sorts the whole messages of one reply. */
export function sortReply(octets: Uint8Array): Reply {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const notifications: Uint8Array[] = [];
  const answer: Uint8Array[] = [];
  let idle = false;
  let taken = 0;
  let start = 0;
  while (start < octets.length) {
    const end = start + 1 + view.getUint32(start + 1);
    idle = octets[start] === messageType.ready && octets[start + 5] === transactionIdle;
    if (octets[start] === messageType.notification) {
      answer.push(octets.subarray(taken, start));
      notifications.push(octets.subarray(start, end));
      taken = end;
    }
    start = end;
  }
  answer.push(octets.subarray(taken));
  return { notifications: join(notifications), answer: join(answer), idle };
}

/** No message of ours is longer; one that says so is not PostgreSQL's protocol. */
const longestMessage = 64 * 1024 * 1024;

/** Cuts a stream of octets into the whole messages of one client. */
export class MessageCutter {
  #pending = Buffer.alloc(0);
  /** The first message of a connection has no type before its length. */
  #started = false;

  /** The messages that `octets` completes. */
  cut(octets: Uint8Array): Uint8Array[] | 'malformed' {
    this.#pending = Buffer.concat([this.#pending, octets]);
    const messages: Uint8Array[] = [];
    for (;;) {
      const typeLength = this.#started ? 1 : 0;
      if (this.#pending.length < typeLength + 4) return messages;
      const length = this.#pending.readUInt32BE(typeLength);
      if (length < 4 || length > longestMessage) return 'malformed';
      if (this.#pending.length < typeLength + length) return messages;
      messages.push(this.#pending.subarray(0, typeLength + length));
      this.#pending = this.#pending.subarray(typeLength + length);
      this.#started = true;
    }
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}
