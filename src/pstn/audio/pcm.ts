/** Samples in a second: telephony's, of G.711. All audio here is 16-bit linear at this rate, one channel. */
export const sampleRate = 8_000;

export const samplesPerMs = sampleRate / 1_000;

/** The peak of a sine at 0 dBm0: where mu-law is full, 8,159 in its 14 bits, is one at +3.17 dBm0 (G.711). */
const referencePeak = (4 * 8_159) / 10 ** (3.17 / 20);

/** @returns the peak, in 16-bit samples, of a sine at `levelDbm0` */
export function peakOf(levelDbm0: number): number {
  return referencePeak * 10 ** (levelDbm0 / 20);
}

/** @returns the level of a signal of this mean square in dBm0; minus infinity for silence */
export function levelOfPower(meanSquare: number): number {
  return 10 * Math.log10((2 * meanSquare) / referencePeak ** 2);
}

/** @returns the mean square of a signal at `levelDbm0` */
export function powerOf(levelDbm0: number): number {
  return peakOf(levelDbm0) ** 2 / 2;
}

export function meanSquareOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : sum / samples.length;
}

export function clipped(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
}
