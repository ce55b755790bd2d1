import { expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { openModem } from '../../../src/pstn/modem/open-modem.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { runUntil } from '../../support/office.js';
import { openScripted, openScriptedReopening, ScriptedModem, settled } from '../../support/scripted-modem.js';

test('AL-4 a modem is reset and set up: words, no echo, X5, carrier and DTR, no auto-answer, caller ID', async () => {
  const dce = new ScriptedModem();
  await openScripted(dce);
  expect(dce.commands.indexOf('ATZ')).toBeGreaterThanOrEqual(0);
  const after = dce.commands.slice(dce.commands.indexOf('ATZ') + 1);
  for (const command of [
    'ATE0Q0V1',
    'ATX5',
    'AT&C1&D2',
    'ATS0=0',
    'ATS38=20',
    'AT+ER=1',
    'AT+MR=1',
    'AT+FCLASS=0',
    'AT+VCID=1',
  ]) {
    expect(after).toContain(command);
  }
});

test('AL-4 a modem without X5 is set to X4', async () => {
  const dce = new ScriptedModem().when(/^ATX5$/, 'ERROR');
  await openScripted(dce);
  expect(dce.commands).toContain('ATX4');
});

test('fault 36: the escape is off where DTR hangs up, and on with its guard where nothing else does', async () => {
  const wired = new ScriptedModem();
  await openScripted(wired);
  expect(wired.commands).toContain('ATS2=255');

  const reopened = new ScriptedModem({ circuits: false });
  await openScriptedReopening(reopened);
  expect(reopened.commands).toContain('ATS2=255');

  const bare = new ScriptedModem({ circuits: false });
  await openScripted(bare);
  expect(bare.commands).toContain('ATS2=43S12=50');
  expect(bare.commands).not.toContain('ATS2=255');
});

test.each(['crlf', 'cr', 'numeric'] as const)(
  'fault 37: a modem that echoes and frames its answers as %s is set up and used',
  async (framing) => {
    const dce = new ScriptedModem({ echo: true, framing });
    dce.when(/^ATDT5550100$/, () => dce.connect('CONNECT', 'first octets'));
    const { clock, modem } = await openScripted(dce);
    const result = await settled(clock, modem.dial('5550100', { carrierWaitSeconds: 60 }));
    if (result.kind !== 'connected') throw new Error(result.kind);
    expect(String(result.connection.octets.read())).toBe('first octets');
  },
);

test('fault 37: XON and XOFF around every answer are passed over', async () => {
  const dce = new ScriptedModem();
  dce.when(/./, () => dce.send('\x13\r\n\x11O\x13K\r\n\x11') as undefined);
  await expect(openScripted(dce)).resolves.toBeDefined();
});

test('AL-4 a modem that knows only the basic commands is used with what it has', async () => {
  const dce = new ScriptedModem();
  dce.when(/[&+#]|S38|S2=/, 'ERROR');
  await expect(openScripted(dce)).resolves.toBeDefined();
  expect(dce.commands).toEqual(expect.arrayContaining(['AT+VCID=1', 'AT#CID=1', 'AT&K3', 'AT+IFC=2,2']));
});

test('fault 41: a modem that wakes up late is found', async () => {
  const dce = new ScriptedModem();
  let asked = 0;
  dce.when(/^ATE0Q0V1$/, () => (++asked > 3 ? (dce.say('OK') as undefined) : undefined));
  await expect(openScripted(dce)).resolves.toBeDefined();
  expect(dce.dtrDrops).toBeGreaterThan(0);
});

test('fault 41: a modem left in a call by a program that died is brought back by DTR', async () => {
  const dce = new ScriptedModem();
  dce.isData = true;
  await openScripted(dce);
  expect(dce.commands).toContain('ATZ');
});

test('fault 41: ... and by the escape, where DTR does nothing', async () => {
  const dce = new ScriptedModem({ ignoresDtr: true, escape: true });
  dce.isData = true;
  await openScripted(dce);
  expect(dce.commands).toContain('ATH');
});

test('fault 41: a silent modem ends in an error that says what to check, and the port is let go', async () => {
  const dce = new ScriptedModem();
  dce.when(/.*/, undefined);
  const clock = new SimulatedClock();
  const opening = openModem('sim:5550101', { clock, log: silentLog, simBinding: dce.binding });
  await expect(settled(clock, opening, 60_000)).rejects.toMatchObject({
    name: 'ModemUnavailable',
    message: expect.stringMatching(/No modem answers at sim:5550101.*switched on/),
  });
  expect(dce.dtr).toBe(false);
});

test('AL-4 the own commands of an operator are run; one that the modem refuses is an error', async () => {
  const dce = new ScriptedModem();
  await openScripted(dce, { initialise: ['ATM0', '+GCI=B5'] });
  expect(dce.commands.slice(-2)).toEqual(['ATM0', 'AT+GCI=B5']);

  const stubborn = new ScriptedModem().when(/^ATM0$/, 'ERROR');
  await expect(openScripted(stubborn, { initialise: ['ATM0'] })).rejects.toThrow(/refuses.*"ATM0"/);
  expect(stubborn.dtr).toBe(false);
});

test('AL-4 a line that cannot be opened says why', async () => {
  const options = { clock: new SimulatedClock(), log: silentLog };
  await expect(openModem('modem:1', options)).rejects.toThrow(/no line URL/);
  await expect(openModem('sim:5550101', options)).rejects.toThrow(/no simulated telephone network/);
  await expect(openModem('serial:/nonexistent/tty', options)).rejects.toThrow(
    /serial:\/nonexistent\/tty cannot be opened: .*No such file/,
  );
  await expect(openModem('pty:/nonexistent/link', options)).rejects.toThrow(/cannot be opened/);
  await expect(openModem('tcp://127.0.0.1:9', options)).rejects.toThrow(/cannot be opened: .*ECONNREFUSED/);
});

test('AL-4 they are run again on a port that was closed from behind, for it may be another modem by then', async () => {
  const dce = new ScriptedModem({ circuits: false });
  const { clock, modem } = await openScriptedReopening(dce, { initialise: ['ATM0', '+GCI=B5'] });
  const before = dce.commands.length;
  dce.hangUpPort();
  await runUntil(clock, () => dce.commands.slice(before).includes('AT+GCI=B5'), 10_000);
  expect(dce.commands.slice(-2)).toEqual(['ATM0', 'AT+GCI=B5']);
  await settled(clock, modem.close());
});
