const symbols = '0123456789*#abc';

/** Digits two to an octet, the first in the low half; an odd count is filled with 1111 (23.040 9.1.2.3). */
export function semiOctets(digits: string): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(digits.length / 2) }, (_, index) => {
    const high = digits[index * 2 + 1];
    return (
      symbols.indexOf(digits[index * 2] ?? '') | ((high === undefined ? 15 : symbols.indexOf(high)) << 4)
    );
  });
}

/** Ends at the filler. */
export function symbolsOf(octets: Uint8Array): string {
  let digits = '';
  for (const octet of octets) digits += (symbols[octet & 15] ?? ' ') + (symbols[octet >> 4] ?? ' ');
  return digits.split(' ', 1)[0] ?? '';
}
