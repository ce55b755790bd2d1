import { meanSquareOf } from '../../../src/pstn/audio/pcm.js';
import { uniformStream } from '../../../src/pstn/central-office/random-stream.js';

/** White Gaussian noise is added, so many decibels below the signal. */
export function noisy(samples: Int16Array, signalToNoiseDb: number, seed: number): Int16Array {
  const uniform = uniformStream(seed);
  const deviation = Math.sqrt(meanSquareOf(samples) / 10 ** (signalToNoiseDb / 10));
  const noise = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return samples.map((sample) =>
    Math.max(-32_768, Math.min(32_767, Math.round(sample + deviation * noise()))),
  );
}
