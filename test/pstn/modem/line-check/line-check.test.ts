import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { simBinding } from '../../../../src/pstn/central-office/ports/sim-port.js';
import { CircuitLine } from '../../../../src/pstn/modem/circuit-line.js';
import { checkLine, type LineCheckOptions } from '../../../../src/pstn/modem/line-check/line-check.js';
import type { LineReport, StepName } from '../../../../src/pstn/modem/line-check/line-report.js';
import * as lockFiles from '../../../../src/pstn/modem/line-check/lock-file.js';
import * as openLines from '../../../../src/pstn/modem/open-line.js';
import { openSerialPort } from '../../../../src/pstn/modem/serial-port.js';
import { realClock } from '../../../../src/time/real-clock.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { simulatedOffice } from '../../../support/office.js';
import { ScriptedModem, type ScriptedModemOptions, settled } from '../../../support/scripted-modem.js';

type Checked = LineReport & { readonly told: (step: StepName) => string; readonly order: string[] };

async function check(
  clock: SimulatedClock,
  simBinding: LineCheckOptions['simBinding'],
  options: Partial<LineCheckOptions> & { url?: string } = {},
): Promise<Checked> {
  const { url = 'sim:5550101', ...given } = options;
  const order: string[] = [];
  const checking = checkLine(url, {
    clock,
    offHook: false,
    onStep: ({ step }) => order.push(step),
    ...(simBinding && { simBinding }),
    ...given,
  });
  const report = await settled(clock, checking, 300_000);
  const told = (name: StepName) => {
    const step = report.steps.find((each) => each.step === name);
    return `${step?.known}: ${step?.told}`;
  };
  return { ...report, told, order };
}

/** What a modem of the simulated network answers, by its profile. */
async function checkSimulated(modem: 'generic' | 'usr' | 'rockwell' | 'strict' | 'gsm', offHook = false) {
  const network = simulatedOffice({ lines: [{ number: '5550101', modem }] });
  await network.office.open();
  const report = await check(network.clock, simBinding(network.office), { offHook });
  return { ...network, report };
}

const scripted = (options: ScriptedModemOptions = {}) => ({
  dce: new ScriptedModem(options),
  clock: new SimulatedClock(),
});

describe('telephony 1 and 2: a modem is asked what it can do', () => {
  test.each(['generic', 'usr', 'rockwell', 'strict', 'gsm'] as const)(
    'telephony 0: the profile of a modem that is %s is found',
    async (modem) => {
      const { report } = await checkSimulated(modem);
      expect(report).toMatchObject({ verdict: 'modem', profile: modem });
      expect(report.order).toEqual(report.steps.map(({ step }) => step));
      expect(report.told('dial-tone')).toMatch(/^unknown: not tried/);
    },
  );

  test('AL-5 a voice modem can be the server’s trunk; one without voice cannot, and why is said', async () => {
    const { report: voice } = await checkSimulated('generic');
    expect(voice.told('identity')).toMatch(/^yes: Cordboard simulated modem /);
    expect(voice.told('voice')).toBe('yes: +FCLASS=8, +VLS');
    expect(voice.told('voice-formats')).toMatch(/UNSIGNED PCM 8 bit, 8000 Hz/);
    expect(voice.told('hears-dtmf')).toMatch(/^unknown: .*only a call shows it/);
    expect(voice.advice[0]).toMatch(/It can be the server's trunk/);
    const { report: data } = await checkSimulated('usr');
    expect(data.told('voice')).toMatch(/^no: /);
    expect(data.advice[0]).toBe(
      "This modem cannot be the server's trunk, because it has no voice mode and it plays no tones to a caller.",
    );
    expect(data.advice[1]).toMatch(/endpoint/);
  });

  test('telephony 6: a cellular modem tells of its messages', async () => {
    const { report } = await checkSimulated('gsm');
    expect(report.told('sms')).toMatch(/^yes: \+CMGF/);
    expect(report.advice.join()).toMatch(/good for messages/);
  });

  test('telephony 4.3: the dial tone is listened for only when asked, and the line is on-hook afterwards', async () => {
    const { report, office } = await checkSimulated('generic', true);
    expect(report.told('dial-tone')).toBe('yes: heard; W waits for it');
    expect(office.line('5550101').use).toBeUndefined();
  });

  test('telephony 1.9: a dead line has no dial tone', async () => {
    const network = simulatedOffice({ lines: [{ number: '5550101' }] });
    await network.office.open();
    network.office.line('5550101').cut(true);
    const report = await check(network.clock, simBinding(network.office), { offHook: true });
    expect(report.told('dial-tone')).toMatch(/^no: /);
    expect(report.advice.join()).toMatch(/check the telephone line/);
  });

  test('fault 37: numbers alone are information once the modem speaks in words; echo is told', async () => {
    const { dce, clock } = scripted({ echo: true });
    dce.when(/^AT\+FCLASS=\?$/, () => {
      dce.send('\r\n0\r\n\r\n8\r\n\r\nOK\r\n');
      return undefined;
    });
    dce.when(/^ATS8\?$/, () => {
      dce.send('\r\n7\r\n\r\nOK\r\n');
      return undefined;
    });
    const report = await check(clock, dce.binding);
    expect(report.told('answers')).toBe('yes: OK with echo');
    expect(report.told('voice')).toMatch(/^yes/);
  });

  test('telephony 1.6: DTR that resets the registers under &D3 reaches the modem; S2 above 127 is no escape', async () => {
    const { dce, clock } = scripted();
    let s8 = '002';
    let drops = 0;
    dce.when(/^ATS8=007$/, () => {
      s8 = '007';
      dce.say('OK');
      drops = dce.dtrDrops;
      return undefined;
    });
    dce.when(/^ATS8\?$/, () => {
      if (dce.dtrDrops > drops) s8 = '002';
      dce.send(`\r\n${s8}\r\n\r\nOK\r\n`);
      return undefined;
    });
    dce.when(/^ATS2\?$/, () => dce.send('\r\n255\r\n\r\nOK\r\n') as undefined);
    const report = await check(clock, dce.binding);
    expect(report.told('dtr')).toBe('yes: DTR reaches the modem');
    expect(report.told('escape')).toBe('no: S2=255 switches it off');
    expect(report.told('circuits')).toBe('yes: CTS on, DSR on, DCD off');
  });

  test('telephony 1.7: DCD that is on without a call is told of', async () => {
    const { dce, clock } = scripted({ dcd: 'strapped-on' });
    expect((await check(clock, dce.binding)).told('circuits')).toMatch(/DCD on; .*strapped on/);
  });

  test('fault 41: each question that gets no answer ends by the clock, and the rest is asked', async () => {
    const { dce, clock } = scripted();
    dce.when(/^AT(\+|#|%|\\|S|I)/, undefined);
    const report = await check(clock, dce.binding);
    expect(report.verdict).toBe('modem');
    expect(report.told('identity')).toMatch(/^unknown/);
    expect(report.order.at(-1)).toBe('dial-tone');
  });

  test('fault 41: a check that is ended leaves the line on-hook and closed', async () => {
    const { dce, clock } = scripted();
    const stop = new AbortController();
    dce.when(/^AT\+GMI$/, () => {
      stop.abort();
      return 'OK';
    });
    const report = await check(clock, dce.binding, { signal: stop.signal, offHook: true });
    expect(report.profile).toBeUndefined();
    expect(dce.commands.some((command) => command.startsWith('ATD'))).toBe(false);
    expect(dce.commands.slice(-2)).toEqual(['ATH', 'ATZ']);
    expect(dce.dtr).toBe(false);
  });

  test('fault 41: a modem that was left in a call is brought on-hook and asked', async () => {
    const { dce, clock } = scripted();
    dce.isData = true;
    const report = await check(clock, dce.binding);
    expect(report.told('answers')).toMatch(/brought on-hook/);
    expect(report.verdict).toBe('modem');
  });

  test('telephony 1: no command of a check stores a profile, and without --off-hook none dials', async () => {
    const { dce, clock } = scripted();
    await check(clock, dce.binding);
    for (const command of dce.commands) expect(command).not.toMatch(/&W|^ATD|^ATA|^ATO|\+VLS=1|H1/);
  });
});

describe('fault 41: what is on the port is no modem', () => {
  test('nothing answers', async () => {
    const { dce, clock } = scripted();
    dce.when(/.*/, undefined);
    const report = await check(clock, dce.binding);
    expect(report).toMatchObject({ verdict: 'no-modem', profile: undefined });
    expect(report.told('answers')).toBe('no: nothing answers');
    expect(dce.dtr).toBe(false);
  });

  test('a getty gets a few AT and neither a lost DTR nor an escape', async () => {
    const { dce, clock } = scripted();
    dce.when(/.*/, () => dce.send('\r\nhost login: ') as undefined);
    const report = await check(clock, dce.binding);
    expect(report.told('answers')).toBe('no: a computer asks for a login');
    expect([dce.dtrDrops, dce.commands.filter((command) => command.includes('+++')).length]).toEqual([1, 0]);
    expect(report.advice[0]).toMatch(/getty/);
  });

  test('a port that talks on and on is named, and what it says is not kept for ever', async () => {
    const { dce, clock } = scripted();
    dce.when(/.*/, () => dce.send('$GPRMC,081836,A,3751.65,S\r\n'.repeat(40_000)) as undefined);
    const report = await check(clock, dce.binding);
    expect(report.told('answers')).toMatch(/^no: something talks without being asked: "\$GPRMC,081836/);
  });

  test('a loopback', async () => {
    const { dce, clock } = scripted({ echo: true });
    dce.when(/.*/, undefined);
    expect((await check(clock, dce.binding)).told('answers')).toBe(
      'no: what is sent comes back and nothing else',
    );
  });
});

test('fault 38: a modem that answers at another speed is found, and the URL is corrected', async () => {
  const { dce, clock } = scripted();
  let speed = 0;
  dce.when(/.*/, () => (speed === 9_600 ? 'OK' : (dce.send(Buffer.from([0x80, 0xf8, 0xfe])) as undefined)));
  // No file is read here: simulated time does not wait for the disk.
  const locks = vi.spyOn(lockFiles, 'lockHolder').mockResolvedValue(undefined);
  const spy = vi.spyOn(openLines, 'openLine').mockImplementation(async (url) => {
    if (url.kind !== 'serial') throw new Error(url.kind);
    speed = url.baudRate;
    const stream = await openSerialPort(dce.binding, url.path, url.baudRate);
    const timing = { commandGapMs: 100, dtrOffMs: 500, settleMs: 250 };
    return { line: await CircuitLine.over(stream, clock), timing };
  });
  try {
    const report = await check(clock, undefined, { url: 'serial:/dev/ttyUSB0' });
    expect(report.told('answers')).toBe('yes: at 9600 bit/s only');
    expect(report.advice[0]).toBe('Write ?baud=9600 into the URL.');
    speed = 0;
    dce.when(/.*/, undefined);
    const silent = await check(clock, undefined, { url: 'serial:/dev/ttyUSB0' });
    expect(silent.told('answers')).toBe('no: nothing answers');
  } finally {
    spy.mockRestore();
    locks.mockRestore();
  }
});

describe('fault 41: a line that does not open', () => {
  const folder = mkdtempSync(join(tmpdir(), 'line-check-'));
  const file = join(folder, 'file');
  writeFileSync(file, '');

  test.each([
    ['serial:/dev/nowhere', /no such device/, /by-id/],
    [`serial:${file}`, /no serial port/, /device/],
    ['pty:/nowhere', /no such device/, /program that makes it/],
    ['tcp://127.0.0.1:9', /nothing listens there/, /port 9/],
    ['rfc2217://127.0.0.1:9', /nothing listens there/, /port server/],
    ['tcp://no-such-host.invalid:9', /no such host|name service/, /no-such-host\.invalid/],
    ['sim:5550101', /inside the server/, /rfc2217/],
  ])('%s', async (url, reason, advice) => {
    const steps: string[] = [];
    const report = await checkLine(url, {
      clock: realClock,
      offHook: false,
      onStep: ({ told }) => steps.push(told),
    });
    expect(report.verdict).toBe('unavailable');
    expect(steps).toEqual([expect.stringMatching(reason)]);
    expect(report.advice.join()).toMatch(advice);
  });

  afterAll(() => rmSync(folder, { recursive: true }));
});
