import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { type ProfileName, profileNames } from '../../../src/pstn/central-office/modem/profiles/profile.js';
import { simBinding } from '../../../src/pstn/central-office/ports/sim-port.js';
import { openModem } from '../../../src/pstn/modem/open-modem.js';
import type { CallerId } from '../../../src/pstn/signals.js';
import { simulatedOffice } from '../../support/office.js';
import { settled } from '../../support/scripted-modem.js';
import { dataCall, receivedOn } from '../../support/telephone-call.js';

/** The driver on a line of that make and on one of the generic make. */
async function lines(make: ProfileName, initialise: readonly string[] = []) {
  const callerId = { number: '5550102', name: 'BOB' };
  const world = simulatedOffice({
    lines: [{ number: '5550101', modem: make }, { number: '5550102', callerId }, { number: '5550103' }],
  });
  const { clock, office } = world;
  const open = (number: string, commands: readonly string[] = []) =>
    settled(
      clock,
      openModem(`sim:${number}`, {
        clock,
        log: silentLog,
        simBinding: simBinding(office),
        initialise: commands,
      }),
    );
  return { ...world, open, modem: await open('5550101', initialise), other: await open('5550102') };
}

describe('the driver on each make of modem', () => {
  test.each(profileNames)(
    'AL-4 %s: octets both ways, called and calling, at the line’s rate',
    async (make) => {
      const { clock, modem, other, runUntil } = await lines(make);
      for (const [from, to, number] of [
        [modem, other, '5550102'],
        [other, modem, '5550101'],
      ] as const) {
        const [there, here] = await settled(clock, dataCall(from, number, to));
        expect([there.rate, here.rate]).toEqual([33_600, 33_600]);
        const received = [receivedOn(there), receivedOn(here)] as const;
        const file = Buffer.from(`\r\nNO CARRIER\r\n+++ATH\r${'x'.repeat(20_000)}`);
        there.octets.write(file);
        here.octets.write(file.toReversed());
        await runUntil(() => received.every(({ octets }) => octets.length === file.length), 30_000);
        expect(received[1].octets.equals(file)).toBe(true);
        expect(received[0].octets.equals(file.toReversed())).toBe(true);
        await settled(clock, there.hangUp(), 30_000);
        await settled(clock, here.hangUp(), 30_000);
      }
    },
  );

  test.each([
    ['generic', 'CONNECT 33600', true],
    ['usr', 'CONNECT 33600/ARQ/V34/LAPM/V42BIS', true],
    ['rockwell', 'CONNECT 115200', true],
    ['strict', 'CONNECT 33600', true],
  ] as const)('AL-4 %s tells %s: error control is on: %s', async (make, description, isErrorFree) => {
    const { clock, modem, other } = await lines(make);
    const [connection] = await settled(clock, dataCall(modem, '5550102', other));
    expect(connection).toMatchObject({ description, isErrorFree, rate: 33_600 });
  });

  test.each([
    ['generic', '\\N0', false],
    ['usr', '&M0', false],
    ['rockwell', '\\N0', false],
    ['strict', '+ES=1,0,1', false],
  ] as const)('AL-4 %s without error control (%s) is known to be', async (make, command, isErrorFree) => {
    const { clock, modem, other } = await lines(make, [command]);
    const [connection] = await settled(clock, dataCall(modem, '5550102', other));
    expect(connection).toMatchObject({ isErrorFree });
  });

  test.each([
    ['generic', 'no-answer'],
    ['usr', 'no-answer'],
    ['rockwell', 'no-answer'],
    ['strict', 'no-carrier'],
  ] as const)('AL-4 %s: a line that nobody answers is %s', async (make, kind) => {
    const { clock, modem } = await lines(make);
    const result = await settled(clock, modem.dial('5550103', { carrierWaitSeconds: 30 }), 120_000);
    expect(result.kind).toBe(kind);
  });

  test.each(profileNames)('AL-4 %s: busy, no dial tone', async (make) => {
    const { clock, office, modem, other } = await lines(make);
    const elsewhere = other.dial('5550103', { carrierWaitSeconds: 60 });
    const busy = await settled(clock, modem.dial('5550102', { carrierWaitSeconds: 60 }), 120_000);
    expect(busy).toEqual({ kind: 'busy' });
    office.line('5550101').cut(true);
    const dead = await settled(clock, modem.dial('5550103', { carrierWaitSeconds: 30 }), 120_000);
    expect(dead).toEqual({ kind: 'no-dial-tone' });
    await settled(clock, elsewhere, 120_000);
  });

  test.each(profileNames)('CM-290 %s: the caller, with name', async (make) => {
    const { clock, modem, other, runUntil } = await lines(make);
    const callers: CallerId[] = [];
    modem.on('callerId', (id) => callers.push(id));
    const calling = other.dial('5550101', { carrierWaitSeconds: 20 });
    await runUntil(() => callers.length > 0, 20_000);
    expect(callers).toEqual([{ kind: 'number', number: '5550102', name: 'BOB' }]);
    await settled(clock, calling, 60_000);
  });

  test.each([
    ['generic', 'AT+VCID=2'],
    ['rockwell', 'AT#CID=2'],
  ] as const)('CM-290 %s: the caller out of the raw message (%s)', async (make, command) => {
    const { clock, modem, other, runUntil } = await lines(make, [command]);
    const callers: CallerId[] = [];
    modem.on('callerId', (id) => callers.push(id));
    const calling = other.dial('5550101', { carrierWaitSeconds: 20 });
    await runUntil(() => callers.length > 0, 20_000);
    expect(callers).toEqual([{ kind: 'number', number: '5550102', name: 'BOB' }]);
    await settled(clock, calling, 60_000);
  });

  test.each([
    ['generic', '+VDR=1,0'],
    ['rockwell', '+VDR=1,15'],
  ] as const)(
    'fault 44: %s, distinctive ringing reported (%s): the driver passes DRON and DROF over',
    async (make, command) => {
      const { clock, modem, other } = await lines(make, [command]);
      let rings = 0;
      modem.on('ring', () => rings++);
      await settled(clock, other.dial('5550101', { carrierWaitSeconds: 20 }), 60_000);
      expect(rings > 0).toBe(command === '+VDR=1,15');
    },
  );

  test.each(['generic', 'rockwell', 'strict'] as const)(
    'AL-5 %s: voice, a digit, then data on the same call',
    async (make) => {
      const { clock, modem, other, runUntil } = await lines(make);
      const digits: string[] = [];
      modem.on('digit', (symbol) => digits.push(symbol));
      let answered: Promise<unknown> | undefined;
      modem.on('ring', () => {
        answered ??= modem.answerVoice();
      });
      const calling = other.dial('5550101,,,,,,,,12#', { carrierWaitSeconds: 60 });
      await runUntil(() => digits.length === 3, 60_000);
      expect(digits.join('')).toBe('12#');
      await answered;
      const [result] = await settled(
        clock,
        Promise.all([modem.answerData({ carrierWaitSeconds: 60 }), calling]),
        120_000,
      );
      expect(result.kind).toBe('connected');
    },
  );

  test('AL-5 usr: it knows no voice, and says so', async () => {
    const { clock, modem } = await lines('usr');
    const outcome = await settled(
      clock,
      modem.answerVoice().then(
        (result) => result,
        (error: Error) => error.message,
      ),
      60_000,
    );
    expect(JSON.stringify(outcome)).toMatch(/refused|FCLASS/);
  });

  test.each([
    ['generic', 'no-carrier'],
    ['rockwell', 'no-carrier'],
    ['strict', 'refused-by-modem'],
    ['usr', 'no-carrier'],
  ] as const)('fault 39: %s: 45 digits are %s, and the next call goes through', async (make, kind) => {
    const { clock, modem, other } = await lines(make);
    const result = await settled(clock, modem.dial('5'.repeat(45), { carrierWaitSeconds: 20 }), 120_000);
    expect(result.kind).toBe(kind);
    const [connection] = await settled(clock, dataCall(modem, '5550102', other));
    expect(connection.rate).toBe(33_600);
  });

  test.each(profileNames)(
    'fault 38: %s: a retrain and a fallback in the middle lose nothing',
    async (make) => {
      const { clock, office, modem, other, runUntil, runFor } = await lines(make);
      const [there, here] = await settled(clock, dataCall(modem, '5550102', other));
      const received = [receivedOn(there), receivedOn(here)] as const;
      const file = Buffer.from('retrain '.repeat(8_000));
      there.octets.write(file);
      here.octets.write(file);
      await runFor(3_000);
      office.line('5550101').retrain();
      await runFor(4_000);
      office.line('5550102').changeRate(14_400);
      await runUntil(() => received.every(({ octets }) => octets.length === file.length), 120_000);
      for (const { octets, ended } of received) {
        expect(octets.equals(file)).toBe(true);
        expect(ended).toBe(false);
      }
    },
  );

  test.each([
    ['generic', '+MS=V34,0'],
    ['rockwell', '+MS=V34,0'],
    ['strict', '+MS=V34,0'],
  ] as const)(
    'fault 40: %s with nothing but V.34 (%s), the other with nothing but V.32: no carrier, both free',
    async (make, command) => {
      const { clock, modem, open, office } = await lines(make, [command]);
      const slow = await open('5550103', ['+MS=V32,0']);
      slow.on('ring', () => void slow.answerData({ carrierWaitSeconds: 20 }));
      const result = await settled(clock, modem.dial('5550103', { carrierWaitSeconds: 30 }), 120_000);
      expect(result.kind).toBe('no-carrier');
      expect(office.line('5550101').isIdle()).toBe(true);
    },
  );

  test.each(['generic', 'usr', 'rockwell'] as const)(
    'fault 37: %s left echoing, quiet and numeric in its stored profile, in voice class and off-hook, is found',
    async (make) => {
      const { clock, office } = simulatedOffice({
        lines: [{ number: '5550101', modem: make }, { number: '5550102' }],
      });
      const port = office.port('5550101');
      const before = await simBinding(office).open({ path: '5550101', baudRate: 9600 });
      await before.write(Buffer.from('ATE1Q1V0X0&D0&C0S3=13&W\rAT+FCLASS=8\rATH1\r'));
      await before.close();
      expect(port.pending()).toBe(0);
      const open = (number: string) =>
        settled(
          clock,
          openModem(`sim:${number}`, { clock, log: silentLog, simBinding: simBinding(office) }),
          120_000,
        );
      const [modem, other] = [await open('5550101'), await open('5550102')];
      const [connection] = await settled(clock, dataCall(modem, '5550102', other));
      expect(connection.description).toMatch(/^CONNECT [0-9]/);
    },
  );

  test.each([
    ['20 digits', { number: '1'.repeat(20) }, { kind: 'number', number: '1'.repeat(20) }],
    ['letters', { number: '555CALLME' }, { kind: 'unavailable' }],
    ['a command', { number: '5550101;ATD' }, { kind: 'unavailable' }],
    [
      'a name that looks like result codes',
      { number: '5550102', name: 'X\r\nCONNECT' },
      { kind: 'number', number: '5550102', name: 'XCONNECT' },
    ],
  ] as const)('fault 43: %s in the raw message', async (_, callerId, told) => {
    const { clock, office, runUntil } = simulatedOffice({
      lines: [{ number: '5550101' }, { number: '5550102', callerId }],
    });
    const open = (number: string, initialise: readonly string[] = []) =>
      settled(
        clock,
        openModem(`sim:${number}`, { clock, log: silentLog, simBinding: simBinding(office), initialise }),
      );
    const [modem, other] = [await open('5550101', ['+VCID=2']), await open('5550102')];
    const callers: CallerId[] = [];
    modem.on('callerId', (id) => callers.push(id));
    const calling = other.dial('5550101', { carrierWaitSeconds: 20 });
    await runUntil(() => callers.length > 0, 20_000);
    expect(callers).toEqual([told]);
    await settled(clock, calling, 60_000);
  });
});
