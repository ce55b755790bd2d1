import { randomBytes } from 'node:crypto';

/** `length` unpredictable octets. The protocol core never calls one: its random values arrive by input. */
export type RandomSource = (length: number) => Uint8Array;

/** The operating system's generator. */
export const systemRandom: RandomSource = (length) => new Uint8Array(randomBytes(length));
