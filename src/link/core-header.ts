/** Octets: payload length 2, its CRC-16 2. */
export const coreHeaderLength = 4;

/** ITU-T G.7041 6.1.1.3: keeps runs of zeros on an idle line from looking like headers. */
const scramble = 0xb6ab31e0 | 0;

/** CRC of a payload length: x^16 + x^12 + x^5 + 1, initial value 0, highest bit first (ITU-T G.7041 6.1.1.1.2). */
function headerCheck(length: number): number {
  return (checkOfHigh[length >>> 8] as number) ^ (checkOfLow[length & 0xff] as number);
}

/** The check is linear, so it is the sum of those of the two octets. */
const checkOfHigh = Uint16Array.from({ length: 256 }, (_, octet) => bitwiseCheck(octet << 8));
const checkOfLow = Uint16Array.from({ length: 256 }, (_, octet) => bitwiseCheck(octet));

function bitwiseCheck(length: number): number {
  let check = length;
  for (let bit = 0; bit < 16; bit++) check = check & 0x8000 ? (check << 1) ^ 0x1021 : check << 1;
  return check & 0xffff;
}

/** Which bit of the header is wrong, by the sum of the check received and the check computed. */
const singleErrors = new Map(
  Array.from({ length: 32 }, (_, bit) => [syndrome((1 << bit) | 0), (1 << bit) | 0]),
);

function syndrome(header: number): number {
  return headerCheck(header >>> 16) ^ (header & 0xffff);
}

/** The four octets of a core header, as they go on the line, as a number of 32 bits. */
export function coreHeader(payloadLength: number): number {
  return ((payloadLength << 16) | headerCheck(payloadLength)) ^ scramble;
}

/** The payload length that a core header announces, or `undefined` where the check does not fit. */
export function readCoreHeader(onLine: number): number | undefined {
  const header = onLine ^ scramble;
  return syndrome(header) === 0 ? header >>> 16 : undefined;
}

/**
 * The payload length of a core header in which exactly one bit is wrong. The code has a distance of 4, so two
 * wrong bits are never taken for one; 33 of 65,536 random words pass, so what follows must prove itself.
 */
export function repairCoreHeader(onLine: number): number | undefined {
  const header = onLine ^ scramble;
  const wrong = singleErrors.get(syndrome(header));
  return wrong === undefined ? undefined : (header ^ wrong) >>> 16;
}
