import type { DtmfSymbol } from '../signals.js';
import { clipped, peakOf, sampleRate, samplesPerMs } from './pcm.js';
import { type Burst, dtmfLevels, dtmfPair, toneLevel } from './tone-plan.js';

/** One sine. */
export interface Sine {
  readonly hz: number;
  readonly levelDbm0: number;
}

/**
 * Adds sines to `sum`, at `range.at` and the samples after it.
 * @param range.from samples of the sound before these, so that a sound can be made piece by piece without a step
 */
export function addSines(
  sum: Float64Array,
  parts: readonly Sine[],
  range: { readonly at: number; readonly length: number; readonly from: number },
): void {
  for (const { hz, levelDbm0 } of parts) {
    const peak = peakOf(levelDbm0);
    const step = (2 * Math.PI * hz) / sampleRate;
    for (let index = 0; index < range.length; index++) {
      const at = range.at + index;
      sum[at] = (sum[at] as number) + peak * Math.sin(step * (range.from + index));
    }
  }
}

export function sinesOfTone(hz: readonly number[]): Sine[] {
  const levelDbm0 = toneLevel(hz);
  return hz.map((it) => ({ hz: it, levelDbm0 }));
}

function sinesOfKey(symbol: DtmfSymbol): Sine[] {
  const { row, column } = dtmfPair(symbol);
  return [
    { hz: row, levelDbm0: dtmfLevels.row },
    { hz: column, levelDbm0: dtmfLevels.column },
  ];
}

export function dtmfBurst(symbol: DtmfSymbol, lengthMs: number): Int16Array {
  return sines(sinesOfKey(symbol), lengthMs);
}

export function sines(parts: readonly Sine[], lengthMs: number): Int16Array {
  const sum = new Float64Array(Math.round(lengthMs * samplesPerMs));
  addSines(sum, parts, { at: 0, length: sum.length, from: 0 });
  return Int16Array.from(sum, clipped);
}

/** `bursts` over and over for `lengthMs`, at the levels of the tone plan. */
export function cadenced(bursts: readonly Burst[], lengthMs: number): Int16Array {
  const sum = new Float64Array(Math.round(lengthMs * samplesPerMs));
  for (let at = 0, index = 0; at < sum.length; index++) {
    const burst = bursts[index % bursts.length];
    if (!burst) break;
    const onSamples = Math.min(Math.round(burst.onMs * samplesPerMs), sum.length - at);
    addSines(sum, sinesOfTone(burst.hz), { at, length: onSamples, from: 0 });
    at += onSamples + Math.round(burst.offMs * samplesPerMs);
  }
  return Int16Array.from(sum, clipped);
}
