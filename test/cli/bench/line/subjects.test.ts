import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { mark, writeContent } from '../../../../src/cli/bench/line/contents.js';
import { OurSubject } from '../../../../src/cli/bench/line/our-subject.js';
import { PeerSubject } from '../../../../src/cli/bench/line/peer-subject.js';
import { isInstalled, kermit, type Peer, uucp, zmodem } from '../../../../src/cli/bench/line/peers.js';
import type { Errand, Subject } from '../../../../src/cli/bench/line/subject.js';
import { temporaryFolder } from '../../../endpoint/support.js';

/** Skips the test, or fails it where CORDBOARD_REQUIRE_PROGRAMS=1, when a program is not installed. */
function needs(context: TestContext, { programs }: Peer): void {
  for (const program of programs) {
    if (isInstalled(program)) continue;
    if (process.env.CORDBOARD_REQUIRE_PROGRAMS === '1') throw new Error(`${program} is not installed.`);
    context.skip(`${program} is not installed`);
  }
}

/** A folder that other users' programs may enter. */
function openFolder(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  return folder;
}

const octets = 20_000;
/** The programs take seconds; their pauses are real, and the machine may have other work. */
const patienceMs = 180_000;

function errand(more: Partial<Errand> = {}): Errand {
  const folder = join(openFolder(), 'files');
  writeContent('random', octets, folder);
  const line = { rate: 115_200, delayMs: 10, bitErrorRate: 0, seed: 1 };
  return { line, folder, mark, limitMs: patienceMs / 2, ...more };
}

async function expectDelivery(subject: Subject, more: Partial<Errand> = {}) {
  const delivery = await subject.deliver(errand(more));
  expect(delivery).toMatchObject({ isSaidDone: true, isRight: true, isWrongFiled: false });
  const call = delivery.calls.at(-1);
  const leastMs = (octets * 8_000) / 115_200;
  expect(call?.receiptMs).toBeGreaterThan(more.lostAfterOctets === undefined ? leastMs : 0);
  return delivery;
}

describe.runIf(process.platform === 'linux')('programs that are measured', () => {
  test.for([zmodem, kermit, uucp])(
    'AL-4 $name delivers a file, and its opening is told from it',
    {
      timeout: patienceMs,
    },
    async (peer, context) => {
      needs(context, peer);
      const { calls } = await expectDelivery(new PeerSubject(peer, openFolder));
      const [call] = calls;
      expect(calls.length).toBe(1);
      expect(call?.octetsBefore).toBeGreaterThan(0);
      expect(call?.octetsThere).toBeGreaterThan(octets + (call?.octetsBefore ?? 0));
      expect(call?.firstContentMs).toBeLessThan(call?.receiptMs ?? 0);
    },
  );

  test(
    'AL-4 a line is lost halfway: the second call finishes the file',
    async (context) => {
      needs(context, kermit);
      const { calls } = await expectDelivery(new PeerSubject(kermit, openFolder), {
        lostAfterOctets: octets / 2,
      });
      expect(calls.map(({ receiptMs }) => receiptMs !== undefined)).toEqual([false, true]);
      expect(calls[1]?.octetsThere).toBeLessThan(octets);
    },
    patienceMs,
  );

  test(
    'AL-4 a source that changed between the calls is noticed by the measuring, if not by the program',
    async (context) => {
      needs(context, kermit);
      const changing = errand();
      const delivery = await new PeerSubject(kermit, openFolder).deliver({
        ...changing,
        lostAfterOctets: octets / 2,
        betweenCalls: () => void writeContent('changed random', octets, changing.folder),
      });
      expect(delivery).toMatchObject({ isSaidDone: true, isRight: false, isWrongFiled: true });
    },
    patienceMs,
  );
});

describe('this program, measured', () => {
  test('AL-4 delivers through the server, every octet counted, each part of its time told', async () => {
    const { calls } = await expectDelivery(new OurSubject(temporaryFolder()));
    const { octetsThere, octetsBefore, ...call } = onlyOne(calls);
    expect(octetsThere - seen(octetsBefore)).toBeGreaterThan(octets);
    // The server's REPLY and INVITE, the caller's EARLY.
    expect(seen(octetsBefore)).toBeGreaterThan(1_152 + 256 + 1_299);
    expect(call.calleeMs + seen(call.calleeLegMs)).toBeLessThan(seen(call.bridgedMs));
    expect(seen(call.bridgedMs)).toBeLessThan(seen(call.firstContentMs));
    expect(seen(call.firstContentMs)).toBeLessThan(seen(call.receiptMs));
  });

  const twoCallsMs = 300_000;

  test('fault 40: a line that was lost is called again, and what had come does not come again', async () => {
    const subject = new OurSubject(temporaryFolder());
    const more = { lostAfterOctets: 15_000, limitMs: twoCallsMs };
    const { calls } = await expectDelivery(subject, more);
    expect(calls.map(({ receiptMs }) => receiptMs !== undefined)).toEqual([false, true]);
    const [lost, rest] = calls.map(({ octetsThere, octetsBefore }) => octetsThere - seen(octetsBefore));
    expect(seen(lost) + seen(rest)).toBeLessThan(octets + 6_000);
    // A call that ends in order frees B's line while A still has a carrier: that is no dialling.
    const whole = onlyOne((await expectDelivery(subject)).calls);
    expect(calls[0]?.calleeMs).toBeCloseTo(whole.calleeMs, 0);
  });

  test('fault 29: a source that changed between the calls: what was taken in before is delivered', async () => {
    const changing = errand();
    const delivery = await new OurSubject(temporaryFolder()).deliver({
      ...changing,
      ...{ lostAfterOctets: 15_000, limitMs: twoCallsMs },
      betweenCalls: () => void writeContent('changed random', octets, changing.folder),
    });
    expect(delivery.calls.length).toBe(2);
    expect(delivery).toMatchObject({
      isSaidDone: true,
      isRight: false,
      isAsAtFirst: true,
      isWrongFiled: false,
    });
  });
});

function onlyOne<T>(all: readonly T[]): T {
  expect(all.length).toBe(1);
  return all[0] as T;
}

function seen(value: number | undefined): number {
  if (value === undefined) throw new Error('it was not seen');
  return value;
}
