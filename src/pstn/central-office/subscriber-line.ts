import type { Timer } from '../../time/clock.js';
import { dtmfBurst } from '../audio/oscillator.js';
import { type DtmfSymbol, type ToneHz, tones } from '../signals.js';
import { AnswerTone } from './answer-tone.js';
import { allAbilities, type CarrierAbilities } from './carrier-terms.js';
import { Earpiece, type Sound, soundOf } from './earpiece.js';
import { type Impairments, rateThroughNoise } from './impairments/impairments.js';
import { lineNoise } from './impairments/line-noise.js';
import type { Line, LineEquipment, Listening } from './line.js';
import type { LineSettings } from './line-settings.js';
import type { OctetChannel } from './octet-channel.js';
import type { Plant } from './plant.js';
import type { Uniform } from './random-stream.js';

/** What a line is engaged in: one thing at a time, or nothing while it is on-hook and not called. */
export interface LineUse {
  /** The loop closed: the equipment answers. */
  answered?(line: SubscriberLine): void;
  /** The loop opened. The line is free already. */
  released(line: SubscriberLine): void;
  /** A DTMF burst has ended. */
  digit?(line: SubscriberLine, symbol: DtmfSymbol, onMs: number): void;
  tone?(line: SubscriberLine, tone: ToneHz): void;
  /** Sound from this end, DTMF included, for those who listen. */
  sound?(line: SubscriberLine, sound: Sound): void;
  /** `line.handshake` has changed. */
  handshake?(line: SubscriberLine): void;
  /** Injected faults. */
  dropCarrier?(): void;
  changeRate?(rate: number): void;
  retrain?(lengthMs: number): void;
}

/** What a line asks of the exchange that it hangs on. */
export interface LineExchange {
  /** The loop of an idle line has closed. */
  originate(line: SubscriberLine): void;
  /** Whether an opening of the loop may be a hook-flash now; otherwise it frees the line at once. */
  takesFlash(line: SubscriberLine): boolean;
  flashed(line: SubscriberLine): void;
  /** The loop has opened for good, and the line is free already. */
  hungUp(line: SubscriberLine, use: LineUse): void;
}

export interface Handshake {
  readonly role: 'originate' | 'answer';
  readonly maxRate: number;
  readonly abilities: CarrierAbilities;
}

/** One line of the exchange: loop, signals and faults. What the loop is for is its `use`. */
export class SubscriberLine implements Line {
  readonly number: string;
  readonly settings: LineSettings;
  readonly #plant: Plant;
  readonly #exchange: LineExchange;
  #use: LineUse | undefined;
  #equipment = unplugged;
  #isOffHook = false;
  #isCut = false;
  #isStuck = false;
  #handshake: Handshake | undefined;
  #sounding: ToneHz = tones.silence;
  /** What the exchange sends; an open loop lets nothing through. */
  #sent: ToneHz = tones.silence;
  #toldHeard: ToneHz = tones.silence;
  /** The end of the samples that the equipment has given. */
  #soundUntilMs = Number.NEGATIVE_INFINITY;
  #isRinging = false;
  #toldRinging = false;
  readonly #answerTone: AnswerTone;
  /** While the loop is open and may close again as a hook-flash. */
  #opening: { readonly atMs: number; readonly timer: Timer } | undefined;
  readonly earpiece: Earpiece;
  /** For the faults of this line. */
  readonly chance: Uniform;
  /** While the carrier is up. */
  outbound: OctetChannel | undefined;
  inbound: OctetChannel | undefined;
  /** Fault 40: no training on this line comes to a carrier. */
  trainingFails = false;

  constructor(settings: LineSettings, plant: Plant, exchange: LineExchange) {
    this.number = settings.number;
    this.settings = settings;
    this.#plant = plant;
    this.#exchange = exchange;
    this.#answerTone = new AnswerTone(plant, (tone) => this.sendTone(tone));
    this.chance = plant.chanceOf(settings.number);
    const { signalToNoiseDb } = this.impairments;
    const noise =
      signalToNoiseDb === undefined
        ? undefined
        : lineNoise(signalToNoiseDb, plant.chanceOf(`noise of ${settings.number}`));
    this.earpiece = new Earpiece(plant.clock, noise);
  }

  // ---- Line: what the equipment does ----

  connect(equipment: LineEquipment): void {
    this.onHook();
    this.#equipment = equipment;
    this.#toldHeard = tones.silence;
    this.earpiece.tone(tones.silence);
    this.#toldRinging = false;
    this.ring(this.#isRinging);
  }

  offHook(): void {
    this.#moveLoop(() => {
      this.#isOffHook = true;
    });
  }

  onHook(): void {
    this.#moveLoop(() => {
      this.#isOffHook = false;
    });
  }

  sendDigit(symbol: DtmfSymbol, onMs: number): void {
    const use = this.#use;
    if (!this.#isClosed()) return;
    const atMs = this.#plant.clock.monotonicMs();
    use?.sound?.(this, { atMs, lengthMs: onMs, samples: () => dtmfBurst(symbol, onMs) });
    this.#plant.clock.setTimeout(() => {
      if (this.#use === use) use?.digit?.(this, symbol, onMs);
    }, onMs);
  }

  sendTone(tone: ToneHz): void {
    if (!this.#isClosed()) return;
    this.#sounding = tone;
    this.#use?.tone?.(this, tone);
  }

  sendAudio(samples: Int16Array): void {
    if (!this.#isClosed()) return;
    const sound = soundOf(samples, Math.max(this.#soundUntilMs, this.#plant.clock.monotonicMs()));
    this.#soundUntilMs = sound.atMs + sound.lengthMs;
    this.#use?.sound?.(this, sound);
  }

  listen(): Listening {
    return this.earpiece.listen();
  }

  startCarrier(role: Handshake['role'], maxRate: number, abilities = allAbilities): void {
    if (!this.#isClosed()) return;
    this.#handshake = { role, maxRate, abilities };
    this.#use?.handshake?.(this);
    if (role !== 'answer') return;
    this.#endAnswerTone();
    this.#answerTone.start();
  }

  stopCarrier(): void {
    if (!this.#handshake) return;
    this.#handshake = undefined;
    this.#endAnswerTone();
    this.#use?.handshake?.(this);
  }

  transmitRoom(): number {
    return this.outbound?.room() ?? 0;
  }

  transmit(octets: Uint8Array): void {
    this.outbound?.write(octets);
  }

  receiveResumed(): void {
    this.inbound?.resume();
  }

  // ---- what the exchange does ----

  get use(): LineUse | undefined {
    return this.#use;
  }

  /** `undefined` frees the line. */
  engage(use: LineUse | undefined): void {
    this.#use = use;
  }

  /** On-hook and not being called; a dead line looks so from the exchange. */
  isIdle(): boolean {
    return !this.#use && !this.#isClosed();
  }

  get impairments(): Impairments {
    return this.settings.impairments ?? {};
  }

  /** bit/s, the best data carrier that the line bears, its noise considered. */
  get rate(): number {
    const { signalToNoiseDb = Infinity } = this.impairments;
    return Math.min(this.settings.rate, rateThroughNoise(signalToNoiseDb));
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  get equipment(): LineEquipment {
    return this.#equipment;
  }

  get sounding(): ToneHz {
    return this.#sounding;
  }

  get handshake(): Handshake | undefined {
    return this.#handshake;
  }

  /** The carrier is gone: the equipment must start its handshake again to have another. */
  endHandshake(): void {
    this.#handshake = undefined;
  }

  hear(tone: ToneHz): void {
    this.#sent = tone;
    this.#tellTone();
  }

  ring(on: boolean): void {
    this.#isRinging = on && !this.#isCut;
    this.tell((equipment) => {
      if (this.#isRinging === this.#toldRinging) return;
      this.#toldRinging = this.#isRinging;
      equipment.ringing(this.#isRinging);
    });
  }

  /** Calls the equipment from the clock, in order. */
  tell(call: (equipment: LineEquipment) => void): void {
    this.#plant.calls.add(() => call(this.#equipment));
  }

  // ---- faults to inject ----

  /** The pair is cut (no dial tone, no ringing, calls break) or mended. */
  cut(isCut: boolean): void {
    const wasClosed = this.#isClosed();
    const hadCarrier = this.outbound !== undefined;
    this.#report(isCut ? 'cut' : 'mended');
    this.#moveLoop(() => {
      this.#isCut = isCut;
    });
    if (this.#isRinging && isCut) this.ring(false);
    if (!wasClosed || !isCut) return;
    if (hadCarrier) this.tell((equipment) => equipment.carrier({ up: false }));
    this.tell((equipment) => equipment.loopBreak());
  }

  /** The loop is closed whatever the equipment does, or obeys it again. */
  stickOffHook(isStuck: boolean): void {
    this.#report(isStuck ? 'stuck off-hook' : 'off-hook mended');
    this.#moveLoop(() => {
      this.#isStuck = isStuck;
    });
  }

  /** The data carrier of the present call is lost at both ends; the talking path stays. */
  dropCarrier(): void {
    if (this.outbound) this.#report('carrier dropped');
    this.#use?.dropCarrier?.();
  }

  /** The modems of the present call fall back, or forward, to `rate` bit/s without telling anyone (fault 38). */
  changeRate(rate: number): void {
    this.#use?.changeRate?.(rate);
  }

  /** The modems of the present call train anew, for as long as training takes: nothing passes, and they do not tell. */
  retrain(): number {
    if (!this.outbound) return 0;
    this.#report('retrain');
    this.#use?.retrain?.(this.#plant.timings.trainingMs);
    return this.#plant.timings.trainingMs;
  }

  #report(what: string): void {
    this.#plant.report({ event: 'impairment', line: this.number, what });
  }

  #isClosed(): boolean {
    return (this.#isOffHook || this.#isStuck) && !this.#isCut;
  }

  #moveLoop(move: () => void): void {
    const wasClosed = this.#isClosed();
    move();
    if (wasClosed === this.#isClosed()) return;
    if (wasClosed) this.#opened();
    else if (this.#opening) this.#closedAgain(this.#opening);
    else if (this.#use) this.#use.answered?.(this);
    else this.#exchange.originate(this);
  }

  #endAnswerTone(): void {
    this.#answerTone.stop();
    if (isSameTone(this.#sounding, tones.answer)) this.sendTone(tones.silence);
  }

  #opened(): void {
    if (this.#isCut || !this.#exchange.takesFlash(this)) {
      this.#release();
      return;
    }
    this.stopCarrier();
    if (this.#sounding.length > 0) {
      this.#sounding = tones.silence;
      this.#use?.tone?.(this, tones.silence);
    }
    this.earpiece.hush();
    this.#tellTone();
    const { clock, timings } = this.#plant;
    const timer = clock.setTimeout(() => this.#release(), timings.longestFlashMs);
    this.#opening = { atMs: clock.monotonicMs(), timer };
  }

  #closedAgain({ atMs, timer }: { readonly atMs: number; readonly timer: Timer }): void {
    const { clock, timings } = this.#plant;
    clock.clearTimeout(timer);
    this.#opening = undefined;
    this.#tellTone();
    if (clock.monotonicMs() - atMs >= timings.shortestFlashMs) this.#exchange.flashed(this);
  }

  #release(): void {
    this.#plant.clock.clearTimeout(this.#opening?.timer);
    this.#opening = undefined;
    const use = this.#use;
    this.#use = undefined;
    this.#answerTone.stop();
    this.#handshake = undefined;
    this.#sounding = tones.silence;
    this.earpiece.hush();
    this.outbound = undefined;
    this.inbound = undefined;
    this.hear(tones.silence);
    if (use) this.#exchange.hungUp(this, use);
  }

  #tellTone(): void {
    this.tell((equipment) => {
      const heard = this.#isClosed() ? this.#sent : tones.silence;
      if (isSameTone(heard, this.#toldHeard)) return;
      this.#toldHeard = heard;
      this.earpiece.tone(heard);
      equipment.tone(heard);
    });
  }
}

function isSameTone(a: ToneHz, b: ToneHz): boolean {
  return a.length === b.length && a.every((hz, index) => hz === b[index]);
}

const unplugged: LineEquipment = {
  ringing() {},
  callerId() {},
  tone() {},
  digit() {},
  loopBreak() {},
  carrier() {},
  receiveRoom: () => 0,
  receive() {},
  transmitReady() {},
};
