import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type AccountNumber, parseAccountNumber } from '../../src/bytes/account-number.js';
import { systemRandom } from '../../src/crypto/random.js';
import {
  type Endpoint,
  type EndpointWorld,
  initEndpoint,
  openEndpoint,
} from '../../src/endpoint/endpoint.js';
import type { KeyRingCost } from '../../src/endpoint/key-ring-file.js';
import { silentLog } from '../../src/log/log.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';

/** A folder of its own, gone after the test. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'cordboard-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function account(text: string): AccountNumber {
  const parsed = parseAccountNumber(text);
  if (!parsed) throw new Error(`no account number: ${text}`);
  return parsed;
}

/** Milliseconds instead of half a second; the form of the file is the same. */
export const lowCost: KeyRingCost = { log2N: 4, r: 1, p: 1 };

export function testWorld(passphrase = 'four words of mine'): EndpointWorld {
  return {
    clock: new SimulatedClock(),
    random: systemRandom,
    log: silentLog,
    passphrase: async () => passphrase,
  };
}

export async function newEndpoint(own = '1', name = 'Alice Ltd', world = testWorld()): Promise<Endpoint> {
  const home = join(temporaryFolder(), 'home');
  const settings = { account: own, name, line: 'sim:5550101', server_number: '5550100' };
  await initEndpoint(home, settings, { ...world, keyRingCost: lowCost });
  return openEndpoint(home, world);
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
