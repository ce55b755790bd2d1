import { expect, test } from 'vitest';
import { type BridgedCallResult, placeBridgedCall } from '../../../src/session/version-2/place-call.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { aliceSecrets, bob, knownServer, requestId } from '../../protocol/identity/messages-of-a-run.js';
import { FakeModem, type Script } from '../../support/fake-modem.js';
import { LogBook } from '../../support/log-book.js';
import { runUntil } from '../../support/office.js';
import { seeded } from '../../support/seeded.js';

/** Places a call with a scripted modem; `act` is done to the server's end of the line once there is one. */
async function placed(script: Script, act: (modem: FakeModem) => void = () => {}) {
  const clock = new SimulatedClock();
  const modem = new FakeModem(clock, 'fake:caller');
  modem.dialling = script;
  let result: BridgedCallResult | undefined;
  void placeBridgedCall({
    modem,
    clock,
    random: seeded('place call'),
    log: new LogBook(),
    serverNumber: '5550100',
    identity: { ...aliceSecrets, server: knownServer, keepKeyList: () => {} },
    peer: bob,
    purpose: 'data',
    requestId,
  }).then((value) => {
    result = value;
  });
  const done = () => result !== undefined;
  await runUntil(clock, () => done() || modem.far !== undefined, 300_000);
  act(modem);
  await runUntil(clock, done, 300_000);
  return { modem, result, clock };
}

test('CM-A4 CM-305 the server is dialled with # alone: no account is in the dial string', async () => {
  const { modem } = await placed({ result: 'connected', afterMs: 20_000 }, (at) => at.far?.end());
  expect(modem.journal[0]).toBe('0 dial 5550100W#');
  expect(modem.journal.join()).not.toContain(bob);
});

test('CM-A3 what the modem says of the server is told as in version 1', async () => {
  const { modem, result } = await placed({ result: 'no-answer', afterMs: 60_000 });
  expect(result).toMatchObject({ kind: 'failed', step: 'CM-295', outcome: 'no-answer' });
  expect(modem.isOnHook).toBe(true);
});

test('fault 40: the line is released before the server has said a word', async () => {
  const { modem, result } = await placed({ result: 'connected', afterMs: 20_000 }, (at) => at.far?.end());
  expect(result).toMatchObject({ kind: 'failed', outcome: 'interrupted' });
  expect(modem.isOnHook).toBe(true);
});

test('CM-A8 fault 19: a server of version 1 says nothing that this endpoint understands: on-hook after 30 s', async () => {
  const { modem, result, clock } = await placed({ result: 'connected', afterMs: 20_000 }, (at) => {
    at.far?.resume();
    at.far?.write(Uint8Array.of(0x15));
  });
  expect(result).toMatchObject({ kind: 'failed', outcome: 'timed-out' });
  expect(modem.isOnHook).toBe(true);
  expect(clock.monotonicMs()).toBeLessThan(60_000);
});
