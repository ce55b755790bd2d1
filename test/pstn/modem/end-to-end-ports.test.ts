import { randomBytes } from 'node:crypto';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { Office } from '../../../src/pstn/central-office/office.js';
import { checkLine } from '../../../src/pstn/modem/line-check/line-check.js';
import { openModem } from '../../../src/pstn/modem/open-modem.js';
import { realClock } from '../../../src/time/real-clock.js';
import { dataCall, receivedOn } from '../../support/telephone-call.js';

const alice = '5550101';
const bob = '5550102';
const rate = 115_200;

let folder: string;
let office: Office;

async function startOffice(exposed: readonly [alice: string, bob: string]): Promise<void> {
  const lines = [
    { number: alice, rate, expose: exposed[0] },
    { number: bob, rate, expose: exposed[1] },
  ];
  office = new Office({ timeScale: 0.02, seed: 1, lines }, { clock: realClock, log: silentLog });
  await office.open();
}

/** S10=1: a lost carrier is told after a tenth of a second. */
const open = (url: string) => openModem(url, { clock: realClock, log: silentLog, initialise: ['S10=1'] });

/** Kernel buffers keep real time, so these tests do. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordboard-'));
});
afterEach(async () => {
  await office.close();
  rmSync(folder, { recursive: true });
});

describe.runIf(process.platform === 'linux')('pseudo-terminals', () => {
  const at = (name: string) => join(folder, name);
  const urls = () => [`pty:${at('alice')}`, `pty:${at('bob')}`] as const;

  test('AL-4 a line that a driver has open is kept from a second one and from a check, and its call goes on', async () => {
    await startOffice(urls());
    const [caller, callee] = await Promise.all(urls().map(open));
    if (!caller || !callee) throw new Error('not opened');
    const [toBob, toAlice] = await dataCall(caller, bob, callee);
    const [url] = urls();
    await expect(open(url)).rejects.toThrow(/another program is using it/);
    const { verdict, steps } = await checkLine(url, { clock: realClock, offHook: false, onStep() {} });
    expect(verdict).toBe('unavailable');
    expect(steps.map(({ told }) => told)).toEqual(['cannot be opened: another program has it open']);

    const atBob = receivedOn(toAlice);
    toBob.octets.write('still there');
    await until(() => atBob.octets.toString() === 'still there');
    toBob.octets.resume();
    await toBob.hangUp();
    await until(() => atBob.ended);
    await toAlice.hangUp();
    await Promise.all([caller.close(), callee.close()]);
    await (await open(url)).close();
  });

  test('AL-4 calls on end, each with a hang-up right behind the last octets, from either side', async () => {
    await startOffice(urls());
    const [caller, callee] = await Promise.all(urls().map(open));
    if (!caller || !callee) throw new Error('not opened');
    for (const sender of ['caller', 'callee']) {
      const ptys = [readlinkSync(at('alice')), readlinkSync(at('bob'))];
      const [toBob, toAlice] = await dataCall(caller, bob, callee);
      const [near, far] = sender === 'caller' ? [toBob, toAlice] : [toAlice, toBob];
      const atFar = receivedOn(far);
      near.octets.resume();
      // More than a pty and the modem hold: the rest must follow before the line is released.
      const file = randomBytes(24_000);
      near.octets.write(file);
      await near.hangUp();
      await until(() => atFar.ended);
      expect(atFar.octets.equals(file)).toBe(true);
      await far.hangUp();
      // The carrier's loss closed both ptys; the driver found the new ones by their links.
      expect([readlinkSync(at('alice')), readlinkSync(at('bob'))]).not.toEqual(ptys);
    }
    await Promise.all([caller.close(), callee.close()]);
  });

  test('fault 35: NO CARRIER inside the data ends no call; both sides hang up at once', async () => {
    await startOffice(urls());
    const [caller, callee] = await Promise.all(urls().map(open));
    if (!caller || !callee) throw new Error('not opened');
    const [toBob, toAlice] = await dataCall(caller, bob, callee);
    const atBob = receivedOn(toAlice);
    const text = '\r\nNO CARRIER\r\n then more';
    toBob.octets.write(text);
    await until(() => atBob.octets.length >= text.length);
    expect(atBob.octets.toString()).toBe(text);
    await Promise.all([toBob.hangUp(), toAlice.hangUp()]);
    expect(atBob.ended).toBe(true);
    await Promise.all([caller.close(), callee.close()]);
  });

  test('fault 41: an office that is started anew in time is the same modem again, set up anew', async () => {
    await startOffice(urls());
    const modem = await open(urls()[0]);
    await office.close();
    await startOffice(urls());
    let result = await modem.dial(bob, { carrierWaitSeconds: 1 });
    // The command that was under way when the office closed has no answer.
    if (result.kind === 'silent') result = await modem.dial(bob, { carrierWaitSeconds: 1 });
    expect(result).toEqual({ kind: 'no-answer' });
    await modem.close();
  });

  test('fault 41: an office that goes away is a lost modem, told once, and the driver is done with it', async () => {
    await startOffice(urls());
    const modem = await open(urls()[0]);
    let losses = 0;
    modem.on('lost', () => losses++);
    await office.close();
    await until(() => losses > 0);
    await modem.hangUp();
    await modem.close();
    expect(losses).toBe(1);
  });
});

test('AL-4 two calls through TCP ports', async () => {
  const urls = ['tcp://127.0.0.1:17111', 'tcp://127.0.0.1:17112'] as const;
  await startOffice(urls);
  const [caller, callee] = await Promise.all(urls.map(open));
  if (!caller || !callee) throw new Error('not opened');
  for (let call = 1; call <= 2; call++) {
    const [toBob, toAlice] = await dataCall(caller, bob, callee);
    const [atBob, atAlice] = [receivedOn(toAlice), receivedOn(toBob)];
    const file = randomBytes(10_000);
    toBob.octets.write(file);
    toAlice.octets.write('an answer');
    await until(() => atBob.octets.length >= file.length && atAlice.octets.length > 0);
    await toBob.hangUp();
    // No circuit, no closing: NO CARRIER and a second of silence.
    await until(() => atBob.ended);
    expect(atBob.octets.equals(file)).toBe(true);
    expect(atAlice.octets.toString()).toBe('an answer');
    await toAlice.hangUp();
  }
  await Promise.all([caller.close(), callee.close()]);
});
