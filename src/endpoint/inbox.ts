import { access, constants, lstat, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { type AccountNumber, parseAccountNumber } from '../bytes/account-number.js';
import { syncFolder, writeWholeFile } from '../disk/durable-writes.js';
import type { ReceivedFile } from '../session/session.js';
import type { SignedReceipt } from '../session/version-2/transfer.js';
import { makeFolder, readIfThere } from './durable-file.js';
import { codeOf, diskError } from './endpoint-error.js';
import { fileRow, filesOf } from './file-row.js';

/** Stands beside the files of a session and says whose they are; it came with them in one rename. */
export const recordName = '.cordboard.json';

const recordSchema = v.object({
  v: v.literal(1),
  account: v.string(),
  name: v.string(),
  receivedAt: v.pipe(v.string(), v.isoTimestamp()),
  files: v.array(fileRow),
  /** Version 2: what the sender has in its hands, base64. */
  receipt: v.optional(v.pipe(v.string(), v.base64())),
});

/** One received session as it stands in the inbox. */
export interface InboxSession {
  /** Name of its folder below the inbox. */
  readonly folder: string;
  readonly path: string;
  readonly account: AccountNumber;
  /** The sender's name in the address book when it was received. */
  readonly name: string;
  readonly receivedAt: Date;
  readonly files: readonly ReceivedFile[];
  /** Version 2: the receipt that the sender was given. */
  readonly receipt?: SignedReceipt;
}

export type InboxRecord = Pick<InboxSession, 'account' | 'name' | 'receivedAt' | 'files' | 'receipt'>;

/** Sessions whose folders are still there, oldest first. What people moved away or deleted is in the Receive Log. */
export async function readInbox(inbox: string): Promise<InboxSession[]> {
  const names = await readdir(inbox).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return [];
    throw diskError(`The inbox ${inbox} cannot be read`, cause);
  });
  const sessions = await Promise.all(names.map((folder) => readSession(inbox, folder)));
  return sessions
    .filter((session) => session !== undefined)
    .sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime() || (a.folder < b.folder ? -1 : 1));
}

async function readSession(inbox: string, folder: string): Promise<InboxSession | undefined> {
  const path = join(inbox, folder);
  // People keep other things in this folder too; they are none of ours.
  const text = await readIfThere(join(path, recordName)).catch(() => undefined);
  if (text === undefined) return undefined;
  const record = v.safeParse(v.pipe(v.string(), v.parseJson(), recordSchema), text);
  const account = record.success ? parseAccountNumber(record.output.account) : undefined;
  if (!record.success || !account) return undefined;
  const { name, receivedAt, files, receipt } = record.output;
  return {
    folder,
    path,
    account,
    name,
    receivedAt: new Date(receivedAt),
    files: filesOf(files),
    ...(receipt === undefined ? {} : { receipt: Buffer.from(receipt, 'base64') }),
  };
}

/** Made where it is missing. @throws EndpointError when nothing could be filed there: better known before a call */
export async function checkInbox(inbox: string): Promise<void> {
  await makeFolder(inbox);
  try {
    await access(inbox, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw diskError(`The inbox ${inbox} cannot be written`, cause);
  }
}

/**
 * Files of a session appear in the inbox all at once or not at all, by one rename, durably. Nothing there is
 * replaced, a link never followed: where a name is taken, the next number is.
 * @param content folder on the same disk, everything in it synced
 * @returns the session's folder name, `<date>-<sender>-<n>`
 */
export async function fileSession(content: string, inbox: string, record: InboxRecord): Promise<string> {
  const row = {
    v: 1,
    account: record.account,
    name: record.name,
    receivedAt: record.receivedAt.toISOString(),
    files: record.files,
    ...(record.receipt ? { receipt: Buffer.from(record.receipt).toString('base64') } : {}),
  };
  try {
    await writeWholeFile(join(content, recordName), `${JSON.stringify(row, undefined, 2)}\n`, 'wx');
    await syncFolder(content);
    const folder = await moveToFreeName(content, inbox, folderStem(record));
    await syncFolder(inbox).catch(async (cause: unknown) => {
      // Not known to be durable is not delivered: nothing may stay that the session calls refused.
      await rename(join(inbox, folder), content);
      throw cause;
    });
    return folder;
  } catch (cause) {
    throw diskError(`The received files cannot be put into the inbox ${inbox}`, cause);
  }
}

async function moveToFreeName(content: string, inbox: string, stem: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const folder = `${stem}-${number}`;
    if (!(await isFree(join(inbox, folder)))) continue;
    try {
      await rename(content, join(inbox, folder));
      return folder;
    } catch (cause) {
      if (!['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(codeOf(cause) ?? '')) throw cause;
    }
  }
}

async function isFree(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return true;
    throw cause;
  }
}

/** The day as the logs have it (UTC), and the sender's name as far as it makes a folder name. */
function folderStem({ receivedAt, name, account }: InboxRecord): string {
  const sender = [...name.normalize('NFC').replace(/[^\p{L}\p{N}]+/gu, '-')].slice(0, 40).join('');
  return `${receivedAt.toISOString().slice(0, 10)}-${sender.replace(/^-+|-+$/g, '') || account}`;
}

/** A rename works within one disk only: where the inbox is on another, quarantine is kept in it. */
export async function quarantineFor(inbox: string, usual: string): Promise<string> {
  await makeFolder(usual);
  try {
    const [there, here] = await Promise.all([stat(inbox), stat(usual)]);
    return there.dev === here.dev ? usual : join(inbox, '.cordboard-quarantine');
  } catch (cause) {
    throw diskError(`The inbox ${inbox} cannot be used`, cause);
  }
}
