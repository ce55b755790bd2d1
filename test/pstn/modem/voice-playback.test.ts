import { expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { decodeLinear8, encodeLinear8 } from '../../../src/pstn/audio/linear-pcm.js';
import { sines } from '../../../src/pstn/audio/oscillator.js';
import { simBinding } from '../../../src/pstn/central-office/ports/sim-port.js';
import { openModem } from '../../../src/pstn/modem/open-modem.js';
import { runFor, simulatedOffice } from '../../support/office.js';
import { openScripted, ScriptedModem, settled } from '../../support/scripted-modem.js';
import { Telephone } from '../central-office/telephone.js';

/** A second of sound in which every octet value occurs, DLE too. */
const recording = Int16Array.from({ length: 8_000 }, (_, index) => ((index % 256) - 128) * 256);

/** In voice mode, with a modem that takes a stream and says OK when it has all of it. */
async function answered(dce = new ScriptedModem()) {
  const { clock, modem } = await openScripted(dce);
  const digits: string[] = [];
  modem.on('digit', (symbol) => digits.push(symbol));
  dce.when(/^AT\+VTX$/, () => {
    dce.isData = true;
    dce.say('CONNECT');
    return undefined;
  });
  await settled(clock, modem.answerVoice());
  const endStream = () => {
    dce.isData = false;
    dce.say('OK');
  };
  return { dce, clock, modem, digits, endStream };
}

test('telephony 2.2: a recording goes out as shielded eight-bit samples, and is over when the modem says so', async () => {
  const { dce, clock, modem, endStream } = await answered();
  let isOver = false;
  const played = modem.play(recording).then(() => {
    isOver = true;
  });
  await runFor(clock, 500);
  expect(dce.commands.slice(-2)).toEqual(['AT+VSM=1,8000', 'AT+VTX']);
  const shieldedLength = 8_000 + encodeLinear8(recording).filter((octet) => octet === 0x10).length;
  expect(dce.data).toHaveLength(shieldedLength + 2);
  expect(dce.data.subarray(-2)).toEqual(Buffer.from('\x10\x03'));
  expect(isOver).toBe(false);
  endStream();
  await settled(clock, played);
});

test('CM-305 telephony 2.2: digits are told while a recording is played', async () => {
  const { dce, clock, modem, digits, endStream } = await answered();
  const played = modem.play(recording);
  await runFor(clock, 100);
  dce.send('\x105\x10u\x10/6\x106\x106\x10~\x10#');
  endStream();
  await settled(clock, played);
  expect(digits).toEqual(['5', '6', '#']);
});

test('telephony 2.2: a hang-up cuts a recording off: what has not been played is dropped', async () => {
  const { dce, clock, modem, endStream } = await answered();
  const played = modem.play(new Int16Array(80_000));
  dce.isStopped = true;
  await runFor(clock, 200);
  const hungUp = modem.hangUp();
  dce.isStopped = false;
  dce.resume();
  await runFor(clock, 200);
  expect(dce.data.length).toBeLessThan(10_000);
  expect(dce.data.subarray(-4)).toEqual(Buffer.from('\x10\x18\x10\x03'));
  endStream();
  await settled(clock, Promise.all([played, hungUp]));
  expect(dce.commands.slice(-2)).toEqual(['ATH', 'AT+FCLASS=0']);
});

test('fault 41: a modem that stops taking samples holds a call for no longer than the recording and 10 s', async () => {
  const { dce, clock, modem } = await answered();
  const startMs = clock.monotonicMs();
  const played = modem.play(recording);
  await runFor(clock, 20);
  dce.isStopped = true;
  await settled(clock, played, 30_000);
  expect(clock.monotonicMs() - startMs).toBeLessThan(15_000);
});

test('telephony 2.1: a modem without voice streams plays nothing, and the call goes on', async () => {
  const { dce, clock, modem } = await answered();
  dce.when(/^AT\+VTX$/, 'ERROR');
  await settled(clock, modem.play(recording), 100);
  dce.when(/^AT\+VSM/, 'ERROR');
  await settled(clock, modem.play(recording), 100);
  expect(dce.data).toHaveLength(0);
  await settled(clock, modem.playTone([440], 100));
  expect(dce.commands.at(-1)).toBe('AT+VTS=[440,0,10]');
});

test('telephony 2.2: the far end hears the recording, and its keys are told meanwhile', async () => {
  const world = simulatedOffice({ lines: [{ number: '5550100' }, { number: '5550101', delayMs: 25 }] });
  const { clock, office, runUntil } = world;
  const telephone = new Telephone(office.line('5550101'), clock);
  const binding = simBinding(office);
  const modem = await settled(
    clock,
    openModem('sim:5550100', { clock, log: silentLog, simBinding: binding }),
  );
  const digits: string[] = [];
  let rings = 0;
  modem
    .on('digit', (symbol) => digits.push(symbol))
    .on('ring', (count) => {
      rings = count;
    });
  telephone.line.offHook();
  await runUntil(() => telephone.hears.length > 0, 5_000);
  void telephone.dial('5550100');
  await runUntil(() => rings > 0, 20_000);
  await settled(clock, modem.answerVoice());
  const listening = telephone.line.listen();
  const message = sines([{ hz: 1000, levelDbm0: -10 }], 1_500);
  const played = modem.play(message);
  await runFor(clock, 700);
  telephone.line.sendDigit('9', 95);
  await settled(clock, played);
  await runFor(clock, 300);
  const heard = listening.read();
  const begin = heard.findIndex((sample) => sample !== 0);
  expect(heard.subarray(begin - 1, begin - 1 + message.length)).toEqual(
    decodeLinear8(encodeLinear8(message)),
  );
  expect(digits).toEqual(['9']);
  await settled(clock, modem.hangUp());
});
