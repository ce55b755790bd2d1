import { expect, test } from 'vitest';
import { tones } from '../../../src/pstn/signals.js';
import { runFor } from '../../support/office.js';
import { openScripted, ScriptedModem, settled } from '../../support/scripted-modem.js';

async function answered(dce = new ScriptedModem()) {
  const { clock, modem } = await openScripted(dce);
  const events: string[] = [];
  modem.on('digit', (symbol) => events.push(symbol)).on('farEndGone', () => events.push('gone'));
  dce.say('RING');
  await runFor(clock, 10);
  const result = await settled(clock, modem.answerVoice());
  return { dce, clock, modem, events, result };
}

test.each(['OK', 'VCON'])('CM-295 AL-5 a call is answered in voice mode: %s', async (code) => {
  const { dce, result } = await answered(new ScriptedModem().when(/^AT\+VLS=1$/, code));
  expect(result).toEqual({ kind: 'answered' });
  expect(dce.commands.slice(-2)).toEqual(['AT+FCLASS=8', 'AT+VLS=1']);
});

test('CM-295 a modem without voice refuses, and still answers with data', async () => {
  const dce = new ScriptedModem().when(/FCLASS=8/, 'ERROR').when(/^ATA/, () => dce.connect());
  const { clock, modem, result } = await answered(dce);
  expect(result).toEqual({ kind: 'refused-by-modem', command: 'AT+FCLASS=8' });
  expect((await settled(clock, modem.answerData({ carrierWaitSeconds: 60 }))).kind).toBe('connected');
});

test('CM-295 a modem that cannot go off-hook in voice mode is back in data mode', async () => {
  const dce = new ScriptedModem().when(/VLS/, 'ERROR');
  const { result } = await answered(dce);
  expect(result).toEqual({ kind: 'refused-by-modem', command: 'AT+VLS=1' });
  expect(dce.commands.slice(-2)).toEqual(['ATH', 'AT+FCLASS=0']);
});

test('CM-305 digits are reported as they come, also between the octets of a result code', async () => {
  const { dce, clock, modem, events } = await answered();
  dce.when(/VTS/, undefined);
  const tone = modem.playTone(tones.dial, 1_000);
  await runFor(clock, 100);
  dce.send('\x101\x10/2\x1022\x102\x10~\r\nO\x103K\r\n\x10#');
  await settled(clock, tone);
  expect(events).toEqual(['1', '2', '3', '#']);
});

test('CM-300 the ready signal is played to its end', async () => {
  const { dce, clock, modem } = await answered();
  const startMs = clock.monotonicMs();
  await settled(clock, modem.playTone(tones.dial, 500));
  expect(dce.commands.at(-1)).toBe('AT+VTS=[350,440,50]');
  expect(clock.monotonicMs() - startMs).toBe(500);
  await settled(clock, modem.playTone(tones.silence, 250));
  expect(dce.commands.at(-1)).toBe('AT+VTS=[0,0,25]');
});

test('CM-300 a tone that no modem plays is a mistake of the program', async () => {
  const { modem } = await answered();
  expect(() => modem.playTone([1, 2, 3], 100)).toThrow(RangeError);
  expect(() => modem.playTone(tones.dial, 2_551)).toThrow(RangeError);
  expect(() => modem.playTone(tones.dial, 0)).toThrow(RangeError);
});

test('CM-300 a tone that the modem refuses takes its time all the same', async () => {
  const { dce, clock, modem } = await answered();
  dce.when(/VTS/, 'ERROR');
  const startMs = clock.monotonicMs();
  await settled(clock, modem.playTone(tones.busyOrReorder, 250));
  expect(clock.monotonicMs() - startMs).toBe(250);
});

test.each([...'lbKds'])('CM-300 the far end is gone, told once: <DLE>%s', async (code) => {
  const { dce, clock, events } = await answered();
  dce.send(`\x10${code}\x10${code}`);
  await runFor(clock, 1);
  expect(events).toEqual(['gone']);
});

test('AL-5 from voice to data on the same call', async () => {
  const { dce, clock, modem, events } = await answered();
  dce.when(/^ATA/, () => dce.connect('CONNECT 33600', '\x105'));
  const result = await settled(clock, modem.answerData({ carrierWaitSeconds: 60 }));
  if (result.kind !== 'connected') throw new Error(result.kind);
  expect(dce.commands.slice(-3)).toEqual(['AT+FCLASS=0', 'ATS7=60', 'ATA']);
  expect(dce.commands).not.toContain('ATH');
  expect(String(result.connection.octets.read())).toBe('\x105');
  expect(events).toEqual([]);
});

test('AL-4 a voice call is hung up, and the modem is back in data class', async () => {
  const { dce, clock, modem } = await answered();
  await settled(clock, modem.hangUp());
  expect(dce.commands.slice(-2)).toEqual(['ATH', 'AT+FCLASS=0']);
  dce.when(/^ATD/, 'BUSY');
  expect((await settled(clock, modem.dial('1', { carrierWaitSeconds: 60 }))).kind).toBe('busy');
});

test('AL-4 tones that were queued are not played after the hang-up', async () => {
  const { dce, clock, modem } = await answered();
  const played = [1, 2, 3].map(() => modem.playTone(tones.dial, 1_000));
  await runFor(clock, 100);
  await settled(clock, Promise.all([...played, modem.hangUp()]), 3_000);
  expect(dce.commands.filter((command) => command.includes('VTS'))).toHaveLength(1);
});
