import type { Clock } from '../../time/clock.js';
import { addSines, sinesOfTone } from '../audio/oscillator.js';
import { clipped, samplesPerMs } from '../audio/pcm.js';
import { type ToneHz, tones } from '../signals.js';
import type { Listening } from './line.js';

/** A piece of sound on its way: made into samples only where somebody listens. */
export interface Sound {
  /** When its first sample is heard. */
  readonly atMs: number;
  readonly lengthMs: number;
  samples(): Int16Array;
}

export function soundOf(samples: Int16Array, atMs: number): Sound {
  return { atMs, lengthMs: samples.length / samplesPerMs, samples: () => samples };
}

/** A sound as it is rendered; `from` and the other positions are samples since the clock's origin. */
interface Placed {
  readonly from: number;
  readonly samples: Int16Array;
}

interface HeardTone {
  readonly tone: ToneHz;
  readonly from: number;
}

/**
 * What can be heard at the end of a line. While nobody listens it keeps the tone that sounds and the sounds that are
 * still under way; for a listener it makes samples of them, of just the time that has passed.
 */
export class Earpiece {
  readonly #clock: Clock;
  readonly #noise: (() => number) | undefined;
  #tone: HeardTone = { tone: tones.silence, from: 0 };
  #underWay: Sound[] = [];
  #recording: Recording | undefined;

  /** @param noise gives the samples of what the line itself adds; left out, it is silent */
  constructor(clock: Clock, noise: (() => number) | undefined) {
    this.#clock = clock;
    this.#noise = noise;
  }

  /** From now on, until the next one. */
  tone(tone: ToneHz): void {
    this.#tone = { tone, from: this.#now() };
    this.#recording?.tones.push(this.#tone);
  }

  add(sound: Sound): void {
    this.#takeBegun();
    this.#underWay.push(sound);
  }

  /** The loop is open: what was under way is not heard. */
  hush(): void {
    this.#underWay = [];
    this.#recording?.stopSounds(this.#now());
  }

  listen(): Listening {
    this.#takeBegun();
    const recording = new Recording(this.#now(), this.#tone, this.#noise);
    this.#recording = recording;
    return {
      read: () => {
        if (this.#recording !== recording) return new Int16Array();
        this.#takeBegun();
        return recording.renderUntil(this.#now());
      },
      close: () => {
        if (this.#recording === recording) this.#recording = undefined;
      },
    };
  }

  /** What has begun is the listener's; without one it is lost. */
  #takeBegun(): void {
    const now = this.#now();
    const isBegun = ({ atMs }: Sound) => positionOf(atMs) < now;
    this.#recording?.place(this.#underWay.filter(isBegun));
    this.#underWay = this.#underWay.filter((sound) => !isBegun(sound));
  }

  #now(): number {
    return positionOf(this.#clock.monotonicMs());
  }
}

/** What a listener has to be given still. */
class Recording {
  /** The tones since the last reading, the one that sounded then first. */
  tones: HeardTone[];
  #sounds: Placed[] = [];
  readonly #noise: (() => number) | undefined;
  #readUntil: number;

  constructor(from: number, tone: HeardTone, noise: (() => number) | undefined) {
    this.#noise = noise;
    this.#readUntil = from;
    this.tones = [tone];
  }

  place(sounds: readonly Sound[]): void {
    for (const sound of sounds) this.#sounds.push({ from: positionOf(sound.atMs), samples: sound.samples() });
  }

  stopSounds(at: number): void {
    this.#sounds = this.#sounds
      .filter(({ from }) => from < at)
      .map(({ from, samples }) => ({ from, samples: samples.subarray(0, at - from) }));
  }

  renderUntil(until: number): Int16Array {
    const from = this.#readUntil;
    const sum = new Float64Array(until - from);
    if (this.#noise) for (let at = 0; at < sum.length; at++) sum[at] = this.#noise();
    this.tones.forEach((heard, index) => {
      const begin = Math.max(heard.from, from);
      const end = this.tones[index + 1]?.from ?? until;
      const range = { at: begin - from, length: end - begin, from: begin - heard.from };
      addSines(sum, sinesOfTone(heard.tone), range);
    });
    for (const { from: at, samples } of this.#sounds) {
      const first = Math.max(at, from);
      const last = Math.min(at + samples.length, until);
      for (let position = first; position < last; position++) {
        const index = position - from;
        sum[index] = (sum[index] as number) + (samples[position - at] as number);
      }
    }
    this.tones = this.tones.slice(-1);
    this.#sounds = this.#sounds.filter(({ from: at, samples }) => at + samples.length > until);
    this.#readUntil = until;
    return Int16Array.from(sum, clipped);
  }
}

function positionOf(ms: number): number {
  return Math.round(ms * samplesPerMs);
}
