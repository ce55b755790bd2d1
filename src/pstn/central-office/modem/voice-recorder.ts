import { meanSquareOf, powerOf, samplesPerMs } from '../../audio/pcm.js';
import { shielded } from '../../voice-shielding.js';
import type { Settings } from './settings.js';
import type { VoiceFormat } from './voice-formats.js';

/** What the program may leave unread; more is lost, and told. */
const bufferMs = 1_000;

/** `+VSD`: this level at the middle of its scale, and so much more for each step above it. */
const silenceDbm0 = -40;
const silenceStepDb = 1 / 8;
const middle = 128;

export type RecorderEvent =
  /** The program does not read. */
  | 'overrun'
  /** Nobody has spoken at all: nobody is there. */
  | 'no-voice'
  /** Nobody speaks any more. */
  | 'quiet';

/** What is heard on its way to the program: gain (`+VGR`), format (`+VSM`), shielding; and silence (`+VSD`). */
export class VoiceRecorder {
  readonly #format: VoiceFormat;
  readonly #gain: number;
  readonly #silencePower: number;
  readonly #silenceMs: number;
  readonly #dte: { send(octets: Uint8Array): void; pending(): number };
  readonly #event: (event: RecorderEvent) => void;
  #hasVoice = false;
  #quietMs = 0;
  #isOverrun = false;

  constructor(
    format: VoiceFormat,
    settings: Settings,
    dte: { send(octets: Uint8Array): void; pending(): number },
    event: (event: RecorderEvent) => void,
  ) {
    const [sensitivity = 0, tenths = 0] = settings.extended('+VSD');
    this.#format = format;
    this.#gain = gainOf(settings.first('+VGR'));
    this.#silencePower = powerOf(silenceDbm0 + (sensitivity - middle) * silenceStepDb);
    this.#silenceMs = sensitivity === 0 || tenths === 0 ? Number.POSITIVE_INFINITY : tenths * 100;
    this.#dte = dte;
    this.#event = event;
  }

  record(samples: Int16Array): void {
    this.#listenForSilence(samples);
    const isRead = this.#dte.pending() <= bufferMs * samplesPerMs * this.#format.octetsPerSample;
    if (!isRead && !this.#isOverrun) this.#event('overrun');
    this.#isOverrun = !isRead;
    if (isRead) this.#dte.send(shielded(this.#format.encode(amplified(samples, this.#gain))));
  }

  #listenForSilence(samples: Int16Array): void {
    if (meanSquareOf(samples) >= this.#silencePower) {
      this.#hasVoice = true;
      this.#quietMs = 0;
      return;
    }
    const before = this.#quietMs;
    this.#quietMs += samples.length / samplesPerMs;
    if (before < this.#silenceMs && this.#quietMs >= this.#silenceMs) {
      this.#event(this.#hasVoice ? 'quiet' : 'no-voice');
    }
  }
}

/** `+VGR` and `+VGT`: 128 leaves the level as it is, and so does 0, which leaves it to the modem (V.253 10.2.1). */
export function gainOf(setting: number): number {
  return setting === 0 ? 1 : setting / middle;
}

export function amplified(samples: Int16Array, gain: number): Int16Array {
  if (gain === 1) return samples;
  return samples.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}
