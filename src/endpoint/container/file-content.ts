import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { diskReason, EndpointError } from '../endpoint-error.js';
import { quoted } from '../quoted.js';
import type { ChosenFile } from './sources.js';

const readOctets = 65_536;

/**
 * The content of a file that must be as it was when it was chosen (fault 59).
 * @param meaning what it means for the sending when it is not, e.g. `Nothing was sent`
 * @returns the SHA-256 of what was read
 * @throws EndpointError `local-error` when the file is gone, unreadable or changes while it is read
 */
export async function* contentOf(file: ChosenFile, meaning: string): AsyncGenerator<Uint8Array, string> {
  const handle = await openFile(file, meaning);
  try {
    const hash = createHash('sha256');
    for await (const piece of readExactly(handle, file, meaning)) {
      hash.update(piece);
      yield piece;
    }
    // Files of /proc and /sys hold more or less than they say.
    const isAtEnd = (await handle.read(Buffer.alloc(1))).bytesRead === 0;
    if (!isAtEnd || !isUnchanged(file, await handle.stat())) throw changed(file, meaning);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

async function openFile(file: ChosenFile, meaning: string): Promise<FileHandle> {
  try {
    return await open(file.path, 'r');
  } catch (cause) {
    throw unreadable(file, meaning, cause);
  }
}

async function* readExactly(
  handle: FileHandle,
  file: ChosenFile,
  meaning: string,
): AsyncGenerator<Uint8Array> {
  for (let left = file.size; left > 0; ) {
    const buffer = Buffer.allocUnsafe(Math.min(left, readOctets));
    const { bytesRead } = await handle.read(buffer).catch((cause: unknown) => {
      throw unreadable(file, meaning, cause);
    });
    if (bytesRead === 0) throw changed(file, meaning);
    left -= bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function isUnchanged(file: ChosenFile, now: Stats): boolean {
  return now.size === file.size && now.mtimeMs === file.modifiedMs && now.ctimeMs === file.changedMs;
}

function changed(file: ChosenFile, meaning: string): EndpointError {
  return new EndpointError(
    'local-error',
    `${quoted(file.path)} changed while it was read. ${meaning}; send again when it is finished.`,
  );
}

function unreadable(file: ChosenFile, meaning: string, cause: unknown): EndpointError {
  return new EndpointError(
    'local-error',
    `${quoted(file.path)} cannot be read: ${diskReason(cause)}. ${meaning}.`,
    { cause },
  );
}
