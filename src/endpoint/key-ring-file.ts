import { type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import * as v from 'valibot';
import type { AccountNumber } from '../bytes/account-number.js';
import type { RandomSource } from '../crypto/random.js';
import { contentText, type KeyRingContent, parseContent } from './key-ring-content.js';

/**
 * The form of the key ring on the disk. One scrypt of the passphrase opens all. What is not secret stands beside the sealed content
 * and is bound to it.
 */
export const hex = (octets: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${octets * 2}}$`)));

export const accountNumber = v.custom<AccountNumber>(
  (value) => typeof value === 'string' && /^[0-9]{12}$/.test(value),
);

const nonceOctets = 24;

/**
 * Upper bounds: a file must not be able to ask for gigabytes or minutes. 2^20 x 8 x 128 octets is 1 GiB, eight times
 * what is written today.
 */
const costSchema = v.strictObject({
  log2N: v.pipe(v.number(), v.integer(), v.minValue(4), v.maxValue(20)),
  r: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)),
  p: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)),
});

export const sealSchema = v.strictObject({ nonce: hex(nonceOctets), tag: hex(16) });

/** What the passphrase is tried on, in every form of the file. */
export const headEntries = {
  kdf: v.literal('scrypt'),
  cost: costSchema,
  salt: hex(16),
  /** Opens with the right passphrase, whatever happened to the rest: tells a typing error from damage. */
  check: sealSchema,
};

const documentSchema = v.strictObject({
  keyRing: v.literal(2),
  ...headEntries,
  own: accountNumber,
  /** The operator's, for people to compare without the passphrase (CM-A10). */
  rootKey: v.nullable(hex(32)),
  nonce: hex(nonceOctets),
  /** Base64. Not checked as such: the seal does it, and a pattern over many megabytes overflows the stack (fault 52). */
  sealed: v.string(),
});

export type KeyRingCost = v.InferOutput<typeof costSchema>;
export type KeyRingDocument = v.InferOutput<typeof documentSchema>;
export type KeyRingHead = Pick<KeyRingDocument, 'cost' | 'salt'>;
export type Seal = v.InferOutput<typeof sealSchema>;

/** 128 MiB and about 0.4 s on one core of 2026 (OWASP's first choice for scrypt). */
export const usualCost: KeyRingCost = { log2N: 17, r: 8, p: 1 };

/** The document, or why the value is none. */
export function parseDocument(json: unknown): KeyRingDocument | { readonly fault: string } {
  const result = v.safeParse(documentSchema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  return { fault: `its field ${v.getDotPath(issue) ?? 'list'} is not as it was written` };
}

const scryptAsync = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * node:crypto's scrypt, not noble's: the same octets (RFC 7914), in 0.38 s instead of 0.61 s at the usual cost,
 * and off the thread on which calls run. The passphrase is taken in NFC: keyboards differ in how they compose.
 */
export async function deriveMasterKey(passphrase: string, { salt, cost }: KeyRingHead): Promise<Uint8Array> {
  const N = 2 ** cost.log2N;
  const maxmem = 128 * cost.r * (N + cost.p + 2) + 1_048_576;
  return scryptAsync(passphrase.normalize('NFC'), Buffer.from(salt, 'hex'), 32, {
    N,
    r: cost.r,
    p: cost.p,
    maxmem,
  });
}

/** A document with this content, sealed anew. */
export function sealDocument(
  master: Uint8Array,
  head: KeyRingHead,
  content: KeyRingContent,
  random: RandomSource,
): KeyRingDocument {
  const { cost, salt } = head;
  const open = {
    keyRing: 2 as const,
    kdf: 'scrypt' as const,
    cost,
    salt,
    check: makeSeal(master, checkContext(head), random),
    own: content.own,
    rootKey: content.subscription ? toHex(content.subscription.rootKey) : null,
  };
  const nonce = random(nonceOctets);
  const plain = Buffer.from(contentText(content));
  const sealed = xchacha20poly1305(master, nonce, contentContext(open)).encrypt(plain);
  plain.fill(0);
  return { ...open, nonce: toHex(nonce), sealed: Buffer.from(sealed).toString('base64') };
}

/** The content, or `undefined` when the document was altered. */
export function openDocument(master: Uint8Array, document: KeyRingDocument): KeyRingContent | undefined {
  const sealed = Buffer.from(document.sealed, 'base64');
  const plain = tryDecrypt(master, document.nonce, contentContext(document), sealed);
  return plain && parseContent(Buffer.from(plain).toString('utf8'));
}

export function isRightPassphrase(master: Uint8Array, document: KeyRingHead & { readonly check: Seal }) {
  return sealHolds(master, document.check, checkContext(document));
}

/** The same in every form, so that a wrong passphrase is known as one. */
function checkContext({ cost, salt }: KeyRingHead): Uint8Array {
  return Buffer.from(`cordboard key ring 1 head|${cost.log2N}|${cost.r}|${cost.p}|${salt}`);
}

function contentContext(document: Omit<KeyRingDocument, 'nonce' | 'sealed'>): Uint8Array {
  const { cost, salt, check, own, rootKey } = document;
  const head = [cost.log2N, cost.r, cost.p, salt, check.nonce, check.tag, own, rootKey];
  return Buffer.from(`cordboard key ring 2|${JSON.stringify(head)}`);
}

function makeSeal(master: Uint8Array, context: Uint8Array, random: RandomSource): Seal {
  const nonce = random(nonceOctets);
  const tag = xchacha20poly1305(master, nonce, context).encrypt(new Uint8Array(0));
  return { nonce: toHex(nonce), tag: toHex(tag) };
}

export function sealHolds(master: Uint8Array, seal: Seal, context: Uint8Array): boolean {
  return tryDecrypt(master, seal.nonce, context, Buffer.from(seal.tag, 'hex')) !== undefined;
}

export function tryDecrypt(
  master: Uint8Array,
  nonceHex: string,
  context: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  try {
    return xchacha20poly1305(master, Buffer.from(nonceHex, 'hex'), context).decrypt(sealed);
  } catch {
    // noble's only answer to a wrong tag is to throw.
    return undefined;
  }
}

function toHex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
