import type { CallChannel, ChannelEvent } from '../../src/session/version-2/bridged-call.js';
import type { SimulatedClock } from '../../src/time/simulated-clock.js';

export interface SentRecord {
  readonly from: 'caller' | 'callee';
  readonly recordType: number;
  readonly body: Uint8Array;
}

/** What a line makes of a record; `index` counts the records of its direction from 0. */
export type RecordAlteration = (record: SentRecord, index: number) => readonly SentRecord[];

export interface ChannelPairOptions {
  readonly alter?: RecordAlteration;
  /** The line breaks when so many records have passed, both directions counted. */
  readonly cutAfter?: number;
  readonly clock?: Pick<SimulatedClock, 'monotonicMs'>;
}

/** The two ends of a bridged call in memory. */
export class ChannelPair {
  readonly caller: ChannelEnd;
  readonly callee: ChannelEnd;
  /** As they were sent. */
  readonly wire: (SentRecord & { readonly atMs: number })[] = [];
  readonly #options: ChannelPairOptions;
  readonly #counts = { caller: 0, callee: 0 };
  #passed = 0;

  constructor(options: ChannelPairOptions = {}) {
    this.#options = options;
    this.caller = new ChannelEnd('caller', this);
    this.callee = new ChannelEnd('callee', this);
    if (options.cutAfter === 0) this.release();
  }

  farOf(name: SentRecord['from']): ChannelEnd {
    return name === 'caller' ? this.callee : this.caller;
  }

  pass(record: SentRecord): void {
    const { alter, clock, cutAfter = Number.POSITIVE_INFINITY } = this.#options;
    this.wire.push({ ...record, atMs: clock?.monotonicMs() ?? 0 });
    const passing = alter ? alter(record, this.#counts[record.from]++) : [record];
    // Later, as over any line: the sender has left its action by then.
    queueMicrotask(() => {
      for (const { from, recordType, body } of passing) {
        if (this.#passed >= cutAfter) break;
        this.#passed++;
        this.farOf(from).receive({ type: 'record', recordType, body });
      }
      if (this.#passed >= cutAfter) this.release();
    });
  }

  release(): void {
    this.caller.lose();
    this.callee.lose();
  }
}

/** One end; what is not listened to yet is kept, and a listener that is busy holds back what follows. */
export class ChannelEnd implements CallChannel {
  octetsSent = 0;
  octetsReceived = 0;
  isOnHook = false;
  readonly #name: SentRecord['from'];
  readonly #pair: ChannelPair;
  readonly #queue: ChannelEvent[] = [];
  #listener: ((event: ChannelEvent) => void | Promise<void>) | undefined;
  #isBusy = false;
  #isLost = false;

  constructor(name: SentRecord['from'], pair: ChannelPair) {
    this.#name = name;
    this.#pair = pair;
  }

  listen(listener: (event: ChannelEvent) => void | Promise<void>): void {
    this.#listener = listener;
    void this.#deliver();
  }

  sendRecord(recordType: number, body: Uint8Array): void {
    if (this.#isLost || this.isOnHook) return;
    this.octetsSent += body.length + 19;
    this.#pair.pass({ from: this.#name, recordType, body: Uint8Array.from(body) });
  }

  async sendBulk(octets: Uint8Array): Promise<boolean> {
    if (!this.#isLost) this.#pair.farOf(this.#name).receive({ type: 'bulk', octets });
    return !this.#isLost;
  }

  async drained(): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    return !this.#isLost;
  }

  async hangUp(): Promise<void> {
    this.isOnHook = true;
    this.#pair.release();
  }

  receive(event: ChannelEvent): void {
    if (this.#isLost) return;
    if (event.type === 'record') this.octetsReceived += event.body.length + 19;
    this.#queue.push(event);
    void this.#deliver();
  }

  lose(): void {
    if (this.#isLost) return;
    this.receive({ type: 'lost' });
    this.#isLost = true;
  }

  async #deliver(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#listener && !this.isOnHook) {
      const event = this.#queue.shift();
      if (!event) break;
      await this.#listener(event);
    }
    this.#isBusy = false;
  }
}
