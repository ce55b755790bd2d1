import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { builtProgram } from '../../../support/built-program.js';
import { temporaryFolder } from '../../support.js';

/** Packs the file at argv[2] and unpacks it into nothing; tells the octets that came out and the most memory it took. */
const packAndUnpack = (dist: string) => `
import { chooseTree } from '${dist}/endpoint/container/version-2/choose-tree.js';
import { packContent } from '${dist}/endpoint/container/version-2/pack-content.js';
import { ContentUnpacker } from '${dist}/endpoint/container/version-2/unpack-content.js';
import { containerLimits } from '${dist}/endpoint/container/limits.js';
import { realClock } from '${dist}/time/real-clock.js';
let octets = 0;
const target = { beginFile: async () => {}, endFile: async () => {}, writeFile: async ({ length }) => { octets += length; } };
const unpacker = new ContentUnpacker(target, containerLimits);
const options = { clock: realClock, isPadded: false, signal: new AbortController().signal, onPacked: () => {} };
for await (const piece of packContent(await chooseTree([process.argv[2]]), options)) await unpacker.write(piece.octets);
await unpacker.finish();
console.log(JSON.stringify({ octets, peakKiB: process.resourceUsage().maxRSS }));
`;

const mebibyte = 1024 ** 2;

test('fault 89: a file eight times as long is packed and unpacked in the same memory, with a heap of 64 MiB', () => {
  const folder = temporaryFolder();
  const script = join(folder, 'run.mjs');
  const dist = pathToFileURL(join(builtProgram(), '../..')).href;
  writeFileSync(script, packAndUnpack(dist));
  const peakOf = (mebibytes: number) => {
    const path = join(folder, `${mebibytes}`);
    const file = openSync(path, 'w');
    const block = randomBytes(mebibyte);
    for (let written = 0; written < mebibytes; written++) writeSync(file, block);
    closeSync(file);
    const told = execFileSync(process.execPath, ['--max-old-space-size=64', script, path], {
      encoding: 'utf8',
    });
    const { octets, peakKiB } = JSON.parse(told);
    expect(octets).toBe(mebibytes * mebibyte);
    return peakKiB / 1024;
  };
  expect(peakOf(320) - peakOf(40)).toBeLessThan(120);
}, 60_000);
