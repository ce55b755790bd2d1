import { decodeMuLaw, encodeMuLaw } from '../../audio/mu-law.js';
import { clipped } from '../../audio/pcm.js';

/** One way of writing samples as octets in a voice stream (`+VSM`). */
export interface VoiceFormat {
  readonly octetsPerSample: 1 | 2;
  encode(samples: Int16Array): Uint8Array;
  /** @param octets a whole number of samples */
  decode(octets: Uint8Array): Int16Array;
}

/** Two's complement, the lower octet first, as vgetty expects of this name with 16 bits. */
const signedPcm: VoiceFormat = {
  octetsPerSample: 2,
  encode: (samples) => {
    const octets = new Uint8Array(2 * samples.length);
    const view = new DataView(octets.buffer);
    samples.forEach((sample, index) => {
      view.setInt16(2 * index, sample, true);
    });
    return octets;
  },
  decode: (octets) => {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    return Int16Array.from({ length: octets.length / 2 }, (_, index) => view.getInt16(2 * index, true));
  },
};

/** The upper eight bits, 128 being silence. */
const unsignedPcm: VoiceFormat = {
  octetsPerSample: 1,
  encode: (samples) => Uint8Array.from(samples, (sample) => (clipped(sample + 128) >> 8) + 128),
  decode: (octets) => Int16Array.from(octets, (octet) => (octet - 128) << 8),
};

const muLaw: VoiceFormat = { octetsPerSample: 1, encode: encodeMuLaw, decode: decodeMuLaw };

interface Row {
  readonly name: string;
  readonly bits: number;
  readonly format: VoiceFormat;
}

/** By V.253's number (table 17). */
const rows: Readonly<Record<number, Row>> = {
  0: { name: 'SIGNED PCM', bits: 16, format: signedPcm },
  1: { name: 'UNSIGNED PCM', bits: 8, format: unsignedPcm },
  4: { name: 'G.711U', bits: 8, format: muLaw },
};

export const voiceFormatNumbers = Object.keys(rows).map(Number);

/** The answer to `+VSM=?`: number, name, bits of a sample, timing marks; rates, silence compression, expansion. */
export const voiceFormatTable = Object.entries(rows)
  .map(([number, { name, bits }]) => `${number},"${name}",${bits},0,(8000),(0),(0)`)
  .join('\r\n');

/** @param number one of `voiceFormatNumbers` */
export function voiceFormat(number: number): VoiceFormat {
  return rows[number]?.format ?? unsignedPcm;
}
