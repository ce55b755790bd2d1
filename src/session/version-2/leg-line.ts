import { encodeMessage, MessageReader } from '../../bytes/message-reader.js';
import type { RandomSource } from '../../crypto/random.js';
import type { LinkOptions } from '../../link/link.js';
import type { LegEvent, MessageOrder } from '../../protocol/identity/events.js';
import { type MessageKind, messages } from '../../protocol/identity/packets.js';
import type { DataConnection } from '../../pstn/modem/modem.js';
import { atMost } from '../../time/at-most.js';
import type { Clock } from '../../time/clock.js';
import { freshIncarnation } from './identity.js';
import { type LineEnd, LineLink, type LineUser } from './line-link.js';

/** How long a peer has to acknowledge the last message before the line is released all the same. */
const drainMs = 5_000;

/** Segments: the largest message of a handshake six times over. A server has two such links in each call that is being set up. */
const legWindowSegments = 128;

/** Of the link for a handshake with the server, on either side. */
export function legLinkOptions(random: RandomSource): LinkOptions {
  return { incarnation: freshIncarnation(random), windowSegments: legWindowSegments };
}

/** A connection as a handshake with the server uses it: one message at a time, over a link of its own. */
export class LegLine implements LineUser {
  /** The link, for what comes after the handshake. */
  readonly link: LineLink;
  readonly #clock: Clock;
  readonly #report: (event: LegEvent) => void;
  readonly #reader = new MessageReader();
  /** The last message is on its way; what still comes is taken, and means nothing. */
  #isHangingUp = false;

  constructor(
    connection: DataConnection,
    clock: Clock,
    options: LinkOptions,
    report: (event: LegEvent) => void,
  ) {
    this.link = new LineLink(connection, clock, options);
    this.#clock = clock;
    this.#report = report;
    this.link.use(this);
  }

  get sent(): number {
    return this.link.sent;
  }

  get received(): number {
    return this.link.received;
  }

  begin(opening?: Uint8Array): void {
    this.#report({ type: 'line.connected' });
    this.link.begin(opening);
  }

  expect(kind: MessageKind): void {
    this.#reader.expect(messages[kind]);
  }

  send({ kind, body }: MessageOrder): void {
    this.link.send(encodeMessage(messages[kind].type, body));
  }

  deliver(octets: Uint8Array): void {
    this.link.release(octets.length);
    if (this.#isHangingUp) return;
    this.#reader.add(octets);
    for (let reading = this.#reader.read(); reading; reading = this.#reader.read()) {
      if (reading.kind === 'message') this.#report({ type: 'message.received', body: reading.body });
      else this.#report({ type: 'message.malformed', fault: reading.fault });
    }
  }

  ended(end: LineEnd): void {
    this.#report(
      end.kind === 'lost' ? { type: 'carrier.lost' } : { type: 'carrier.lost', fault: end.reason },
    );
  }

  async hangUp(): Promise<{ readonly type: 'line.released' }> {
    this.#isHangingUp = true;
    await atMost(this.#clock, drainMs, this.link.drained());
    await this.link.hangUp();
    return { type: 'line.released' };
  }
}
