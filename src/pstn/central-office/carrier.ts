import type { Timer } from '../../time/clock.js';
import { BitErrors } from './bit-errors.js';
import { agree, type CarrierTerms } from './carrier-terms.js';
import { CarrierFaults } from './impairments/carrier-faults.js';
import { ErrorBursts } from './impairments/error-bursts.js';
import { type ErrorSource, OctetChannel } from './octet-channel.js';
import type { Plant } from './plant.js';
import { branch } from './random-stream.js';
import type { SubscriberLine } from './subscriber-line.js';

/** A data carrier between two lines: training, then one octet channel each way, until either end stops. */
export class Carrier {
  readonly #ends: readonly [SubscriberLine, SubscriberLine];
  readonly #plant: Plant;
  readonly #delayMs: number;
  readonly #onEnd: () => void;
  readonly #terms: CarrierTerms | undefined;
  #rate: number;
  #training: Timer;
  /** Once up: the channel toward the first line and the one toward the second. */
  #inbound: readonly [OctetChannel, OctetChannel] | undefined;
  readonly #faults: readonly CarrierFaults[];
  #stopped: SubscriberLine | undefined;
  #isEnded = false;

  /**
   * @param ends both send their handshake
   * @param options.delayMs one way
   * @param options.onEnd called once, when both ends know that it is gone
   */
  constructor(
    ends: readonly [SubscriberLine, SubscriberLine],
    plant: Plant,
    options: { readonly delayMs: number; onEnd(): void },
  ) {
    this.#ends = ends;
    this.#plant = plant;
    this.#faults = ends.map((line) => new CarrierFaults(line, plant.clock));
    this.#terms = this.#agreed();
    this.#rate = this.#terms?.rate ?? 0;
    this.#delayMs = options.delayMs;
    this.#onEnd = options.onEnd;
  }

  /** Two modems that have nothing in common hear each other for ever, and never a carrier. */
  train(): void {
    if (!this.#terms || this.#ends.some((line) => line.trainingFails)) return;
    this.#training = this.#plant.clock.setTimeout(() => this.#rise(), this.#plant.timings.trainingMs);
  }

  /** `line` sends its carrier no more. The other end first receives what was sent, and then loses it. */
  stop(line: SubscriberLine): void {
    if (this.#stopped === line) return;
    const other = this.#otherThan(line);
    const channel = this.#inboundOf(other);
    if (!channel || this.#stopped) {
      this.#shut();
      this.#plant.clock.setTimeout(() => this.#end(), this.#delayMs);
      return;
    }
    this.#stopped = line;
    this.#detach(line);
    this.#inboundOf(line)?.close();
    channel.finish(this.#plant.timings.carrierDrainMs, () => {
      this.#fall(other);
      this.#end();
    });
  }

  /** Both ends lose it at once, with all that is under way. */
  drop(): void {
    const wasUp = this.#inbound !== undefined;
    this.#shut();
    if (wasUp) for (const line of this.#ends) if (line !== this.#stopped) this.#fall(line);
    this.#end();
  }

  /** Both modems train anew: nothing passes for `lengthMs`, and nothing is lost. */
  retrain(lengthMs: number): void {
    for (const channel of this.#inbound ?? []) channel.pause(lengthMs);
  }

  changeRate(rate: number): void {
    this.#rate = rate;
    for (const channel of this.#inbound ?? []) channel.changeRate(rate);
  }

  #rise(): void {
    const [first, second] = this.#ends;
    this.#inbound = [this.#channel(second, first), this.#channel(first, second)];
    [first.inbound, second.inbound] = this.#inbound;
    [second.outbound, first.outbound] = this.#inbound;
    if (!this.#terms) return;
    this.#plant.report({ event: 'carrier', line: first.number, other: second.number, rate: this.#rate });
    const state = { up: true, ...this.#terms, rate: this.#rate } as const;
    for (const line of this.#ends) line.tell((equipment) => equipment.carrier(state));
    for (const fault of this.#faults) fault.start();
  }

  #fall(line: SubscriberLine): void {
    this.#detach(line);
    line.endHandshake();
    line.tell((equipment) => equipment.carrier({ up: false }));
  }

  #shut(): void {
    this.#plant.clock.clearTimeout(this.#training);
    for (const channel of this.#inbound ?? []) channel.close();
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const fault of this.#faults) fault.stop();
    const [first, second] = this.#ends;
    if (this.#inbound) this.#plant.report({ event: 'no-carrier', line: first.number, other: second.number });
    this.#onEnd();
  }

  #detach(line: SubscriberLine): void {
    line.inbound = undefined;
    line.outbound = undefined;
  }

  #inboundOf(line: SubscriberLine): OctetChannel | undefined {
    return this.#inbound?.[line === this.#ends[0] ? 0 : 1];
  }

  #otherThan(line: SubscriberLine): SubscriberLine {
    return this.#ends[line === this.#ends[0] ? 1 : 0];
  }

  #agreed(): CarrierTerms | undefined {
    const [a, b] = this.#ends;
    if (!a.handshake || !b.handshake) return undefined;
    const rates = [a.rate, b.rate, a.handshake.maxRate, b.handshake.maxRate];
    const line = {
      maxRate: Math.min(...rates),
      isErrorFree: this.#errorRate() === 0 && !this.#ends.some((line) => line.impairments.errorBursts),
    };
    return agree(a.handshake.abilities, b.handshake.abilities, line);
  }

  /** Of the whole way, in bits. */
  #errorRate(): number {
    const [first, second] = this.#ends;
    return 1 - (1 - first.settings.bitErrorRate) * (1 - second.settings.bitErrorRate);
  }

  /** Of one direction. */
  #errors(): readonly ErrorSource[] {
    const bursts = this.#ends.flatMap((line) => {
      const { errorBursts } = line.impairments;
      return errorBursts ? [new ErrorBursts(errorBursts, this.#rate, branch(line.chance))] : [];
    });
    return [new BitErrors(this.#errorRate(), branch(this.#ends[0].chance)), ...bursts];
  }

  #channel(from: SubscriberLine, to: SubscriberLine): OctetChannel {
    return new OctetChannel(
      this.#plant.clock,
      {
        transmitReady: () => from.equipment.transmitReady(),
        receiveRoom: () => to.equipment.receiveRoom(),
        receive: (octets) => to.equipment.receive(octets),
      },
      {
        rate: this.#rate,
        delayMs: this.#delayMs,
        errors: this.#errors(),
      },
    );
  }
}
