import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DataConnection } from '../../../src/pstn/modem/modem.js';
import { runFor, runUntil } from '../../support/office.js';
import {
  openScripted,
  openScriptedReopening,
  ScriptedModem,
  type ScriptedModemOptions,
  settled,
} from '../../support/scripted-modem.js';

const wait60 = { carrierWaitSeconds: 60 };

async function inCall(dce: ScriptedModem, kind: 'circuits' | 'reopening' = 'circuits') {
  dce.when(/^ATD/, () => dce.connect());
  const { clock, modem } = await (kind === 'circuits' ? openScripted(dce) : openScriptedReopening(dce));
  const dial = async (): Promise<DataConnection> => {
    const result = await settled(clock, modem.dial('5550100', wait60));
    if (result.kind !== 'connected') throw new Error(result.kind);
    return result.connection;
  };
  const connection = await dial();
  let ended = false;
  connection.octets.on('end', () => {
    ended = true;
  });
  connection.octets.resume();
  return { clock, modem, connection, dial, hasEnded: () => ended };
}

const ways: [string, ScriptedModemOptions, 'circuits' | 'reopening'][] = [
  ['by DTR', {}, 'circuits'],
  ['by DTR, the carrier circuit strapped on', { dcd: 'strapped-on' }, 'circuits'],
  ['by closing and opening the port', { circuits: false }, 'reopening'],
  ['by the escape, where there is no DTR', { circuits: false, escape: true }, 'circuits'],
];

test.each(ways)('AL-4 hang-up %s: all that was written, on-hook, next call', async (_, options, kind) => {
  const dce = new ScriptedModem(options);
  const { clock, connection, dial, hasEnded } = await inCall(dce, kind);
  const file = randomBytes(50_000);
  connection.octets.write(file);
  await settled(clock, connection.hangUp(), 10_000);
  expect(dce.data.subarray(0, file.length).equals(file)).toBe(true);
  expect(dce.isData).toBe(false);
  expect(dce.commands.at(-1)).toBe('ATH');
  await runUntil(clock, hasEnded, 100);
  await dial();
  expect(dce.carrier).toBe(true);
});

test('fault 36: the escape stands between its guard times', async () => {
  const dce = new ScriptedModem({ circuits: false, escape: true });
  const { clock, connection } = await inCall(dce);
  connection.octets.write('last');
  await runFor(clock, 10);
  const startMs = clock.monotonicMs();
  await settled(clock, connection.hangUp());
  expect(dce.data.toString()).toBe('last');
  expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(1_000);
});

test('fault 40: the hang-up of a line that is down already ends at once, also twice', async () => {
  const dce = new ScriptedModem();
  const { clock, connection, hasEnded } = await inCall(dce);
  await runFor(clock, 1_000);
  dce.loseCarrier();
  await runUntil(clock, hasEnded, 2_000);
  const drops = dce.dtrDrops;
  await settled(clock, Promise.all([connection.hangUp(), connection.hangUp()]), 1_000);
  expect(dce.dtrDrops).toBe(drops);
  expect(dce.commands.filter((command) => command === 'ATH')).toHaveLength(1);
});

test('fault 40: the hang-up of a call that is over does not touch the next one', async () => {
  const dce = new ScriptedModem();
  const { clock, connection, dial, hasEnded } = await inCall(dce);
  await runFor(clock, 1_000);
  dce.loseCarrier();
  await runUntil(clock, hasEnded, 2_000);
  await dial();
  const commands = dce.commands.length;
  await settled(clock, connection.hangUp());
  expect(dce.isData).toBe(true);
  expect(dce.commands).toHaveLength(commands);
});

test('AL-4 DTR comes back only when the modem has sent its buffer and released the line', async () => {
  const dce = new ScriptedModem({ ignoresDtr: true });
  const { clock, connection } = await inCall(dce);
  connection.octets.write('last');
  const hangUp = connection.hangUp();
  await runFor(clock, 8_000);
  expect(dce.dtr).toBe(false);
  expect(dce.commands.at(-1)).toMatch(/^ATD/);
  dce.loseCarrier();
  await settled(clock, hangUp, 1_000);
  expect(dce.dtr).toBe(true);
});

test('fault 41: a modem that ignores DTR is brought down by the escape', async () => {
  const dce = new ScriptedModem({ ignoresDtr: true, escape: true, dcd: 'not-wired' });
  const { clock, modem, connection } = await inCall(dce);
  let lost = false;
  modem.on('lost', () => {
    lost = true;
  });
  await settled(clock, connection.hangUp());
  expect(dce.isData).toBe(false);
  expect(lost).toBe(false);
});

test('fault 41: a modem that hangs on-hook and answers nothing is woken by DTR, without the escape', async () => {
  const dce = new ScriptedModem();
  const { clock, modem } = await openScripted(dce);
  const drops = dce.dtrDrops;
  dce.when(/^ATH/, () => (dce.dtrDrops > drops ? (dce.say('OK') as undefined) : undefined));
  await settled(clock, modem.hangUp());
  expect(dce.dtrDrops).toBe(drops + 1);
  expect(dce.commands.join()).not.toContain('+++');
  dce.when(/^ATD/, 'BUSY');
  expect(await settled(clock, modem.dial('1', wait60))).toEqual({ kind: 'busy' });
});

test('fault 41: one that obeys nothing is given up with a reason, in bounded time, and never used again', async () => {
  const dce = new ScriptedModem({ ignoresDtr: true });
  const { clock, modem, connection } = await inCall(dce);
  let cause: Error | undefined;
  modem.on('lost', (error) => {
    cause = error;
  });
  await settled(clock, connection.hangUp(), 120_000);
  expect(cause?.message).toMatch(/does not hang up.*DTR/);
  expect(await settled(clock, modem.dial('1', wait60))).toEqual({ kind: 'no-carrier' });
  await settled(clock, modem.close());
});

test('AL-4 a far modem that takes nothing any more does not hold up the hang-up for ever', async () => {
  const dce = new ScriptedModem();
  const { clock, connection } = await inCall(dce);
  dce.isStopped = true;
  connection.octets.write(randomBytes(10_000));
  await runFor(clock, 10);
  const hangUp = connection.hangUp();
  await runFor(clock, 25_000);
  expect(dce.dtrDrops).toBeGreaterThan(0);
  dce.isStopped = false;
  await settled(clock, hangUp, 60_000);
});

test('AL-4 hangUp of the modem ends a call without waiting for its octets', async () => {
  const dce = new ScriptedModem();
  const { clock, modem, connection, hasEnded } = await inCall(dce);
  dce.isStopped = true;
  connection.octets.write(randomBytes(10_000));
  await runFor(clock, 10);
  const hangUp = modem.hangUp();
  await runFor(clock, 150);
  expect(hasEnded()).toBe(true);
  expect(dce.dtrDrops).toBe(1);
  dce.resume();
  await settled(clock, hangUp, 1_000);
});

test('AL-4 the loss of the adapter is told once, and ends what is under way', async () => {
  const dce = new ScriptedModem();
  const { clock, modem, connection, hasEnded } = await inCall(dce);
  const causes: Error[] = [];
  modem.on('lost', (cause) => causes.push(cause));
  dce.hangUpPort();
  await runUntil(clock, hasEnded, 1_000);
  expect(causes).toHaveLength(1);
  await settled(clock, Promise.all([connection.hangUp(), modem.hangUp(), modem.close()]), 1_000);
});

test('AL-4 the loss of the adapter while dialling ends the dialling', async () => {
  const dce = new ScriptedModem().when(/^ATD/, undefined);
  const { clock, modem } = await openScripted(dce);
  const dialling = modem.dial('1', wait60);
  await runFor(clock, 100);
  dce.hangUpPort();
  expect(await settled(clock, dialling, 1_000)).toEqual({ kind: 'silent' });
});

test('AL-4 close leaves the port closed and no timer behind', async () => {
  const dce = new ScriptedModem();
  const { clock, modem } = await inCall(dce);
  await settled(clock, modem.close());
  expect(dce.dtr).toBe(false);
  expect(dce.carrier).toBe(false);
  expect(clock.nextDeadlineMs()).toBeUndefined();
});
