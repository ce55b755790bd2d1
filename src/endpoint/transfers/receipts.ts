import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { type AccountNumber, parseAccountNumber } from '../../bytes/account-number.js';
import type { SignedReceipt } from '../../session/version-2/transfer.js';
import { makeFolder, readIfThere, replaceDurably } from '../durable-file.js';

/** The courier's signature for one delivery, kept by the sender. */
export interface KeptReceipt {
  readonly peer: AccountNumber;
  /** 169 octets (`parseStoredReceipt`). */
  readonly receipt: SignedReceipt;
  readonly receivedAt: Date;
}

const rowSchema = v.object({
  v: v.literal(1),
  peer: v.string(),
  receipt: v.pipe(v.string(), v.base64()),
  receivedAt: v.pipe(v.string(), v.isoTimestamp()),
});

/** Durable when it resolves. The same receipt again is the same file. */
export async function keepReceipt(folder: string, kept: KeptReceipt): Promise<void> {
  await makeFolder(folder);
  const { peer, receipt, receivedAt } = kept;
  const sessionId = Buffer.from(receipt.subarray(0, 16)).toString('hex');
  const row = { v: 1, peer, receipt: Buffer.from(receipt).toString('base64'), receivedAt };
  await replaceDurably(join(folder, `${sessionId}.json`), `${JSON.stringify(row)}\n`);
}

/** Oldest first; what is no receipt is passed over. */
export async function readReceipts(folder: string): Promise<KeptReceipt[]> {
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(names.map((name) => readIfThere(join(folder, name))));
  const receipts = texts.flatMap((text): KeptReceipt[] => {
    const row = v.safeParse(v.pipe(v.string(), v.parseJson(), rowSchema), text);
    const peer = row.success && parseAccountNumber(row.output.peer);
    if (!row.success || !peer) return [];
    const { receipt, receivedAt } = row.output;
    return [{ peer, receipt: Buffer.from(receipt, 'base64'), receivedAt: new Date(receivedAt) }];
  });
  return receipts.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
}
