import type { Timer } from '../../time/clock.js';
import { type ToneHz, tones } from '../signals.js';
import type { Plant } from './plant.js';

/** What an answering modem sounds before the handshake proper, for whoever called: a person, or a modem in voice class (V.25). */
export class AnswerTone {
  readonly #plant: Plant;
  readonly #send: (tone: ToneHz) => void;
  #timer: Timer;

  constructor(plant: Plant, send: (tone: ToneHz) => void) {
    this.#plant = plant;
    this.#send = send;
  }

  /** Silence, the tone, silence. */
  start(): void {
    const { answerSilenceMs, answerToneMs } = this.#plant.timings;
    this.#after(answerSilenceMs, () => {
      this.#send(tones.answer);
      this.#after(answerToneMs, () => this.#send(tones.silence));
    });
  }

  /** No further change; a tone that sounds is its caller's to end. */
  stop(): void {
    this.#plant.clock.clearTimeout(this.#timer);
  }

  #after(ms: number, run: () => void): void {
    this.stop();
    this.#timer = this.#plant.clock.setTimeout(run, ms);
  }
}
