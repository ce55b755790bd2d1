import { decodeLinear8, decodeLinear16, encodeLinear8, encodeLinear16 } from '../../audio/linear-pcm.js';
import { decodeMuLaw, encodeMuLaw } from '../../audio/mu-law.js';

/** One way of writing samples as octets in a voice stream (`+VSM`). */
export interface VoiceFormat {
  readonly octetsPerSample: 1 | 2;
  encode(samples: Int16Array): Uint8Array;
  /** @param octets a whole number of samples */
  decode(octets: Uint8Array): Int16Array;
}

interface Row {
  readonly name: string;
  readonly bits: number;
  readonly format: VoiceFormat;
}

/** By V.253's number (table 17). */
const rows: Readonly<Record<number, Row>> = {
  // The name that vgetty looks for.
  0: {
    name: 'SIGNED PCM',
    bits: 16,
    format: { octetsPerSample: 2, encode: encodeLinear16, decode: decodeLinear16 },
  },
  1: {
    name: 'UNSIGNED PCM',
    bits: 8,
    format: { octetsPerSample: 1, encode: encodeLinear8, decode: decodeLinear8 },
  },
  4: { name: 'G.711U', bits: 8, format: { octetsPerSample: 1, encode: encodeMuLaw, decode: decodeMuLaw } },
};

export const voiceFormatNumbers = Object.keys(rows).map(Number);

/** The answer to `+VSM=?`: number, name, bits of a sample, timing marks; rates, silence compression, expansion. */
export const voiceFormatTable = Object.entries(rows)
  .map(([number, { name, bits }]) => `${number},"${name}",${bits},0,(8000),(0),(0)`)
  .join('\r\n');

/** @param number one of `voiceFormatNumbers` */
export function voiceFormat(number: number): VoiceFormat {
  const row = rows[number];
  if (!row) throw new RangeError(`there is no voice format ${number}`);
  return row.format;
}
