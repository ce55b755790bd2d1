import { describe, expect, test } from 'vitest';
import { unpriced } from '../../src/server/pricing.js';
import { startServer } from '../../src/server/start-server.js';
import { wait } from '../../src/time/clock.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account, subscriber } from '../protocol/call-manager/subscribers.js';
import { FakeModem } from '../support/fake-modem.js';
import { FakeStore } from '../support/fake-store.js';
import { LogBook } from '../support/log-book.js';
import { runFor, runUntil } from '../support/office.js';
import { serverIdentity } from './subscriptions.js';

const accounts = `${account('1')}${account('2')}#`;

/** A server whose modems are scripted; `modem(0)` takes the calls, the last dials. */
async function server(
  options: {
    readonly trunks?: number;
    readonly unopenable?: number[];
    readonly transfer?: 'hook-flash';
  } = {},
) {
  const clock = new SimulatedClock();
  const log = new LogBook();
  const store = new FakeStore(clock, [subscriber('1'), subscriber('2')]);
  const opened: FakeModem[][] = Array.from({ length: options.trunks ?? 2 }, () => []);
  const unopenable = new Set(options.unopenable);
  const opening = { takesMs: 0 };
  const running = await startServer({
    store,
    trunks: opened.map((modems, index) => ({
      url: `fake:${index}`,
      async open() {
        if (unopenable.has(index)) throw new Error('no such port');
        const modem = new FakeModem(clock, `fake:${index}`);
        modems.push(modem);
        if (opening.takesMs > 0) await wait(clock, opening.takesMs);
        return modem;
      },
    })),
    number: '5550100',
    ...(options.transfer && { transfer: options.transfer }),
    pricing: unpriced,
    identity: serverIdentity,
    clock,
    random: (length) => new Uint8Array(length).fill(opened.length),
    log,
  });
  /** The modem that was last opened on this trunk. */
  const modem = (trunk: number): FakeModem => {
    const last = opened[trunk]?.at(-1);
    if (!last) throw new Error(`no modem was opened on trunk ${trunk}`);
    return last;
  };
  const states = () => running.status().map((trunk) => trunk.state);
  const world = {
    clock,
    log,
    store,
    running,
    modem,
    unopenable,
    opening,
    states,
    openedOn: (trunk: number) => opened[trunk]?.length ?? 0,
    runFor: (forMs: number) => runFor(clock, forMs),
    runUntil: (isTrue: () => boolean, limitMs?: number) => runUntil(clock, isTrue, limitMs),
    record: () => [...store.records.values()][0],
    /** Rings, is answered, and sends both accounts. */
    async requestCall(): Promise<void> {
      modem(0).ring('5550101');
      await runFor(clock, 1_000);
      modem(0).keys(accounts);
    },
    async bridge(): Promise<void> {
      await world.requestCall();
      await runUntil(clock, () => log.with('bridged').length > 0);
    },
    closed: () => runUntil(clock, () => world.record()?.endAt !== undefined, 200_000),
  };
  return world;
}

describe('what the trunk tells its modem', () => {
  test('CM-300 CM-315 CM-325 AL-4 nothing but calls, tones and hang-ups: dial tone, ring-back, reorder with their cadences', async () => {
    const it = await server();
    it.modem(1).dialling = { result: 'busy', afterMs: 9_000 };
    await it.requestCall();
    await it.closed();
    expect(it.modem(0).journal).toEqual([
      '0 answerVoice',
      '500 tone 350,440 2000',
      '1000 tone 440,480 2000',
      '7000 tone 440,480 2000',
      ...[0, 500, 1_000, 1_500, 2_000, 2_500].map((ms) => `${10_000 + ms} tone 480,620 250`),
      '13000 hangUp',
    ]);
    expect(it.modem(1).journal).toEqual(['1000 dial 5550102', '10000 hangUp']);
    expect(it.record()).toMatchObject({ outcome: 'busy', releaseCause: 17, reason: 'the callee is busy' });
  });

  test('CM-325 CM-330 AL-4 by hook-flash: one burst of ring-back, the transfer, on-hook; 1.5 s later the trunk is free', async () => {
    const it = await server({ transfer: 'hook-flash', trunks: 1 });
    await it.requestCall();
    await it.closed();
    expect(it.modem(0).journal).toEqual([
      '0 answerVoice',
      '500 tone 350,440 2000',
      '1000 tone 440,480 2000',
      '3000 transfer 5550102',
      '15000 hangUp',
    ]);
    expect(it.record()).toMatchObject({ outcome: 'transferred', billableSeconds: 0, durationSeconds: 15 });
    await it.runFor(1_400);
    expect(it.states()).toEqual(['in-call']);
    await it.runFor(200);
    expect(it.states()).toEqual(['free']);
  });

  test.each([
    ['busy', 'busy', 17, 'refused'],
    ['no-answer', 'no-answer', 19, 'refused'],
    ['no-carrier', 'no-carrier', 31, 'refused'],
    ['no-dial-tone', 'failed', 27, 'refused'],
    ['refused-by-modem', 'failed', 27, 'refused'],
    ['silent', 'failed', 27, 'refused'],
    ['never', 'failed', 27, 'refused'],
    ['caller-gone', 'abandoned', 16, 'released'],
  ] as const)(
    'CM-330 CM-A3 CM-A8 fault 41: the transfer ends with %s',
    async (result, outcome, releaseCause, then) => {
      const it = await server({ transfer: 'hook-flash' });
      it.modem(0).transferring = { result, afterMs: 2_000 };
      await it.requestCall();
      await it.closed();
      expect(it.record()).toMatchObject({ outcome, releaseCause, octetsFromCaller: 0 });
      const reorder = it.modem(0).journal.filter((entry) => entry.includes('tone 480,620'));
      expect(reorder.length > 0).toBe(then === 'refused');
      await it.runUntil(() => it.states().every((state) => state === 'free'));
      expect(it.modem(1).journal).toEqual([]);
    },
  );

  test.each([
    ['busy', 'busy', 17],
    ['no-answer', 'no-answer', 19],
    ['no-carrier', 'no-carrier', 31],
    ['no-dial-tone', 'failed', 27],
    ['silent', 'failed', 27],
    ['never', 'no-answer', 19],
  ] as const)('CM-A3 CM-A8 fault 41: the callee leg ends with %s', async (result, outcome, releaseCause) => {
    const it = await server();
    it.modem(1).dialling = { result, afterMs: 2_000 };
    await it.requestCall();
    await it.closed();
    // A second try is made where the trunk was at fault, but there is none here.
    const expected =
      result === 'no-dial-tone' ? { outcome: 'failed', releaseCause: 34 } : { outcome, releaseCause };
    expect(it.record()).toMatchObject(expected);
    await it.runUntil(() => it.states().every((state) => state === 'free'));
  });

  test('CM-330 fault 44: a trunk without dial tone, or one that rings, costs a try and not the call', async () => {
    const it = await server({ trunks: 4 });
    it.modem(3).dialling = { result: 'no-dial-tone', afterMs: 5_000 };
    it.modem(2).dialling = { result: 'never', afterMs: 0 };
    await it.requestCall();
    await it.runUntil(() => it.modem(2).journal.length > 0);
    it.modem(2).emit('ring', 1);
    await it.runUntil(() => it.log.with('bridged').length > 0);
    expect(it.states()).toEqual(['in-call', 'lent', 'free', 'free']);
    // The ring is served at its next burst.
    it.modem(2).ring('5550101');
    expect(it.states()).toEqual(['in-call', 'lent', 'in-call', 'free']);
  });

  test('CM-330 a trunk that is lost while it is given back does not end the call that has another', async () => {
    const it = await server({ trunks: 3 });
    it.modem(2).dialling = { result: 'no-dial-tone', afterMs: 5_000 };
    it.modem(2).hangsUp = false;
    await it.requestCall();
    await it.runUntil(() => it.modem(1).journal.length > 0);
    it.modem(2).lose();
    await it.runUntil(() => it.log.with('bridged').length > 0);
  });

  test('CM-295 CM-A8 fault 41: a modem that cannot answer in voice mode, or says nothing', async () => {
    for (const voice of ['refuses', 'never'] as const) {
      const it = await server();
      it.modem(0).voice = voice;
      it.modem(0).ring('5550101');
      await it.closed();
      expect(it.record()).toMatchObject({ outcome: 'failed', releaseCause: 27, answerAt: undefined });
      await it.runUntil(() => it.states().every((state) => state === 'free'));
    }
  });

  test('a modem that plays no tones: said in the log, the call goes its way', async () => {
    const it = await server();
    it.modem(0).tones = 'rejected';
    await it.bridge();
    expect(it.log.with('the tone was not played').map((fields) => fields.signal)).toEqual([
      'ready',
      'call-ok',
    ]);
  });

  test.each([
    ['absent, and told after the answer', undefined, 'ANI absent, which the account does not allow'],
    ['20 digits', '55501015550101555010', "ANI is not among the caller's numbers"],
    ['letters', '5550101A', "ANI is not among the caller's numbers"],
  ])('CM-290 CM-320 fault 43: ANI %s: refused, and the record has no number', async (_, ani, reason) => {
    const it = await server();
    if (ani) it.modem(0).ring(ani);
    else it.modem(0).emit('ring', 1);
    await it.runUntil(() => it.modem(0).journal.some((entry) => entry.includes('tone')));
    it.modem(0).emit('callerId', { kind: 'number', number: '5550101' });
    it.modem(0).keys(accounts);
    await it.closed();
    expect(it.record()).toMatchObject({ outcome: 'refused', ani: undefined, reason });
  });

  test('CM-300 a modem that plays nothing, in no time, is not asked more often than its tone is long', async () => {
    const it = await server();
    it.modem(0).tones = 'ignored';
    it.modem(0).ring('5550101');
    await it.runFor(10_400);
    expect(it.modem(0).journal.filter((entry) => entry.includes('tone'))).toHaveLength(5);
  });

  test('CM-A8 a caller whose data carrier never comes', async () => {
    const it = await server();
    it.modem(0).answering = { result: 'never', afterMs: 0 };
    await it.requestCall();
    await it.closed();
    expect(it.record()).toMatchObject({ outcome: 'no-carrier', releaseCause: 31, billableSeconds: 0 });
    await it.runUntil(() => it.states().every((state) => state === 'free'));
  });

  test('CM-A8 fault 41: a modem that never goes on-hook is closed and opened anew', async () => {
    const it = await server();
    it.modem(0).hangsUp = false;
    it.modem(0).ring('5550101');
    await it.runFor(1_000);
    it.modem(0).emit('farEndGone');
    await it.closed();
    expect(it.record()).toMatchObject({ outcome: 'abandoned', releaseCause: 16 });
    await it.runUntil(() => it.openedOn(0) === 2 && it.states()[0] === 'free');
  });
});

describe('a modem is lost', () => {
  const stages = {
    'while it rings': (it: Awaited<ReturnType<typeof server>>) => it.modem(0).emit('ring', 1),
    'while it collects': async (it: Awaited<ReturnType<typeof server>>) => {
      it.modem(0).ring('5550101');
      await it.runFor(2_000);
      it.modem(0).keys('0000');
    },
    'during ring-back': async (it: Awaited<ReturnType<typeof server>>) => {
      await it.requestCall();
      await it.runFor(4_000);
    },
    'in the bridge': (it: Awaited<ReturnType<typeof server>>) => it.bridge(),
  };

  test.each(Object.entries(stages))(
    "CM-335 CM-A8 the caller's, %s: closed as failed, reopened, free again",
    async (_, reach) => {
      const it = await server();
      await reach(it);
      const lost = it.modem(0);
      lost.lose();
      expect(it.states()[0]).toBe('out-of-service');
      await it.closed();
      expect(it.record()).toMatchObject({ outcome: 'failed', releaseCause: 27 });
      await it.runUntil(() => it.states().every((state) => state === 'free'));
      expect(it.modem(0)).not.toBe(lost);
      expect(lost.listeners()).toBe(0);
      expect(it.modem(1).isOnHook).toBe(true);
    },
  );

  test.each([
    ['during ring-back', 'tone 480,620 250'],
    ['in the bridge', 'hangUp'],
  ] as const)("CM-335 CM-A8 the callee's, %s: the caller is told or released", async (stage, last) => {
    const it = await server();
    await stages[stage](it);
    it.modem(1).lose();
    await it.closed();
    expect(it.record()).toMatchObject({ outcome: 'failed', releaseCause: 27 });
    expect(it.modem(0).journal.some((entry) => entry.endsWith(last))).toBe(true);
    await it.runUntil(() => it.states().every((state) => state === 'free'));
  });

  test('CM-275 CM-330 what ends late has no claim on the modem that was opened since', async () => {
    const it = await server({ trunks: 3 });
    await it.bridge();
    const [caller, callee] = [it.modem(0), it.modem(2)];
    // The callee takes nothing, so that the call stays in draining after the caller's modem is gone.
    for (let sent = 0; sent < 40; sent++) caller.far?.write(Buffer.alloc(10_000));
    await it.runFor(1);
    caller.lose();
    await it.runUntil(() => it.states()[0] === 'free');
    it.modem(0).ring('5550101');
    callee.far?.resume();
    await it.runUntil(() => it.states()[2] === 'free');
    expect(it.states()).toEqual(['in-call', 'free', 'free']);
    expect(it.record()).toMatchObject({ outcome: 'failed', releaseCause: 27 });
  });

  test('CM-330 a loan that ends late does not free the trunk that was lent again since', async () => {
    const it = await server({ trunks: 3 });
    await it.bridge();
    const [caller, callee] = [it.modem(0), it.modem(2)];
    for (let sent = 0; sent < 40; sent++) callee.far?.write(Buffer.alloc(10_000));
    await it.runFor(1);
    callee.lose();
    await it.runUntil(() => it.states()[2] === 'free');
    it.modem(1).ring('5550101');
    await it.runFor(1_000);
    it.modem(1).keys(accounts);
    await it.runUntil(() => it.states()[2] === 'lent');
    caller.far?.resume();
    await it.runUntil(() => it.states()[0] === 'free');
    expect(it.states()).toEqual(['free', 'in-call', 'lent']);
  });

  test('it is tried again after 1, 2, 4 ... and at most 60 s; other trunks go on', async () => {
    const it = await server();
    it.unopenable.add(0);
    it.modem(0).lose();
    await it.runFor(200_000);
    const tries = it.log.entries.filter((entry) => entry.message === 'trunk still out of service').length;
    expect(tries).toBe(8);
    it.modem(1).ring('5550101');
    expect(it.states()).toEqual(['out-of-service', 'in-call']);
    it.unopenable.clear();
    await it.runUntil(() => it.states()[0] === 'free');
  });

  test('a trunk that does not open at the start is tried again; none at all is an error that says so', async () => {
    const it = await server({ unopenable: [1] });
    expect(it.states()).toEqual(['free', 'out-of-service']);
    it.unopenable.clear();
    await it.runUntil(() => it.states()[1] === 'free');
    await expect(server({ unopenable: [0, 1] })).rejects.toThrow('no trunk could be opened');
  });
});

describe('the server stops', () => {
  test('CM-335 fault 71: what the bridge has taken from one side still reaches the other', async () => {
    const it = await server();
    await it.bridge();
    const [caller, callee] = [it.modem(0), it.modem(1).far];
    for (let sent = 0; sent < 40; sent++) caller.far?.write(Buffer.alloc(10_000));
    await it.runFor(1);
    const stopped = it.running.stop(0);
    await it.runFor(5_000);
    let read = 0;
    callee?.on('data', (octets: Buffer) => {
      read += octets.length;
    });
    await it.closed();
    await stopped;
    expect(it.record()).toMatchObject({ outcome: 'interrupted' });
    expect(it.record()?.octetsFromCaller).toBeGreaterThan(0);
    expect(read).toBe(it.record()?.octetsFromCaller);
  });

  test('CM-A8 fault 71: a modem that is just being opened again is closed before the stop is over', async () => {
    const it = await server();
    it.opening.takesMs = 3_000;
    it.modem(1).lose();
    await it.runUntil(() => it.openedOn(1) === 2);
    const stopped = it.running.stop(0);
    await it.runUntil(() => it.modem(0).isClosed);
    let isOver = false;
    void stopped.then(() => {
      isOver = true;
    });
    await it.runUntil(() => isOver);
    expect(it.modem(1).isClosed).toBe(true);
    expect(it.log.with('trunk back in service')).toEqual([]);
  });
});

describe('what is left', () => {
  test('CM-335 fault 91: after a stop no timer is pending, though a modem is lost and the database away', async () => {
    const it = await server({ trunks: 3 });
    it.store.away.add('close');
    await it.bridge();
    it.unopenable.add(1);
    it.modem(1).lose();
    await it.runFor(10_000);
    expect(it.clock.nextDeadlineMs()).toBeDefined();
    const stopped = it.running.stop(1_000);
    await it.runFor(20_000);
    await stopped;
    expect(it.clock.nextDeadlineMs()).toBeUndefined();
    expect(it.states()).toEqual(['closed', 'closed', 'closed']);
  });
});

describe('a bug', () => {
  test('CM-330 CM-335 with a callee on the line: both trunks are freed', async () => {
    const it = await server();
    it.modem(0).answerData = async () => ({ kind: 'connected', connection: {} as never });
    await it.requestCall();
    await it.closed();
    expect(it.record()).toMatchObject({ outcome: 'failed', releaseCause: 41 });
    await it.runUntil(() => it.states().every((state) => state === 'free'));
  });

  test('CM-335 in one call ends that call, with a record and both lines on-hook, and not the server', async () => {
    const it = await server();
    const { find } = it.store.subscribers;
    it.store.subscribers.find = () => {
      throw new TypeError('a bug');
    };
    await it.requestCall();
    await it.closed();
    expect(it.record()).toMatchObject({
      outcome: 'failed',
      releaseCause: 41,
      reason: 'internal error: a bug',
    });
    expect(it.log.with('BUG: the call is abandoned')).toHaveLength(1);
    await it.runUntil(() => it.states().every((state) => state === 'free'));
    expect(it.modem(0).isOnHook).toBe(true);
    it.store.subscribers.find = find;
    await it.bridge();
  });
});
