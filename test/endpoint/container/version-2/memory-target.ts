import type { UnpackTarget } from '../../../../src/endpoint/container/archive-reader.js';
import { containerLimits } from '../../../../src/endpoint/container/limits.js';
import { ContentUnpacker } from '../../../../src/endpoint/container/version-2/unpack-content.js';
import type { UstarEntry } from '../../../../src/protocol/data-exchange/ustar.js';

/** Unpacked files by name. */
export class MemoryTarget implements UnpackTarget {
  readonly files = new Map<string, { readonly mtime: number; readonly content: Buffer }>();
  #entry: UstarEntry | undefined;
  #pieces: Uint8Array[] = [];

  async beginFile(entry: UstarEntry): Promise<void> {
    this.#entry = entry;
    this.#pieces = [];
  }

  async writeFile(octets: Uint8Array): Promise<void> {
    this.#pieces.push(Uint8Array.from(octets));
  }

  async endFile(): Promise<void> {
    const { name = '', mtime = 0 } = this.#entry ?? {};
    this.files.set(name, { mtime, content: Buffer.concat(this.#pieces) });
  }
}

/** @param step octets that arrive at a time */
export async function unpackContent(
  content: Uint8Array,
  step = content.length,
  limits = containerLimits as Record<keyof typeof containerLimits, number>,
) {
  const target = new MemoryTarget();
  const unpacker = new ContentUnpacker(target, limits);
  try {
    for (let at = 0; at < content.length; at += step) await unpacker.write(content.subarray(at, at + step));
    await unpacker.finish();
  } finally {
    unpacker.stop();
  }
  return target.files;
}
