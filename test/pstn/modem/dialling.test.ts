import { describe, expect, test } from 'vitest';
import type { ConnectResult } from '../../../src/pstn/modem/modem.js';
import { runFor } from '../../support/office.js';
import { openScripted, openScriptedReopening, ScriptedModem, settled } from '../../support/scripted-modem.js';

const wait60 = { carrierWaitSeconds: 60 };

async function dialled(reply: string | undefined, number = '5550100') {
  const dce = new ScriptedModem();
  dce.when(/^ATD/, () => (reply?.startsWith('CONNECT') ? dce.connect(reply) : reply));
  const { clock, modem } = await openScripted(dce);
  return { dce, clock, modem, result: await settled(clock, modem.dial(number, wait60)) };
}

test.each([
  ['BUSY', 'busy'],
  ['NO ANSWER', 'no-answer'],
  ['NO CARRIER', 'no-carrier'],
  ['NO DIALTONE', 'no-dial-tone'],
  ['NO DIAL TONE', 'no-dial-tone'],
])('fault 35: %s while dialling', async (code, kind) => {
  const { result, dce, modem, clock } = await dialled(code);
  expect(result).toEqual({ kind });
  // The next call is not disturbed by it.
  dce.when(/^ATD/, () => dce.connect());
  expect((await settled(clock, modem.dial('5550100', wait60))).kind).toBe('connected');
});

test('fault 35: RINGING, information and garbage before the result are passed over', async () => {
  const dce = new ScriptedModem();
  dce.when(/^ATD/, () => {
    dce.send('\r\nRINGING\r\n\r\n+MCR: V34\r\n\xff\xfe\r\nx\x00OK-ish\r\nCARRIER 33600\r\n');
    return dce.connect('CONNECT 33600/ARQ/V34/LAPM/V42BIS');
  });
  const { clock, modem } = await openScripted(dce);
  expect(await settled(clock, modem.dial('5550100', wait60))).toMatchObject({
    kind: 'connected',
    connection: { description: 'CONNECT 33600/ARQ/V34/LAPM/V42BIS', rate: 33_600 },
  });
});

describe('CM-A3 NO CARRIER after', () => {
  /** RINGING every 6 s from 2 s on, `times` times, and NO CARRIER at `endMs` from dialling. */
  async function call(times: number, endMs: number) {
    const dce = new ScriptedModem();
    const { clock, modem } = await openScripted(dce);
    dce.when(/^ATD/, () => {
      for (let ring = 0; ring < times; ring++)
        clock.setTimeout(() => dce.say('RINGING'), 2_000 + 6_000 * ring);
      clock.setTimeout(() => dce.say('NO CARRIER'), endMs);
      return undefined;
    });
    return settled(clock, modem.dial('5550100', wait60));
  }

  test.each([
    ['a line that rings until S7 is over is no answer', 10, 61_000, 'no-answer'],
    ['ringing that ended long before, where somebody answered, is no carrier', 2, 61_000, 'no-carrier'],
    [
      'ringing that ended just now, since a modem answered and gave up, is no carrier',
      2,
      14_000,
      'no-carrier',
    ],
    ['no ringing at all is no carrier', 0, 61_000, 'no-carrier'],
  ])('%s', async (_, times, endMs, kind) => {
    expect(await call(times, endMs)).toEqual({ kind });
  });
});

test('fault 35: a late result code of the last call answers no command of the next', async () => {
  const dce = new ScriptedModem().when(/^ATD/, 'BUSY');
  dce.when(/^ATS7/, () => {
    dce.say('NO CARRIER');
    dce.say('OK');
    return undefined;
  });
  const { clock, modem } = await openScripted(dce);
  expect(await settled(clock, modem.dial('1', wait60))).toEqual({ kind: 'busy' });
});

test('fault 38: the rate is what the modem said, whatever it is', async () => {
  const { result } = await dialled('CONNECT 12345');
  expect(result).toMatchObject({ connection: { description: 'CONNECT 12345', rate: 12_345 } });
  expect((await dialled('CONNECT')).result).toMatchObject({ connection: { rate: undefined } });
});

test('CM-305 S7 is set for the call, then the string is dialled as it is', async () => {
  const { dce } = await dialled('BUSY', '5550100W000000000001000000000002#');
  expect(dce.commands.slice(-2)).toEqual(['ATS7=60', 'ATDT5550100W000000000001000000000002#']);
});

test('fault 39: a string that a modem must not see is not sent', async () => {
  const { dce, result } = await dialled('OK', '5550100\rATS0=1');
  expect(result.kind).toBe('refused-by-modem');
  expect(dce.commands.filter((command) => /^ATD|S0=1/.test(command))).toEqual([]);
});

test('fault 39: one longer than small dial buffers is tried, with a warning', async () => {
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (_: unknown, text: string) => warnings.push(text) };
  const dce = new ScriptedModem().when(/^ATD/, 'BUSY');
  const { clock, modem } = await openScripted(dce, { log });
  const result = await settled(clock, modem.dial(`1${'5'.repeat(41)}`, wait60));
  expect(result.kind).toBe('busy');
  expect(warnings.join()).toMatch(/longer than the 40 characters/);
});

test('fault 39: a modem without W refuses the command', async () => {
  const { result } = await dialled('ERROR', '5550100W1#');
  expect(result).toEqual({ kind: 'refused-by-modem', command: 'ATDT5550100W1#' });
});

test('fault 41: a modem that never answers a dial command is silent, and is made usable again', async () => {
  const { result, dce, modem, clock } = await dialled(undefined);
  expect(result).toEqual({ kind: 'silent' });
  expect(clock.monotonicMs()).toBeLessThan(120_000);
  expect(dce.commands.at(-1)).toBe('ATH');
  dce.when(/^ATD/, 'BUSY');
  expect(await settled(clock, modem.dial('5550100', wait60))).toEqual({ kind: 'busy' });
});

test('CM-300 a call is abandoned by a character, not before the modem heeds it', async () => {
  const dce = new ScriptedModem();
  const { clock, modem } = await openScripted(dce);
  let dialledAtMs = 0;
  let abandonedAtMs = 0;
  dce.when(/^ATD/, () => {
    dialledAtMs = clock.monotonicMs();
    return undefined;
  });
  dce.when(/^$/, () => {
    abandonedAtMs = clock.monotonicMs();
    return 'NO CARRIER';
  });
  const abort = new AbortController();
  const dialling = modem.dial('5550100', { ...wait60, signal: abort.signal });
  await runFor(clock, 10);
  abort.abort();
  expect(await settled(clock, dialling)).toEqual({ kind: 'no-carrier' });
  expect(abandonedAtMs - dialledAtMs).toBeGreaterThanOrEqual(125);
  expect(abandonedAtMs - dialledAtMs).toBeLessThan(1_000);
});

test('CM-300 a call that connects while it is abandoned is hung up', async () => {
  const dce = new ScriptedModem();
  dce.when(/^ATD/, undefined);
  const { clock, modem } = await openScripted(dce);
  const abort = new AbortController();
  const dialling = modem.dial('5550100', { ...wait60, signal: abort.signal });
  await runFor(clock, 1_000);
  abort.abort();
  dce.connect();
  expect(await settled(clock, dialling)).toEqual({ kind: 'no-carrier' });
  expect(dce.carrier).toBe(false);
});

test('CM-300 an abort before the call dials nothing', async () => {
  const dce = new ScriptedModem();
  const { clock, modem } = await openScripted(dce);
  const result = await settled(clock, modem.dial('5550100', { ...wait60, signal: AbortSignal.abort() }));
  expect(result).toEqual({ kind: 'no-carrier' });
  expect(dce.commands.some((command) => command.startsWith('ATD'))).toBe(false);
});

test('AL-4 a real modem gets its 100 ms between a result and the next command; a hang-up in them dials nothing', async () => {
  const dce = new ScriptedModem();
  const { clock, modem } = await openScriptedReopening(dce, { commandGapMs: 100 });
  const sentMs: number[] = [];
  dce.when(/./, (command) => {
    sentMs.push(clock.monotonicMs());
    return /^ATD/.test(command) ? 'BUSY' : 'OK';
  });
  await runFor(clock, 200);
  expect(await settled(clock, modem.dial('1', wait60))).toEqual({ kind: 'busy' });
  expect((sentMs[1] ?? 0) - (sentMs[0] ?? 0)).toBe(100);

  await runFor(clock, 200);
  const dialling = modem.dial('2', wait60);
  await runFor(clock, 50);
  const hangUp = modem.hangUp();
  expect(await settled(clock, dialling, 200)).toEqual({ kind: 'no-carrier' });
  await settled(clock, hangUp, 1_000);
  expect(dce.commands).not.toContain('ATDT2');
});

test('AL-4 calls queue in order, one command outstanding; a hang-up overtakes those not begun', async () => {
  const dce = new ScriptedModem();
  dce
    .when(/^ATDT1$/, undefined)
    .when(/^$/, 'NO CARRIER')
    .when(/^ATDT3$/, 'BUSY');
  const { clock, modem } = await openScripted(dce);
  const first = modem.dial('1', wait60);
  const second = modem.dial('2', wait60);
  await runFor(clock, 500);
  const hangUp = modem.hangUp();
  const third = modem.dial('3', wait60);
  const results = await settled(clock, Promise.all([first, second, third, hangUp]));
  expect(results.slice(0, 3).map((result) => (result as ConnectResult).kind)).toEqual([
    'no-carrier',
    'no-carrier',
    'busy',
  ]);
  const dials = dce.commands.filter((command) => /^AT[DH]/.test(command));
  expect(dials).toEqual(['ATDT1', 'ATH', 'ATDT3']);
});

test('fault 44: a line that rings is not dialled on', async () => {
  const dce = new ScriptedModem();
  const { clock, modem } = await openScripted(dce);
  dce.say('RING');
  await runFor(clock, 1);
  expect(await settled(clock, modem.dial('5550100', wait60))).toEqual({ kind: 'no-dial-tone' });
  expect(dce.commands.some((command) => command.startsWith('ATD'))).toBe(false);
});

test('fault 44: glare, a ring while dialling: the dialling is abandoned and the ring reported', async () => {
  const dce = new ScriptedModem();
  dce.when(/^ATD/, undefined).when(/^$/, 'NO CARRIER');
  const { clock, modem } = await openScripted(dce);
  const rings: number[] = [];
  modem.on('ring', (count) => rings.push(count));
  const dialling = modem.dial('5550100', wait60);
  await runFor(clock, 200);
  dce.say('RING');
  expect(await settled(clock, dialling)).toEqual({ kind: 'no-dial-tone' });
  dce.say('RING');
  await runFor(clock, 1);
  expect(rings).toEqual([1, 2]);
});
