/** G.711 mu-law: eight bits for one linear sample, with 14 bits of range. */

const bias = 33;
const largest = 8_158;

function encodeOne(sample: number): number {
  const isNegative = sample < 0;
  // 16 bits to 14; the negative side by magnitude, so that the law is symmetric.
  const magnitude = Math.min((isNegative ? -sample : sample) >> 2, largest) + bias;
  const segment = 26 - Math.clz32(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 15);
  return (isNegative ? 0x7f : 0xff) ^ code;
}

const decoded = Int16Array.from({ length: 256 }, (_, octet) => {
  const code = ~octet & 0x7f;
  const magnitude = (((code & 15) * 2 + bias) << (code >> 4)) - bias;
  return (octet < 0x80 ? -magnitude : magnitude) << 2;
});

export function encodeMuLaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, encodeOne);
}

export function decodeMuLaw(octets: Uint8Array): Int16Array {
  return Int16Array.from(octets, (octet) => decoded[octet] as number);
}
