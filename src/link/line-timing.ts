const leastTimeoutMs = 250;
const mostTimeoutMs = 4000;
/** A rate is taken over at least so long and so many acknowledgements, which come in lumps. */
const rateSpanMs = 250;
const rateAcknowledgements = 8;
const searchAcknowledgements = 3;

/** How much faster or slower than the measured rate frames are handed over, to fill the modem's buffer or to empty it. */
const paceStep = 0.1;
/** And how much after so many round trips without a queue: the line is faster than anything measured yet. */
const searchStep = 1;
const searchAfterTrips = 4;
/** Less than this in the modems is no queue: ports are read in lumps. */
const noQueueMs = 30;

/** Round trip and rate of a line, from what was sent and acknowledged. A telephone line keeps order, and mostly its rate. */
export class LineTiming {
  octetsPerSecond: number;
  /** Undefined before the first sample. */
  smoothedMs: number | undefined;
  /** How much longer than on an idle line the last round trip took: what waited in the modems, ours and the peer's. */
  queueMs = 0;
  /** The round trip that waited least; kept whole, since the rate may yet prove to be another. */
  #shortest: { readonly ms: number; readonly octets: number } | undefined;
  #variationMs = 0;
  #tripsWithoutQueue = 0;
  #spanStartMs: number | undefined;
  #spanOctets = 0;
  #spanAcknowledgements = 0;

  constructor(octetsPerSecond: number) {
    this.octetsPerSecond = octetsPerSecond;
  }

  /** A round trip of so many octets that were sent once only (RFC 6298 section 2, Karn's rule). */
  roundTrip(ms: number, octets: number): void {
    if (!this.#shortest || this.#withoutWire(ms, octets) < this.#leastMs()) this.#shortest = { ms, octets };
    this.queueMs = this.#withoutWire(ms, octets) - this.#leastMs();
    this.#tripsWithoutQueue = this.queueMs < noQueueMs ? this.#tripsWithoutQueue + 1 : 0;
    if (this.smoothedMs === undefined) {
      this.smoothedMs = ms;
      this.#variationMs = ms / 2;
      return;
    }
    this.#variationMs += (Math.abs(ms - this.smoothedMs) - this.#variationMs) / 4;
    this.smoothedMs += (ms - this.smoothedMs) / 8;
  }

  /**
   * So many octets have left the line since the last call.
   * @param wasBusy something was still on its way all the while: only then does this measure the line and not the sender
   */
  departed(octets: number, nowMs: number, wasBusy: boolean): void {
    if (!wasBusy || this.#spanStartMs === undefined) {
      this.#startSpan(nowMs);
      return;
    }
    this.#spanOctets += octets;
    this.#spanAcknowledgements++;
    const spanMs = nowMs - this.#spanStartMs;
    const enough = this.#isSearching() ? searchAcknowledgements : rateAcknowledgements;
    if (spanMs < rateSpanMs || this.#spanAcknowledgements < enough) return;
    const sample = (1000 * this.#spanOctets) / spanMs;
    // Without a queue it was the sender that was slow, by too small an allowance: believed, it would make that smaller yet.
    if (sample > this.octetsPerSecond || this.queueMs >= noQueueMs)
      this.octetsPerSecond += (sample - this.octetsPerSecond) / 2;
    this.#startSpan(nowMs);
  }

  #startSpan(nowMs: number): void {
    this.#spanStartMs = nowMs;
    this.#spanOctets = 0;
    this.#spanAcknowledgements = 0;
  }

  #isSearching(): boolean {
    return this.#tripsWithoutQueue >= searchAfterTrips;
  }

  /** Bandwidth times delay; one second of it before the first round trip. */
  octetsInFlight(): number {
    const ms = this.#shortest ? this.#leastMs() : 1000;
    return (this.octetsPerSecond * ms) / 1000;
  }

  /** The delay of the line alone, there and back; 0 before the first round trip. */
  #leastMs(): number {
    return this.#shortest ? Math.max(0, this.#withoutWire(this.#shortest.ms, this.#shortest.octets)) : 0;
  }

  #withoutWire(ms: number, octets: number): number {
    return ms - (1000 * octets) / this.octetsPerSecond;
  }

  /** How long to leave between the frames, if the queue is to take `wantedMs`. */
  paceMs(octets: number, wantedMs: number): number {
    const step = this.queueMs > wantedMs ? -paceStep : this.#isSearching() ? searchStep : paceStep;
    return (1000 * octets) / (this.octetsPerSecond * (1 + step));
  }

  /** How long to wait for an acknowledgement while so many octets are on their way, after so many waits in vain. */
  timeoutMs(octets: number, waitsInVain: number): number {
    const roundTripMs = this.smoothedMs === undefined ? 1000 : this.smoothedMs + 4 * this.#variationMs;
    const onLineMs = (1000 * octets) / Math.max(this.octetsPerSecond, 1);
    return Math.min(
      Math.max(leastTimeoutMs, roundTripMs) * 2 ** waitsInVain + onLineMs,
      mostTimeoutMs + onLineMs,
    );
  }
}
