import type { Clock } from '../../../time/clock.js';
import type { DtmfSymbol } from '../../signals.js';
import type { Line } from '../line.js';
import type { CallProgressDetector, CallSignal, ToneName } from './call-progress.js';
import type { DialStep } from './dial-string.js';
import { OneShot } from './one-shot.js';

export type DialOutcome = 'dialled' | 'no-dial-tone' | 'no-answer' | 'no-bong';

/** `@` is satisfied by this much silence after ring-back. */
const quietMs = 5000;

/** Goes through a dial string on a line that is off-hook. Tells its outcome once, unless stopped before. */
export class Dialler {
  readonly #line: Line;
  readonly #progress: CallProgressDetector;
  readonly #steps: DialStep[];
  readonly #done: (outcome: DialOutcome) => void;
  readonly #timer: OneShot;
  readonly #quiet: OneShot;
  #ringBack = false;
  #digitsSent = false;

  constructor(
    parts: { readonly line: Line; readonly clock: Clock; readonly progress: CallProgressDetector },
    steps: readonly DialStep[],
    done: (outcome: DialOutcome) => void,
  ) {
    this.#line = parts.line;
    this.#progress = parts.progress;
    this.#steps = [...steps];
    this.#done = done;
    this.#timer = new OneShot(parts.clock);
    this.#quiet = new OneShot(parts.clock);
  }

  /** Busy tone means a busy called line from the first digit on; before it, a busy exchange. */
  get digitsSent(): boolean {
    return this.#digitsSent;
  }

  /** The next step; also begins the first. */
  next(): void {
    this.#quiet.stop();
    const step = this.#steps[0];
    if (step) this.#begin(step);
    else this.#end('dialled');
  }

  heard(signal: CallSignal): void {
    if (signal === 'dial-tone' && this.#steps[0]?.kind === 'dial-tone') this.#advance();
  }

  tone(tone: ToneName): void {
    if (tone === 'bong' && this.#steps[0]?.kind === 'bong') this.#advance();
    if (this.#steps[0]?.kind !== 'quiet-answer') return;
    this.#quiet.stop();
    if (tone === 'ring-back') this.#ringBack = true;
    if (tone === 'silence' && this.#ringBack) this.#quiet.start(quietMs, () => this.#advance());
  }

  stop(): void {
    this.#timer.stop();
    this.#quiet.stop();
    this.#steps.length = 0;
  }

  #begin(step: DialStep): void {
    switch (step.kind) {
      case 'digit':
        this.#send(step.symbol, step.lengthMs);
        break;
      case 'pause':
        this.#timer.start(step.lengthMs, () => this.#advance());
        break;
      case 'flash':
        this.#line.onHook();
        this.#timer.start(step.lengthMs, () => {
          this.#line.offHook();
          this.#advance();
        });
        break;
      case 'dial-tone':
        if (this.#progress.dialTone) this.#advance();
        else this.#timer.start(step.limitMs, () => this.#end('no-dial-tone'));
        break;
      case 'bong':
        this.#timer.start(step.limitMs, () => this.#end('no-bong'));
        break;
      case 'quiet-answer':
        this.#ringBack = false;
        this.#timer.start(step.limitMs, () => this.#end('no-answer'));
    }
  }

  /** A gap as long as the digit follows it (S11). */
  #send(symbol: DtmfSymbol, lengthMs: number): void {
    this.#digitsSent = true;
    this.#progress.restart();
    this.#line.sendDigit(symbol, lengthMs);
    this.#timer.start(2 * lengthMs, () => this.#advance());
  }

  #advance(): void {
    this.#steps.shift();
    this.#timer.stop();
    this.next();
  }

  #end(outcome: DialOutcome): void {
    this.stop();
    this.#done(outcome);
  }
}
