import {
  bulkRecords,
  callKeysOf,
  type OpenedRecord,
  RecordOpener,
  RecordSealer,
} from '../../crypto/call-channel.js';
import { emptyRecord } from '../../protocol/identity/packets.js';
import type { DataConnection } from '../../pstn/modem/modem.js';
import type { BridgedCall, CallChannel, ChannelEvent } from './bridged-call.js';
import type { LineEnd, LineLink, LineUser } from './line-link.js';

/** What one end of a call seals and opens its records with, and knows the link between the ends by. */
export interface CallEnd {
  readonly sealer: RecordSealer;
  readonly opener: RecordOpener;
  readonly incarnation: number;
  readonly peerIncarnation: number;
}

/** Once for a call: records are numbered from the first. */
export function callEndOf({ role, callKey }: Pick<BridgedCall, 'role' | 'callKey'>): CallEnd {
  const keys = callKeysOf(callKey);
  const isCaller = role === 'caller';
  const [incarnation, peerIncarnation] = isCaller
    ? [keys.callerIncarnation, keys.calleeIncarnation]
    : [keys.calleeIncarnation, keys.callerIncarnation];
  const [sealing, opening] = isCaller
    ? [keys.callerToCallee, keys.calleeToCaller]
    : [keys.calleeToCaller, keys.callerToCallee];
  return {
    sealer: new RecordSealer(sealing),
    opener: new RecordOpener(opening),
    incarnation,
    peerIncarnation,
  };
}

/**
 * The call that a handshake has come to: the link between the ends takes the place of the server's on the same line.
 * @param early what came ahead of the bridge
 */
export function bridgedCallOver(
  line: LineLink,
  connection: DataConnection,
  call: Omit<BridgedCall, 'description' | 'rate' | 'channel'>,
  { sealer, opener, ...incarnations }: CallEnd,
  early?: Uint8Array,
): BridgedCall {
  const first = early && openEarly(opener, early);
  line.succeed(incarnations);
  const channel = new LineCallChannel(line, sealer, opener, first ? [first] : []);
  const { description, rate } = connection;
  return { ...call, description, rate, channel };
}

/** @returns nothing where the caller had none to send yet */
function openEarly(opener: RecordOpener, early: Uint8Array): ChannelEvent | undefined {
  const [opened, ...more] = opener.push(early);
  if (!opened || opened.kind === 'bulk' || more.length > 0)
    return { type: 'broken', reason: 'EARLY is not one sealed record' };
  const event = eventOf(opened);
  return event.type === 'record' && event.recordType === emptyRecord.recordType ? undefined : event;
}

/** The outer channel over the link between the ends. What the listener has not taken counts against the peer's window. */
class LineCallChannel implements CallChannel, LineUser {
  readonly #line: LineLink;
  readonly #sealer: RecordSealer;
  readonly #opener: RecordOpener;
  /** Off the link, in order; the link's window bounds them. */
  readonly #arrived: Uint8Array[] = [];
  /** Of the piece that is being taken. */
  #events: ChannelEvent[];
  #taken = 0;
  #last: ChannelEvent | undefined;
  #listener: ((event: ChannelEvent) => void | Promise<void>) | undefined;
  #isTelling = false;
  #isOver = false;

  /** @param events what is there already */
  constructor(line: LineLink, sealer: RecordSealer, opener: RecordOpener, events: ChannelEvent[]) {
    this.#line = line;
    this.#sealer = sealer;
    this.#opener = opener;
    this.#events = events;
    line.use(this);
  }

  get octetsSent(): number {
    return this.#line.sent;
  }

  get octetsReceived(): number {
    return this.#line.received;
  }

  listen(listener: (event: ChannelEvent) => void | Promise<void>): void {
    this.#listener = listener;
    void this.#tell();
  }

  sendRecord(type: number, body: Uint8Array): void {
    this.#line.send(this.#sealer.seal(type, body));
  }

  sendBulk(octets: Uint8Array): Promise<boolean> {
    for (const piece of bulkRecords(octets)) this.#line.send(piece);
    return this.#line.taken();
  }

  drained(): Promise<boolean> {
    return this.#line.drained();
  }

  hangUp(): Promise<void> {
    this.#isOver = true;
    return this.#line.hangUp();
  }

  deliver(octets: Uint8Array): void {
    this.#arrived.push(octets);
    void this.#tell();
  }

  ended(end: LineEnd): void {
    this.#last = end.kind === 'lost' ? { type: 'lost' } : { type: 'broken', reason: end.reason };
    void this.#tell();
  }

  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    while (this.#listener && !this.#isOver) {
      const event = this.#nextEvent();
      if (!event) break;
      if (event.type === 'broken' || event.type === 'lost') this.#isOver = true;
      const taking = this.#listener(event);
      if (taking instanceof Promise) await taking;
    }
    this.#isTelling = false;
  }

  #nextEvent(): ChannelEvent | undefined {
    for (;;) {
      const event = this.#events.shift();
      if (event) return event;
      if (this.#taken > 0) this.#line.release(this.#taken);
      const octets = this.#arrived.shift();
      this.#taken = octets?.length ?? 0;
      if (!octets) return this.#last;
      this.#events = this.#opener.push(octets).map(eventOf);
    }
  }
}

function eventOf(opened: OpenedRecord): ChannelEvent {
  switch (opened.kind) {
    case 'record':
      return { type: 'record', recordType: opened.type, body: opened.body };
    case 'bulk':
      return { type: 'bulk', octets: opened.octets };
    case 'malformed':
      return { type: 'broken', reason: opened.fault };
  }
}
