import { link, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, writeWholeFile } from '../disk/durable-writes.js';

/** A file that only its owner may read could not be read or written; `cause` has the system's word. */
export class SecretFileFailed extends Error {
  override readonly name = 'SecretFileFailed';
}

/** The text, or `undefined` when there is no such file. @throws SecretFileFailed */
export async function readSecretFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw failed(`${path} cannot be read`, cause);
  }
}

/**
 * Makes the file, with its whole text or not at all, on the disk when this resolves.
 * @returns false when there is one already; it is as it was then
 * @throws SecretFileFailed
 */
export function writeNewSecretFile(path: string, text: string): Promise<boolean> {
  return throughTemporary(path, text, async (temporary) => {
    try {
      // Unlike a rename, a link never takes another file's place.
      await link(temporary, path);
      return true;
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') return false;
      throw cause;
    }
  });
}

/** Replaces the file as a whole: after a power cut it holds the old text or the new one. @throws SecretFileFailed */
export async function replaceSecretFile(path: string, text: string): Promise<void> {
  await throughTemporary(path, text, (temporary) => rename(temporary, path));
}

async function throughTemporary<T>(
  path: string,
  text: string,
  name: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    await writeWholeFile(temporary, text);
    const named = await name(temporary);
    await syncFolder(dirname(path));
    return named;
  } catch (cause) {
    throw failed(`${path} cannot be written`, cause);
  } finally {
    await rm(temporary, { force: true });
  }
}

function failed(what: string, cause: unknown): SecretFileFailed {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SecretFileFailed(`${what}: ${reason}`, { cause });
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}
