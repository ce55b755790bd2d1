import type { AccountNumber } from '../../src/bytes/account-number.js';
import type { BridgedCall, CallChannel, ChannelEvent } from '../../src/session/version-2/bridged-call.js';
import type { Clock } from '../../src/time/clock.js';

/** What goes through the outer channel, opened. */
export type Item =
  | { readonly kind: 'record'; readonly type: number; readonly body: Uint8Array }
  | { readonly kind: 'bulk'; readonly octets: Uint8Array };

/** What a direction makes of what is sent into it. */
export type ItemAlteration = (item: Item) => readonly Item[];

export interface BulkChannelPairOptions {
  readonly toCallee?: ItemAlteration;
  readonly toCaller?: ItemAlteration;
  /** The line is lost when so many octets have passed, both directions counted. A record arrives whole or not at all. */
  readonly cutAfter?: number;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
}

export interface ItemSent {
  readonly from: Side;
  readonly item: Item;
  readonly atMs: number;
}

type Side = 'caller' | 'callee';

/** Bulk that one end has not taken yet before the other is held up. */
const windowOctets = 4_096;

/** Two ends of a bridged call's outer channel, in memory: records, bulk, back-pressure, and a line that may be lost at any octet. */
export class BulkChannelPair {
  readonly caller: ChannelEnd;
  readonly callee: ChannelEnd;
  readonly sent: ItemSent[] = [];
  /** When each end went on-hook. */
  readonly released: { readonly by: Side; readonly atMs: number }[] = [];
  #passed = 0;
  #isLost = false;
  readonly #options: BulkChannelPairOptions;

  constructor(options: BulkChannelPairOptions = {}) {
    this.#options = options;
    this.caller = new ChannelEnd('caller', this);
    this.callee = new ChannelEnd('callee', this);
    if (options.cutAfter === 0) this.lose();
  }

  get passed(): number {
    return this.#passed;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  pass(from: Side, item: Item): void {
    if (this.#isLost) return;
    this.sent.push({ from, item, atMs: this.#nowMs() });
    const [alter, far] =
      from === 'caller' ? [this.#options.toCallee, this.callee] : [this.#options.toCaller, this.caller];
    for (const altered of alter?.(item) ?? [item]) this.#deliver(altered, far);
  }

  #deliver(item: Item, far: ChannelEnd): void {
    const { cutAfter = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#isLost) return;
    const length = item.kind === 'bulk' ? 2 + item.octets.length : 2 + 1 + item.body.length + 16;
    const left = cutAfter - this.#passed;
    this.#passed += Math.min(length, left);
    if (item.kind === 'bulk') {
      const octets = item.octets.slice(0, Math.max(0, Math.min(length, left) - 2));
      if (octets.length > 0) far.receive({ type: 'bulk', octets });
    } else if (length <= left) far.receive({ type: 'record', recordType: item.type, body: item.body });
    if (this.#passed >= cutAfter) this.lose();
  }

  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.caller.receive({ type: 'lost' });
    this.callee.receive({ type: 'lost' });
  }

  release(by: Side): void {
    this.released.push({ by, atMs: this.#nowMs() });
    this.lose();
  }

  #nowMs(): number {
    return this.#options.clock?.monotonicMs() ?? 0;
  }
}

export class ChannelEnd implements CallChannel {
  octetsSent = 0;
  octetsReceived = 0;
  isOnHook = false;
  /** The most bulk that waited here at once. */
  mostHeld = 0;
  readonly #side: Side;
  readonly #pair: BulkChannelPair;
  readonly #inbox: ChannelEvent[] = [];
  #listener: ((event: ChannelEvent) => void | Promise<void>) | undefined;
  #isPumping = false;
  #held = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(side: Side, pair: BulkChannelPair) {
    this.#side = side;
    this.#pair = pair;
  }

  get #far(): ChannelEnd {
    return this.#side === 'caller' ? this.#pair.callee : this.#pair.caller;
  }

  listen(listener: (event: ChannelEvent) => void | Promise<void>): void {
    this.#listener = listener;
    void this.#pump();
  }

  sendRecord(type: number, body: Uint8Array): void {
    if (this.isOnHook) return;
    this.octetsSent += body.length;
    this.#pair.pass(this.#side, { kind: 'record', type, body: Uint8Array.from(body) });
  }

  async sendBulk(octets: Uint8Array): Promise<boolean> {
    if (this.isOnHook || this.#pair.isLost) return false;
    this.octetsSent += octets.length;
    this.#pair.pass(this.#side, { kind: 'bulk', octets: Uint8Array.from(octets) });
    await this.#far.#hasRoom();
    return !this.#pair.isLost;
  }

  async drained(): Promise<boolean> {
    while (this.#far.#inbox.length > 0 && !this.#pair.isLost)
      await new Promise((resolve) => setImmediate(resolve));
    return !this.#pair.isLost;
  }

  async hangUp(): Promise<void> {
    if (this.isOnHook) return;
    this.isOnHook = true;
    this.#inbox.length = 0;
    this.#pair.release(this.#side);
    this.#settle();
  }

  receive(event: ChannelEvent): void {
    if (this.isOnHook) return;
    if (event.type === 'bulk') {
      this.#held += event.octets.length;
      this.octetsReceived += event.octets.length;
      this.mostHeld = Math.max(this.mostHeld, this.#held);
    }
    if (event.type === 'lost') this.#settle();
    this.#inbox.push(event);
    queueMicrotask(() => void this.#pump());
  }

  async #pump(): Promise<void> {
    if (this.#isPumping || !this.#listener) return;
    this.#isPumping = true;
    for (let event = this.#inbox.shift(); event; event = this.#inbox.shift()) {
      await this.#listener(event);
      if (event.type === 'bulk') this.#held -= event.octets.length;
      if (this.#held < windowOctets) this.#settle();
    }
    this.#isPumping = false;
  }

  #hasRoom(): Promise<void> {
    if (this.#held < windowOctets || this.#pair.isLost) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The call that each end of the pair is given. */
export function bridgedCalls(
  pair: BulkChannelPair,
  ends: { readonly caller: AccountNumber; readonly callee: AccountNumber; readonly callId: Uint8Array },
): { readonly caller: BridgedCall; readonly callee: BridgedCall } {
  const shared = {
    purpose: 'data',
    callId: ends.callId,
    callKey: new Uint8Array(32).fill(9),
    description: 'CONNECT 33600',
    rate: 33_600,
  } as const;
  return {
    caller: { ...shared, role: 'caller', peer: ends.callee, channel: pair.caller },
    callee: { ...shared, role: 'callee', peer: ends.caller, channel: pair.callee },
  };
}
