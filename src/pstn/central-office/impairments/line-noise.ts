import { peakOf } from '../../audio/pcm.js';
import type { Uniform } from '../random-stream.js';

/** What modems and telephones put on a line: a ratio of signal to noise speaks of this signal. */
const signalDbm0 = -10;

/** @returns one sample after the other of white Gaussian noise, so many decibels below a signal */
export function lineNoise(signalToNoiseDb: number, chance: Uniform): () => number {
  // Of a sine, the root of the mean square is its peak over the root of 2.
  const deviation = peakOf(signalDbm0 - signalToNoiseDb) / Math.SQRT2;
  return () => deviation * Math.sqrt(-2 * Math.log1p(-chance())) * Math.cos(2 * Math.PI * chance());
}
