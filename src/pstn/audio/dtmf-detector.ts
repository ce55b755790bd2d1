import type { DtmfSymbol } from '../signals.js';
import { Goertzel } from './goertzel.js';
import { powerOf, sampleRate } from './pcm.js';
import { meanSquare, SlidingWindow } from './sliding-window.js';
import { dtmfColumns, dtmfKeys, dtmfRows } from './tone-plan.js';

/** 12.75 ms: bins of 78 Hz, as Asterisk and spandsp have them. */
const windowSamples = 102;
const hopSamples = windowSamples / 2;

/** Of both tones together; telephones send some -8, cables and gateways take twenty and more. */
const weakest = powerOf(-38);

/** Of the window's power that the two tones must make up, of one window and over a digit: speech does not (talk-off). */
const shareOfWindow = 0.7;
const shareOfDigit = 0.87;

/** The other tones of a group are this much weaker than the strongest, in power: 8 dB. */
const selectivity = 4;

/** Row over column: 8 dB, and column over row: 4 dB (telephony reference 4.1), with 1.3 and 1 dB for measuring in noise. */
const normalTwist = 10 ** 0.93;
const reverseTwist = 10 ** 0.5;

/** Between 1.5 %, which must be taken, and 3.5 %, which must not. */
const greatestDeviation = 0.025;

/** 40 ms hold five such windows, 23 ms three, those counted of which the tone fills three quarters. */
const windowsToBegin = 4;

/** A gap of 40 ms leaves six without the tone, a dropout of 15 ms four. */
const windowsToEnd = 5;

interface Hit {
  readonly row: number;
  readonly column: number;
  readonly rowPower: number;
  readonly columnPower: number;
  readonly rowPhase: number;
  readonly columnPhase: number;
  readonly power: number;
}

/** Hears DTMF in audio. Told once for each key, some 40 ms after it is pressed. */
export class DtmfDetector {
  readonly #rows = dtmfRows.map((hz) => new Goertzel(hz));
  readonly #columns = dtmfColumns.map((hz) => new Goertzel(hz));
  readonly #windows = new SlidingWindow(windowSamples, hopSamples, (window) => this.#measure(window));
  /** The latest hits, of one key and without a break. */
  #run: Hit[] = [];
  #misses = 0;
  #held: DtmfSymbol | undefined;
  #found: DtmfSymbol[] = [];

  /** The keys that were recognised in these samples; most often none. */
  push(samples: Int16Array): readonly DtmfSymbol[] {
    this.#found = [];
    this.#windows.push(samples);
    return this.#found;
  }

  /** The key that sounds, recognised already. */
  get held(): DtmfSymbol | undefined {
    return this.#held;
  }

  #measure(window: Float64Array): void {
    const hit = this.#hit(window);
    const last = this.#run.at(-1);
    if (hit && last?.row === hit.row && last.column === hit.column) this.#run.push(hit);
    else this.#run = hit ? [hit] : [];
    if (this.#run.length > windowsToBegin) this.#run.shift();
    const symbol = this.#run.length === windowsToBegin ? symbolOf(this.#run) : undefined;
    if (symbol === undefined) {
      const isHeld = hit !== undefined && keyOf(hit) === this.#held;
      this.#misses = isHeld ? 0 : this.#misses + 1;
      if (this.#misses === windowsToEnd) this.#held = undefined;
      return;
    }
    this.#misses = 0;
    if (symbol !== this.#held) this.#found.push(symbol);
    this.#held = symbol;
  }

  #hit(window: Float64Array): Hit | undefined {
    const power = meanSquare(window);
    if (power < weakest) return undefined;
    const row = strongest(this.#rows, window);
    const column = row && strongest(this.#columns, window);
    if (!row || !column || row.power + column.power < shareOfWindow * power) return undefined;
    return {
      row: row.index,
      column: column.index,
      rowPower: row.power,
      columnPower: column.power,
      rowPhase: row.phase,
      columnPhase: column.phase,
      power,
    };
  }
}

/** The one tone of a group that stands out; none where two are near. */
function strongest(group: readonly Goertzel[], window: Float64Array) {
  for (const tone of group) tone.measure(window);
  const powers = group.map((tone) => tone.power);
  const power = Math.max(...powers);
  const index = powers.indexOf(power);
  const standsOut = powers.every((other, at) => at === index || other * selectivity < power);
  return standsOut ? { index, power, phase: group[index]?.phase ?? 0 } : undefined;
}

/** The key of a run of hits whose frequencies, levels and purity are a key's. */
function symbolOf(run: readonly Hit[]): DtmfSymbol | undefined {
  const [first] = run;
  if (!first) return undefined;
  const row = groupOf(run, dtmfRows[first.row] ?? 0, 'rowPhase', 'rowPower');
  const column = groupOf(run, dtmfColumns[first.column] ?? 0, 'columnPhase', 'columnPower');
  const isOnTone = row.deviation <= greatestDeviation && column.deviation <= greatestDeviation;
  const isEven = row.power <= column.power * normalTwist && column.power <= row.power * reverseTwist;
  const isPure = row.power + column.power >= shareOfDigit * total(run, 'power');
  return isOnTone && isEven && isPure ? keyOf(first) : undefined;
}

function keyOf({ row, column }: Hit): DtmfSymbol {
  return dtmfKeys[row]?.[column] as DtmfSymbol;
}

/** What a tone off its nominal frequency is off by, and its power without what that took from the bin. */
function groupOf(
  run: readonly Hit[],
  nominalHz: number,
  phase: 'rowPhase' | 'columnPhase',
  power: 'rowPower' | 'columnPower',
): { readonly deviation: number; readonly power: number } {
  const nominalAdvance = (2 * Math.PI * nominalHz * hopSamples) / sampleRate;
  let advance = 0;
  for (let index = 1; index < run.length; index++) {
    const [before, after] = [run[index - 1], run[index]];
    if (before && after) advance += wrapped(after[phase] - before[phase] - nominalAdvance);
  }
  const hz = (advance / (run.length - 1) / (2 * Math.PI * hopSamples)) * sampleRate;
  return {
    deviation: Math.abs(hz) / nominalHz,
    power: total(run, power) / binResponse((hz * windowSamples) / sampleRate),
  };
}

function total(run: readonly Hit[], field: 'power' | 'rowPower' | 'columnPower'): number {
  return run.reduce((sum, hit) => sum + hit[field], 0);
}

/** To -pi .. pi. */
function wrapped(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}

/** Of a rectangular window, in power, at so many bins off its middle. */
function binResponse(bins: number): number {
  const angle = Math.PI * bins;
  return Math.abs(angle) < 1e-6 ? 1 : (Math.sin(angle) / angle) ** 2;
}
