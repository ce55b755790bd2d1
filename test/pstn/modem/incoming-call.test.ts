import { expect, test } from 'vitest';
import type { CallerId } from '../../../src/pstn/signals.js';
import { runFor } from '../../support/office.js';
import { openScripted, ScriptedModem, settled } from '../../support/scripted-modem.js';

async function ringable() {
  const dce = new ScriptedModem();
  dce.when(/^ATA/, () => dce.connect());
  const { clock, modem } = await openScripted(dce);
  const events: (number | CallerId)[] = [];
  modem.on('ring', (count) => events.push(count)).on('callerId', (id) => events.push(id));
  const say = async (text: string, thenMs: number) => {
    dce.say(text);
    await runFor(clock, thenMs);
  };
  return { dce, clock, modem, events, say };
}

test('CM-290 the caller is reported between the first ring and the second, once, with its name', async () => {
  const { events, say } = await ringable();
  await say('RING', 2_000);
  await say('DATE = 1120', 10);
  await say('TIME = 2215', 10);
  await say('NMBR = 5550101', 10);
  await say('NAME = ALICE LTD', 3_000);
  expect(events).toEqual([1, { kind: 'number', number: '5550101', name: 'ALICE LTD' }]);
  await say('RING', 10);
  expect(events.at(-1)).toBe(2);
});

test('CM-290 the caller is known before the second ring is, also when the lines come at the last moment', async () => {
  const { dce, clock, events, say } = await ringable();
  await say('RING', 5_990);
  dce.send('\r\nNMBR = 5550101\r\n\r\nRING\r\n');
  await runFor(clock, 1);
  expect(events).toEqual([1, { kind: 'number', number: '5550101' }, 2]);
});

test('CM-290 fault 43: a withheld number is reported as that; no caller ID reports nothing', async () => {
  const { events, say } = await ringable();
  await say('RING', 2_000);
  await say('NMBR = P', 4_000);
  await say('RING', 6_000);
  expect(events).toEqual([1, { kind: 'withheld' }, 2]);
});

test('CM-290 fault 43: what comes after the answer is not this caller', async () => {
  const { dce, clock, modem, events, say } = await ringable();
  await say('RING', 100);
  dce.when(/^ATA/, undefined);
  const answering = modem.answerData({ carrierWaitSeconds: 60 });
  await runFor(clock, 100);
  await say('NMBR = 5550109', 1_000);
  dce.connect();
  expect((await settled(clock, answering)).kind).toBe('connected');
  expect(events).toEqual([1]);
});

test('fault 44: the count begins anew 8 s after the last ring, and after an answer', async () => {
  const { dce, clock, modem, events, say } = await ringable();
  await say('RING', 6_000);
  await say('RING', 8_001);
  await say('RING', 1_000);
  expect(events).toEqual([1, 2, 1]);
  const result = await settled(clock, modem.answerData({ carrierWaitSeconds: 60 }));
  expect(result.kind).toBe('connected');
  dce.loseCarrier();
  await runFor(clock, 1_000);
  await say('RING', 10);
  expect(events).toEqual([1, 2, 1, 1]);
});

test('CM-295 a call is answered with the data carrier, and S7 for it', async () => {
  const { dce, clock, modem, say } = await ringable();
  await say('RING', 10);
  const result = await settled(clock, modem.answerData({ carrierWaitSeconds: 45 }));
  expect(result).toMatchObject({ kind: 'connected', connection: { rate: 33_600 } });
  expect(dce.commands.slice(-2)).toEqual(['ATS7=45', 'ATA']);
});

test('CM-295 fault 44: a late RING while answering is not glare', async () => {
  const { dce, clock, modem, events, say } = await ringable();
  dce.when(/^ATA/, undefined);
  await say('RING', 10);
  const answering = modem.answerData({ carrierWaitSeconds: 60 });
  await runFor(clock, 50);
  await say('RING', 1_000);
  dce.connect();
  expect((await settled(clock, answering)).kind).toBe('connected');
  expect(events).toEqual([1]);
});

test('CM-275 a modem that is closed while it rings leaves no timer behind', async () => {
  const { clock, modem, events, say } = await ringable();
  await say('RING', 100);
  await say('NMBR = 5550101', 100);
  await settled(clock, modem.close());
  expect(clock.nextDeadlineMs()).toBeUndefined();
  expect(events).toEqual([1]);
});
