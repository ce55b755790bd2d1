/**
 * `value` in `length` octets, the most significant first.
 * @throws RangeError for what does not fit, is no whole number or is not exact (2^53 and above)
 */
export function bigEndian(value: number, length: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** length) {
    throw new RangeError(`${value} does not fit ${length} octets`);
  }
  const octets = new Uint8Array(length);
  for (let at = length - 1, left = value; at >= 0; at--, left = Math.floor(left / 256))
    octets[at] = left % 256;
  return octets;
}

/** The number that the octets are, the most significant first; `undefined` for one that is not exact (2^53 and above). */
export function fromBigEndian(octets: Uint8Array): number | undefined {
  let value = 0;
  for (const octet of octets) value = value * 256 + octet;
  return Number.isSafeInteger(value) ? value : undefined;
}
