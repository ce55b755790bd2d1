import { bigEndian, fromBigEndian } from '../../bytes/big-endian.js';
import { Reader } from '../../bytes/reader.js';
import { Writer } from '../../bytes/writer.js';
import { type Ed25519Key, ed25519, signatureLength } from '../../crypto/ed25519.js';
import { keyLength } from '../../crypto/x25519.js';

/** The server's static keys, as the operator's root key vouches for them. */
export interface KeyList {
  /** Of the present key; the next key's is one higher. */
  readonly sequence: number;
  /** X25519 public keys, 32 octets each. */
  readonly present: Uint8Array;
  readonly next: Uint8Array;
  /** Ed25519, 64 octets. */
  readonly signature: Uint8Array;
}

/** Octets of a key list: sequence 0 | present key 4 | next key 36 | signature 68. */
export const keyListLength = 4 + 2 * keyLength + signatureLength;

export function encodeKeyList(list: KeyList): Uint8Array {
  return new Writer(keyListLength).octets(keysOf(list)).octets(list.signature).finish();
}

/** @param octets 132; whether the operator signed them is for `isSignedBy` */
export function parseKeyList(octets: Uint8Array): KeyList {
  const reader = new Reader(octets);
  return {
    sequence: fromBigEndian(reader.octets(4)) as number,
    present: reader.octets(keyLength),
    next: reader.octets(keyLength),
    signature: reader.octets(signatureLength),
  };
}

export function signKeyList(root: Ed25519Key, keys: Omit<KeyList, 'signature'>): KeyList {
  return { ...keys, signature: root.sign(signedOctets(keys)) };
}

/** @param rootKey the operator's Ed25519 public key, 32 octets */
export function isSignedBy(rootKey: Uint8Array, list: KeyList): boolean {
  return ed25519.verify(rootKey, signedOctets(list), list.signature);
}

function signedOctets(keys: Omit<KeyList, 'signature'>): Uint8Array {
  return Buffer.concat([Buffer.from('SCS2 server keys'), keysOf(keys)]);
}

function keysOf({ sequence, present, next }: Omit<KeyList, 'signature'>): Uint8Array {
  return Buffer.concat([bigEndian(sequence, 4), present, next]);
}
