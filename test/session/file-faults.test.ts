import { describe, expect, test } from 'vitest';
import { fileBlockLength } from '../../src/crypto/file-cipher.js';
import { sealedLengthMax } from '../../src/protocol/data-exchange/rules.js';
import { ContainerTooLong, sealContainer } from '../../src/session/sealing.js';
import { flip } from '../support/pair.js';
import { seeded } from '../support/seeded.js';
import { MemoryQuarantine, seal, transfer } from './parties.js';

describe('a file that is refused', () => {
  test('fault 15: DX-765 DX-770 DX-785 FileProof_A with one bit turned: nothing is delivered', async () => {
    const { callee, quarantine, line } = await transfer({ toCallee: flip(36 + 73 + 5) });
    expect(callee).toMatchObject({ step: 'DX-785', outcome: 'file-refused' });
    expect([quarantine.state, line.callee.isOnHook]).toEqual(['discarded', true]);
  });

  test('fault 15: DX-770 DX-785 any bit of C turned: nothing is delivered, and one reason for all', async () => {
    const size = seal(Buffer.from('content')).size;
    const reasons = new Set<string>();
    for (let place = 0; place < size; place++) {
      const call = await transfer({
        transfer: seal(Buffer.from('content')),
        toCallee: flip(36 + 94 + place, 0x10),
      });
      expect(call.callee).toMatchObject({ kind: 'failed', step: 'DX-785', outcome: 'file-refused' });
      expect(call.quarantine.state).toBe('discarded');
      reasons.add((call.callee as { reason: string }).reason);
    }
    expect(reasons.size).toBe(1);
  });

  test('DX-780 DX-785 content that must not be unpacked ends the call, or the release: nothing is delivered', async () => {
    const early = new MemoryQuarantine();
    early.refusesAt = 1000;
    const atOnce = await transfer({ transfer: seal(seeded('bad')(200_000)), quarantine: early });
    expect(atOnce.callee).toMatchObject({ step: 'DX-785', outcome: 'file-refused' });
    expect((atOnce.callee as { reason: string }).reason).toContain('entry 3 names ../x');
    expect(atOnce.caller).toMatchObject({ step: 'DX-745', outcome: 'interrupted' });
    expect(early.state).toBe('discarded');

    const late = new MemoryQuarantine();
    late.refusesRelease = true;
    const atTheEnd = await transfer({ quarantine: late });
    expect(atTheEnd.callee).toMatchObject({ step: 'DX-785', outcome: 'file-refused' });
    expect(late.state).toBe('discarded');
  });

  test('DX-760 a disk that fails is not the peer’s fault: local-error, nothing is delivered', async () => {
    const quarantine = new MemoryQuarantine();
    quarantine.breaksAt = 1000;
    const { callee } = await transfer({ transfer: seal(seeded('disk')(100_000)), quarantine });
    expect(callee).toMatchObject({ step: 'DX-760', outcome: 'local-error' });
    expect(quarantine.state).toBe('discarded');
  });

  test('a quarantine that cannot be discarded is logged, and the session ends all the same', async () => {
    const quarantine = new MemoryQuarantine();
    quarantine.refusesRelease = true;
    quarantine.discard = () => Promise.reject(new Error('EBUSY'));
    const { callee, logs } = await transfer({ quarantine });
    expect(callee).toMatchObject({ step: 'DX-785' });
    expect(logs.callee.with('quarantine not discarded')).toEqual([{ error: 'Error: EBUSY' }]);
  });
});

describe('fault 16: C of a wrong shape', () => {
  const sealed = async (container: Uint8Array) => {
    const { read, ...rest } = seal(container);
    let octets: Uint8Array = new Uint8Array();
    for await (const piece of read()) octets = Buffer.concat([octets, piece]);
    return { ...rest, octets };
  };
  const shapes: Record<string, (c: Uint8Array) => Uint8Array> = {
    'no octet': () => new Uint8Array(),
    '8 octets': (c) => c.subarray(0, 8),
    '24 octets': (c) => c.subarray(0, 24),
    'not a multiple of 8': (c) => c.subarray(0, -3),
    'the last block missing': (c) => c.subarray(0, -8),
    'two blocks swapped': (c) => Buffer.concat([c.subarray(8, 16), c.subarray(0, 8), c.subarray(16)]),
    'one block more': (c) => Buffer.concat([c, Buffer.alloc(8)]),
    'the whole twice': (c) => Buffer.concat([c, c]),
  };
  for (const [what, reshape] of Object.entries(shapes)) {
    test(`fault 16: DX-765 DX-785 ${what}: file refused`, async () => {
      const { octets, ...rest } = await sealed(seeded('shape')(500));
      const read = async function* () {
        yield reshape(octets);
      };
      const { callee, quarantine } = await transfer({ transfer: { ...rest, read } });
      expect(callee).toMatchObject({ kind: 'failed', step: 'DX-785', outcome: 'file-refused' });
      expect(quarantine.state).toBe('discarded');
    });
  }
});

describe('fault 18: C without end', () => {
  test('fault 18: G4 is 256 MiB in whole blocks', () => {
    expect(sealedLengthMax).toBe(268_435_456);
    expect(sealedLengthMax % fileBlockLength).toBe(0);
  });

  test('fault 18: DX-760 DX-785 2 GiB of C: the line is released at the limit, nothing is delivered', async () => {
    let offered = 0;
    const read = async function* () {
      const piece = Buffer.alloc(65_536, 0xc3);
      while (offered < 2 ** 31) {
        offered += piece.length;
        yield piece;
      }
    };
    const lengthMax = 4 * 1024 * 1024;
    const { caller, callee, quarantine, line } = await transfer({
      transfer: { ...seal(Buffer.from('x')), read },
      lengthMax,
    });
    expect(callee).toMatchObject({ step: 'DX-785', outcome: 'file-refused' });
    expect(caller).toMatchObject({ step: 'DX-745', outcome: 'interrupted' });
    expect([quarantine.state, line.callee.isOnHook]).toEqual(['discarded', true]);
    expect(offered).toBeLessThan(lengthMax + 10 * 65_536);
    expect(quarantine.content.length).toBeLessThanOrEqual(lengthMax);
  });

  test('fault 18: DX-760 exactly the limit is received, one block more is not', async () => {
    const sealed = seal(Buffer.alloc(1000));
    const right = await transfer({ transfer: sealed, lengthMax: sealed.size });
    expect(right.callee.kind).toBe('received');
    const wrong = await transfer({ transfer: sealed, lengthMax: sealed.size - 8 });
    expect(wrong.callee).toMatchObject({ step: 'DX-785', outcome: 'file-refused' });
  });

  test('fault 18: DX-610 more than a call may carry is refused before the call', async () => {
    let handed = 0;
    const endless = (async function* () {
      for (;;) yield Buffer.alloc(1000);
    })();
    const sealing = sealContainer(
      endless,
      seeded('too long')(20),
      async (octets) => {
        handed += octets.length;
      },
      100_000,
    );
    await expect(sealing).rejects.toBeInstanceOf(ContainerTooLong);
    expect(handed).toBeLessThanOrEqual(100_000);
  });
});
