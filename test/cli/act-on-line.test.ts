import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { actOnLine, type OnTheLine } from '../../src/cli/act-on-line.js';
import { outputClosed } from '../../src/cli/closed-output.js';
import { listen } from '../../src/endpoint/actions/listen.js';
import type { Endpoint } from '../../src/endpoint/endpoint.js';
import { newEndpoint, testWorld } from '../endpoint/support.js';

/** A person's command on an endpoint whose modem is not there. */
async function command(passphrase = 'right') {
  const endpoint = await newEndpoint('1', 'Alice Ltd', testWorld('right'));
  const { home } = endpoint.paths;
  const passphraseFile = join(home, 'passphrase');
  writeFileSync(passphraseFile, `${passphrase}\n`);
  return { home, passphraseFile, logLevel: 'error' };
}

const listening = ({ endpoint, action }: OnTheLine) => listen(endpoint, action);

describe('an action on the endpoint’s line', () => {
  const written = { out: '', err: '' };
  beforeEach(() => {
    written.out = written.err = '';
    vi.stubEnv('CORDBOARD_LINE', 'pty:/nowhere/to/be/found');
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.out += text;
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.err += text;
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    process.exitCode = undefined;
  });

  test('fault 41: a line that cannot be opened is an event like any other end, with its exit code', async () => {
    await actOnLine({ ...(await command()), json: true }, async () => {}, listening);
    expect(JSON.parse(written.out)).toMatchObject({
      v: 1,
      event: 'failed',
      outcome: 'line-unavailable',
      reason: expect.stringContaining('/nowhere/to/be/found'),
    });
    expect(process.exitCode).toBe(14);
  });

  test('fault 41: the passphrase is checked before the line is opened', async () => {
    await actOnLine({ ...(await command('wrong')), json: true }, async () => {}, listening);
    expect(JSON.parse(written.out)).toMatchObject({ outcome: 'wrong-passphrase' });
    expect(process.exitCode).toBe(16);
  });

  test('fault 41: what ends a command before it begins is an event for a program, a message for a person', async () => {
    const strangers = async ({ addressBook }: Endpoint) => void (await addressBook.named('Nobody'));
    await actOnLine({ ...(await command()), json: true }, strangers, listening);
    expect(JSON.parse(written.out)).toEqual({
      ...{ v: 1, event: 'failed', outcome: 'usage', step: null, advice: null, peer: null },
      reason: expect.stringContaining('"Nobody"'),
    });
    expect(process.exitCode).toBe(2);
    await expect(actOnLine(await command(), strangers, listening)).rejects.toThrow(/"Nobody"/);
  });

  test('CM-A8 a call whose standard output is closed is given up', async () => {
    await actOnLine(
      await command(),
      async () => {},
      async ({ action }) => {
        outputClosed();
        expect(action.signal.aborted).toBe(true);
        return undefined;
      },
    );
  });

  test('CM-A8 Ctrl-C is answered at once, in words for a person and in none for a program', async () => {
    for (const json of [undefined, true] as const) {
      written.err = '';
      await actOnLine(
        { ...(await command()), ...(json && { json }) },
        async () => {},
        async ({ action }) => {
          await action.modem().catch(() => {});
          process.emit('SIGINT', 'SIGINT');
          await new Promise(setImmediate);
          expect(action.signal.aborted).toBe(true);
          expect(written.err).toBe(json ? '' : '\nGiving up; releasing the line ...\n');
          return undefined;
        },
      );
    }
  });
});
