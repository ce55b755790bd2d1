import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext, test, vi } from 'vitest';
import { executablePath } from '../../scripts/programs.mjs';
import { silentLog } from '../../src/log/log.js';
import { Office } from '../../src/pstn/central-office/office.js';
import type { Modem } from '../../src/pstn/modem/modem.js';
import { openModem } from '../../src/pstn/modem/open-modem.js';
import { realClock } from '../../src/time/real-clock.js';
import { freePort } from '../support/free-port.js';
import { needs } from '../support/needs.js';
import { dataCall, receivedOn } from '../support/telephone-call.js';
import { RunningProgram } from './running-program.js';

const numbers = ['5550101', '5550102'] as const;
const [, there] = numbers;
/** bit/s. A hang-up reckons with the rate that the modem tells, so it is one that a busy machine keeps. */
const rate = 230_400;

/** A port server on a line; `accepter` is what stands before its TCP port. */
interface PortServer {
  readonly port: number;
  readonly program: RunningProgram;
}

/** Two lines of a network, and a port server on each. */
async function stage(context: TestContext) {
  needs(context, 'ser2net');
  const folder = mkdtempSync(join(tmpdir(), 'ser2net-'));
  const link = (number: string) => join(folder, number);
  const lines = numbers.map((number) => ({ number, rate, expose: `pty:${link(number)}` }));
  const office = new Office({ timeScale: 0.02, seed: 1, lines }, { clock: realClock, log: silentLog });
  await office.open();
  const modems: Modem[] = [];
  const programs: RunningProgram[] = [];
  context.onTestFinished(async () => {
    await Promise.all(modems.map((modem) => modem.close()));
    for (const program of programs) await program.kill();
    await office.close();
    rmSync(folder, { recursive: true });
  });

  async function ser2net(number: string, accepter: string, again?: number): Promise<PortServer> {
    const port = again ?? (await freePort());
    const chain = [accepter, 'tcp', '127.0.0.1', port].filter((part) => part !== '').join(',');
    const config = join(folder, `ser2net-${number}.yaml`);
    writeFileSync(
      config,
      `connection: &modem\n  accepter: ${chain}\n  connector: serialdev,${link(number)},115200n81,local\n`,
    );
    const program = new RunningProgram({
      command: executablePath('ser2net') ?? 'ser2net',
      args: ['-n', '-d', '-u', '-c', config],
      cwd: folder,
    });
    programs.push(program);
    await vi.waitUntil(() => isListening(port), { timeout: 20_000 });
    return { port, program };
  }

  async function open(url: string, messages: string[] = []): Promise<Modem> {
    const note = (_: object, message: string) => messages.push(message);
    const log = { ...silentLog, info: note, warn: note };
    const modem = await openModem(url, { clock: realClock, log });
    modems.push(modem);
    return modem;
  }

  return { ser2net, open };
}

/** Asks the kernel: a connection, even one that is closed at once, would be the port's only client for a while. */
function isListening(port: number): boolean {
  const address = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, , state]) => local?.endsWith(address) && state === '0A');
}

async function call(caller: Modem, callee: Modem): Promise<void> {
  const [toCallee, toCaller] = await dataCall(caller, there, callee);
  const [atCallee, atCaller] = [receivedOn(toCaller), receivedOn(toCallee)];
  const file = randomBytes(40_000);
  toCallee.octets.write(file);
  toCaller.octets.write(Buffer.alloc(500, 0xff));
  await vi.waitFor(() => expect(atCaller.octets.length).toBe(500), { timeout: 20_000 });
  await toCallee.hangUp();
  await vi.waitFor(() => expect(atCallee.ended).toBe(true), { timeout: 20_000 });
  expect(atCallee.octets.length).toBe(file.length);
  expect(atCallee.octets.equals(file)).toBe(true);
  await toCaller.hangUp();
}

test('AL-4 ser2net: modems behind two of its RFC 2217 ports call each other, a file goes through, and a killed one is found again', async (context) => {
  const { ser2net, open } = await stage(context);
  const [near, far] = [
    await ser2net(numbers[0], 'telnet(rfc2217)'),
    await ser2net(numbers[1], 'telnet(rfc2217)'),
  ];
  const messages: string[] = [];
  const [caller, callee] = await Promise.all([
    open(`rfc2217://127.0.0.1:${near.port}?baud=57600`, messages),
    open(`rfc2217://127.0.0.1:${far.port}`),
  ]);
  // A pty has no DTR, and ser2net says nothing of it.
  expect(messages[0]).toMatch(/RFC 2217 \(ser2net\); the port runs at 57600 bit\/s; not confirmed: DTR/);
  await call(caller, callee);

  const [toCallee, toCaller] = await dataCall(caller, there, callee);
  const [atCallee, atCaller] = [receivedOn(toCaller), receivedOn(toCallee)];
  await near.program.kill();
  await vi.waitUntil(() => atCaller.ended && atCallee.ended, { timeout: 20_000 });
  await ser2net(numbers[0], 'telnet(rfc2217)', near.port);
  await Promise.all([toCallee.hangUp(), toCaller.hangUp()]);
  const [again] = await dataCall(caller, there, callee);
  await again.hangUp();
});

test('AL-4 ser2net: a port of plain telnet is used with a warning, one of bare TCP by tcp:// alone', async (context) => {
  const { ser2net, open } = await stage(context);
  const [telnet, bare] = [await ser2net(numbers[0], 'telnet'), await ser2net(numbers[1], '')];
  await expect(open(`rfc2217://127.0.0.1:${bare.port}`)).rejects.toThrow(/answers no telnet.*write tcp:\/\//);
  const messages: string[] = [];
  const [caller, callee] = await Promise.all([
    open(`rfc2217://127.0.0.1:${telnet.port}`, messages),
    open(`tcp://127.0.0.1:${bare.port}`),
  ]);
  expect(messages[0]).toMatch(/plain telnet without RFC 2217/);
  await call(caller, callee);
});
