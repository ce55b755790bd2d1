import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemRandom } from '../../../src/crypto/random.js';
import { seal } from '../../../src/endpoint/actions/seal.js';
import * as sealing from '../../../src/session/sealing.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { collect, temporaryFolder } from '../support.js';

// The real one needs 256 MiB of noise to say no.
vi.mock('../../../src/session/sealing.js', { spy: true });
afterEach(() => void vi.restoreAllMocks());

const world = { clock: new SimulatedClock(), random: systemRandom };

function letter(): string {
  const path = join(temporaryFolder(), 'letter');
  writeFileSync(path, 'Dear Bob,\n');
  return path;
}

describe('sealing before the call', () => {
  test('DX-600 DX-610 a session key for each time, and a container that can be read again', async () => {
    const first = await seal([letter()], temporaryFolder(), world);
    const second = await seal([letter()], temporaryFolder(), world);
    if (first === 'cancelled' || second === 'cancelled') throw new Error('cancelled');
    expect(first.transfer.sessionKey).toHaveLength(20);
    expect(first.transfer.sessionKey).not.toEqual(second.transfer.sessionKey);
    const octets = await collect(first.transfer.read());
    expect(octets).toHaveLength(first.transfer.size);
    expect(await collect(first.transfer.read())).toEqual(octets);
    expect(octets.includes('letter')).toBe(false);
  });

  test('fault 18: more than version 1 carries is told before the call, with what to do', async () => {
    vi.mocked(sealing.sealContainer).mockRejectedValueOnce(new sealing.ContainerTooLong());
    await expect(seal([letter()], temporaryFolder(), world)).rejects.toMatchObject({
      outcome: 'usage',
      message: expect.stringMatching(/no call was made.*256 MiB.*fewer/),
    });
  });

  test('DX-605 who gives up while files are packed waits for no more of them', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await seal([letter()], temporaryFolder(), { ...world, signal: stop.signal })).toBe('cancelled');
  });

  test('CM-A8 who gives up while a pipe is read waits for no more of it', async () => {
    const stop = new AbortController();
    const content = new PassThrough();
    content.write('first');
    content.once('resume', () => setImmediate(() => stop.abort()));
    const source = { name: 'pipe', content };
    expect(await seal([source], temporaryFolder(), { ...world, signal: stop.signal })).toBe('cancelled');
  });
});
