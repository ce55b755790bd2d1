import { hmacSha1, sha1 } from '../../crypto/mac.js';
import { encode, type PacketA1, type PacketA2, type PacketB } from './packets.js';

/** Milliseconds of each wait (protocol text A.1); the last two are local and ours. */
export const timers = {
  /** From the end of dialling to the answer. */
  answer: 60_000,
  packet: 30_000,
  verdict: 30_000,
  /** The people on the telephone. */
  human: 600_000,
  /** Draining what was written and going on-hook. */
  release: 60_000,
  /** Another part of this endpoint: the registry of sessions, the key ring. */
  local: 30_000,
} as const;

/** Spec gap: printed as SHA("KEY_ID" g^eB), which anyone can compute; taken over Z (A.5 row 1). */
export function proofOf(secret: Uint8Array): Uint8Array {
  return sha1('KEY_ID', secret);
}

/** What 445 compares: A1 carries only the hash of the RandomA that A2 reveals. */
export function hashOf(randomA: Uint8Array): Uint8Array {
  return sha1(randomA);
}

/** T: the three packets as sent, framing included, 349 octets. */
export function transcriptOf(a1: PacketA1, b: PacketB, a2: PacketA2): Uint8Array {
  return Buffer.concat([encode(a1), encode(b), encode(a2)]);
}

/** Thirty-two letters and digits that are not mistaken for one another on the telephone: no I, O, 0, 1. */
export const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** X: one character for each of the five 32-bit words of W; 25 bits without bias. */
export function checkStringOf(secret: Uint8Array, transcript: Uint8Array): string {
  const words = Buffer.from(hmacSha1(secret, 'STRING_X', transcript));
  return [0, 4, 8, 12, 16].map((offset) => alphabet[words.readUInt32BE(offset) % alphabet.length]).join('');
}

/** LTK, 20 octets. */
export function longTermKeyOf(secret: Uint8Array, transcript: Uint8Array): Uint8Array {
  return hmacSha1(secret, 'LONG_TERM_KEY', transcript);
}

/** What a person typed, as it is compared with X: upper case, without blanks and hyphens. */
export function normaliseTyped(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, '');
}

/** X never holds I, O, 0 or 1; whoever typed one misheard. */
export function usesOnlyItsLetters(normalised: string): boolean {
  return [...normalised].every((letter) => alphabet.includes(letter));
}
