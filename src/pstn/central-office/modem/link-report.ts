import type { CarrierTerms } from '../carrier-terms.js';

/** What `I6` tells of the present call, or of the last one. */
export class LinkReport {
  #terms: CarrierTerms | undefined;
  #sinceMs = 0;
  #untilMs: number | undefined;
  #reason = '';
  #sent = 0;
  #received = 0;
  #retrains = 0;

  connected(terms: CarrierTerms, nowMs: number): void {
    this.#terms = terms;
    this.#sinceMs = nowMs;
    this.#untilMs = undefined;
    this.#sent = 0;
    this.#received = 0;
    this.#retrains = 0;
  }

  sent(octets: number): void {
    this.#sent += octets;
  }

  received(octets: number): void {
    this.#received += octets;
  }

  retrained(): void {
    this.#retrains += 1;
  }

  /** The first reason counts; without a call it is none. */
  ended(reason: string, nowMs: number): void {
    if (!this.#terms || this.#untilMs !== undefined) return;
    this.#untilMs = nowMs;
    this.#reason = reason;
  }

  text(nowMs: number): string {
    const terms = this.#terms;
    if (!terms) return 'No call yet';
    const seconds = Math.floor(((this.#untilMs ?? nowMs) - this.#sinceMs) / 1000);
    return [
      `Octets sent ${this.#sent}, received ${this.#received}`,
      `Seconds ${seconds}, retrains ${this.#retrains}`,
      `Modulation ${terms.modulation} at ${terms.rate}`,
      `Error control ${terms.errorControl}, compression ${terms.compression}`,
      `Ended by ${this.#untilMs === undefined ? 'nothing yet' : this.#reason}`,
    ].join('\r\n');
  }
}
