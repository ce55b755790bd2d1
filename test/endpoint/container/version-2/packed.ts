import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SentFile } from '../../../../src/endpoint/container/pack.js';
import type { Source } from '../../../../src/endpoint/container/sources.js';
import { chooseTree } from '../../../../src/endpoint/container/version-2/choose-tree.js';
import { packContent } from '../../../../src/endpoint/container/version-2/pack-content.js';
import type { ContentPiece } from '../../../../src/endpoint/container/version-2/run-writer.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';

export function write(folder: string, name: string, content: string | Uint8Array = name): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

export async function pieces(sources: readonly Source[], isPadded = false) {
  const packed: SentFile[] = [];
  const options = {
    clock: new SimulatedClock(),
    isPadded,
    signal: new AbortController().signal,
    onPacked: (file: SentFile) => packed.push(file),
  };
  const list: ContentPiece[] = [];
  for await (const piece of packContent(await chooseTree(sources), options)) list.push(piece);
  return { list, packed, content: Buffer.concat(list.map(({ octets }) => octets)) };
}
