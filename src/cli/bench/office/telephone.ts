import type { LineEquipment } from '../../../pstn/central-office/line.js';
import type { SubscriberLine } from '../../../pstn/central-office/subscriber-line.js';
import { type DtmfSymbol, type ToneHz, tones } from '../../../pstn/signals.js';
import type { Clock, Timer } from '../../../time/clock.js';

/** A digit, and the pause after it, of a telephone that dials from its memory. */
const digitMs = 95;
/** Longer without ringing, and the next burst is another call's. */
const callOverMs = 6_500;
/** What stands for a voice on the line. */
const voice: ToneHz = [300];

/** When a caller hangs up. */
export interface Conversation {
  /** From the last digit, when nobody answers. */
  readonly patienceMs: number;
  /** From the answer. */
  readonly talkMs: number;
}

/** A telephone on a bare line, with a person who knows its tones. */
export class Telephone implements LineEquipment {
  readonly #line: SubscriberLine;
  readonly #clock: Clock;
  readonly #ringsToAnswer: () => number;
  /** Digits that are still to be sent; begun at dial tone. */
  #digits: readonly string[] = [];
  #isAwaitingAnswer = false;
  #conversation: Conversation | undefined;
  #deadline: Timer;
  #ringsLeft = 0;
  #lastRingMs = Number.NEGATIVE_INFINITY;

  /** @param ringsToAnswer asked at the first burst of every call; `Infinity` when nobody is there */
  constructor(line: SubscriberLine, clock: Clock, ringsToAnswer: () => number) {
    this.#line = line;
    this.#clock = clock;
    this.#ringsToAnswer = ringsToAnswer;
    line.connect(this);
  }

  /** Octets: a person hears none. */
  readonly received = 0;

  get isFree(): boolean {
    return this.#line.isIdle();
  }

  /** Hangs up by itself at any tone that is no ring-back, and when the far end does. */
  dial(number: string, conversation?: Conversation): void {
    this.#digits = [...number];
    this.#conversation = conversation;
    this.#line.offHook();
  }

  hangUp(): void {
    this.#clock.clearTimeout(this.#deadline);
    this.#digits = [];
    this.#isAwaitingAnswer = false;
    this.#line.sendTone(tones.silence);
    this.#line.onHook();
  }

  // ---- LineEquipment ----

  ringing(on: boolean): void {
    if (!on) return;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastRingMs > callOverMs) this.#ringsLeft = this.#ringsToAnswer();
    this.#lastRingMs = nowMs;
    this.#ringsLeft--;
    if (this.#ringsLeft > 0) return;
    this.#line.offHook();
    this.#line.sendTone(voice);
  }

  tone(tone: ToneHz): void {
    const [hz] = tone;
    if (hz === undefined) return;
    if (hz === tones.dial[0]) this.#sendDigits();
    else if (hz === voice[0]) this.#answered();
    else if (this.#isAwaitingAnswer && hz !== tones.ringBack[0]) this.hangUp();
  }

  loopBreak(): void {
    this.hangUp();
  }

  callerId(): void {}
  digit(): void {}
  carrier(): void {}
  receiveRoom(): number {
    return 0;
  }
  receive(): void {}
  transmitReady(): void {}

  #sendDigits(): void {
    const [digit, ...rest] = this.#digits;
    if (digit === undefined) return;
    this.#digits = rest;
    this.#line.sendDigit(digit as DtmfSymbol, digitMs);
    if (rest.length === 0) this.#awaitAnswer();
    this.#clock.setTimeout(() => this.#sendDigits(), 2 * digitMs);
  }

  #awaitAnswer(): void {
    this.#isAwaitingAnswer = true;
    if (this.#conversation) this.#hangUpAfter(this.#conversation.patienceMs);
  }

  #answered(): void {
    if (!this.#isAwaitingAnswer) return;
    this.#isAwaitingAnswer = false;
    if (this.#conversation) this.#hangUpAfter(this.#conversation.talkMs);
  }

  #hangUpAfter(delayMs: number): void {
    this.#clock.clearTimeout(this.#deadline);
    this.#deadline = this.#clock.setTimeout(() => this.hangUp(), delayMs);
  }
}
