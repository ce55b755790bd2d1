import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { DataConnection, Modem } from '../../../src/pstn/modem/modem.js';
import type { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { runFor, runUntil } from '../../support/office.js';
import {
  openScripted,
  openScriptedReopening,
  ScriptedModem,
  type ScriptedModemOptions,
  settled,
} from '../../support/scripted-modem.js';

const trailer = '\r\nNO CARRIER\r\n';

interface Call {
  readonly dce: ScriptedModem;
  readonly clock: SimulatedClock;
  readonly modem: Modem;
  readonly connection: DataConnection;
  /** What was read, and whether the readable end came. */
  readonly got: { text: string; ended: boolean };
}

async function inCall(options: ScriptedModemOptions = {}, first = ''): Promise<Call> {
  const dce = new ScriptedModem(options);
  dce.when(/^ATD/, () => dce.connect('CONNECT 33600', first));
  const { clock, modem } = await (options.circuits === false
    ? openScriptedReopening(dce)
    : openScripted(dce));
  const result = await settled(clock, modem.dial('5550100', { carrierWaitSeconds: 60 }));
  if (result.kind !== 'connected') throw new Error(result.kind);
  const { connection } = result;
  const got = { text: '', ended: false };
  connection.octets.on('data', (octets: Buffer) => {
    got.text += octets.toString('latin1');
  });
  connection.octets.on('end', () => {
    got.ended = true;
  });
  return { dce, clock, modem, connection, got };
}

const wirings: [string, ScriptedModemOptions][] = [
  ['with a carrier circuit', {}],
  ['with the circuit strapped on', { dcd: 'strapped-on' }],
  ['with the circuit not wired', { dcd: 'not-wired' }],
  ['without circuits', { circuits: false }],
];

test.each(wirings)('fault 35: %s, NO CARRIER at the end of the call is no data', async (_, wiring) => {
  const { dce, clock, got } = await inCall(wiring, 'first');
  dce.send(' last');
  await runFor(clock, 1_000);
  dce.loseCarrier();
  await runUntil(clock, () => got.ended, 5_000);
  expect(got.text).toBe('first last');
});

test.each(wirings)('fault 35: %s, result codes inside data end nothing', async (_, wiring) => {
  const { dce, clock, got } = await inCall(wiring);
  const sent = `\r\nOK\r\n\r\nBUSY\r\n${trailer}x\r\nRING\r\n${trailer}\r\nERROR\r\n\r\nCONNECT\r\n`;
  for (const character of sent) dce.send(character);
  await runFor(clock, 10_000);
  expect(got).toEqual({ text: sent, ended: false });
});

test('fault 35: with a carrier circuit, not even NO CARRIER and silence end a call that stands', async () => {
  const { dce, clock, got } = await inCall();
  dce.send(`file${trailer}`);
  await runFor(clock, 30_000);
  expect(got).toEqual({ text: `file${trailer}`, ended: false });
  dce.loseCarrier();
  await runUntil(clock, () => got.ended, 2_000);
  expect(got.text).toBe(`file${trailer}`);
});

test('fault 35: without one, NO CARRIER counts only when a second of silence follows it', async () => {
  const { dce, clock, got } = await inCall({ circuits: false });
  dce.send(`a${trailer}`);
  await runFor(clock, 900);
  dce.send(`b${trailer}`);
  await runFor(clock, 900);
  expect(got).toEqual({ text: `a${trailer}b`, ended: false });
  await runUntil(clock, () => got.ended, 300);
  expect(got.text).toBe(`a${trailer}b`);
});

test('fault 35: nothing is decided while the reader is slow, since more octets may stand in the port', async () => {
  const { dce, clock, connection, got } = await inCall({ circuits: false });
  connection.octets.pause();
  dce.send(Buffer.alloc(10_000, 'a'));
  await runFor(clock, 10);
  dce.send(`${'b'.repeat(10_000)}${trailer}`);
  await runFor(clock, 10);
  dce.send('more');
  await runFor(clock, 5_000);
  connection.octets.resume();
  await runFor(clock, 5_000);
  expect(got.ended).toBe(false);
  expect(got.text.slice(20_000)).toBe(`${trailer}more`);
});

test('fault 35: NO CARRIER in two pieces is still no data', async () => {
  for (let at = 1; at < trailer.length; at++) {
    const { dce, clock, got } = await inCall({ circuits: false });
    dce.send(`data${trailer.slice(0, at)}`);
    await runFor(clock, 30);
    dce.send(trailer.slice(at));
    await runUntil(clock, () => got.ended, 2_000);
    expect(got.text).toBe('data');
  }
});

test('fault 35: what only begins like NO CARRIER is data a moment later', async () => {
  const { dce, clock, got } = await inCall();
  dce.send('packet\r\n');
  await runFor(clock, 60);
  expect(got.text).toBe('packet\r\n');
});

test('AL-4 a carrier lost without a word is seen on its circuit', async () => {
  const { dce, clock, got } = await inCall();
  dce.send('last');
  await runFor(clock, 700);
  dce.carrier = false;
  dce.isData = false;
  await runUntil(clock, () => got.ended, 2_000);
  expect(got.text).toBe('last');
});

test('AL-4 a port closed from behind ends the call at once, with what came before', async () => {
  const { dce, clock, got } = await inCall({ circuits: false });
  dce.send(`last${trailer}`);
  await runFor(clock, 5);
  dce.isData = false;
  dce.hangUpPort();
  await runUntil(clock, () => got.ended, 100);
  expect(got.text).toBe('last');
});

test('fault 36: +++ and ATH in a file are octets like any', async () => {
  const { dce, clock, connection } = await inCall();
  const file = Buffer.concat([Buffer.from('+++'), randomBytes(5_000), Buffer.from('+++ATH\r+++')]);
  connection.octets.write(file);
  await runFor(clock, 5_000);
  connection.octets.write('+++');
  await runFor(clock, 5_000);
  expect(dce.data.equals(Buffer.concat([file, Buffer.from('+++')]))).toBe(true);
  expect(dce.commands.at(-1)).toMatch(/^ATD/);
});

test('AL-4 all octet values pass both ways', async () => {
  const { dce, clock, connection, got } = await inCall();
  const all = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
  connection.octets.write(all);
  dce.send(all);
  await runFor(clock, 100);
  expect(dce.data.equals(all)).toBe(true);
  expect(got.text).toBe(all.toString('latin1'));
});

test('fault 88: a slow reader stops the port, and loses nothing', async () => {
  const { dce, clock, connection, got } = await inCall();
  connection.octets.pause();
  const file = randomBytes(400_000);
  for (let at = 0; at < file.length; at += 4_000) dce.send(file.subarray(at, at + 4_000));
  await runFor(clock, 3_000);
  // The connection's buffer and the port's, 16 KiB each, and what was on its way between.
  expect(connection.octets.readableLength).toBeLessThan(100_000);
  dce.loseCarrier();
  await runFor(clock, 3_000);
  expect(got.ended).toBe(false);
  connection.octets.resume();
  await runUntil(clock, () => got.ended, 2_000);
  expect(Buffer.from(got.text, 'latin1').equals(file)).toBe(true);
});

test('fault 88: a stopped modem stops the writer', async () => {
  const { dce, clock, connection } = await inCall();
  dce.isStopped = true;
  const file = randomBytes(100_000);
  let written = 0;
  for (let at = 0; at < file.length; at += 10_000) {
    connection.octets.write(file.subarray(at, at + 10_000), () => written++);
  }
  await runFor(clock, 1_000);
  expect(written).toBe(0);
  expect(connection.octets.writableNeedDrain).toBe(true);
  dce.resume();
  await runUntil(clock, () => written === 10, 1_000);
  expect(dce.data.equals(file)).toBe(true);
});

test('fault 40: what is written after the line dropped disturbs nobody, and never reaches the modem', async () => {
  const { dce, clock, modem, connection, got } = await inCall();
  dce.isStopped = true;
  connection.octets.write(Buffer.from('\rATDT900\r'.repeat(2_000)));
  await runFor(clock, 100);
  dce.loseCarrier();
  await runUntil(clock, () => got.ended, 2_000);
  dce.isStopped = false;
  connection.octets.write('\rATDT900\r');
  connection.octets.end();
  await setImmediate();
  await settled(clock, connection.hangUp());
  expect(dce.commands.filter((command) => command.includes('900'))).toEqual([]);
  dce.when(/^ATD/, 'BUSY');
  expect((await settled(clock, modem.dial('1', { carrierWaitSeconds: 60 }))).kind).toBe('busy');
});
