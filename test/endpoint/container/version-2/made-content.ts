/** Octets of the same kind and the same seed are the same. */
function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647);
}

export function text(octets: number, seed = 1): Buffer {
  const next = chance(seed);
  const words = Array.from({ length: Math.ceil(octets / 2) }, () => `${(next() % 9973).toString(36)} `);
  return Buffer.from(words.join('')).subarray(0, octets);
}

/** Pixels of `depth` octets that go from shade to shade, with noise, as of a scanner. */
export function picture(octets: number, depth: number, seed = 1): Buffer {
  const next = chance(seed);
  return Buffer.from(
    Uint8Array.from({ length: octets }, (_, at) => {
      const pixel = Math.floor(at / depth);
      return 60 * (at % depth) + 90 * Math.sin(pixel / 70) + (next() % 4);
    }),
  );
}

/** Samples of 16 bits, of as many channels. */
export function sound(octets: number, channels: number, seed = 1): Buffer {
  const next = chance(seed);
  const content = Buffer.alloc(octets);
  for (let at = 0; at + 2 <= octets; at += 2) {
    const channel = (at / 2) % channels;
    const time = Math.floor(at / 2 / channels) / (1 + channel);
    const wave = Math.sin(time / 30) + Math.sin(time / 47) + Math.sin(time / 211);
    content.writeInt16LE(Math.round(4_000 * wave) + (next() % 32), at);
  }
  return content;
}
