import { wordlist } from '@scure/bip39/wordlists/english.js';
import { sha256 } from '../../crypto/hash.js';

const wordCount = 6;
const bitsPerWord = 11;

/**
 * CM-A10: the first 66 bits of SHA-256 of the operator's root key as six words of the BIP-39 list, to be read out by
 * telephone. Another key with these words costs 2^66 tries.
 */
export function wordsOf(rootKey: Uint8Array): string[] {
  const bits = [...sha256.digest(rootKey)].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return Array.from({ length: wordCount }, (_, index) => {
    const word = bits.slice(bitsPerWord * index, bitsPerWord * (index + 1));
    return wordlist[Number.parseInt(word, 2)] as string;
  });
}
