import { randomBytes } from 'node:crypto';
import { Duplex, PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type LogFields, silentLog } from '../../../../src/log/log.js';
import { simBinding } from '../../../../src/pstn/central-office/ports/sim-port.js';
import { AtModem } from '../../../../src/pstn/modem/at-modem.js';
import { ReopeningLine } from '../../../../src/pstn/modem/reopening-line.js';
import { rfc2217Port } from '../../../../src/pstn/modem/rfc2217/rfc2217-port.js';
import type { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { duplexPair } from '../../../support/duplex-pair.js';
import { runFor, runUntil, simulatedOffice } from '../../../support/office.js';
import { PortServer, type PortServerOptions } from '../../../support/port-server.js';
import { settled } from '../../../support/scripted-modem.js';
import { dataCall, receivedOn } from '../../../support/telephone-call.js';

const alice = '5550101';
const bob = '5550102';

/** A port server on the line of Alice, and the driver at the other end of the network. */
async function stage(options: Partial<PortServerOptions> & { baudRate?: number } = {}) {
  const network = simulatedOffice({ lines: [alice, bob].map((number) => ({ number, rate: 33_600 })) });
  await network.office.open();
  const { clock } = network;
  const binding = simBinding(network.office);
  const logged: string[] = [];
  const note = (_: LogFields, message: string) => logged.push(message);
  const log = { ...silentLog, info: note, warn: note, error: note };

  async function modemAt(number: string, { baudRate, ...ways }: typeof options) {
    const server = new PortServer({ clock, binding, path: number, ...ways });
    const sockets: Duplex[] = [];
    const connect = async () => {
      const [near, far] = duplexPair();
      await server.accept(far);
      sockets.push(near);
      return near;
    };
    const url = `rfc2217://${number}`;
    const way = rfc2217Port({ url, baudRate, clock, log, connect });
    const line = await settled(clock, ReopeningLine.open(way, clock));
    const timing = { commandGapMs: 0, dtrOffMs: 500, settleMs: 250 };
    const modem = new AtModem({ url, line, timing, clock, log, initialise: [] });
    const lost: string[] = [];
    modem.on('lost', (cause) => lost.push(cause.message));
    return { server, line, modem, sockets, lost };
  }

  const near = await modemAt(alice, options);
  return { ...network, clock, logged, modemAt, ...near };
}

async function started(options: Parameters<typeof stage>[0] = {}) {
  const all = await stage(options);
  await settled(all.clock, all.modem.start());
  const far = await all.modemAt(bob, {});
  await settled(all.clock, far.modem.start());
  return { ...all, far };
}

const call = (clock: SimulatedClock, { modem, far }: Awaited<ReturnType<typeof started>>) =>
  settled(clock, dataCall(modem, bob, far.modem));

test('telephony 8.4: two modems at two port servers call each other; a file goes through, each octet value in it', async () => {
  const all = await started();
  const { clock } = all;
  const [toBob, toAlice] = await call(clock, all);
  const [atBob, atAlice] = [receivedOn(toAlice), receivedOn(toBob)];
  const file = Buffer.concat([
    Buffer.from(Array.from({ length: 512 }, (_, at) => at & 0xff)),
    randomBytes(30_000),
  ]);
  toBob.octets.write(file);
  toAlice.octets.write(Buffer.alloc(300, 0xff));
  await runUntil(clock, () => atBob.octets.length >= file.length && atAlice.octets.length >= 300);
  await settled(clock, toBob.hangUp());
  await runUntil(clock, () => atBob.ended);
  expect(atBob.octets.equals(file)).toBe(true);
  expect(atAlice.octets.equals(Buffer.alloc(300, 0xff))).toBe(true);
  await settled(clock, Promise.all([all.modem.close(), all.far.modem.close()]));
});

test('telephony 8.4: octets, speed, flow control and circuits are set up in the order of the RFC', async () => {
  const { server, line, logged } = await stage({ baudRate: 57_600 });
  expect(server.orders.map((order) => order.slice(0, 4))).toEqual([
    ...['0100', '0208', '0301', '0401', '0503', '0508', '050b', '0a1e', '0bff', '00'],
  ]);
  expect(server.baudRate).toBe(57_600);
  expect(line.remarks).toEqual(['RFC 2217 (test server)', 'the port runs at 57600 bit/s']);
  expect(logged).toEqual(['port server: RFC 2217 (test server); the port runs at 57600 bit/s']);
});

test('telephony 8.4: without ?baud= the port keeps the speed of its server', async () => {
  const { server, line } = await stage();
  expect(server.orders[0]).toBe('0100000000');
  expect(server.baudRate).toBe(9_600);
  expect(line.remarks).toContain('the port runs at 9600 bit/s');
});

test('telephony 8.4: hanging up drops DTR at the server, and the connection stays', async () => {
  const all = await started();
  const { clock, server } = all;
  const [toBob] = await call(clock, all);
  await runFor(clock, 100);
  expect(await all.line.carrierDetect()).toBe(true);
  const before = server.orders.length;
  await settled(clock, toBob.hangUp());
  expect(server.orders.slice(before)).toEqual(['0509', '0508']);
  expect(server.connections).toBe(1);
  await runFor(clock, 200);
  expect(await all.line.carrierDetect()).toBe(false);
});

test('telephony 8.4: the far end hangs up; circuit 109 says so by NOTIFY-MODEMSTATE', async () => {
  const all = await started();
  const { clock } = all;
  const [toBob, toAlice] = await call(clock, all);
  const atAlice = receivedOn(toBob);
  await settled(clock, toAlice.hangUp());
  const hungUpMs = clock.monotonicMs();
  await runUntil(clock, () => atAlice.ended);
  // S10, the server's poll and the driver's: without the circuit it would be a second of silence more.
  expect(clock.monotonicMs() - hungUpMs).toBeLessThan(3_000);
  expect(all.server.connections).toBe(1);
});

test('fault 35: NO CARRIER inside the data ends no call while circuit 109 is on', async () => {
  const all = await started();
  const [toBob, toAlice] = await call(all.clock, all);
  const atAlice = receivedOn(toBob);
  toAlice.octets.write('\r\nNO CARRIER\r\n');
  await runFor(all.clock, 5_000);
  expect(atAlice).toEqual({ octets: Buffer.from('\r\nNO CARRIER\r\n'), ended: false });
});

test('telephony 8.4: a server that does not answer DTR is marked so after a second, and calls end by closing', async () => {
  const all = await started({ without: ['dtr', 'circuits'] });
  const { clock, server } = all;
  expect(all.line.remarks).toContain('not confirmed: DTR, notice of circuits');
  expect(all.line.canDropDtr).toBe('perhaps');
  const [toBob, toAlice] = await call(clock, all);
  const atBob = receivedOn(toAlice);
  toBob.octets.write('last words');
  await settled(clock, toBob.hangUp());
  await runUntil(clock, () => atBob.ended);
  expect(String(atBob.octets)).toBe('last words');
  expect(server.connections).toBe(2);
  expect(all.lost).toEqual([]);
});

test('fault 41: ... or by the escape, where the server keeps DTR on without its client', async () => {
  const all = await started({ without: ['dtr', 'circuits'], keepsPort: true });
  const { clock } = all;
  for (let calls = 1; calls <= 2; calls++) {
    const [toBob, toAlice] = await call(clock, all);
    const atBob = receivedOn(toAlice);
    await settled(clock, toBob.hangUp());
    await runUntil(clock, () => atBob.ended);
    await settled(clock, toAlice.hangUp());
    await runFor(clock, 20_000);
  }
  expect(all.lost).toEqual([]);
});

test('telephony 8.4: a server without RFC 2217 is used as plain telnet, with a warning', async () => {
  const all = await started({ without: ['com-port'], baudRate: 9_600 });
  const { clock, server } = all;
  expect(all.logged.join()).toMatch(/plain telnet without RFC 2217/);
  expect(server.orders).toEqual([]);
  const [toBob, toAlice] = await call(clock, all);
  const atBob = receivedOn(toAlice);
  const octets = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  toBob.octets.write(octets);
  await settled(clock, toBob.hangUp());
  await runUntil(clock, () => atBob.ended);
  expect(atBob.octets.equals(octets)).toBe(true);
});

test('telephony 8.4: a server without BINARY gets CR NUL for CR, and the octets arrive as they were', async () => {
  const all = await started({ without: ['com-port', 'binary'] });
  const { clock } = all;
  const [toBob, toAlice] = await call(clock, all);
  const [atBob, atAlice] = [receivedOn(toAlice), receivedOn(toBob)];
  const octets = Buffer.from('\r\0\r\n\r\r\xff\0\r', 'latin1');
  toBob.octets.write(octets);
  toAlice.octets.write(octets);
  await runUntil(clock, () => atBob.octets.length + atAlice.octets.length >= 2 * octets.length);
  expect(atBob.octets).toEqual(octets);
  expect(atAlice.octets).toEqual(octets);
});

test('telephony 8.4: a port without telnet is not written to as one', async () => {
  await expect(stage({ without: ['telnet'] })).rejects.toThrow(/answers no telnet.*write tcp:\/\//);
});

test('telephony 8.4: a modem that echoes what it gets is not taken for a server that agrees to all', async () => {
  const { clock } = simulatedOffice({ lines: [] });
  const connect = async () => new PassThrough();
  const way = rfc2217Port({ url: 'rfc2217://echo', baudRate: undefined, clock, log: silentLog, connect });
  await expect(settled(clock, way.open())).rejects.toThrow(/answers no telnet/);
});

test('telephony 8.4: a server that sets another speed is told of', async () => {
  const { line } = await stage({ baudRate: 115_200, stuckAt: 9_600 });
  expect(line.remarks).toEqual(['RFC 2217 (test server)', 'the port runs at 9600 bit/s', 'refused: speed']);
});

test('telephony 8.4: a server that suspends gets no data until it resumes', async () => {
  const all = await started();
  const { clock, server } = all;
  const [toBob, toAlice] = await call(clock, all);
  const atBob = receivedOn(toAlice);
  server.comPort(8);
  await runFor(clock, 10);
  toBob.octets.write('held');
  await runFor(clock, 2_000);
  expect(atBob.octets.length).toBe(0);
  server.comPort(9);
  await runUntil(clock, () => atBob.octets.length === 4);
});

/** In the middle of a call that sends far more than the line takes, the server turns; then Alice hangs up. */
async function hungUpAfter(turn: (server: PortServer) => void) {
  const all = await started();
  const { clock, server } = all;
  const [toBob, toAlice] = await call(clock, all);
  receivedOn(toAlice);
  turn(server);
  await runFor(clock, 10);
  toBob.octets.write(randomBytes(100_000));
  await runFor(clock, 60_000);
  await settled(clock, toBob.hangUp());
  await settled(clock, toAlice.hangUp());
  const end = async () => {
    await settled(clock, Promise.all([all.modem.close(), all.far.modem.close()]));
    await runFor(clock, 60_000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  };
  return { ...all, end };
}

test('fault 41: a server that answers no mark any more in a call: the hang-up ends, and the next call goes', async () => {
  const all = await hungUpAfter((server) => {
    server.isMute = true;
  });
  const [again] = await call(all.clock, all);
  await settled(all.clock, again.hangUp());
  expect(all.lost).toEqual([]);
  await all.end();
});

test('fault 41: a server that suspends data for ever is a lost modem, and no hang-up waits for it', async () => {
  const { lost, end } = await hungUpAfter((server) => server.comPort(8));
  expect(lost).toEqual([expect.stringContaining('does not hang up')]);
  await end();
});

test('telephony 8.4: no more is on its way than the modem takes: the server is kept nearly empty', async () => {
  const all = await started();
  const { clock, server } = all;
  const [toBob, toAlice] = await call(clock, all);
  const atBob = receivedOn(toAlice);
  const file = randomBytes(100_000);
  toBob.octets.write(file);
  let most = 0;
  await runUntil(clock, () => {
    most = Math.max(most, server.waiting);
    return atBob.octets.length === file.length;
  });
  expect(atBob.octets.equals(file)).toBe(true);
  // Three writes of 2 KiB; it is never idle either, or the line would be.
  expect(most).toBeGreaterThan(2_048);
  expect(most).toBeLessThanOrEqual(3 * 2_048);
  await settled(clock, toBob.hangUp());
});

test('fault 91: errors of the line are told once each, however many come', async () => {
  const { server, logged, clock } = await started();
  for (let each = 0; each < 1_000; each++) server.comPort(6, 0x0a);
  await runFor(clock, 100);
  expect(logged.filter((line) => /wrong characters/.test(line)).length).toBe(1);
  expect(logged.filter((line) => /loses octets/.test(line)).length).toBe(1);
});

test('telephony 8.4: a connection that is lost in a call ends it; the modem is found and set up anew', async () => {
  const all = await started();
  const { clock, server } = all;
  const [toBob, toAlice] = await call(clock, all);
  const [atAlice, atBob] = [receivedOn(toBob), receivedOn(toAlice)];
  await settled(clock, server.hangUp());
  await runUntil(clock, () => atAlice.ended && atBob.ended);
  await settled(clock, Promise.all([toBob.hangUp(), toAlice.hangUp()]));
  await runFor(clock, 20_000);
  const [again] = await call(clock, all);
  await settled(clock, again.hangUp());
  expect(server.connections).toBe(2);
  expect(all.lost).toEqual([]);
});

test('fault 41: a server that keeps the port in the call is brought back on-hook when the connection is there again', async () => {
  const all = await started({ keepsPort: true });
  const { clock, server } = all;
  const [toBob, toAlice] = await call(clock, all);
  const atBob = receivedOn(toAlice);
  await settled(clock, server.hangUp());
  await settled(clock, toBob.hangUp());
  await runUntil(clock, () => atBob.ended);
  await settled(clock, toAlice.hangUp());
  await runFor(clock, 30_000);
  const [again] = await call(clock, all);
  await settled(clock, again.hangUp());
  expect(all.lost).toEqual([]);
});

test('fault 41: a server that is gone for longer than five seconds is a lost modem, told once', async () => {
  const all = await started();
  all.server.refusesClients = true;
  await settled(all.clock, all.server.hangUp());
  await runFor(all.clock, 4_000);
  expect(all.lost).toEqual([]);
  await runFor(all.clock, 4_000);
  expect(all.lost).toEqual([expect.stringMatching(/ECONNREFUSED/)]);
});

test('telephony 8.4: a server that keeps the connection of a client that ended it is left after five seconds', async () => {
  const { clock, line } = await stage({ ignoresEnd: true });
  line.listen({ octets: () => {}, hungUp: () => {}, reopened: () => {}, lost: () => {} });
  const startMs = clock.monotonicMs();
  await settled(clock, line.close());
  expect(clock.monotonicMs() - startMs).toBe(5_000);
});

test('fault 91: a server that closes every connection after 100 ms is a lost modem, told once; no timer is left', async () => {
  const all = await started();
  const { clock, server } = all;
  const flap = () => {
    void server.hangUp();
    if (clock.monotonicMs() < 120_000) clock.setTimeout(flap, 100);
  };
  flap();
  await runUntil(clock, () => all.lost.length > 0);
  await settled(clock, Promise.all([all.modem.close(), all.far.modem.close()]));
  await runFor(clock, 120_000);
  expect(all.lost).toHaveLength(1);
  expect(clock.nextDeadlineMs()).toBeUndefined();
});

test('telephony 8.4: a port that another client has is an error with the server’s words', async () => {
  const { server, clock } = await stage();
  const connect = async () => {
    const [near, far] = duplexPair();
    await server.accept(far);
    return near;
  };
  const way = rfc2217Port({ url: 'rfc2217://again', baudRate: undefined, clock, log: silentLog, connect });
  await expect(settled(clock, way.open())).rejects.toThrow(
    /closed the connection at once; it said "Port already in use"/,
  );
});

test('telephony 8.4: a server that asks without end and reads no answer is cut off', async () => {
  const { clock } = simulatedOffice({ lines: [] });
  const flood = Buffer.alloc(30_000, Buffer.from([255, 251, 99]));
  let asked = 0;
  // Nothing that the client writes is ever taken.
  const socket = new Duplex({
    write: () => {},
    read() {
      if (asked++ < 100) this.push(flood);
    },
  });
  const connect = async () => socket;
  const way = rfc2217Port({ url: 'rfc2217://hostile', baudRate: undefined, clock, log: silentLog, connect });
  await expect(settled(clock, way.open())).rejects.toThrow(/closed the connection/);
  expect(asked).toBeLessThan(50);
  expect(socket.destroyed).toBe(true);
});
