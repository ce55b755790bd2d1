import type { Clock, Timer } from '../../../time/clock.js';
import { type Address, international } from '../../sms/address.js';
import { relativeValidityMs, type TimeStamp } from '../../sms/time-stamp.js';
import type { Deliver, Submit } from '../../sms/tpdu.js';
import type { Uniform } from '../random-stream.js';
import { type Delivered, finalStatus, Mailbox, type Recipient } from './mailbox.js';

/** How the service centre treats messages beside carrying them. */
export interface MessageCentreOptions {
  /** Least and most milliseconds from its taking a message to the first attempt to deliver it; scaled as the exchange is. */
  readonly transitMs?: readonly [number, number];
  /** Messages to one mobile overtake each other. */
  readonly outOfOrder?: boolean;
  /** How likely a message is delivered a second time, as when its acknowledgement was lost. */
  readonly duplicates?: number;
}

/** `cause`: of 24.011, as `+CMS ERROR` gives it. */
export type Submitted = { readonly kind: 'taken' } | { readonly kind: 'refused'; readonly cause: number };

/** The service centre's own number, as SIMs are sold with it. */
export const serviceCentreNumber = '13123149810';

const unassignedNumber = 1;
const submitMs = 800;
const usualTransitMs = [400, 2500] as const;
/** Where a message names no period. */
const usualValidityMs = 24 * 3_600_000;

/**
 * The short message service centre: takes messages from mobiles, keeps them until the addressee is there and has room,
 * at most for their validity period, and reports what became of them.
 */
export class MessageCentre {
  readonly #clock: Clock;
  readonly #scale: number;
  readonly #chance: Uniform;
  readonly #options: MessageCentreOptions;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #timers = new Set<Timer>();

  constructor(parts: {
    readonly clock: Clock;
    readonly timeScale: number;
    readonly chance: Uniform;
    readonly options?: MessageCentreOptions | undefined;
  }) {
    this.#clock = parts.clock;
    this.#scale = parts.timeScale;
    this.#chance = parts.chance;
    this.#options = parts.options ?? {};
  }

  /** @param number digits with country code */
  add(number: string, recipient: Recipient): void {
    const parts = { clock: this.#clock, scale: this.#scale, recipient };
    this.#mailboxes.set(
      number,
      new Mailbox({ ...parts, ended: (entry, status) => this.#ended(entry, status) }),
    );
  }

  /** `done` comes when the radio has carried the message and the answer. */
  submit(from: string, message: Submit, done: (result: Submitted) => void): void {
    this.#after(submitMs, () => {
      const number = this.#numberOf(message.to);
      if (number === undefined) return done({ kind: 'refused', cause: unassignedNumber });
      const sentAt = this.#now();
      this.#carry({
        number,
        tpdu: deliverOf(message, from, sentAt),
        expiresUtcMs: this.#expiryOf(message),
        ...(message.reportRequested && {
          report: { to: from, reference: message.reference, about: message.to, sentAt },
        }),
      });
      done({ kind: 'taken' });
    });
  }

  /** The mobile is there again, or has room again. */
  alert(number: string): void {
    this.#mailboxes.get(number)?.deliverNext();
  }

  /** Messages that wait for a mobile. */
  waitingFor(number: string): number {
    return this.#mailboxes.get(number)?.size ?? 0;
  }

  close(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    for (const mailbox of this.#mailboxes.values()) mailbox.close();
  }

  #carry(delivered: Delivered): void {
    const mailbox = this.#mailboxes.get(delivered.number);
    const [least, most] = this.#options.transitMs ?? usualTransitMs;
    const transitMs = (least + this.#chance() * (most - least)) * this.#scale;
    mailbox?.put(delivered, transitMs, this.#options.outOfOrder === true);
  }

  #ended(delivered: Delivered, status: number): void {
    const { report, number, tpdu, expiresUtcMs } = delivered;
    if (report) {
      const { to, reference, about, sentAt } = report;
      this.#carry({
        number: to,
        tpdu: { kind: 'status-report', reference, to: about, sentAt, endedAt: this.#now(), status },
        expiresUtcMs: this.#clock.utcMs() + usualValidityMs,
      });
    }
    const isTwice = status === finalStatus.received && this.#chance() < (this.#options.duplicates ?? 0);
    if (isTwice) this.#carry({ number, tpdu, expiresUtcMs });
  }

  /** With the country code, without it (ten digits, North America), or with 011 before it. */
  #numberOf(to: Address): string | undefined {
    if (to.kind === 'name') return undefined;
    const { digits } = to;
    return [digits, `1${digits}`, digits.replace(/^011/, '')].find((number) => this.#mailboxes.has(number));
  }

  #expiryOf({ validity }: Submit): number {
    const nowMs = this.#clock.utcMs();
    if (validity?.kind === 'relative') return nowMs + relativeValidityMs(validity.octet);
    return validity?.until?.utcMs ?? nowMs + usualValidityMs;
  }

  #now(): TimeStamp {
    const utcMs = this.#clock.utcMs();
    return { utcMs: utcMs - (utcMs % 1000), offsetMinutes: 0 };
  }

  #after(ms: number, run: () => void): void {
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms * this.#scale);
    this.#timers.add(timer);
  }
}

function deliverOf(message: Submit, from: string, sentAt: TimeStamp): Deliver {
  const { protocol, coding, userData } = message;
  const sender: Address = { kind: 'number', digits: from, type: international };
  return { kind: 'deliver', moreFollow: false, from: sender, protocol, coding, sentAt, userData };
}
