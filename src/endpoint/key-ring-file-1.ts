import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { LongTermKey1 } from './key-ring-content.js';
import { accountNumber, headEntries, hex, sealHolds, sealSchema, tryDecrypt } from './key-ring-file.js';

/**
 * The first form of the key ring, which is read and never written: each long-term key of version 1 sealed by itself under its pair of
 * accounts, and a seal over the whole document.
 */
const documentSchema = v.strictObject({
  keyRing: v.literal(1),
  ...headEntries,
  entries: v.array(
    v.strictObject({
      own: accountNumber,
      peer: accountNumber,
      /** UTC milliseconds of the pairing; the address book holds the same. */
      pairedAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      nonce: hex(24),
      sealedKey: hex(36),
    }),
  ),
  seal: sealSchema,
});

export type KeyRingDocument1 = v.InferOutput<typeof documentSchema>;
type Entry = KeyRingDocument1['entries'][number];

export function parseDocument1(json: unknown): KeyRingDocument1 | undefined {
  const result = v.safeParse(documentSchema, json);
  return result.success ? result.output : undefined;
}

/** All keys, or `undefined` when the document was altered (fault 50). */
export function openDocument1(master: Uint8Array, document: KeyRingDocument1): LongTermKey1[] | undefined {
  if (!sealHolds(master, document.seal, wholeContext(document))) return undefined;
  const keys = document.entries.map((entry) => {
    const { own, peer, pairedAt, nonce, sealedKey } = entry;
    const key = tryDecrypt(master, nonce, entryContext(entry), Buffer.from(sealedKey, 'hex'));
    return key && { own, peer, pairedAt, key };
  });
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

function entryContext({ own, peer, pairedAt }: Entry): Uint8Array {
  return Buffer.from(`cordboard key ring 1 entry|${own}|${peer}|${pairedAt}`);
}

function wholeContext({ cost, salt, check, entries }: KeyRingDocument1): Uint8Array {
  const rows = entries.map((entry) => [entry.own, entry.peer, entry.pairedAt, entry.nonce, entry.sealedKey]);
  const digest = createHash('sha256').update(
    JSON.stringify([cost.log2N, cost.r, cost.p, salt, check.nonce, check.tag, rows]),
  );
  return Buffer.from(`cordboard key ring 1 whole|${digest.digest('hex')}`);
}
