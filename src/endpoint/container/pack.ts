import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { blockOctets, encodeHeader, paddingOctets } from '../../protocol/data-exchange/ustar.js';
import type { ReceivedFile } from '../../session/session.js';
import { diskReason, EndpointError } from '../endpoint-error.js';
import { quoted } from '../quoted.js';
import { compress } from './compress.js';
import type { ChosenFile } from './sources.js';

/** What was packed, in the form in which the recipient reports it. */
export type SentFile = ReceivedFile;

const readOctets = 65_536;

/**
 * Step 605: the container F, octet by octet as the files are read.
 * @param onPacked is told each file once it stands in the container as a whole
 * @throws EndpointError `local-error` when a file is gone, unreadable or changes while it is read (fault 59): there is
 * no call yet, so nothing half-sent
 */
export function packContainer(
  files: readonly ChosenFile[],
  onPacked: (file: SentFile) => void,
): AsyncGenerator<Uint8Array> {
  return compress(archive(files, onPacked));
}

async function* archive(
  files: readonly ChosenFile[],
  onPacked: (file: SentFile) => void,
): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const { name, size, mtimeSeconds } = file;
    yield encodeHeader({ name, size, mtime: mtimeSeconds });
    const sha256 = yield* contentOf(file);
    yield new Uint8Array(paddingOctets(size));
    onPacked({ name, size, sha256, mtime: new Date(mtimeSeconds * 1000) });
  }
  yield new Uint8Array(2 * blockOctets);
}

/** @returns the SHA-256 of what was read */
async function* contentOf(file: ChosenFile): AsyncGenerator<Uint8Array, string> {
  const handle = await openFile(file);
  try {
    const hash = createHash('sha256');
    for await (const piece of readExactly(handle, file)) {
      hash.update(piece);
      yield piece;
    }
    // Files of /proc and /sys hold more or less than they say.
    const isAtEnd = (await handle.read(Buffer.alloc(1))).bytesRead === 0;
    if (!isAtEnd || !isUnchanged(file, await handle.stat())) throw changed(file);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

async function openFile(file: ChosenFile): Promise<FileHandle> {
  try {
    return await open(file.path, 'r');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function* readExactly(handle: FileHandle, file: ChosenFile): AsyncGenerator<Uint8Array> {
  for (let left = file.size; left > 0; ) {
    const buffer = Buffer.allocUnsafe(Math.min(left, readOctets));
    const { bytesRead } = await handle.read(buffer).catch((cause: unknown) => {
      throw unreadable(file, cause);
    });
    if (bytesRead === 0) throw changed(file);
    left -= bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function isUnchanged(file: ChosenFile, now: Stats): boolean {
  return now.size === file.size && now.mtimeMs === file.modifiedMs && now.ctimeMs === file.changedMs;
}

function changed(file: ChosenFile): EndpointError {
  return new EndpointError(
    'local-error',
    `${quoted(file.path)} changed while it was read. Nothing was sent and no call was made; send again when it is finished.`,
  );
}

function unreadable(file: ChosenFile, cause: unknown): EndpointError {
  return new EndpointError(
    'local-error',
    `${quoted(file.path)} cannot be read: ${diskReason(cause)}. Nothing was sent and no call was made.`,
    { cause },
  );
}
