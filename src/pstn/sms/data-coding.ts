/** What the data coding scheme says of a message's text (23.038 4). */
export interface DataCoding {
  readonly alphabet: 'gsm' | 'octets' | 'ucs2';
  /** 0 is shown at once and not stored. */
  readonly messageClass?: 0 | 1 | 2 | 3;
}

const alphabets = ['gsm', 'octets', 'ucs2', 'gsm'] as const;

export function parseDataCoding(octet: number): DataCoding {
  const messageClass = (octet & 3) as 0 | 1 | 2 | 3;
  const group = octet >> 4;
  if (group < 8) {
    // Nobody has been seen to send compressed text; its octets are handed on as they are.
    const alphabet = octet & 0x20 ? 'octets' : (alphabets[(octet >> 2) & 3] ?? 'gsm');
    return octet & 0x10 ? { alphabet, messageClass } : { alphabet };
  }
  if (group === 15) return { alphabet: octet & 4 ? 'octets' : 'gsm', messageClass };
  return { alphabet: group === 14 ? 'ucs2' : 'gsm' };
}

export function encodeDataCoding({ alphabet, messageClass }: DataCoding): number {
  const coding = alphabets.indexOf(alphabet) << 2;
  return messageClass === undefined ? coding : coding | 0x10 | messageClass;
}
