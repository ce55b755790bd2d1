import type { Clock } from '../../../time/clock.js';
import type { ToneHz } from '../../signals.js';
import type { CarrierTerms } from '../carrier-terms.js';
import type { CarrierState, Line } from '../line.js';
import { abilitiesOf } from './abilities.js';
import { CallProgressDetector, type CallSignal, toneName } from './call-progress.js';
import type { DialStep, DialString } from './dial-string.js';
import { Dialler, type DialOutcome } from './dialler.js';
import { OneShot } from './one-shot.js';
import type { Settings } from './settings.js';
import { VoiceAnswerDetector } from './voice-answer.js';

/** How an attempt to call or to answer may fail; the modem is on-hook then. */
export type CallFailure = 'NO CARRIER' | 'NO DIALTONE' | 'BUSY' | 'NO ANSWER';

export interface CallEvents {
  /** The carrier is up. */
  connected(terms: CarrierTerms): void;
  /** A voice call was answered. */
  answered(): void;
  /** The digits of a `;` dial string are sent; the loop stays closed. */
  dialled(): void;
  failed(result: CallFailure): void;
  /** The called line rings: at each burst of ring-back. */
  ringBack(): void;
  /** The carrier was lost and S10 is over; the modem is on-hook. */
  carrierLost(): void;
  /** While neither calling nor connected. */
  heard(signal: CallSignal | 'loop-break'): void;
  /** Octets that still wait for the line when it is to be released. */
  unsent(): number;
}

type State =
  | { readonly name: 'on-hook' }
  /** Off-hook, no call yet: the exchange gives dial tone. */
  | { readonly name: 'seized' }
  /** Off-hook after dialling or answering, without carrier: voice. */
  | { readonly name: 'talking' }
  | { readonly name: 'dialling'; readonly dialler: Dialler }
  | { readonly name: 'awaiting-answer'; readonly detector: VoiceAnswerDetector }
  | { readonly name: 'handshaking'; readonly role: 'originate' | 'answer' }
  | { readonly name: 'connected'; readonly terms: CarrierTerms }
  /** On the way down: what the line still holds is sent first (S38). */
  | {
      readonly name: 'releasing';
      readonly terms: CarrierTerms;
      readonly keepsLoop: boolean;
      readonly done: () => void;
    };

const onHook: State = { name: 'on-hook' };

/** Dial tone that has not come by then is taken as missing. */
const dialToneWaitMs = 5000;

/** Ring-back comes again after 6 s. */
const ringBackGoneMs = 8000;

/** Between two looks at whether the line has sent everything. */
const shortestDrainMs = 10;

/** The line side: hook, dialling, call progress, handshake, loss of carrier, release. Its timers are the S registers. */
export class CallControl {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #maxRate: number;
  readonly #settings: () => Settings;
  readonly #events: CallEvents;
  readonly #progress: CallProgressDetector;
  /** S7 while calling, S38 while releasing: a call has one deadline at a time. */
  readonly #deadline: OneShot;
  readonly #carrierLoss: OneShot;
  readonly #drain: OneShot;
  #state: State = onHook;
  /** Of the present call, or of one before it. */
  #ringBackMs = Number.NEGATIVE_INFINITY;
  /** While connected: a carrier is on the line. S10 bridges its absence, with 255 for ever. */
  #hasCarrier = false;

  constructor(parts: {
    readonly line: Line;
    readonly clock: Clock;
    readonly maxRate: number;
    settings(): Settings;
    readonly events: CallEvents;
  }) {
    this.#line = parts.line;
    this.#clock = parts.clock;
    this.#maxRate = parts.maxRate;
    this.#settings = parts.settings;
    this.#events = parts.events;
    this.#progress = new CallProgressDetector(parts.clock, (signal) => this.#heard(signal));
    this.#deadline = new OneShot(parts.clock);
    this.#carrierLoss = new OneShot(parts.clock);
    this.#drain = new OneShot(parts.clock);
  }

  get isOffHook(): boolean {
    return this.#state.name !== 'on-hook';
  }

  /** From CONNECT until the line is released. */
  get terms(): CarrierTerms | undefined {
    return 'terms' in this.#state ? this.#state.terms : undefined;
  }

  get isReleasing(): boolean {
    return this.#state.name === 'releasing';
  }

  /** @param isRinging closing the loop answers a call rather than asks for dial tone */
  seize(isRinging: boolean): void {
    if (this.isOffHook) return;
    this.#state = { name: isRinging ? 'talking' : 'seized' };
    this.#progress.restart();
    this.#line.offHook();
  }

  /** Outside a connection. Ends in one of the events. */
  dial({ steps, staysInCommand }: DialString, isRinging: boolean): void {
    this.seize(isRinging);
    const settings = this.#settings();
    const plan = this.#state.name === 'seized' ? [...firstStep(steps, settings), ...steps] : steps;
    const parts = { line: this.#line, clock: this.#clock, progress: this.#progress };
    const dialler = new Dialler(parts, plan, (outcome) => this.#dialled(outcome, staysInCommand));
    this.#state = { name: 'dialling', dialler };
    this.#ringBackMs = Number.NEGATIVE_INFINITY;
    dialler.next();
  }

  /** Outside a connection. Ends in `connected` or `failed`. */
  answer(isRinging: boolean): void {
    this.seize(isRinging);
    this.#handshake('answer');
  }

  /** Gives up a call that is not yet connected. */
  abandon(): void {
    this.#release();
    this.#events.failed('NO CARRIER');
  }

  /**
   * True when the line is released already; otherwise `done` is called when it is.
   * @param keepsLoop only the carrier ends (`+VNH=2`)
   */
  hangUp(done: () => void, keepsLoop = false): boolean {
    const { terms } = this;
    const limitMs = this.#settings().registers.hangUpDelayMs;
    if (terms === undefined || limitMs === 0 || !this.#hasCarrier || this.#events.unsent() === 0) {
      this.#release(keepsLoop);
      return true;
    }
    this.#state = { name: 'releasing', terms, keepsLoop, done };
    if (Number.isFinite(limitMs)) this.#deadline.start(limitMs, () => this.#released());
    this.#awaitSent(terms.rate);
    return false;
  }

  tone(tone: ToneHz): void {
    const name = toneName(tone);
    this.#progress.tone(name);
    if (this.#state.name === 'dialling') this.#state.dialler.tone(name);
    if (this.#state.name === 'awaiting-answer') this.#state.detector.tone(name);
  }

  carrier(state: CarrierState): void {
    const { name } = this.#state;
    if (!state.up) {
      if (name === 'connected') this.#lose();
      if (name === 'releasing') this.#released();
    } else if (name === 'connected' || name === 'handshaking') {
      this.#carrierLoss.stop();
      this.#deadline.stop();
      this.#hasCarrier = true;
      this.#state = { name: 'connected', terms: state };
      if (name === 'handshaking') this.#events.connected(state);
    }
  }

  loopBreak(): void {
    switch (this.#state.name) {
      case 'dialling':
      case 'awaiting-answer':
      case 'handshaking':
        this.#fail('NO CARRIER');
        break;
      case 'connected':
        this.#lose();
        break;
      case 'releasing':
        this.#released();
        break;
      case 'seized':
      case 'talking':
        this.#events.heard('loop-break');
    }
  }

  /** On-hook at once, with no event. */
  close(): void {
    this.#release();
    this.#progress.stop();
  }

  #dialled(outcome: DialOutcome, staysInCommand: boolean): void {
    if (outcome === 'no-dial-tone') this.#fail('NO DIALTONE');
    else if (outcome === 'no-answer') this.#fail('NO ANSWER');
    else if (outcome === 'no-bong') this.#fail('NO CARRIER');
    else if (staysInCommand) {
      this.#state = { name: 'talking' };
      this.#events.dialled();
    } else if (this.#settings().serviceClass === 8) this.#awaitAnswer();
    else this.#handshake('originate');
  }

  #awaitAnswer(): void {
    const detector = new VoiceAnswerDetector(this.#clock, this.#settings(), () => {
      this.#stopWaiting();
      this.#state = { name: 'talking' };
      this.#events.answered();
    });
    this.#state = { name: 'awaiting-answer', detector };
    this.#deadline.start(this.#settings().registers.carrierWaitMs, () => this.#fail('NO ANSWER'));
  }

  #handshake(role: 'originate' | 'answer'): void {
    this.#state = { name: 'handshaking', role };
    const settings = this.#settings();
    this.#deadline.start(settings.registers.carrierWaitMs, () => this.#fail(this.#unanswered()));
    const { maxRate, abilities } = abilitiesOf(settings, role, this.#maxRate);
    this.#line.startCarrier(role, maxRate, abilities);
  }

  #heard(signal: CallSignal): void {
    const state = this.#state;
    if (state.name === 'dialling') state.dialler.heard(signal);
    if (state.name === 'seized' || state.name === 'talking') this.#events.heard(signal);
    if (signal === 'ring-back' && this.#isCalling()) {
      this.#ringBackMs = this.#clock.monotonicMs();
      this.#events.ringBack();
    }
    const isBusy = signal === 'busy' || signal === 'reorder';
    if (isBusy && this.#isCalling() && this.#settings().detectsBusy) this.#fail('BUSY');
  }

  /** Past the first digit: busy tone is the called line's from then on. */
  #isCalling(): boolean {
    const state = this.#state;
    if (state.name === 'dialling') return state.dialler.digitsSent;
    return state.name === 'awaiting-answer' || (state.name === 'handshaking' && state.role === 'originate');
  }

  /** S7 is over. V.250 does not tell a line that rings on from one without a modem; some makers do. */
  #unanswered(): CallFailure {
    const state = this.#state;
    const rangMs = this.#clock.monotonicMs() - this.#ringBackMs;
    const isRinging = state.name === 'handshaking' && state.role === 'originate' && rangMs < ringBackGoneMs;
    return isRinging && this.#settings().profile.tellsNoAnswer ? 'NO ANSWER' : 'NO CARRIER';
  }

  #fail(result: CallFailure): void {
    this.#release(this.#keepsLoop());
    this.#events.failed(result);
  }

  #lose(): void {
    this.#hasCarrier = false;
    const { carrierLossMs } = this.#settings().registers;
    if (this.#carrierLoss.running || !Number.isFinite(carrierLossMs)) return;
    this.#carrierLoss.start(carrierLossMs, () => {
      this.#release(this.#keepsLoop());
      this.#events.carrierLost();
    });
  }

  /** Asks again when the line has had time for what it holds. */
  #awaitSent(rate: number): void {
    const octets = this.#events.unsent();
    if (octets === 0) this.#released();
    else this.#drain.start(Math.max(shortestDrainMs, (octets * 8000) / rate), () => this.#awaitSent(rate));
  }

  #released(): void {
    const state = this.#state;
    if (state.name !== 'releasing') return;
    this.#release(state.keepsLoop);
    state.done();
  }

  /** Voice class has switched hanging up by itself off (`+VNH`, V.253 9.2.5): a call without carrier can be talked on. */
  #keepsLoop(): boolean {
    return this.#settings().first('+VNH') !== 0;
  }

  #release(keepsLoop = false): void {
    this.#stopWaiting();
    if (this.#state.name === 'handshaking' || this.terms) this.#line.stopCarrier();
    if (keepsLoop && this.isOffHook) {
      this.#state = { name: 'talking' };
      return;
    }
    if (this.isOffHook) {
      this.#line.onHook();
      this.#settings().setExtended('+VNH', [0]);
    }
    this.#state = onHook;
  }

  #stopWaiting(): void {
    if (this.#state.name === 'dialling') this.#state.dialler.stop();
    if (this.#state.name === 'awaiting-answer') this.#state.detector.stop();
    this.#deadline.stop();
    this.#carrierLoss.stop();
    this.#drain.stop();
  }
}

/** Before the first digit of a call: dial tone, or S6 where it is not listened for. */
function firstStep(steps: readonly DialStep[], settings: Settings): DialStep[] {
  const first = steps[0];
  if (!first || first.kind === 'dial-tone') return [];
  if (settings.checksDialTone) return [{ kind: 'dial-tone', limitMs: dialToneWaitMs }];
  return [{ kind: 'pause', lengthMs: settings.registers.blindDialWaitMs }];
}
