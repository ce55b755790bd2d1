import type { Clock } from '../../../time/clock.js';
import type { ToneName } from './call-progress.js';
import { OneShot } from './one-shot.js';
import type { Settings } from './settings.js';

/**
 * Tells when a voice call was answered. A line has no signal for it, so modems guess: ring-back has gone away
 * (`+VRA`), never came (`+VRN`), or something else sounds.
 */
export class VoiceAnswerDetector {
  readonly #answered: () => void;
  readonly #goneMs: number;
  readonly #timer: OneShot;
  #ringBack = false;

  constructor(clock: Clock, settings: Settings, answered: () => void) {
    this.#answered = answered;
    this.#goneMs = settings.first('+VRA') * 100;
    this.#timer = new OneShot(clock);
    this.#timer.start(settings.first('+VRN') * 1000, answered);
  }

  tone(tone: ToneName): void {
    if (tone === 'ring-back') {
      this.#ringBack = true;
      this.#timer.stop();
    }
    if (tone === 'silence' && this.#ringBack) this.#timer.start(this.#goneMs, this.#answered);
    if (['other', 'answer', 'bong', 'dial'].includes(tone)) this.#answered();
  }

  stop(): void {
    this.#timer.stop();
  }
}
