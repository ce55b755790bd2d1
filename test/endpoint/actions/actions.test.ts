import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/crypto/random.js';
import type { ActionEnd, EndpointEvent } from '../../../src/endpoint/actions/events.js';
import { listen } from '../../../src/endpoint/actions/listen.js';
import { pair } from '../../../src/endpoint/actions/pair.js';
import { send } from '../../../src/endpoint/actions/send.js';
import type { Peer } from '../../../src/endpoint/address-book.js';
import type { Endpoint } from '../../../src/endpoint/endpoint.js';
import { encodeHeader } from '../../../src/protocol/data-exchange/ustar.js';
import { sendTransfer } from '../../../src/session/data-exchange.js';
import { sealContainer } from '../../../src/session/sealing.js';
import type { PairingScreen } from '../../../src/session/session.js';
import { realClock, scaledClock } from '../../../src/time/real-clock.js';
import { type FakeModem, twoModems } from '../fake-lines.js';
import { account, newEndpoint, temporaryFolder, testWorld } from '../support.js';

/** The sessions' waits of half a second and more, ten times as short. */
const clock = scaledClock(realClock, 0.1);

interface Station {
  readonly endpoint: Endpoint;
  readonly modem: FakeModem;
  readonly peer: Peer;
  readonly events: EndpointEvent[];
}

async function station(own: string, name: string, other: string, otherName: string, modem: FakeModem) {
  const endpoint = await newEndpoint(own, name, { ...testWorld(), clock });
  const peer = await endpoint.addressBook.add(account(other), otherName, true);
  return { endpoint, modem, peer, events: [] };
}

async function twoStations(): Promise<{ alice: Station; bob: Station }> {
  const [a, b] = twoModems();
  const [alice, bob] = await Promise.all([
    station('1', 'Alice Ltd', '2', 'Bob & Sons', a),
    station('2', 'Bob & Sons', '1', 'Alice Ltd', b),
  ]);
  return { alice, bob };
}

const nobody: PairingScreen = {
  confirmCheckString: () => Promise.reject(new Error('nobody is there')),
  typeCheckString: () => Promise.reject(new Error('nobody is there')),
};

function options(of: Station, screen: PairingScreen = nobody, signal?: AbortSignal) {
  const onEvent = (event: EndpointEvent) => void of.events.push(event);
  return { modem: of.modem, screen, onEvent, ...(signal ? { signal } : {}) };
}

/** Two people at the telephone: the sender reads X out, the recipient types what it hears. */
function twoPeople({ confirms = true, types = (x: string) => x } = {}) {
  const heard: { tell: (x: string) => void } = { tell: () => {} };
  const x = new Promise<string>((resolve) => {
    heard.tell = resolve;
  });
  return {
    caller: {
      ...nobody,
      confirmCheckString: async (_: unknown, checkString: string) => {
        heard.tell(checkString);
        return confirms;
      },
    },
    callee: { ...nobody, typeCheckString: async () => types(await x) },
  };
}

async function pairing(stations: { alice: Station; bob: Station }, people = twoPeople()) {
  const { alice, bob } = stations;
  return Promise.all([
    pair(alice.endpoint, alice.peer, options(alice, people.caller)),
    listen(bob.endpoint, { ...options(bob, people.callee), once: true }),
  ]);
}

async function pairedStations() {
  const stations = await twoStations();
  expect((await pairing(stations)).map((end) => end?.event)).toEqual(['paired', 'paired']);
  return stations;
}

/** Alice sends, Bob answers one call. */
function sending({ alice, bob }: { alice: Station; bob: Station }, sources: string[], signal?: AbortSignal) {
  return Promise.all([
    send(alice.endpoint, alice.peer, sources, options(alice, nobody, signal)),
    listen(bob.endpoint, { ...options(bob), once: true }),
  ]);
}

function letter(content: string | Uint8Array = 'Dear Bob,\n'): string {
  const path = join(temporaryFolder(), 'letter.txt');
  writeFileSync(path, content);
  utimesSync(path, 853_977_600, 853_977_600);
  return path;
}

function expectNothingLeft(...stations: Station[]): void {
  for (const { endpoint, modem } of stations) {
    expect(modem.isOffHook).toBe(false);
    expect(readdirSync(endpoint.paths.quarantine)).toEqual([]);
    expect(readdirSync(endpoint.paths.spool)).toEqual([]);
  }
}

const outcomeOf = (end: ActionEnd | undefined) => (end?.event === 'failed' ? end.outcome : end?.event);

describe('pair, send and listen', () => {
  test('KX-475 KX-480 KX-495 KX-500 two people pair; both sides store the key and log it', async () => {
    const { alice, bob } = await pairedStations();
    const shown = alice.events.find((event) => event.event === 'check-string');
    expect(shown).toMatchObject({
      peer: { account: '000000000002', name: 'Bob & Sons' },
      x: expect.stringMatching(/^[A-HJ-NP-Z2-9]{5}$/),
    });
    expect(alice.events.map((event) => event.event)).toEqual([
      'dialing',
      'connected',
      'check-string',
      'paired',
    ]);
    expect(bob.events.map((event) => event.event)).toEqual([
      'ringing',
      'connected',
      'type-check-string',
      'paired',
    ]);
    const [aliceBook, bobBook] = [
      await alice.endpoint.addressBook.list(),
      await bob.endpoint.addressBook.list(),
    ];
    const keys = [await alice.endpoint.sharedKeys(aliceBook), await bob.endpoint.sharedKeys(bobBook)];
    expect(keys[0]?.get(account('2'))).toHaveLength(20);
    expect(keys[0]?.get(account('2'))).toEqual(keys[1]?.get(account('1')));
    expect(await alice.endpoint.sendLog.read()).toMatchObject([
      { protocol: 'key-exchange', outcome: 'paired', name: 'Bob & Sons' },
    ]);
    expect(await bob.endpoint.receiveLog.read()).toMatchObject([
      { protocol: 'key-exchange', outcome: 'paired', name: 'Alice Ltd' },
    ]);
    expectNothingLeft(alice, bob);
  });

  test('DX-605 DX-610 DX-750 DX-780 files and a folder arrive with hash and date; both logs name them', async () => {
    const { alice, bob } = await pairedStations();
    const folder = temporaryFolder();
    const random = systemRandom(300_000);
    mkdirSync(join(folder, 'office'));
    writeFileSync(join(folder, 'office', 'noise.bin'), random);
    const [sent, received] = await sending({ alice, bob }, [letter(), join(folder, 'office')]);
    expect(sent.event).toBe('sent');
    expect(received?.event).toBe('received');
    if (sent.event !== 'sent' || received?.event !== 'received') return;
    expect(received.files).toEqual(sent.files);
    expect(received.files).toMatchObject([
      { name: 'letter.txt', size: 10, mtime: new Date(853_977_600_000) },
      { name: 'noise.bin', sha256: createHash('sha256').update(random).digest('hex') },
    ]);
    const inbox = join(bob.endpoint.inbox, received.folder);
    expect(readFileSync(join(inbox, 'noise.bin')).equals(random)).toBe(true);
    expect(statSync(join(inbox, 'letter.txt')).mtimeMs).toBe(853_977_600_000);
    expect(await bob.endpoint.inboxSessions()).toMatchObject([
      { folder: received.folder, name: 'Alice Ltd' },
    ]);
    const [, sentRow] = await alice.endpoint.sendLog.read();
    const [, receivedRow] = await bob.endpoint.receiveLog.read();
    expect(sentRow).toMatchObject({ outcome: 'sent', octets: sent.octets, files: sent.files });
    expect(receivedRow).toMatchObject({ outcome: 'received', octets: sent.octets, folder: received.folder });
    expect(sentRow?.durationSeconds).toBeGreaterThan(0);
    const progress = alice.events.filter((event) => event.event === 'progress');
    expect(progress.at(-1)).toMatchObject({ octets: sent.octets, total: sent.octets, secondsLeft: 0 });
    expectNothingLeft(alice, bob);
  });

  test('DX-750 one listener takes several calls; a stranger’s noise between them costs only its own call', async () => {
    const { alice, bob } = await pairedStations();
    const stop = new AbortController();
    const listening = listen(bob.endpoint, options(bob, nobody, stop.signal));
    const first = await send(alice.endpoint, alice.peer, [letter()], options(alice));
    const noise = await alice.modem.dial('noise');
    if (noise.kind !== 'connected') throw new Error(noise.kind);
    noise.connection.octets.write('GET / HTTP/1.1\r\n');
    noise.connection.octets.resume();
    while (bob.modem.isOffHook) await new Promise((resolve) => setTimeout(resolve, 5));
    await alice.modem.hangUp();
    const second = await send(alice.endpoint, alice.peer, [letter()], options(alice));
    while (bob.events.at(-1)?.event !== 'received') await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect([first, second].map(outcomeOf)).toEqual(['sent', 'sent']);
    expect(outcomeOf(await listening)).toBe('received');
    const rows = await bob.endpoint.receiveLog.read();
    expect(rows.map((row) => row.outcome)).toEqual(['paired', 'received', 'not-authentic', 'received']);
    expect(await bob.endpoint.inboxSessions()).toHaveLength(2);
    expectNothingLeft(alice, bob);
  });
});

describe('people who do not agree', () => {
  test('fault 49: a wrong string leaves the recipient unpaired, and the next transfer is refused', async () => {
    const { alice, bob } = await twoStations();
    const ends = await pairing(
      { alice, bob },
      twoPeople({ types: (x) => (x === 'AAAAA' ? 'BBBBB' : 'AAAAA') }),
    );
    expect(ends.map(outcomeOf)).toEqual(['paired', 'not-confirmed']);
    expect((await bob.endpoint.sharedKeys(await bob.endpoint.addressBook.list())).size).toBe(0);
    const [sent, received] = await sending({ alice, bob }, [letter()]);
    expect([sent, received].map(outcomeOf)).toEqual(['refused', 'unpaired']);
    expect(sent).toMatchObject({ advice: expect.stringContaining('pair again') });
    expect(await bob.endpoint.receiveLog.read()).toMatchObject([
      { protocol: 'key-exchange', outcome: 'not-confirmed', step: 'KX-490' },
      { protocol: 'data-exchange', outcome: 'unpaired', step: 'DX-635' },
    ]);
    expectNothingLeft(alice, bob);
  });

  test('fault 49: the string of yesterday is none of today; the keys then differ and nothing is sent under them', async () => {
    const { alice, bob } = await pairedStations();
    const yesterday = alice.events.find((event) => event.event === 'check-string')?.x ?? '';
    const ends = await pairing({ alice, bob }, twoPeople({ types: () => yesterday }));
    expect(ends.map(outcomeOf)).toEqual(['paired', 'not-confirmed']);
    const [sent, received] = await sending({ alice, bob }, [letter()]);
    expect([sent, received].map(outcomeOf)).toEqual(['not-authentic', 'refused']);
    expect(await bob.endpoint.inboxSessions()).toEqual([]);
    expectNothingLeft(alice, bob);
  });

  test('fault 49: the caller says no: it stores nothing and makes no call for a transfer', async () => {
    const { alice, bob } = await twoStations();
    const ends = await pairing({ alice, bob }, twoPeople({ confirms: false }));
    expect(ends.map(outcomeOf)).toEqual(['not-confirmed', 'paired']);
    const calls = alice.modem.dialled.length;
    const end = await send(alice.endpoint, alice.peer, [letter()], options(alice));
    expect(end).toMatchObject({ outcome: 'unpaired', step: 'DX-600' });
    expect(alice.modem.dialled).toHaveLength(calls);
  });

  test('fault 49: nobody answers and the operator gives up: neither side stores anything', async () => {
    const { alice, bob } = await twoStations();
    const stop = new AbortController();
    const questions: (AbortSignal | undefined)[] = [];
    const asked = (signal: AbortSignal | undefined) => {
      questions.push(signal);
      if (questions.length === 2) setImmediate(() => stop.abort());
      return new Promise<never>(() => {});
    };
    const waiting: PairingScreen = {
      confirmCheckString: (_peer, _x, signal) => asked(signal),
      typeCheckString: (_peer, signal) => asked(signal),
    };
    const ends = await Promise.all([
      pair(alice.endpoint, alice.peer, options(alice, waiting, stop.signal)),
      listen(bob.endpoint, { ...options(bob, waiting, stop.signal), once: true }),
    ]);
    expect(ends.map(outcomeOf)).toEqual(['cancelled', 'cancelled']);
    expect(questions.map((signal) => signal?.aborted)).toEqual([true, true]);
    for (const { endpoint } of [alice, bob]) {
      expect((await endpoint.sharedKeys(await endpoint.addressBook.list())).size).toBe(0);
    }
    expectNothingLeft(alice, bob);
  });

  test('fault 48: pairing again replaces the key on both sides', async () => {
    const { alice, bob } = await pairedStations();
    const key = async () =>
      (await alice.endpoint.sharedKeys(await alice.endpoint.addressBook.list())).get(account('2'));
    const before = Buffer.from((await key()) ?? []);
    await pairing({ alice, bob });
    expect(before.equals((await key()) ?? before)).toBe(false);
    expect((await sending({ alice, bob }, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
  });
});

describe('what is refused before or during a call', () => {
  test('CM-A1 a locked endpoint dials no other number than the server’s', async () => {
    const { alice } = await twoStations();
    const end = await pair(alice.endpoint, alice.peer, { ...options(alice), serverNumber: '5559999' });
    expect(end).toMatchObject({ event: 'failed', outcome: 'locked', step: 'CM-A1' });
    expect(alice.modem.dialled).toEqual([]);
    expect(await alice.endpoint.sendLog.read()).toMatchObject([{ outcome: 'locked', step: 'CM-A1' }]);
  });

  test('fault 50: a key ring put back from before the last pairing is noticed before the call', async () => {
    const { alice, bob } = await pairedStations();
    const backup = readFileSync(alice.endpoint.paths.keyRing);
    await pairing({ alice, bob });
    writeFileSync(alice.endpoint.paths.keyRing, backup);
    const peer = await alice.endpoint.addressBook.named('2');
    const calls = alice.modem.dialled.length;
    const end = await send(alice.endpoint, peer, [letter()], options(alice));
    expect(end).toMatchObject({ outcome: 'unpaired', reason: expect.stringContaining('older') });
    expect(alice.modem.dialled).toHaveLength(calls);
  });

  test('G6 version 1 that is off is not spoken: not from here, not from there', async () => {
    const { alice, bob } = await twoStations();
    const off = await bob.endpoint.addressBook.allowVersion1(bob.peer.account, false);
    expect(outcomeOf(await pair(bob.endpoint, off, options(bob)))).toBe('version-not-allowed');
    expect(bob.modem.dialled).toEqual([]);
    const ends = await pairing({ alice, bob });
    expect(ends.map(outcomeOf)).toEqual(['refused', 'version-not-allowed']);
    await bob.endpoint.addressBook.remove(bob.peer.account);
    const strangers = await pairing({ alice, bob });
    expect(strangers[1]).toMatchObject({
      outcome: 'version-not-allowed',
      reason: expect.stringContaining('not in the address book'),
    });
    expectNothingLeft(alice, bob);
  });

  test('G6 version 1 that was switched off after a pairing is not spoken any more', async () => {
    const { alice, bob } = await pairedStations();
    await bob.endpoint.addressBook.allowVersion1(bob.peer.account, false);
    expect((await sending({ alice, bob }, [letter()])).map(outcomeOf)).toEqual(['refused', 'unpaired']);
    const off = await alice.endpoint.addressBook.raiseFloor(alice.peer.account, 2);
    const calls = alice.modem.dialled.length;
    const end = await send(alice.endpoint, off, [letter()], options(alice));
    expect(end).toMatchObject({ outcome: 'version-not-allowed', step: 'DX-600' });
    expect(alice.modem.dialled).toHaveLength(calls);
  });

  test('fault 59: a file that cannot be read ends the sending before any call', async () => {
    const { alice } = await pairedStations();
    const calls = alice.modem.dialled.length;
    const end = await send(alice.endpoint, alice.peer, [join(temporaryFolder(), 'none')], options(alice));
    expect(end).toMatchObject({
      outcome: 'usage',
      step: 'DX-605',
      reason: expect.stringContaining('it is not there'),
    });
    expect(alice.modem.dialled).toHaveLength(calls);
    expectNothingLeft(alice);
  });

  test('fault 60: an inbox that cannot be used is told before listening', async () => {
    const { bob } = await twoStations();
    rmSync(bob.endpoint.inbox, { recursive: true });
    writeFileSync(bob.endpoint.inbox, 'not a folder');
    expect(await listen(bob.endpoint, options(bob))).toMatchObject({
      outcome: 'store-unavailable',
      reason: expect.stringContaining(bob.endpoint.inbox),
    });
  });

  test('fault 60: an inbox that goes while listening refuses the call before the file', async () => {
    const { alice, bob } = await pairedStations();
    const listening = listen(bob.endpoint, { ...options(bob), once: true });
    while (bob.modem.listenerCount('ring') === 0) await new Promise(setImmediate);
    rmSync(bob.endpoint.inbox, { recursive: true });
    writeFileSync(bob.endpoint.inbox, 'not a folder');
    const sent = await send(alice.endpoint, alice.peer, [letter()], options(alice));
    const received = await listening;
    expect([sent, received].map(outcomeOf)).toEqual(['refused', 'local-error']);
    expect(received).toMatchObject({ reason: expect.stringContaining('inbox') });
    expectNothingLeft(alice, bob);
  });

  test('fault 53 DX-785: a hostile name from a paired peer delivers nothing and is logged', async () => {
    const { alice, bob } = await pairedStations();
    const header = encodeHeader({ name: 'x', size: 0, mtime: 0 });
    header.set(Buffer.from('../x'));
    header.fill(0x20, 148, 156);
    header.set(
      Buffer.from(
        `${header
          .reduce((sum, octet) => sum + octet, 0)
          .toString(8)
          .padStart(6, '0')}\0 `,
      ),
      148,
    );
    const container = deflateSync(Buffer.concat([header, new Uint8Array(1024)]));
    const [, received] = await Promise.all([
      sendContainer(alice, container),
      listen(bob.endpoint, { ...options(bob), once: true }),
    ]);
    expect(received).toMatchObject({
      outcome: 'file-refused',
      reason: expect.stringContaining('path separator'),
    });
    expect(await bob.endpoint.inboxSessions()).toEqual([]);
    expect((await bob.endpoint.receiveLog.read()).at(-1)).toMatchObject({
      outcome: 'file-refused',
      name: 'Alice Ltd',
    });
    expectNothingLeft(bob);
  });

  test('fault 40: a call that is given up in the middle of the file delivers nothing', async () => {
    const { alice, bob } = await pairedStations();
    const stop = new AbortController();
    const whole = options(alice, nobody, stop.signal);
    const onEvent = (event: EndpointEvent) => {
      whole.onEvent(event);
      if (event.event === 'progress') stop.abort();
    };
    const ends = await Promise.all([
      send(alice.endpoint, alice.peer, [letter(systemRandom(2_000_000))], { ...whole, onEvent }),
      listen(bob.endpoint, { ...options(bob), once: true }),
    ]);
    expect(ends.map(outcomeOf)).toEqual(['cancelled', 'file-refused']);
    expect(await bob.endpoint.inboxSessions()).toEqual([]);
    expectNothingLeft(alice, bob);
  });

  test('fault 35: a call that comes to nothing is in the Send Log with its step, and the line is on-hook', async () => {
    const { alice } = await pairedStations();
    for (const [kind, step] of [
      ['busy', 'CM-315'],
      ['no-carrier', 'CM-330'],
      ['no-dial-tone', 'CM-300'],
    ] as const) {
      alice.modem.dialResult = { kind };
      const end = await send(alice.endpoint, alice.peer, [letter()], options(alice));
      expect(end).toMatchObject({ event: 'failed', outcome: kind, step });
      expect((await alice.endpoint.sendLog.read()).at(-1)).toMatchObject({
        outcome: kind,
        step,
        octets: null,
      });
      expectNothingLeft(alice);
    }
  });
});

describe('the line', () => {
  test('one action at a time: a second one is told so, the first is not disturbed', async () => {
    const { alice, bob } = await pairedStations();
    const stop = new AbortController();
    const listening = listen(alice.endpoint, options(alice, nobody, stop.signal));
    await new Promise(setImmediate);
    expect(await send(alice.endpoint, alice.peer, [letter()], options(alice))).toMatchObject({
      outcome: 'line-unavailable',
    });
    stop.abort();
    expect(await listening).toBeUndefined();
    expect((await sending({ alice, bob }, [letter()])).map(outcomeOf)).toEqual(['sent', 'received']);
  });

  test('a defect in the caller of an action leaves no line off-hook', async () => {
    const { alice, bob } = await twoStations();
    const defect = (event: EndpointEvent) => {
      if (event.event === 'connected') throw new Error('a defect');
    };
    const [paired, answered] = await Promise.allSettled([
      pair(alice.endpoint, alice.peer, { ...options(alice), onEvent: defect }),
      listen(bob.endpoint, { ...options(bob), once: true }),
    ]);
    expect(paired).toMatchObject({ status: 'rejected', reason: { message: 'a defect' } });
    expect(answered).toMatchObject({ value: { outcome: 'interrupted' } });
    expectNothingLeft(alice, bob);
  });

  test('an inbox that somebody moved away is made anew', async () => {
    const { bob } = await twoStations();
    rmSync(bob.endpoint.inbox, { recursive: true });
    const stop = new AbortController();
    const listening = listen(bob.endpoint, options(bob, nobody, stop.signal));
    while (bob.modem.listenerCount('ring') === 0) await new Promise(setImmediate);
    stop.abort();
    expect(await listening).toBeUndefined();
    expect(readdirSync(bob.endpoint.inbox)).toEqual([]);
  });

  test('fault 41: a modem that is gone ends the listening with a plain message', async () => {
    const { bob } = await twoStations();
    const listening = listen(bob.endpoint, options(bob));
    while (bob.modem.listenerCount('lost') === 0) await new Promise(setImmediate);
    bob.modem.emit('lost', new Error('unplugged'));
    expect(await listening).toMatchObject({
      outcome: 'line-unavailable',
      reason: expect.stringContaining('Connect it again'),
    });
  });

  test('fault 69: what a dead process left in quarantine goes, what it filed but did not log is logged', async () => {
    const { alice, bob } = await pairedStations();
    await sending({ alice, bob }, [letter()]);
    // A row of an older session, whose folder of the same name was moved away since.
    const [paired, received = ''] = readFileSync(bob.endpoint.paths.receiveLog, 'utf8').split('\n');
    const older = { ...JSON.parse(received), at: '2026-01-01T00:00:00.000Z' };
    writeFileSync(bob.endpoint.paths.receiveLog, `${paired}\n${JSON.stringify(older)}\n`);
    mkdirSync(join(bob.endpoint.paths.quarantine, '4194305-1.abcdef'));
    const stop = new AbortController();
    const listening = listen(bob.endpoint, options(bob, nobody, stop.signal));
    while (bob.modem.listenerCount('ring') === 0) await new Promise(setImmediate);
    stop.abort();
    await listening;
    expect(await bob.endpoint.receiveLog.read()).toMatchObject([
      { outcome: 'paired' },
      { outcome: 'received', reason: null },
      { outcome: 'received', reason: 'entered after a restart', files: [{ name: 'letter.txt' }] },
    ]);
    expectNothingLeft(bob);
  });
});

/** A sender that packs what it likes. */
async function sendContainer({ endpoint, modem, peer }: Station, container: Uint8Array) {
  const sessionKey = systemRandom(20);
  const sealed: Uint8Array[] = [];
  async function* pieces() {
    yield container;
  }
  const { fileHash, size } = await sealContainer(
    pieces(),
    sessionKey,
    async (octets) => void sealed.push(octets),
  );
  async function* read() {
    yield* sealed;
  }
  const longTermKey = (await endpoint.sharedKeys([peer])).get(peer.account);
  const answer = await modem.dial('');
  if (answer.kind !== 'connected' || !longTermKey) throw new Error('not connected or not paired');
  return sendTransfer({
    ...endpoint.sessionWorld(answer.connection, undefined),
    peer: peer.account,
    longTermKey,
    transfer: { sessionKey, fileHash, size, read },
    onProgress: () => {},
  });
}
