import type { Clock, Timer } from '../../../time/clock.js';
import type { Address } from '../../sms/address.js';
import type { TimeStamp } from '../../sms/time-stamp.js';
import type { Deliver, StatusReport } from '../../sms/tpdu.js';

export type ToMobile = Deliver | StatusReport;

/** TP-ST of 23.040 9.2.3.15. */
export const finalStatus = { received: 0x00, validityExpired: 0x46 } as const;

/** A mobile as the service centre sees it. */
export interface Recipient {
  /** Registered, with its SIM unlocked. */
  isReachable(): boolean;
  /** `done` comes once, at once or later: with the acknowledgement, or with what stands in its place. */
  deliver(tpdu: ToMobile, done: (result: 'taken' | 'memory-full' | 'failed') => void): void;
}

/** A message that is to be delivered. */
export interface Delivered {
  /** The addressee's: digits with country code. */
  readonly number: string;
  readonly tpdu: ToMobile;
  readonly expiresUtcMs: number;
  /** Who wants to know what becomes of it. */
  readonly report?: {
    readonly to: string;
    readonly reference: number;
    readonly about: Address;
    readonly sentAt: TimeStamp;
  };
}

interface Entry {
  readonly delivered: Delivered;
  timer: Timer;
}

const radioMs = 300;
/** After an attempt that failed for another reason than absence or a full memory, which the mobile tells the end of. */
const retryMs = 30_000;

/** What the service centre keeps for one mobile. */
export class Mailbox {
  readonly #clock: Clock;
  readonly #scale: number;
  readonly #recipient: Recipient;
  readonly #ended: (delivered: Delivered, status: number) => void;
  /** On the way to the mobile's cell. */
  readonly #coming = new Set<Entry>();
  /** Due, in the order of delivery. */
  readonly #due: Entry[] = [];
  #lastDueMs = 0;
  #attempt: Timer | 'answering' | undefined;

  constructor(parts: {
    readonly clock: Clock;
    readonly scale: number;
    readonly recipient: Recipient;
    ended(delivered: Delivered, status: number): void;
  }) {
    this.#clock = parts.clock;
    this.#scale = parts.scale;
    this.#recipient = parts.recipient;
    this.#ended = (delivered, status) => parts.ended(delivered, status);
  }

  get size(): number {
    return this.#coming.size + this.#due.length;
  }

  put(delivered: Delivered, transitMs: number, mayOvertake: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    const dueMs = mayOvertake ? nowMs + transitMs : Math.max(this.#lastDueMs, nowMs + transitMs);
    this.#lastDueMs = dueMs;
    const entry: Entry = { delivered, timer: undefined };
    entry.timer = this.#clock.setTimeout(() => this.#arrive(entry), dueMs - nowMs);
    this.#coming.add(entry);
  }

  /** Nothing while an attempt is under way or the mobile is away: it is tried again when the mobile reports. */
  deliverNext(): void {
    const [entry] = this.#due;
    if (!entry || this.#attempt === 'answering' || !this.#recipient.isReachable()) return;
    this.#clock.clearTimeout(this.#attempt);
    this.#attempt = this.#clock.setTimeout(() => this.#deliver(entry), radioMs * this.#scale);
  }

  close(): void {
    for (const { timer } of [...this.#coming, ...this.#due]) this.#clock.clearTimeout(timer);
    if (this.#attempt !== 'answering') this.#clock.clearTimeout(this.#attempt);
    this.#coming.clear();
    this.#due.length = 0;
  }

  #arrive(entry: Entry): void {
    this.#coming.delete(entry);
    const leftMs = entry.delivered.expiresUtcMs - this.#clock.utcMs();
    entry.timer = this.#clock.setTimeout(() => this.#expire(entry), Math.max(0, leftMs));
    this.#due.push(entry);
    if (this.#attempt === undefined) this.deliverNext();
  }

  #deliver(entry: Entry): void {
    this.#attempt = undefined;
    if (!this.#due.includes(entry) || !this.#recipient.isReachable()) {
      this.deliverNext();
      return;
    }
    this.#attempt = 'answering';
    this.#recipient.deliver(entry.delivered.tpdu, (result) => {
      this.#attempt = undefined;
      if (result === 'taken') {
        this.#end(entry, finalStatus.received);
        this.deliverNext();
      } else if (result === 'failed') {
        this.#attempt = this.#clock.setTimeout(() => {
          this.#attempt = undefined;
          this.deliverNext();
        }, retryMs * this.#scale);
      }
    });
  }

  #expire(entry: Entry): void {
    this.#end(entry, finalStatus.validityExpired);
    if (this.#attempt === undefined) this.deliverNext();
  }

  #end(entry: Entry, status: number): void {
    const at = this.#due.indexOf(entry);
    if (at < 0) return;
    this.#due.splice(at, 1);
    this.#clock.clearTimeout(entry.timer);
    this.#ended(entry.delivered, status);
  }
}
