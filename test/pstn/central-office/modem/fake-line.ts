import { agree, allAbilities } from '../../../../src/pstn/central-office/carrier-terms.js';
import type { Line, LineEquipment, Listening } from '../../../../src/pstn/central-office/line.js';
import { type DtmfSymbol, type ToneHz, tones } from '../../../../src/pstn/signals.js';
import type { SimulatedClock } from '../../../../src/time/simulated-clock.js';

const bufferOctets = 420;

/** A line with no exchange behind it: notes what the modem does, and does to the modem what the test says. */
export class FakeLine implements Line {
  readonly number = '5550101';
  /** What the modem did, in order: `off-hook`, `digit 5/95`, `carrier originate 33600` ... */
  readonly actions: string[] = [];
  readonly transmitted: number[] = [];
  /** Octets written that the line has not sent yet; the test empties it with `sends`. */
  buffered = 0;
  resumed = 0;
  /** Samples that the modem has played. */
  readonly played: number[] = [];
  isListenedTo = false;
  /** What will sound next, to a modem that listens; silence after it. */
  #audible: number[] = [];
  /** What the modem offered. */
  abilities = allAbilities;
  readonly #clock: SimulatedClock;
  #equipment: LineEquipment | undefined;
  #isUp = false;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  get equipment(): LineEquipment {
    if (!this.#equipment) throw new Error('nothing is connected');
    return this.#equipment;
  }

  connect(equipment: LineEquipment): void {
    this.#equipment = equipment;
  }
  offHook(): void {
    this.actions.push('off-hook');
  }
  onHook(): void {
    this.actions.push('on-hook');
    this.#isUp = false;
  }
  sendDigit(symbol: DtmfSymbol, onMs: number): void {
    this.actions.push(`digit ${symbol}/${onMs}`);
  }
  sendTone(tone: ToneHz): void {
    this.actions.push(`tone ${tone.join('+') || 'silence'}`);
  }
  sendAudio(samples: Int16Array): void {
    this.played.push(...samples);
  }
  listen(): Listening {
    let readMs = this.#clock.monotonicMs();
    this.isListenedTo = true;
    return {
      read: () => {
        const samples = new Int16Array((this.#clock.monotonicMs() - readMs) * 8);
        readMs = this.#clock.monotonicMs();
        samples.set(this.#audible.splice(0, samples.length));
        return samples;
      },
      close: () => {
        this.isListenedTo = false;
      },
    };
  }
  startCarrier(role: 'originate' | 'answer', maxRate: number, abilities = allAbilities): void {
    this.abilities = abilities;
    this.actions.push(`carrier ${role} ${maxRate}`);
  }
  stopCarrier(): void {
    this.actions.push('carrier off');
    this.#isUp = false;
  }
  retrain(): number {
    this.actions.push('retrain');
    return this.#isUp ? 6000 : 0;
  }
  transmitRoom(): number {
    return this.#isUp ? bufferOctets - this.buffered : 0;
  }
  transmit(octets: Uint8Array): void {
    if (octets.length > this.transmitRoom()) throw new Error('more octets than the line has room for');
    this.buffered += octets.length;
    this.transmitted.push(...octets);
  }
  receiveResumed(): void {
    this.resumed += 1;
  }

  // ---- what the test does ----

  /** The digits sent so far. */
  get digits(): string {
    return this.actions.flatMap((action) => /^digit (.)/.exec(action)?.[1] ?? []).join('');
  }
  get isOffHook(): boolean {
    return this.actions.findLast((action) => action.endsWith('-hook')) === 'off-hook';
  }
  get sentText(): string {
    return Buffer.from(this.transmitted).toString('latin1');
  }

  /** With a far modem that can do everything, at no more than `rate`. */
  connectCarrier(rate = 33_600): void {
    const terms = agree(this.abilities, allAbilities, { maxRate: rate, isErrorFree: true });
    if (!terms) throw new Error('nothing in common');
    this.#isUp = true;
    this.buffered = 0;
    this.equipment.carrier({ up: true, ...terms });
  }
  loseCarrier(): void {
    this.#isUp = false;
    this.equipment.carrier({ up: false });
  }
  /** The line sends `count` octets of its buffer. */
  sends(count = this.buffered): void {
    const before = this.transmitRoom();
    this.buffered -= count;
    if (before < bufferOctets / 2 && this.transmitRoom() >= bufferOctets / 2) this.equipment.transmitReady();
  }
  receives(text: string): void {
    this.equipment.receive(Buffer.from(text, 'latin1'));
  }
  /** Heard from now on, while the modem listens. */
  sounds(samples: Int16Array): void {
    this.#audible.push(...samples);
  }
  hears(tone: ToneHz): void {
    this.equipment.tone(tone);
  }
  /** `onMs` of the tone and `offMs` of silence, so many times. */
  hearsCadence(tone: ToneHz, onMs: number, offMs: number, times: number): void {
    for (let time = 0; time < times; time++) {
      this.hears(tone);
      this.#clock.advance(onMs);
      this.hears(tones.silence);
      this.#clock.advance(offMs);
    }
  }
  /** One burst of 2 s and 4 s of silence. */
  rings(times = 1): void {
    for (let time = 0; time < times; time++) {
      this.equipment.ringing(true);
      this.#clock.advance(2000);
      this.equipment.ringing(false);
      this.#clock.advance(4000);
    }
  }
}
