import { hmacSha1 } from '../../crypto/mac.js';

/** Milliseconds of each wait (protocol text A.1); the last two of these are local and ours. */
const sharedTimers = {
  /** From the end of dialling to the answer. */
  answer: 60_000,
  packet: 30_000,
  /** Between octets of the file. */
  idle: 60_000,
  /** Another part of this endpoint; shorter than `verdict`, for the sender waits meanwhile. */
  local: 20_000,
  /** Draining what was written and going on-hook; a slow modem holds a minute's worth of octets. */
  release: 300_000,
} as const;

export const senderTimers = { ...sharedTimers, verdict: 30_000 } as const;

export const recipientTimers = {
  ...sharedTimers,
  /** Guard G5: from packet A1 to its NAK, whatever the cause. */
  refusal: 1_000,
  /** Unpacking what arrived and making it durable. */
  unpack: 600_000,
} as const;

/** Guard G4: octets of C in one session; 64-bit blocks carry no more with safety. */
export const sealedLengthMax = 256 * 1024 * 1024;

/** Challenge_A and Challenge_B of a call, 20 octets each. */
export interface Challenges {
  readonly challengeA: Uint8Array;
  readonly challengeB: Uint8Array;
}

/** Proof_B (660) and CompareProof_B (695). */
export function proofOfRecipient(longTermKey: Uint8Array, call: Challenges): Uint8Array {
  return hmacSha1(longTermKey, call.challengeA, call.challengeB, 'Verify');
}

/** Proof_A (705) and CompareProof_A (710). */
export function proofOfSender(longTermKey: Uint8Array, call: Challenges): Uint8Array {
  return hmacSha1(longTermKey, call.challengeA, call.challengeB, 'Verify2');
}

/**
 * DeltaKey_A from SKey (705), and SKey from DeltaKey_A (710).
 * Spec gap: SKey is made before Challenge_B is known, so the wire carries its difference from a mask (A.5 row 5).
 */
export function maskKey(longTermKey: Uint8Array, call: Challenges, key: Uint8Array): Uint8Array {
  const mask = hmacSha1(longTermKey, call.challengeA, call.challengeB, 'DeltaKey');
  return mask.map((octet, index) => octet ^ (key[index] as number));
}

/** KeyProof_A (705) and KeyProof_B (710). */
export function proofOfKey(sessionKey: Uint8Array, call: Challenges): Uint8Array {
  return hmacSha1(sessionKey, call.challengeA, call.challengeB, 'KeyProof');
}

/** FileProof_A (705) and FileProof_B (765). */
export function proofOfFile(sessionKey: Uint8Array, call: Challenges, fileHash: Uint8Array): Uint8Array {
  return hmacSha1(sessionKey, call.challengeA, call.challengeB, fileHash, 'Verify3');
}
