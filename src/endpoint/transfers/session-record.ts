import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { syncFolder } from '../../disk/durable-writes.js';
import type { SignedReceipt } from '../../session/version-2/transfer.js';
import { makeFolder, readIfThere, replaceDurably } from '../durable-file.js';
import { diskError, EndpointError } from '../endpoint-error.js';
import type { SecretBox } from './secret-box.js';

/** The files that one incoming session has in its folder. */
export const partName = 'part';
const openName = 'open.json';
const endName = 'end.json';

const milliseconds = v.pipe(v.number(), v.safeInteger());
const base64 = v.pipe(v.string(), v.base64());

const openSchema = v.strictObject({ session: v.literal(1), sealedKey: base64, touchedMs: milliseconds });
const endSchema = v.strictObject({
  session: v.literal(1),
  receipt: base64,
  content: v.nullable(v.string()),
  touchedMs: milliseconds,
});

/** A session whose content is still coming. */
export interface OpenRecord {
  /** 32 octets. */
  readonly transferKey: Uint8Array;
  /** UTC milliseconds of its last call. */
  readonly touchedMs: number;
}

/**
 * How a session ended. It is written before the content is filed, and names where the content is until then: as long as it is there,
 * it was not filed, and the session has not ended.
 */
export interface EndRecord {
  readonly receipt: SignedReceipt;
  /** `undefined`: refused for good. */
  readonly content: string | undefined;
  readonly touchedMs: number;
}

/** Durable when it resolves. @param context what the key is for */
export async function writeOpenRecord(
  folder: string,
  { transferKey, touchedMs }: OpenRecord,
  secrets: SecretBox,
  context: string,
): Promise<void> {
  await makeFolder(folder);
  const sealedKey = toBase64(secrets.seal(context, transferKey));
  await write(join(folder, openName), { session: 1, sealedKey, touchedMs });
  await syncParents(folder);
}

/** `undefined` when there is none, or it was altered: its part is of no use then. */
export async function readOpenRecord(
  folder: string,
  secrets: SecretBox,
  context: string,
): Promise<OpenRecord | undefined> {
  const text = await readIfThere(join(folder, openName));
  const record = v.safeParse(v.pipe(v.string(), v.parseJson(), openSchema), text);
  if (!record.success) return undefined;
  const transferKey = secrets.open(context, Buffer.from(record.output.sealedKey, 'base64'));
  return transferKey && { transferKey, touchedMs: record.output.touchedMs };
}

/** Durable when it resolves. */
export async function writeEndRecord(folder: string, record: EndRecord): Promise<void> {
  const { receipt, content, touchedMs } = record;
  await write(join(folder, endName), {
    session: 1,
    receipt: toBase64(receipt),
    content: content ?? null,
    touchedMs,
  });
}

/** @throws EndpointError `damaged` when there is one that cannot be read: its content may be in the inbox already */
export async function readEndRecord(folder: string): Promise<EndRecord | undefined> {
  const path = join(folder, endName);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const record = v.safeParse(v.pipe(v.string(), v.parseJson(), endSchema), text);
  if (!record.success) {
    throw new EndpointError(
      'damaged',
      `The record ${path} of a received transfer was damaged, and it is not known whether its files are in the inbox. Look there; without this file they are taken in again.`,
    );
  }
  const { receipt, content, touchedMs } = record.output;
  return { receipt: Buffer.from(receipt, 'base64'), content: content ?? undefined, touchedMs };
}

/** Durable when it resolves: the session goes on. */
export async function removeEndRecord(folder: string): Promise<void> {
  try {
    await rm(join(folder, endName), { force: true });
    await syncFolder(folder);
  } catch (cause) {
    throw diskError(`The transfer ${folder} cannot be changed`, cause);
  }
}

/** What is needed no more once the session has ended; what a crash leaves is swept later. */
export async function removePart(folder: string): Promise<void> {
  await rm(join(folder, openName), { force: true });
  await rm(join(folder, partName), { force: true });
}

/** Durable when it resolves; nothing to do is done. */
export async function removeSession(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
    await syncFolder(join(folder, '..'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw diskError(`The transfer ${folder} cannot be removed`, cause);
  }
}

async function write(path: string, row: object): Promise<void> {
  await replaceDurably(path, `${JSON.stringify(row)}\n`);
}

/** The folders of a session and of its peer may be new. */
async function syncParents(folder: string): Promise<void> {
  try {
    await syncFolder(join(folder, '..'));
    await syncFolder(join(folder, '..', '..'));
  } catch (cause) {
    throw diskError(`The folder ${folder} cannot be made`, cause);
  }
}

function toBase64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}
