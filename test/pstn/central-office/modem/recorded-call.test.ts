import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { encodeMuLaw } from '../../../../src/pstn/audio/mu-law.js';
import { dtmfBurst } from '../../../../src/pstn/audio/oscillator.js';
import { generic } from '../../../../src/pstn/central-office/modem/profiles/generic.js';
import { SimulatedModem } from '../../../../src/pstn/central-office/modem/simulated-modem.js';
import type { DtmfSymbol } from '../../../../src/pstn/signals.js';
import { needs } from '../../../support/needs.js';
import { telephones } from '../telephones.js';
import { words } from './bench.js';
import { FakePort } from './fake-port.js';

/** A voice call between two modems on a real exchange, answered, with no stream open yet. */
async function voiceCall() {
  const { clock, line, run, until } = telephones([
    { number: '5550100', delayMs: 20 },
    { number: '5550101', delayMs: 20 },
  ]);
  const installed = (number: string) => {
    const modem = new SimulatedModem({ line: line(number), clock, maxRate: 33_600, profile: generic });
    const port = new FakePort(modem);
    modem.plug(port);
    modem.dtr(true);
    port.type('ATE0+FCLASS=8;+VSM=0,8000;+VSD=0\r');
    port.output();
    return port;
  };
  const [caller, called] = [installed('5550100'), installed('5550101')];
  caller.type('ATDT5550101\r');
  await until(() => called.events.some((event) => event.includes('RING')));
  called.type('ATA\r');
  await until(() => caller.events.some((event) => event.includes('VCON')));
  caller.output();
  called.output();
  return { run, caller, called };
}

/** Samples, and the codes between them, of a 16-bit recording that `<DLE>!` ended. */
function recording(output: string): { readonly octets: Buffer; readonly codes: string } {
  const stream = Buffer.from(output.replace(/^\r\nCONNECT\r\n/, '').replace(/\r\nOK\r\n$/, ''), 'latin1');
  const octets: number[] = [];
  let codes = '';
  for (let at = 0; at < stream.length; at++) {
    const isCode = stream[at] === 0x10 && stream[++at] !== 0x10;
    if (isCode) codes += String.fromCharCode(stream[at] ?? 0);
    else octets.push(stream[at] ?? 0);
  }
  return { octets: Buffer.from(octets), codes };
}

/** What multimon-ng reads in a recording. */
function readByMultimon(context: TestContext, octets: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'recorded-call-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'call.raw'), octets);
  const [linear, options] = [
    ['-t', 'raw', '-e', 'signed', '-b', '16', '-c', '1'],
    { cwd: folder, timeout: 20_000 },
  ];
  spawnSync('sox', [...linear, '-r', '8000', 'call.raw', ...linear, '-r', '22050', 'fast.raw'], options);
  const { stdout } = spawnSync('multimon-ng', ['-q', '-a', 'DTMF', '-t', 'raw', 'fast.raw'], options);
  return [...stdout.toString().matchAll(/^DTMF: (.)$/gm)].map(([, key]) => key).join('');
}

test('telephony 4.1 multimon-ng: it reads the keys of a call from what a modem has recorded of it', async (context) => {
  needs(context, 'multimon-ng', 'sox');
  const { run, caller, called } = await voiceCall();
  called.type('AT+VRX\r');
  await run(100);
  caller.type('AT+VTS=5,5,{5,10},0,1,*,#,{D,20}\r');
  await run(12_000);
  called.type('\x10!');
  const { octets, codes } = recording(called.output());
  expect(codes).toBe('55501*#D\x03');
  expect(readByMultimon(context, octets)).toBe('55501*#D');
});

test('telephony 2.2: keys that a program plays as sound are heard at the other end as keys', async () => {
  const { run, caller, called } = await voiceCall();
  called.type('AT+VTX\r');
  caller.type('AT+VSM=4,8000;+VTX\r');
  for (const symbol of [...'73#'] as DtmfSymbol[]) {
    caller.write(encodeMuLaw(dtmfBurst(symbol, 80)));
    caller.write(new Uint8Array(640).fill(0xff));
  }
  caller.type('\x10\x03');
  await run(1_500);
  expect(words(caller.output())).toBe('CONNECT OK');
  expect(called.output().replace('\r\nCONNECT\r\n', '')).toBe('\x107\x103\x10#');
});

test('telephony 2.2: the far end hangs up in the middle of a recording: <DLE>l, and dial tone 10 s later', async () => {
  const { run, caller, called } = await voiceCall();
  called.type('AT+VRX\r');
  await run(1_000);
  caller.type('ATH\r');
  await run(9_000);
  const before = recording(called.output());
  expect(before.codes).toBe('l');
  await run(3_000);
  called.type('\x10!');
  expect(recording(called.output()).codes).toBe('d\x03');
});
