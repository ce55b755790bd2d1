import { createHash, type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import * as v from 'valibot';
import type { AccountNumber } from '../bytes/account-number.js';
import type { RandomSource } from '../crypto/random.js';

/**
 * The form of the key ring on disk. One scrypt of the passphrase opens all; each key is sealed by itself
 * under its pair of accounts, and a seal over the whole document shows any change to the rest.
 */
const hex = (octets: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${octets * 2}}$`)));

const accountNumber = v.custom<AccountNumber>(
  (value) => typeof value === 'string' && /^[0-9]{12}$/.test(value),
);

const nonceOctets = 24;
const tagOctets = 16;
export const longTermKeyOctets = 20;

const entrySchema = v.strictObject({
  own: accountNumber,
  peer: accountNumber,
  /** UTC milliseconds of the pairing; the address book holds the same. */
  pairedAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  nonce: hex(nonceOctets),
  sealedKey: hex(longTermKeyOctets + tagOctets),
});

/**
 * Upper bounds: a file must not be able to ask for gigabytes or minutes. 2^20 x 8 x 128 octets is 1 GiB, eight times
 * what is written today.
 */
const costSchema = v.strictObject({
  log2N: v.pipe(v.number(), v.integer(), v.minValue(4), v.maxValue(20)),
  r: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)),
  p: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)),
});

const documentSchema = v.strictObject({
  keyRing: v.literal(1),
  kdf: v.literal('scrypt'),
  cost: costSchema,
  salt: hex(16),
  /** Opens with the right passphrase, whatever happened to the rest: tells a typing error from damage. */
  check: v.strictObject({ nonce: hex(nonceOctets), tag: hex(tagOctets) }),
  entries: v.array(entrySchema),
  seal: v.strictObject({ nonce: hex(nonceOctets), tag: hex(tagOctets) }),
});

export type KeyRingCost = v.InferOutput<typeof costSchema>;
export type KeyRingEntry = v.InferOutput<typeof entrySchema>;
export type KeyRingDocument = v.InferOutput<typeof documentSchema>;
type Seal = KeyRingDocument['seal'];

/** 128 MiB and about 0.4 s on one core of 2026 (OWASP's first choice for scrypt). */
export const usualCost: KeyRingCost = { log2N: 17, r: 8, p: 1 };

/** The document, or why the text is none. */
export function parseKeyRing(text: string): KeyRingDocument | { readonly fault: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: 'it ends early or is not a key ring' };
  }
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
export async function deriveMasterKey(
  passphrase: string,
  saltHex: string,
  cost: KeyRingCost,
): Promise<Uint8Array> {
  const N = 2 ** cost.log2N;
  const maxmem = 128 * cost.r * (N + cost.p + 2) + 1_048_576;
  return scryptAsync(passphrase.normalize('NFC'), Buffer.from(saltHex, 'hex'), 32, {
    N,
    r: cost.r,
    p: cost.p,
    maxmem,
  });
}

/** The account pair and the date are bound in: a key moved to another entry does not open (fault 50). */
function entryContext(entry: Pick<KeyRingEntry, 'own' | 'peer' | 'pairedAt'>): Uint8Array {
  return Buffer.from(`cordboard key ring 1 entry|${entry.own}|${entry.peer}|${entry.pairedAt}`);
}

export function sealEntry(
  master: Uint8Array,
  pair: Pick<KeyRingEntry, 'own' | 'peer' | 'pairedAt'>,
  longTermKey: Uint8Array,
  random: RandomSource,
): KeyRingEntry {
  const nonce = random(nonceOctets);
  const sealed = xchacha20poly1305(master, nonce, entryContext(pair)).encrypt(longTermKey);
  return { ...pair, nonce: toHex(nonce), sealedKey: toHex(sealed) };
}

/** The long-term key, or `undefined` when the entry was made for another pair or altered. */
export function openEntry(master: Uint8Array, entry: KeyRingEntry): Uint8Array | undefined {
  return tryDecrypt(master, entry.nonce, entryContext(entry), entry.sealedKey);
}

function headContext(document: Pick<KeyRingDocument, 'cost' | 'salt'>): Uint8Array {
  const { log2N, r, p } = document.cost;
  return Buffer.from(`cordboard key ring 1 head|${log2N}|${r}|${p}|${document.salt}`);
}

function wholeContext(document: Omit<KeyRingDocument, 'seal'>): Uint8Array {
  const { cost, salt, check, entries } = document;
  const rows = entries.map((entry) => [entry.own, entry.peer, entry.pairedAt, entry.nonce, entry.sealedKey]);
  const digest = createHash('sha256').update(
    JSON.stringify([cost.log2N, cost.r, cost.p, salt, check.nonce, check.tag, rows]),
  );
  return Buffer.from(`cordboard key ring 1 whole|${digest.digest('hex')}`);
}

/** A document with these entries, under seals of its own. */
export function sealDocument(
  master: Uint8Array,
  head: Pick<KeyRingDocument, 'cost' | 'salt'>,
  entries: KeyRingEntry[],
  random: RandomSource,
): KeyRingDocument {
  const open = {
    keyRing: 1 as const,
    kdf: 'scrypt' as const,
    cost: head.cost,
    salt: head.salt,
    check: makeSeal(master, headContext(head), random),
    entries,
  };
  return { ...open, seal: makeSeal(master, wholeContext(open), random) };
}

export function isRightPassphrase(master: Uint8Array, document: KeyRingDocument): boolean {
  return sealHolds(master, document.check, headContext(document));
}

export function isWhole(master: Uint8Array, document: KeyRingDocument): boolean {
  return sealHolds(master, document.seal, wholeContext(document));
}

function makeSeal(master: Uint8Array, context: Uint8Array, random: RandomSource): Seal {
  const nonce = random(nonceOctets);
  const tag = xchacha20poly1305(master, nonce, context).encrypt(new Uint8Array(0));
  return { nonce: toHex(nonce), tag: toHex(tag) };
}

function sealHolds(master: Uint8Array, seal: Seal, context: Uint8Array): boolean {
  return tryDecrypt(master, seal.nonce, context, seal.tag) !== undefined;
}

function tryDecrypt(
  master: Uint8Array,
  nonceHex: string,
  context: Uint8Array,
  sealedHex: string,
): Uint8Array | undefined {
  try {
    return xchacha20poly1305(master, Buffer.from(nonceHex, 'hex'), context).decrypt(
      Buffer.from(sealedHex, 'hex'),
    );
  } catch {
    // noble's only answer to a wrong tag is to throw.
    return undefined;
  }
}

function toHex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
