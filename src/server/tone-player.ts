import type { Log } from '../log/log.js';
import type { TrunkSignal } from '../protocol/call-manager/trunk-setup.js';
import type { Modem } from '../pstn/modem/modem.js';
import { type ToneHz, tones } from '../pstn/signals.js';
import { type Clock, wait } from '../time/clock.js';

type Tone = Exclude<TrunkSignal['signal'], 'quote'>;

interface Cadence {
  readonly tone: ToneHz;
  readonly onMs: number;
  readonly offMs: number;
}

/**
 * Steps 300, 325 and 315 as a plain modem plays them (AL-4). The dial tone's bursts follow each other: a modem
 * that waits for it (`W`) needs most of a second of it, and `+VTS` ends after 2.55 s.
 */
const cadences: Readonly<Record<Tone, Cadence>> = {
  ready: { tone: tones.dial, onMs: 2_000, offMs: 0 },
  'call-ok': { tone: tones.ringBack, onMs: 2_000, offMs: 4_000 },
  refusal: { tone: tones.busyOrReorder, onMs: 250, offMs: 250 },
};

/** Repeats one call-progress tone until it is told to stop; a burst that has begun is played to its end. */
export class TonePlayer {
  readonly #modem: Modem;
  readonly #clock: Clock;
  readonly #log: Log;
  #playing: object | undefined;

  constructor(modem: Modem, clock: Clock, log: Log) {
    this.#modem = modem;
    this.#clock = clock;
    this.#log = log;
  }

  start(signal: Tone): void {
    const playing = {};
    this.#playing = playing;
    this.#repeat(cadences[signal], () => this.#playing === playing).catch((cause) => {
      this.#log.warn({ port: this.#modem.url, signal, error: String(cause) }, 'the tone was not played');
    });
  }

  stop(): void {
    this.#playing = undefined;
  }

  async #repeat(cadence: Cadence, isPlaying: () => boolean): Promise<void> {
    while (isPlaying()) {
      const startMs = this.#clock.monotonicMs();
      await this.#modem.playTone(cadence.tone, cadence.onMs);
      // A modem that is no longer on the line plays nothing, in no time.
      const restMs = startMs + cadence.onMs + cadence.offMs - this.#clock.monotonicMs();
      if (restMs > 0 && isPlaying()) await wait(this.#clock, restMs);
    }
  }
}
