import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../../disk/durable-writes.js';

/** What is known of a file that is on the disk. */
export interface FileSum {
  readonly octets: bigint;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Another file has the name. It was not touched. */
export class FileInTheWay extends Error {
  override readonly name = 'FileInTheWay';
}

/**
 * Writes a file that is there as a whole or not at all, and never in another's place: to a name of its own, from where it
 * is linked to its name when it is on the disk. Done again after a crash, it is content with the very same file.
 * @throws FileInTheWay, or the system's error
 */
export async function writeExportFile(path: string, octets: AsyncIterable<Uint8Array>): Promise<FileSum> {
  parts += 1;
  const part = `${path}.${process.pid}-${parts}.part`;
  try {
    const sum = await writePart(part, octets);
    await nameIt(part, path, sum);
    await syncFolder(dirname(path));
    await removeParts(path);
    return sum;
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw cause;
  }
}

/** So many were begun by this process. */
let parts = 0;

/** @throws the system's error */
export async function sumOf(path: string): Promise<FileSum> {
  const hash = createHash('sha256');
  let octets = 0n;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    octets += BigInt(chunk.length);
  }
  return { octets, sha256: hash.digest('hex') };
}

async function writePart(part: string, content: AsyncIterable<Uint8Array>): Promise<FileSum> {
  const file = await open(part, 'w');
  try {
    const hash = createHash('sha256');
    let octets = 0n;
    for await (const chunk of content) {
      await file.appendFile(chunk);
      hash.update(chunk);
      octets += BigInt(chunk.length);
    }
    await file.sync();
    return { octets, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function nameIt(part: string, path: string, { sha256 }: FileSum): Promise<void> {
  try {
    // Unlike a rename, a link never takes another file's place.
    await link(part, path);
  } catch (cause) {
    // ENOENT: another process that wrote the same export has named its own, and removed this one.
    if (!['EEXIST', 'ENOENT'].includes(codeOf(cause))) throw cause;
    if ((await sumOf(path)).sha256 !== sha256)
      throw new FileInTheWay(`${path} is there already and is another file`, { cause });
  }
}

/** Those of processes that died, too. */
async function removeParts(path: string): Promise<void> {
  const isPart = (name: string) =>
    name.startsWith(`${basename(path)}.`) && /^\d+-\d+\.part$/.test(name.slice(basename(path).length + 1));
  for (const name of await readdir(dirname(path))) {
    if (isPart(name)) await rm(join(dirname(path), name), { force: true });
  }
}

export function codeOf(cause: unknown): string {
  return String((cause as NodeJS.ErrnoException).code);
}
