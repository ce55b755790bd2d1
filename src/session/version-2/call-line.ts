import type { DataRecipientEvent, DataSenderEvent } from '../../protocol/data-exchange/version-2/events.js';
import type { ChannelRecord } from '../../protocol/data-exchange/version-2/handshake.js';
import type { CallChannel, ChannelEvent } from './bridged-call.js';

/** What the channel tells both machines. */
type LineEvent = Extract<
  DataSenderEvent & DataRecipientEvent,
  { type: 'record.received' | 'bulk.unexpected' | 'channel.broken' | 'carrier.lost' }
>;

/**
 * The channel of a call as a Data Exchange uses it. While the disk has not answered what was asked of it, what the line brings is held
 * back, so that a machine hears of one thing after another.
 */
export class CallLine {
  readonly #channel: CallChannel;
  readonly #report: (event: LineEvent) => void;
  #asked: Promise<unknown> = Promise.resolve();
  #takeBulk: ((octets: Uint8Array) => Promise<unknown>) | undefined;

  constructor(channel: CallChannel, report: (event: LineEvent) => void) {
    this.#channel = channel;
    this.#report = report;
  }

  get sent(): number {
    return this.#channel.octetsSent;
  }

  get received(): number {
    return this.#channel.octetsReceived;
  }

  begin(): void {
    this.#channel.listen((event) => this.#take(event));
  }

  /** What the line brings waits until this has resolved, and whatever was asked for in answer to it. */
  holdFor(work: Promise<unknown>): void {
    this.#asked = work;
  }

  /** Bulk goes there and past the machine; the peer waits until it was taken. */
  takeBulkInto(take: (octets: Uint8Array) => Promise<unknown>): void {
    this.#takeBulk = take;
  }

  send({ recordType, body }: ChannelRecord): void {
    this.#channel.sendRecord(recordType, body);
  }

  async #take(event: ChannelEvent): Promise<void> {
    if (event.type === 'bulk' && this.#takeBulk) await this.#takeBulk(event.octets);
    else this.#report(lineEventOf(event));
    await this.#answered();
  }

  async #answered(): Promise<void> {
    let asked: Promise<unknown>;
    do {
      asked = this.#asked;
      await asked;
    } while (asked !== this.#asked);
  }
}

export function lineEventOf(event: ChannelEvent): LineEvent {
  switch (event.type) {
    case 'record':
      return { type: 'record.received', record: event };
    case 'bulk':
      return { type: 'bulk.unexpected' };
    case 'broken':
      return { type: 'channel.broken', fault: event.reason };
    case 'lost':
      return { type: 'carrier.lost' };
  }
}
