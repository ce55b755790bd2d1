import type { CallClass } from '../store/call-kinds.js';
import type { ReadyVersion } from './tariff-book.js';

/** What one call would be charged, by the rater that will charge it. */
export class CallBill {
  readonly #version: ReadyVersion;
  readonly #call: { readonly number: string; readonly callClass: CallClass; readonly freeSeconds: number };

  constructor(
    version: ReadyVersion,
    call: { readonly number: string; readonly callClass: CallClass; readonly freeSeconds: number },
  ) {
    this.#version = version;
    this.#call = call;
  }

  /** `undefined`: no rate fits. */
  chargeOf(
    bridgeAt: Date,
    seconds: number,
  ): { readonly units: bigint; readonly freeSeconds: number } | undefined {
    const rated = this.#rate(bridgeAt, seconds);
    return rated && { units: rated.charge, freeSeconds: rated.freeSeconds };
  }

  /** Of a call that ends after so many seconds or before: an increment that is cut where its band ends makes a longer call the cheaper one. */
  mostOf(bridgeAt: Date, seconds: number): bigint | undefined {
    const rated = this.#rate(bridgeAt, seconds);
    if (!rated) return undefined;
    const charges = rated.periods.map(({ fromSecond }) => this.chargeOf(bridgeAt, fromSecond)?.units ?? 0n);
    return [rated.charge, ...charges].reduce((most, each) => (each > most ? each : most));
  }

  #rate(bridgeAt: Date, seconds: number) {
    const { number, callClass, freeSeconds } = this.#call;
    const endAt = new Date(bridgeAt.getTime() + 1_000 * seconds);
    const call = { trackingId: '', callClass, calledNumber: number, bridgeAt, endAt };
    const rated = this.#version.rater.rate({ ...call, billableSeconds: seconds }, freeSeconds);
    return rated.kind === 'rated' ? rated : undefined;
  }
}
