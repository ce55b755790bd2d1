import type { ChannelReport } from '../../protocol/key-exchange/version-2/events.js';
import {
  encode,
  type KeyExchangeMessage,
  parse,
  shapes,
} from '../../protocol/key-exchange/version-2/packets.js';
import { atMost } from '../../time/at-most.js';
import type { Clock } from '../../time/clock.js';
import { type CallChannel, type ChannelEvent, heardThrough } from './bridged-call.js';

/** How long the peer's link may take for what was sent last. */
const drainMs = 10_000;

/** One channel as the Key Exchange uses it: a message at a time, when it is asked for. What is not asked for is held back. It listens from the start. */
export class MessageLine {
  readonly #channel: CallChannel;
  readonly #clock: Clock;
  readonly #held: Held[] = [];
  #taker: ((report: ChannelReport) => void) | undefined;
  /** Who has the channel after this line. */
  #successor: ((event: ChannelEvent) => void | Promise<void>) | undefined;

  constructor(channel: CallChannel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
    channel.listen((event) => this.#take(event));
  }

  get sent(): number {
    return this.#channel.octetsSent;
  }

  get received(): number {
    return this.#channel.octetsReceived;
  }

  /** Asked again only when it has resolved. It never does after `hangUp`. */
  next(): Promise<ChannelReport> {
    const held = this.#held.shift();
    if (!held) return new Promise((resolve) => (this.#taker = resolve));
    held.release();
    return Promise.resolve(reportOf(held.event));
  }

  send(message: KeyExchangeMessage): void {
    this.#channel.sendRecord(shapes[message.kind].type, encode(message));
  }

  /** Resolves on-hook, after the peer has what was sent, where it still listens. */
  async hangUp(): Promise<{ readonly type: 'line.released' }> {
    await atMost(this.#clock, drainMs, this.#channel.drained());
    await this.#channel.hangUp();
    return { type: 'line.released' };
  }

  /** The channel for what comes after the Key Exchange: nothing that came meanwhile is lost. Ends this line. */
  handOver(): CallChannel {
    return heardThrough(this.#channel, (listener) => {
      this.#successor = listener;
      for (const { event, release } of this.#held.splice(0)) {
        Promise.resolve(listener(event)).then(release, release);
      }
    });
  }

  #take(event: ChannelEvent): void | Promise<void> {
    if (this.#successor) return this.#successor(event);
    const taker = this.#taker;
    if (!taker) return new Promise((release) => this.#held.push({ event, release }));
    this.#taker = undefined;
    taker(reportOf(event));
  }
}

interface Held {
  readonly event: ChannelEvent;
  /** The channel may go on. */
  release(): void;
}

function reportOf(event: ChannelEvent): ChannelReport {
  switch (event.type) {
    case 'record': {
      const message = parse(event.recordType, event.body);
      return message.kind === 'malformed'
        ? { type: 'message.malformed', fault: message.fault }
        : { type: 'message.received', message };
    }
    case 'bulk':
      return { type: 'message.malformed', fault: `${event.octets.length} octets of a file` };
    case 'broken':
      return { type: 'message.malformed', fault: event.reason };
    case 'lost':
      return { type: 'carrier.lost' };
  }
}
