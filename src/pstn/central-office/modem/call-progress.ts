import type { Clock } from '../../../time/clock.js';
import { type ToneHz, tones } from '../../signals.js';
import { OneShot } from './one-shot.js';

export type ToneName = 'silence' | 'dial' | 'ring-back' | 'busy-or-reorder' | 'answer' | 'bong' | 'other';

/** What the cadence of tones means. */
export type CallSignal = 'dial-tone' | 'ring-back' | 'busy' | 'reorder' | 'answer-tone';

/**
 * A tone shorter than this is a click. Real modems listen for 0.7 s to qualify a tone; here the frequencies
 * arrive exact, and the length need not tell a tone from speech.
 */
const dialToneMs = 100;

/** Busy is heard for 500 ms a time, reorder for 250 (telephony reference 4.2). */
const shortestBusyMs = 400;

/** A third burst makes busy certain: 2 s after the first one began. */
const burstsOfBusy = 3;

/** It begins as the DTMF symbol `#` for 60 ms, and dies away as dial tone. */
const bong: ToneHz = [941, 1477];

/** Ends a cadence: no plan has gaps as long inside busy or reorder. */
const longestGapMs = 1500;

export function toneName(tone: ToneHz): ToneName {
  if (same(tone, tones.silence)) return 'silence';
  if (same(tone, tones.dial)) return 'dial';
  if (same(tone, tones.ringBack)) return 'ring-back';
  if (same(tone, tones.busyOrReorder)) return 'busy-or-reorder';
  if (same(tone, bong)) return 'bong';
  return same(tone, tones.answer) ? 'answer' : 'other';
}

function same(left: ToneHz, right: ToneHz): boolean {
  return left.length === right.length && left.every((hz, index) => hz === right[index]);
}

/** Listens to the line and tells what its tones mean. Counts bursts, so that a sped-up exchange is understood too. */
export class CallProgressDetector {
  readonly #clock: Clock;
  readonly #heard: (signal: CallSignal) => void;
  readonly #qualify: OneShot;
  #current: ToneName = 'silence';
  #dialTone = false;
  #bursts = 0;
  #changedMs = 0;
  #burstMs = 0;

  constructor(clock: Clock, heard: (signal: CallSignal) => void) {
    this.#clock = clock;
    this.#heard = heard;
    this.#qualify = new OneShot(clock);
  }

  /** Dial tone is on the line now, and has been for long enough. */
  get dialTone(): boolean {
    return this.#dialTone;
  }

  tone(tone: ToneName): void {
    if (tone === this.#current) return;
    const nowMs = this.#clock.monotonicMs();
    const lengthMs = nowMs - this.#changedMs;
    const previous = this.#current;
    this.#current = tone;
    this.#changedMs = nowMs;
    this.#dialTone = false;
    this.#qualify.stop();
    if (previous === 'busy-or-reorder') this.#burstMs = lengthMs;
    if (tone === 'busy-or-reorder') this.#countBurst(lengthMs);
    else if (tone !== 'silence') this.#begin(tone);
  }

  /** Forgets the cadence; what sounds now still sounds. */
  restart(): void {
    this.#bursts = 0;
  }

  stop(): void {
    this.#qualify.stop();
  }

  #countBurst(gapMs: number): void {
    this.#bursts = gapMs > longestGapMs ? 1 : this.#bursts + 1;
    if (this.#bursts === burstsOfBusy) this.#heard(this.#burstMs < shortestBusyMs ? 'reorder' : 'busy');
  }

  #begin(tone: ToneName): void {
    this.#bursts = 0;
    if (tone === 'ring-back') this.#heard('ring-back');
    if (tone === 'answer') this.#heard('answer-tone');
    if (tone === 'dial') {
      this.#qualify.start(dialToneMs, () => {
        this.#dialTone = true;
        this.#heard('dial-tone');
      });
    }
  }
}
