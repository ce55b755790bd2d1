import type { Clock, Timer } from '../../time/clock.js';
import type { Address } from '../sms/address.js';
import type { StatusReport } from '../sms/tpdu.js';
import { failureOf } from './meanings.js';
import type { Delivery } from './messaging.js';

/** A report says nothing by itself: its reference counts to 256 and begins again. */
interface ExpectedPart {
  readonly reference: number;
  readonly digits: string;
  readonly message: ExpectedMessage;
}

/** What the service centre is to tell of one message, all its parts together. */
export class ExpectedMessage {
  readonly delivery: Promise<Delivery>;
  #resolve: (delivery: Delivery) => void = () => {};
  /** Parts that have gone and are not reported yet, and those that are still to go. */
  #open: number;
  timer: Timer;

  constructor(parts: number) {
    this.#open = parts;
    this.delivery = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** True when this was the last word. */
  told({ status, endedAt }: StatusReport): boolean {
    this.#open -= 1;
    if (status >= firstFailure) this.end({ kind: 'failed', status, meaning: failureOf(status) });
    else if (this.#open === 0) this.end({ kind: 'delivered', atUtcMs: endedAt?.utcMs });
    else return false;
    return true;
  }

  end(delivery: Delivery): void {
    this.#resolve(delivery);
  }
}

const firstTemporary = 0x20;
const firstFailure = 0x40;

/** National and international forms of a number agree in so many digits. */
const sameDigits = 7;

/** Reports that are awaited, matched by reference and addressee (23.040 9.2.2.3). */
export class Deliveries {
  readonly #clock: Clock;
  readonly #parts: ExpectedPart[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called for each part as soon as its reference is known: the report may come before the next part goes. */
  expect(message: ExpectedMessage, to: Address, reference: number): void {
    if (to.kind === 'number') this.#parts.push({ reference, digits: to.digits, message });
  }

  /** After so long no report comes any more. */
  limit(message: ExpectedMessage, ms: number): void {
    message.timer = this.#clock.setTimeout(() => this.#end(message, { kind: 'not-told' }), ms);
  }

  /** False when nobody awaits it. */
  reported(report: StatusReport): boolean {
    const to = report.to.kind === 'number' ? report.to.digits : '';
    // The latest: an earlier message of the same reference was 256 messages ago.
    const part = this.#parts.findLast(
      ({ reference, digits }) => reference === report.reference && isSameNumber(digits, to),
    );
    if (!part) return false;
    const isStillTried = report.status >= firstTemporary && report.status < firstFailure;
    if (isStillTried) return true;
    this.#parts.splice(this.#parts.indexOf(part), 1);
    if (part.message.told(report)) this.#forget(part.message);
    return true;
  }

  close(): void {
    for (const message of new Set(this.#parts.map((part) => part.message))) {
      this.#end(message, { kind: 'not-told' });
    }
  }

  #end(message: ExpectedMessage, delivery: Delivery): void {
    this.#forget(message);
    message.end(delivery);
  }

  #forget(message: ExpectedMessage): void {
    this.#clock.clearTimeout(message.timer);
    for (let at = this.#parts.length - 1; at >= 0; at--) {
      if (this.#parts[at]?.message === message) this.#parts.splice(at, 1);
    }
  }
}

function isSameNumber(a: string, b: string): boolean {
  return a === b || (a.length >= sameDigits && a.slice(-sameDigits) === b.slice(-sameDigits));
}
