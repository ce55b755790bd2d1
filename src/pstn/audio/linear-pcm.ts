/** Linear samples as octets: sixteen bits of two's complement, or the upper eight of them with 128 as silence. */
import { clipped } from './pcm.js';

/** The lower octet first. */
export function encodeLinear16(samples: Int16Array): Uint8Array {
  const octets = new Uint8Array(2 * samples.length);
  const view = new DataView(octets.buffer);
  samples.forEach((sample, index) => {
    view.setInt16(2 * index, sample, true);
  });
  return octets;
}

/** @param octets a whole number of samples */
export function decodeLinear16(octets: Uint8Array): Int16Array {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  return Int16Array.from({ length: octets.length / 2 }, (_, index) => view.getInt16(2 * index, true));
}

export function encodeLinear8(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => (clipped(sample + 128) >> 8) + 128);
}

export function decodeLinear8(octets: Uint8Array): Int16Array {
  return Int16Array.from(octets, (octet) => (octet - 128) << 8);
}
