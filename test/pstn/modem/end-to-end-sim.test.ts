import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import type { OfficeLineOptions } from '../../../src/pstn/central-office/options.js';
import { simBinding } from '../../../src/pstn/central-office/ports/sim-port.js';
import { openModem } from '../../../src/pstn/modem/open-modem.js';
import { type CallerId, type DtmfSymbol, tones } from '../../../src/pstn/signals.js';
import { simulatedOffice } from '../../support/office.js';
import { settled } from '../../support/scripted-modem.js';
import { dataCall, receivedOn } from '../../support/telephone-call.js';

const alice = '5550101';
const bob = '5550102';
const server = '5550100';
const wait60 = { carrierWaitSeconds: 60 };

/** An office on a standing clock, and the driver on any of its lines. */
function telephones(aliceLine: Partial<OfficeLineOptions> = {}) {
  const lines = [{ number: alice, ...aliceLine }, { number: bob, delayMs: 60 }, { number: server }];
  const world = simulatedOffice({ lines });
  const { clock, office } = world;
  const open = (number: string) =>
    settled(clock, openModem(`sim:${number}`, { clock, log: silentLog, simBinding: simBinding(office) }));
  return { ...world, open };
}

test('AL-4 three calls on end: octets both ways, a hang-up right behind the last octets', async () => {
  const { clock, open, runUntil, runFor } = telephones();
  const [caller, callee] = [await open(alice), await open(bob)];
  for (let call = 1; call <= 3; call++) {
    const [toBob, toAlice] = await settled(clock, dataCall(caller, bob, callee));
    expect(toBob.rate).toBe(33_600);
    const [atBob, atAlice] = [receivedOn(toAlice), receivedOn(toBob)];
    const looksLikeCommands = Buffer.from('\r\nNO CARRIER\r\n+++ATH\r');
    const file = Buffer.concat([randomBytes(20_000), looksLikeCommands, randomBytes(20_000)]);
    toBob.octets.write(file);
    toAlice.octets.write('an answer');
    await settled(clock, toBob.hangUp(), 60_000);
    await runUntil(() => atBob.ended, 10_000);
    expect(atBob.octets.equals(file)).toBe(true);
    expect(atAlice.octets.toString()).toBe('an answer');
    await settled(clock, toAlice.hangUp(), 1_000);
    await runFor(500);
  }
});

test('fault 40: the caller vanishes in the middle; the callee learns it and is free again', async () => {
  const { clock, open, runUntil, runFor } = telephones();
  const [caller, callee] = [await open(alice), await open(bob)];
  const [toBob, toAlice] = await settled(clock, dataCall(caller, bob, callee));
  const atBob = receivedOn(toAlice);
  toBob.octets.write(randomBytes(200_000));
  await runFor(5_000);
  await settled(clock, caller.hangUp(), 40_000);
  await runUntil(() => atBob.ended, 30_000);
  await settled(clock, toAlice.hangUp(), 1_000);
  await runFor(1_000);
  await settled(clock, dataCall(callee, alice, caller));
});

test('AL-5 CM-290 CM-300 CM-305 the server’s side of a call: ring, caller, ready tone, digits, then data', async () => {
  const { clock, open, runFor } = telephones({ callerId: { number: alice, name: 'ALICE LTD' } });
  const [caller, trunk] = [await open(alice), await open(server)];
  const accounts = '000000000001000000000002#';
  const digits: DtmfSymbol[] = [];
  const callers: CallerId[] = [];
  trunk.on('digit', (symbol) => digits.push(symbol)).on('callerId', (id) => callers.push(id));
  let serverConnection = '';
  trunk.on('ring', async (count) => {
    if (count !== 2) return;
    await trunk.answerVoice();
    while (digits.length === 0) await trunk.playTone(tones.dial, 2_000);
    while (digits.length < accounts.length) await trunk.playTone(tones.silence, 100);
    await trunk.playTone(tones.ringBack, 2_000);
    const result = await trunk.answerData(wait60);
    serverConnection = result.kind;
  });
  const result = await settled(clock, caller.dial(`${server}W${accounts}`, wait60));
  expect(result.kind).toBe('connected');
  await runFor(100);
  expect(serverConnection).toBe('connected');
  expect(digits.join('')).toBe(accounts);
  expect(callers).toEqual([{ kind: 'number', number: alice, name: 'ALICE LTD' }]);
});

test('CM-300 a refusal by reorder tone is busy to the caller; the hanging up is told to the server', async () => {
  const { clock, open, runUntil } = telephones({ callerId: 'withheld' });
  const [caller, trunk] = [await open(alice), await open(server)];
  const told: (string | CallerId)[] = [];
  trunk.on('callerId', (id) => told.push(id)).on('farEndGone', () => told.push('gone'));
  trunk.on('ring', async (count) => {
    if (count !== 2) return;
    await trunk.answerVoice();
    while (!told.includes('gone')) {
      await trunk.playTone(tones.busyOrReorder, 250);
      await trunk.playTone(tones.silence, 250);
    }
  });
  const result = await settled(clock, caller.dial(server, wait60));
  expect(result).toEqual({ kind: 'busy' });
  await runUntil(() => told.includes('gone'), 10_000);
  expect(told).toEqual([{ kind: 'withheld' }, 'gone']);
  await settled(clock, trunk.hangUp(), 10_000);
  trunk.on('ring', () => void trunk.answerData(wait60));
  expect((await settled(clock, caller.dial(server, wait60))).kind).toBe('connected');
});

test('fault 35: a busy line, no answer, a number that is not in service', async () => {
  const { clock, open } = telephones();
  const [caller, callee, trunk] = [await open(alice), await open(bob), await open(server)];
  expect(await settled(clock, caller.dial(bob, { carrierWaitSeconds: 30 }))).toEqual({ kind: 'no-answer' });
  const unknown = await settled(clock, caller.dial('5559999', { carrierWaitSeconds: 30 }));
  expect(unknown).toEqual({ kind: 'no-carrier' });
  await settled(clock, dataCall(trunk, bob, callee));
  expect(await settled(clock, caller.dial(bob, wait60))).toEqual({ kind: 'busy' });
});

test('CM-300 an abandoned call stops the ringing, and the line is free', async () => {
  const { clock, open, runFor } = telephones();
  const [caller, callee] = [await open(alice), await open(bob)];
  const rings: number[] = [];
  callee.on('ring', (count) => rings.push(count));
  const abort = new AbortController();
  const dialling = caller.dial(bob, { ...wait60, signal: abort.signal });
  while (rings.length === 0) await runFor(100);
  abort.abort();
  expect(await settled(clock, dialling, 2_000)).toEqual({ kind: 'no-carrier' });
  await runFor(20_000);
  expect(rings).toEqual([1]);
  await settled(clock, dataCall(callee, alice, caller));
});

test('fault 44: both lines dial each other at once; one of the next tries gets through', async () => {
  const { clock, open, runFor } = telephones();
  const [caller, callee] = [await open(alice), await open(bob)];
  const both = [caller.dial(bob, { carrierWaitSeconds: 20 }), callee.dial(alice, { carrierWaitSeconds: 20 })];
  const results = await settled(clock, Promise.all(both), 120_000);
  expect(results.map((result) => result.kind)).not.toContain('connected');
  await runFor(10_000);
  await settled(clock, dataCall(caller, bob, callee));
});
