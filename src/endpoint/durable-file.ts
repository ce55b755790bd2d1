import { type FileHandle, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, withFile, writeWholeFile } from '../disk/durable-writes.js';
import { codeOf, diskError } from './endpoint-error.js';

/** Folder that only its owner may enter; parents too where they are missing. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw diskError(`The folder ${path} cannot be made`, cause);
  }
}

/** The file's text, or `undefined` when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw diskError(`${path} cannot be read`, cause);
  }
}

/**
 * Replaces the file as a whole: after a power cut it holds the old text or the new one, never a part.
 * Resolves when the new text and its name are on the disk.
 */
export async function replaceDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    await writeWholeFile(temporary, text);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw diskError(`${path} cannot be written; it is as it was before`, cause);
  }
}

/**
 * Adds one line; on the disk when this resolves. A line that a crash left unfinished is ended first, so that
 * it spoils nothing but itself.
 */
export async function appendLineDurably(path: string, line: string): Promise<void> {
  try {
    const isNew = await withFile(path, 'a+', async (file) => {
      const { size } = await file.stat();
      await file.appendFile((await endsInLineFeed(file, size)) ? `${line}\n` : `\n${line}\n`);
      await file.datasync();
      return size === 0;
    });
    if (isNew) await syncFolder(dirname(path));
  } catch (cause) {
    throw diskError(`${path} cannot be written`, cause);
  }
}

async function endsInLineFeed(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}
