/**
 * A call's tracking ID: a UUID version 7 (RFC 9562 section 5.7), so that IDs sort by time and are unique
 * across ports, servers and restarts (CM-285).
 * @param random ten random octets
 */
export function trackingId(utcMs: number, random: Uint8Array): string {
  if (random.length !== 10) throw new RangeError('a tracking ID takes ten random octets');
  const octets = new Uint8Array(16);
  new DataView(octets.buffer).setBigUint64(0, BigInt(utcMs) << 16n);
  octets.set(random, 6);
  octets[6] = 0x70 | ((octets[6] as number) & 0x0f);
  octets[8] = 0x80 | ((octets[8] as number) & 0x3f);
  const hex = Buffer.from(octets).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
