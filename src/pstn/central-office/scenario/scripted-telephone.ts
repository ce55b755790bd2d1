import type { Clock, Timer } from '../../../time/clock.js';
import { type DtmfSymbol, type ToneHz, tones } from '../../signals.js';
import type { Line, LineEquipment } from '../line.js';
import type { TelephoneAction } from './scenario.js';

const flashMs = 500;
const digitMs = 95;

/** A telephone that does as a scenario says, in place of the line's modem. What it hears concerns nobody but its dialling. */
export class ScriptedTelephone implements LineEquipment {
  readonly #line: Line;
  readonly #clock: Clock;
  #isOffHook = false;
  #hearsDialTone = false;
  /** Digits that are still to be sent. */
  #digits: readonly DtmfSymbol[] = [];
  #timer: Timer;

  constructor(line: Line, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
    line.connect(this);
  }

  /** A later action ends one that still goes on, such as a dialling that waits for its dial tone. */
  act(action: TelephoneAction): void {
    this.stop();
    if (action.do === 'dial') {
      this.#digits = action.digits;
      if (this.#isOffHook && this.#hearsDialTone) this.#sendDigits();
      else this.#hook(true);
    } else if (action.do === 'flash') this.#flash();
    else this.#hook(action.do === 'off-hook');
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#digits = [];
  }

  tone(tone: ToneHz): void {
    this.#hearsDialTone = tone.join() === tones.dial.join();
    if (this.#hearsDialTone && this.#digits.length > 0) this.#sendDigits();
  }

  /** On-hook there is nothing to flash. */
  #flash(): void {
    if (!this.#isOffHook) return;
    this.#hook(false);
    this.#timer = this.#clock.setTimeout(() => this.#hook(true), flashMs);
  }

  #hook(isOffHook: boolean): void {
    this.#isOffHook = isOffHook;
    if (isOffHook) this.#line.offHook();
    else this.#line.onHook();
  }

  #sendDigits(): void {
    const [next, ...rest] = this.#digits;
    this.#digits = [];
    if (next === undefined) return;
    this.#line.sendDigit(next, digitMs);
    this.#timer = this.#clock.setTimeout(() => {
      this.#digits = rest;
      this.#sendDigits();
    }, 2 * digitMs);
  }

  ringing(): void {}
  callerId(): void {}
  digit(): void {}
  loopBreak(): void {}
  carrier(): void {}
  receiveRoom(): number {
    return 0;
  }
  receive(): void {}
  transmitReady(): void {}
}
