import { tones } from '../signals.js';
import { Goertzel } from './goertzel.js';
import { powerOf, sampleRate } from './pcm.js';
import { meanSquare, SlidingWindow } from './sliding-window.js';
import { type Burst, type SitKind, specialInformationTones } from './tone-plan.js';

/** What was recognised on the line. `sit` with no kind is that of the ITU, which says only that the call failed. */
export type CallProgress =
  | {
      readonly kind:
        | 'dial-tone'
        | 'ring-back'
        | 'busy'
        | 'reorder'
        | 'answer-tone'
        | 'fax-calling'
        | 'data-calling';
    }
  | { readonly kind: 'sit'; readonly sit: SitKind | undefined };

/** 50 ms: bins of 20 Hz keep 440 and 480 Hz apart. */
const windowSamples = 400;
const hopSamples = windowSamples / 2;
const hopMs = (1_000 * hopSamples) / sampleRate;

/** A tone is seen from four fifths of a window on, so a sound is this much longer than its windows, and a gap shorter. */
const edgeMs = 30;

/** Under it nothing is taken for a tone: busy is sent at -24 dBm0, and lines take ten and more. */
const weakest = powerOf(-43);

/** Of the window's power. */
const shareOfTone = 0.8;

/** Each tone of a pair has at least this share of the pair. */
const shareInPair = 0.1;

/** A single tone may be off by 15 Hz, as answer tone may (V.25): it is looked for at its place and 10 Hz beside it. */
const besideHz = [-10, 0, 10];

/** Windows without a tone that does not end for it: answer tone turns its phase round every 450 ms (V.25). */
const bridged = 3;

/** What can sound at one time; `first` to `third` are the parts of a special information tone. */
type Sound =
  | 'dial'
  | 'ring-back'
  | 'busy'
  | 'answer'
  | 'fax'
  | 'data'
  | `${'first' | 'second' | 'third'} ${number}`;

const pairs: readonly (readonly [Sound, readonly number[]])[] = [
  ['dial', tones.dial],
  ['ring-back', tones.ringBack],
  ['busy', tones.busyOrReorder],
];

const singles: readonly (readonly [Sound, number])[] = [
  ['answer', 2100],
  ['fax', 1100],
  ['data', 1300],
  ...[914, 950, 985].map((hz) => [`first ${hz}`, hz] as const),
  ...[1371, 1400, 1429].map((hz) => [`second ${hz}`, hz] as const),
  ...[1777, 1800].map((hz) => [`third ${hz}`, hz] as const),
];

/** How long a tone that does not come in bursts must last; busy tones are judged by theirs. */
const qualifiedMs: Readonly<Partial<Record<Sound, readonly [number, CallProgress]>>> = {
  dial: [700, { kind: 'dial-tone' }],
  'ring-back': [130, { kind: 'ring-back' }],
  answer: [300, { kind: 'answer-tone' }],
  fax: [350, { kind: 'fax-calling' }],
  data: [350, { kind: 'data-calling' }],
};

/** One burst, in milliseconds: reorder from 0.2 to 0.3 s, busy from 0.4 to 0.58 s (telephony reference 4.2). */
const reorderMs = [165, 335] as const;
const busyMs = [375, 605] as const;
const longestBusyGapMs = 700;

/** Between the parts of a special information tone there are at most 30 ms. */
const longestSitGapMs = 100;
/** Between the short 274 ms and the long 380 ms. */
const longPartMs = 327;
/** The third part needs not end: the first two say all. */
const thirdPartMs = 180;

interface Heard {
  readonly sound: Sound;
  readonly onMs: number;
  /** The silence, or whatever it was, before it. */
  readonly gapMs: number;
}

/** Recognises the tones of the North American plan in audio, by frequency and cadence. Each cadence is told once. */
export class ToneDetector {
  readonly #windows = new SlidingWindow(windowSamples, hopSamples, (window) =>
    this.#hear(soundOf(window, this.#bank)),
  );
  readonly #bank = new ToneBank();
  #sound: Sound | undefined;
  #hits = 0;
  /** Windows without it since the last one with it. */
  #missed = 0;
  #gapMs = Number.POSITIVE_INFINITY;
  /** The last two bursts that have ended. */
  #before: Heard[] = [];
  #told: CallProgress['kind'] | undefined;
  #found: CallProgress[] = [];

  /** What was recognised in these samples; most often nothing. */
  push(samples: Int16Array): readonly CallProgress[] {
    this.#found = [];
    this.#windows.push(samples);
    return this.#found;
  }

  #hear(sound: Sound | undefined): void {
    if (sound !== undefined && sound === this.#sound) {
      this.#hits += 1 + this.#missed;
      this.#missed = 0;
      this.#sounding(sound);
      return;
    }
    this.#missed++;
    const hasEnded = this.#sound !== undefined && (sound !== undefined || this.#missed > bridged);
    if (this.#sound !== undefined && hasEnded) this.#ended(this.#sound);
    if (sound === undefined) return;
    this.#gapMs = this.#before.length === 0 ? Number.POSITIVE_INFINITY : this.#missed * hopMs - edgeMs;
    this.#sound = sound;
    this.#hits = 1;
    this.#missed = 0;
  }

  /** Goes on sounding. */
  #sounding(sound: Sound): void {
    const onMs = this.#hits * hopMs + edgeMs;
    const [neededMs, progress] = qualifiedMs[sound] ?? [];
    if (progress && neededMs !== undefined && onMs >= neededMs) this.#tell(progress);
    if (sound.startsWith('third') && onMs >= thirdPartMs && this.#gapMs <= longestSitGapMs)
      this.#tellSit(sound);
  }

  #ended(sound: Sound): void {
    const heard = { sound, onMs: this.#hits * hopMs + edgeMs, gapMs: this.#gapMs };
    const last = this.#before.at(-1);
    if (sound === 'busy' && last?.sound === 'busy' && heard.gapMs <= longestBusyGapMs) {
      const [kind, lastKind] = [busyKind(heard.onMs), busyKind(last.onMs)];
      if (kind !== undefined && kind === lastKind) this.#tell({ kind });
    } else this.#told = undefined;
    this.#before = [...this.#before.slice(-1), heard];
    this.#sound = undefined;
  }

  #tellSit(third: Sound): void {
    const [first, second] = this.#before;
    if (!first?.sound.startsWith('first') || !second?.sound.startsWith('second')) return;
    if (second.gapMs > longestSitGapMs) return;
    this.#tell({ kind: 'sit', sit: sitKind(first, second, third) });
  }

  #tell(progress: CallProgress): void {
    if (this.#told === progress.kind) return;
    this.#told = progress.kind;
    this.#found.push(progress);
  }
}

/** The Goertzel filters of all sounds. */
class ToneBank {
  readonly pairs = pairs.map(([sound, hz]) => ({ sound, hz }));
  readonly singles = singles.map(([sound, hz]) => ({
    sound,
    near: besideHz.map((offset) => new Goertzel(hz + offset)),
  }));
  readonly #ofPairs = new Map(pairs.flatMap(([, hz]) => hz).map((hz) => [hz, new Goertzel(hz)]));

  measurePairs(window: Float64Array): void {
    for (const filter of this.#ofPairs.values()) filter.measure(window);
  }

  power(hz: number): number {
    return this.#ofPairs.get(hz)?.power ?? 0;
  }
}

/** The one sound that makes up a window. */
function soundOf(window: Float64Array, bank: ToneBank): Sound | undefined {
  const power = meanSquare(window);
  if (power < weakest) return undefined;
  bank.measurePairs(window);
  for (const { sound, hz } of bank.pairs) {
    const powers = hz.map((it) => bank.power(it));
    const sum = powers.reduce((total, it) => total + it, 0);
    if (sum >= shareOfTone * power && Math.min(...powers) >= shareInPair * sum) return sound;
  }
  let strongest: { readonly sound: Sound; readonly power: number } | undefined;
  for (const { sound, near } of bank.singles) {
    for (const filter of near) {
      filter.measure(window);
      if (filter.power > (strongest?.power ?? shareOfTone * power))
        strongest = { sound, power: filter.power };
    }
  }
  return strongest?.sound;
}

function busyKind(onMs: number): 'busy' | 'reorder' | undefined {
  if (onMs >= reorderMs[0] && onMs <= reorderMs[1]) return 'reorder';
  return onMs >= busyMs[0] && onMs <= busyMs[1] ? 'busy' : undefined;
}

function sitKind(first: Heard, second: Heard, third: Sound): SitKind | undefined {
  const kinds = Object.entries(specialInformationTones) as [SitKind, readonly Burst[]][];
  return kinds.find(([, parts]) => {
    const [one, two, three] = parts;
    return one && two && isPart(first, one) && isPart(second, two) && third.endsWith(` ${three?.hz[0]}`);
  })?.[0];
}

function isPart({ sound, onMs }: Heard, part: Burst): boolean {
  return sound.endsWith(` ${part.hz[0]}`) && onMs > longPartMs === part.onMs > longPartMs;
}
