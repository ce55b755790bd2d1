import type { Clock } from '../../../time/clock.js';
import type { CarrierTerms } from '../carrier-terms.js';
import type { Line } from '../line.js';
import { CallControl } from './call-control.js';
import type { CallSignal } from './call-progress.js';
import type { Outcome } from './command-outcome.js';
import { DataPump } from './data-pump.js';
import type { DialString } from './dial-string.js';
import { InactivityTimer } from './inactivity-timer.js';
import { LinkReport } from './link-report.js';
import type { ModemState } from './modem-state.js';
import { OneShot } from './one-shot.js';
import { connectReports, type ResultCode } from './result-codes.js';

/** Octets this soon after a dial or answer command do not abandon it: a line may end in CR LF (V.250 5.6.1). */
const abandonGraceMs = 125;

interface CallParts {
  readonly line: Line;
  readonly clock: Clock;
  readonly maxRate: number;
  readonly state: ModemState;
  /** The line rings, or did a moment ago. */
  isRinging(): boolean;
  /** In voice class: what is heard. */
  heard(signal: CallSignal | 'loop-break'): void;
  /** Commands and sounds under way have no object any more. */
  interrupt(): void;
}

/** A call as the program has it: its set-up, its octets, its end, and each of them told. */
export class DataCall {
  readonly #parts: CallParts;
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #state: ModemState;
  readonly control: CallControl;
  readonly #pump: DataPump;
  /** S30 */
  readonly #inactivity: InactivityTimer;
  /** `O1` */
  readonly #retraining: OneShot;
  readonly #link = new LinkReport();
  #abandonFromMs = 0;

  constructor(parts: CallParts) {
    const { line, clock, maxRate, state } = parts;
    const settings = () => state.settings;
    this.#parts = parts;
    this.#line = line;
    this.#clock = clock;
    this.#state = state;
    this.control = new CallControl({
      line,
      clock,
      maxRate,
      settings,
      events: {
        connected: (terms) => this.#connected(terms),
        answered: () => state.ended(state.settings.profile.answerResult),
        dialled: () => state.ended('OK'),
        failed: (result) => state.ended(result),
        ringBack: () => {
          if (state.settings.tellsRingBack) state.result('RINGING');
        },
        carrierLost: () => this.#carrierLost(),
        heard: (signal) => parts.heard(signal),
        unsent: () => this.#unsent(),
      },
    });
    this.#pump = new DataPump({ line, clock, settings, escaped: () => this.escape() });
    this.#inactivity = new InactivityTimer(clock);
    this.#retraining = new OneShot(clock);
  }

  // ---- commands ----

  dial(dialString: DialString): Outcome {
    this.#begin();
    this.control.dial(dialString, this.#parts.isRinging());
    return 'reported';
  }

  answer(): Outcome {
    this.#state.wasCalled = true;
    if (this.#state.settings.serviceClass === 8) {
      this.seize();
      this.#state.ended(this.#state.settings.profile.answerResult);
    } else {
      this.#begin();
      this.control.answer(this.#parts.isRinging());
    }
    return 'reported';
  }

  seize(): Outcome {
    this.control.seize(this.#parts.isRinging());
    return 'ok';
  }

  backOnLine(retrains: boolean): Outcome {
    const { terms } = this.control;
    const trainingMs = retrains && terms ? this.#line.retrain() : 0;
    if (!terms) this.#state.ended('NO CARRIER');
    else if (trainingMs === 0) this.#enterData(terms);
    else {
      this.#link.retrained();
      this.#begin();
      this.#retraining.start(trainingMs, () => this.#enterData(terms));
    }
    return 'reported';
  }

  /**
   * @param then called when the line is released, before `finished`
   * @param finished called where that was not at once
   */
  hangUp(then: () => void, finished: () => void): Outcome {
    this.#state.mode = 'executing';
    const end = () => {
      this.#link.ended('hang-up', this.#clock.monotonicMs());
      then();
    };
    const isDone = this.control.hangUp(() => {
      end();
      finished();
    }, this.#state.settings.first('+VNH') === 2);
    if (isDone) end();
    return isDone ? 'ok' : 'later';
  }

  linkText(): string {
    return this.#link.text(this.#clock.monotonicMs());
  }

  // ---- octets ----

  /** From the program. Returns how many were taken. */
  transmit(octets: Uint8Array): number {
    const taken = this.#pump.transmit(octets);
    this.#inactivity.touch();
    this.#link.sent(taken);
    return taken;
  }

  receive(octets: Uint8Array): void {
    this.#inactivity.touch();
    this.#link.received(octets.length);
    this.#state.dte.send(octets);
  }

  /** Held back in the online command state; on the way down taken and dropped, so that the far end can finish too. */
  receiveRoom(): number {
    if (this.#state.mode === 'data') return this.#pump.receiveRoom(this.#state.dte.port);
    return this.control.isReleasing ? Number.MAX_SAFE_INTEGER : 0;
  }

  /** Typed while the call is set up. */
  abandon(octets: Uint8Array): number {
    if (this.#clock.monotonicMs() < this.#abandonFromMs) return octets.length;
    this.control.abandon();
    return 1;
  }

  // ---- ends ----

  /** To the online command state, by the escape or `&D1`. */
  escape(): void {
    this.#pump.stop();
    this.#state.ended('OK');
  }

  /** Not by a command: `result` is told when the line is released. */
  disconnect(reason: string, result: ResultCode, then: () => void): void {
    const end = () => {
      this.#leaveData();
      this.#link.ended(reason, this.#clock.monotonicMs());
      then();
      this.#state.ended(result);
    };
    this.#parts.interrupt();
    this.#pump.stop();
    if (!this.control.isOffHook) return;
    this.#state.mode = 'releasing';
    if (this.control.hangUp(end)) end();
  }

  /** The modem is back in its command mode. */
  rested(): void {
    this.#retraining.stop();
    if (!this.control.isOffHook) this.#state.wasCalled = false;
    if (!this.control.terms) this.#inactivity.stop();
  }

  close(): void {
    this.control.close();
    this.#pump.reset();
    this.#inactivity.stop();
    this.#retraining.stop();
  }

  #begin(): void {
    this.#state.mode = 'calling';
    this.#abandonFromMs = this.#clock.monotonicMs() + abandonGraceMs;
  }

  #connected(terms: CarrierTerms): void {
    const { dte, settings } = this.#state;
    dte.showCircuits();
    for (const report of connectReports(terms, settings)) dte.inform(report);
    this.#link.connected(terms, this.#clock.monotonicMs());
    this.#inactivity.start(settings.inactivityMs, () => {
      if (!this.control.isReleasing) this.disconnect('inactivity', 'NO CARRIER', () => {});
    });
    this.#enterData(terms);
  }

  #enterData(terms: CarrierTerms): void {
    this.#state.result({ connect: 'CONNECT', terms });
    this.#state.mode = 'data';
    this.#pump.start();
  }

  #carrierLost(): void {
    this.#leaveData();
    this.#link.ended('loss of carrier', this.#clock.monotonicMs());
    this.#state.ended('NO CARRIER');
  }

  /** Typed in data mode, or before DTR dropped. */
  #leaveData(): void {
    const { mode, isDtrOn, dte } = this.#state;
    if (mode === 'data' || (mode === 'releasing' && !isDtrOn)) dte.dropHeld();
    this.#pump.reset();
  }

  #unsent(): number {
    const { mode, isDtrOn, dte } = this.#state;
    return this.#pump.unsent() + (mode === 'releasing' && dte.isHeld && !isDtrOn ? 1 : 0);
  }
}
