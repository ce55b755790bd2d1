import type { Clock } from '../../../time/clock.js';
import { tones } from '../../signals.js';
import type { Line } from '../line.js';
import { OneShot } from './one-shot.js';
import type { Registers } from './registers.js';
import type { ToneStep } from './tone-list.js';

/** Plays what `+VTS` lists; one list at a time. */
export class TonePlayer {
  readonly #line: Line;
  readonly #timer: OneShot;

  constructor(line: Line, clock: Clock) {
    this.#line = line;
    this.#timer = new OneShot(clock);
  }

  /** @param done called when the last tone has ended; not after `stop` */
  play(steps: readonly ToneStep[], registers: Registers, done: () => void): void {
    const [step, ...rest] = steps;
    if (step) this.#playOne(step, registers, () => this.play(rest, registers, done));
    else {
      this.#line.sendTone(tones.silence);
      done();
    }
  }

  #playOne(step: ToneStep, registers: Registers, next: () => void): void {
    switch (step.kind) {
      case 'tone':
        this.#line.sendTone(step.tone);
        this.#timer.start(step.lengthMs, next);
        break;
      case 'digit':
        this.#line.sendTone(tones.silence);
        this.#line.sendDigit(step.symbol, step.lengthMs);
        this.#timer.start(step.lengthMs + registers.digitMs, next);
        break;
      case 'flash':
        this.#line.onHook();
        this.#timer.start(step.lengthMs, () => {
          this.#line.offHook();
          next();
        });
    }
  }

  stop(): void {
    if (this.#timer.running) this.#line.sendTone(tones.silence);
    this.#timer.stop();
  }
}
