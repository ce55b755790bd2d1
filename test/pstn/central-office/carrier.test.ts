import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NetworkLine } from '../../../src/pstn/central-office/network.js';
import { telephones } from './telephones.js';

const caller = '100';
const called = '200';

/** Two lines in conversation; with `startBoth` both modems send. */
async function conversation(
  options: {
    caller?: Partial<NetworkLine>;
    called?: Partial<NetworkLine>;
    timeScale?: number;
    seed?: number;
  } = {},
) {
  const { timeScale = 1, seed = 7 } = options;
  const world = telephones(
    [{ number: caller, ...options.caller }, { number: called, ...options.called }, { number: '300' }],
    { timeScale, seed },
  );
  await world.connect(caller, called);
  const a = world.phone(caller);
  const b = world.phone(called);
  return {
    ...world,
    a,
    b,
    startBoth(aRate = 33_600, bRate = 33_600) {
      a.line.startCarrier('originate', aRate);
      b.line.startCarrier('answer', bRate);
    },
  };
}

async function carrierUp(options: Parameters<typeof conversation>[0] = {}) {
  const world = await conversation(options);
  world.startBoth();
  await world.until(() => world.a.has('carrier') && world.b.has('carrier'), 10_000);
  return world;
}

function octets(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) + seed) & 0xff);
}

describe('training', () => {
  test('six seconds after both send in opposite roles, both have a carrier at the least of the four rates', async () => {
    const rates = [
      [28_800, 33_600, 33_600, 33_600],
      [33_600, 26_400, 33_600, 33_600],
      [33_600, 33_600, 14_400, 33_600],
      [33_600, 33_600, 33_600, 9_600],
    ] as const;
    for (const [lineA, lineB, maxA, maxB] of rates) {
      const { a, b, clock, startBoth, run } = await conversation({
        caller: { rate: lineA },
        called: { rate: lineB },
      });
      startBoth(maxA, maxB);
      const startedMs = clock.monotonicMs();
      await run(6_001);
      const expected = { what: 'carrier', atMs: startedMs + 6_000, rate: Math.min(lineA, lineB, maxA, maxB) };
      expect(a.log.at(-1)).toEqual(expected);
      expect(b.log.at(-1)).toEqual(expected);
    }
  });

  test('time scale shortens it', async () => {
    const { a, startBoth, clock, until } = await conversation({ timeScale: 0.01 });
    startBoth();
    const startedMs = clock.monotonicMs();
    await until(() => a.has('carrier'));
    expect(clock.monotonicMs() - startedMs).toBeCloseTo(60);
  });

  test('equal roles, or one modem alone, never have one', async () => {
    const { a, b, run } = await conversation();
    a.line.startCarrier('originate', 33_600);
    await run(20_000);
    b.line.startCarrier('originate', 33_600);
    await run(20_000);
    expect(a.has('carrier') || b.has('carrier')).toBe(false);
    expect(a.line.transmitRoom()).toBe(0);
    b.line.stopCarrier();
    b.line.startCarrier('answer', 33_600);
    await run(6_001);
    expect(a.has('carrier') && b.has('carrier')).toBe(true);
  });

  test('a modem that sends before the answer trains when the far end comes', async () => {
    const { phone, call, until, run } = telephones([{ number: caller }, { number: called }]);
    await call(caller, called);
    phone(caller).line.startCarrier('originate', 33_600);
    await until(() => phone(called).isRinging);
    phone(called).line.offHook();
    phone(called).line.startCarrier('answer', 33_600);
    await run(6_001);
    expect(phone(caller).has('carrier')).toBe(true);
  });

  test('fault 40: training that fails ends in no carrier and no word of one', async () => {
    const { a, b, line, startBoth, run } = await conversation();
    line(called).trainingFails = true;
    startBoth();
    await run(60_000);
    for (const phone of [a, b]) {
      expect(phone.has('carrier')).toBe(false);
      expect(phone.has('no-carrier')).toBe(false);
    }
    a.line.onHook();
    await run(1);
    expect(b.log.at(-1)?.what).toBe('loop-break');
  });

  test('fault 40: a hang-up in the middle of training leaves the far end without a carrier', async () => {
    const { a, b, startBoth, run } = await conversation();
    startBoth();
    await run(3_000);
    a.line.onHook();
    await run(10_000);
    expect(b.has('carrier')).toBe(false);
    expect(b.has('loop-break')).toBe(true);
  });

  test('a modem that starts again in the middle of training gets its carrier later', async () => {
    const { a, b, startBoth, run } = await conversation();
    startBoth();
    await run(3_000);
    a.line.stopCarrier();
    a.line.startCarrier('originate', 33_600);
    await run(5_000);
    expect(b.has('carrier')).toBe(false);
    await run(2_000);
    expect(a.has('carrier') && b.has('carrier')).toBe(true);
  });
});

describe('octets', () => {
  test.each([33_600, 28_800, 9_600, 2_400, 300])(
    '%i bit/s carry an eighth as many octets a second, both ways, for a minute',
    async (rate) => {
      const { a, b, run } = await carrierUp({ caller: { rate }, called: { rate } });
      a.send(octets(rate * 10));
      b.send(octets(rate * 10));
      for (let second = 1; second <= 60; second++) {
        await run(1_000);
        const due = (rate / 8) * second;
        for (const phone of [a, b]) {
          expect(phone.received.length).toBeLessThanOrEqual(due);
          expect(phone.received.length).toBeGreaterThanOrEqual(due - Math.max(rate / 8 / 1_000, 44));
        }
      }
      const due = (rate / 8) * 60;
      expect(Math.abs(a.received.length - due)).toBeLessThan(due * 0.001 + 1);
    },
  );

  test('33,600 bit/s carry 4,200 octets within one second, to a tenth of a per cent', async () => {
    const { a, b, run } = await carrierUp();
    a.send(octets(8_000));
    await run(1_000);
    expect(Math.abs(b.received.length - 4_200)).toBeLessThanOrEqual(4.2);
  });

  test('they arrive in order and unchanged, the first after its line time and the delay of both lines', async () => {
    const { a, b, clock, run } = await carrierUp({ caller: { delayMs: 60 }, called: { delayMs: 30 } });
    await run(1_234.5);
    const sentMs = clock.monotonicMs();
    a.send(octets(10_000));
    await run(5_000);
    expect(Uint8Array.from(b.received)).toEqual(octets(10_000));
    const first = b.log.find((entry) => entry.what === 'octets');
    expect((first?.atMs ?? 0) - sentMs).toBeGreaterThan(90);
    expect((first?.atMs ?? 0) - sentMs).toBeLessThan(90 + 20);
    expect((b.timesOf('octets').at(-1) ?? 0) - sentMs).toBeCloseTo(90 + 10_000 / 4.2, 0);
  });

  test('one octet takes its own line time, and an idle carrier has no timer', async () => {
    const { a, b, clock, run } = await carrierUp();
    await run(1);
    expect(clock.nextDeadlineMs()).toBeUndefined();
    const sentMs = clock.monotonicMs();
    a.send(octets(1));
    await run(50);
    expect((b.timesOf('octets')[0] ?? 0) - sentMs).toBeCloseTo(8_000 / 33_600);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('a receiver is never given more than its room, nothing is lost, and the line goes on when it has room again', async () => {
    const { a, b, run } = await carrierUp({ caller: { delayMs: 100 } });
    b.room = 500;
    a.send(octets(3_000));
    await run(10_000);
    expect(b.received).toHaveLength(500);
    expect(a.unsent).toBeGreaterThan(0);
    expect(a.line.transmitRoom()).toBeLessThan(210);
    b.room = 1;
    b.line.receiveResumed();
    await run(1_000);
    expect(b.received).toHaveLength(501);
    b.room = Infinity;
    b.line.receiveResumed();
    await run(3_000);
    expect(Uint8Array.from(b.received)).toEqual(octets(3_000));
  });

  test('a small room that a quick reader keeps open lets all through without being told of it', async () => {
    const { a, b, run } = await carrierUp({ caller: { delayMs: 50 } });
    b.room = 100;
    b.isReadAtOnce = true;
    a.send(octets(1_000));
    await run(1_500);
    expect(Uint8Array.from(b.received)).toEqual(octets(1_000));
  });

  test('the writer is told once, when its buffer has become half empty', async () => {
    const { a, run } = await carrierUp();
    const room = a.line.transmitRoom();
    a.line.transmit(octets(room));
    const halfMs = room / 2 / 4.2;
    await run(halfMs - 15);
    expect(a.readyTimes).toBe(0);
    await run(30);
    expect(a.readyTimes).toBe(1);
    expect(a.line.transmitRoom()).toBeGreaterThanOrEqual(room / 2);
    await run(1_000);
    expect(a.readyTimes).toBe(1);
  });

  test('whatever the sizes, pauses and rooms, the octets come out as they went in', async () => {
    const script = fc.array(
      fc.record({
        size: fc.integer({ min: 0, max: 900 }),
        room: fc.integer({ min: 0, max: 700 }),
        waitMs: fc.integer({ min: 0, max: 400 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(
        script,
        fc.constantFrom(300, 9_600, 33_600),
        fc.constantFrom(0, 3, 250),
        async (steps, rate, delayMs) => {
          const { a, b, run, until } = await carrierUp({ caller: { rate, delayMs }, timeScale: 0 });
          const sent: number[] = [];
          b.room = 0;
          for (const { size, room, waitMs } of steps) {
            const next = octets(size, sent.length);
            sent.push(...next);
            a.send(next);
            await run(waitMs);
            expect(b.room).toBeGreaterThanOrEqual(0);
            b.room = Math.max(b.room, room);
            b.line.receiveResumed();
          }
          b.room = Infinity;
          b.line.receiveResumed();
          await until(() => b.received.length === sent.length, 400_000);
          expect(b.received).toEqual(sent);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('fault 38: a fall-back in the middle is told to nobody and the octets only come slower', async () => {
    const { a, b, line, run } = await carrierUp();
    a.send(octets(20_000));
    await run(1_000);
    const before = b.received.length;
    line(called).changeRate(9_600);
    await run(1_000);
    expect(b.received.length - before).toBeGreaterThan(1_150);
    expect(b.received.length - before).toBeLessThanOrEqual(1_200 + 1);
    line(caller).changeRate(33_600);
    await run(8_000);
    expect(Uint8Array.from(b.received)).toEqual(octets(20_000));
    expect(a.timesOf('carrier')).toHaveLength(1);
    expect(b.timesOf('carrier')).toHaveLength(1);
  });

  test('bit errors come at the rate of both lines together, by seed', async () => {
    const sent = octets(100_000);
    const errorsOf = async (seed: number) => {
      const { a, b, until } = await carrierUp({
        caller: { bitErrorRate: 5e-4 },
        called: { bitErrorRate: 5e-4 },
        timeScale: 0,
        seed,
      });
      a.send(sent);
      await until(() => b.received.length === sent.length);
      return b.received.flatMap((octet, index) => {
        const wrong = octet ^ (sent[index] ?? 0);
        return [...Array(8).keys()].filter((bit) => wrong & (1 << bit)).map((bit) => index * 8 + bit);
      });
    };
    const errors = await errorsOf(1);
    expect(errors.length).toBeGreaterThan(800 - 5 * 28);
    expect(errors.length).toBeLessThan(800 + 5 * 28);
    expect(await errorsOf(1)).toEqual(errors);
    expect(await errorsOf(2)).not.toEqual(errors);
    for (let bit = 0; bit < 8; bit++)
      expect(errors.filter((at) => at % 8 === bit).length).toBeGreaterThan(50);
  });

  test('equipment that writes more than the room loses the rest and harms nothing', async () => {
    const { a, b, run } = await carrierUp();
    const room = a.line.transmitRoom();
    a.line.transmit(octets(room + 1_000));
    await run(1_000);
    expect(Uint8Array.from(b.received)).toEqual(octets(room));
  });
});

describe('the end of a carrier', () => {
  test.each(['stopCarrier', 'onHook'] as const)(
    '%s: what was sent arrives first, the loss a path delay after its last octet',
    async (end) => {
      const { a, b, clock, run } = await carrierUp({ caller: { delayMs: 100 } });
      const sent = octets(a.line.transmitRoom());
      a.line.transmit(sent);
      const sentMs = clock.monotonicMs();
      a.line[end]();
      await run(1_000);
      expect(Uint8Array.from(b.received)).toEqual(sent);
      const lostMs = b.timesOf('no-carrier')[0] ?? 0;
      expect(lostMs - sentMs).toBeCloseTo(100 + sent.length / 4.2, 1);
      expect(b.timesOf('no-carrier')).toHaveLength(1);
      expect(a.has('no-carrier')).toBe(false);
      expect(b.has('loop-break')).toBe(end === 'onHook');
      expect(b.line.transmitRoom()).toBe(0);
      const order = b.log
        .map((entry) => entry.what)
        .filter((what) => what === 'no-carrier' || what === 'loop-break');
      expect(order).toEqual(end === 'onHook' ? ['no-carrier', 'loop-break'] : ['no-carrier']);
    },
  );

  test('a line that hung up takes its next call while its last octets still travel', async () => {
    const { a, b, phone, run, until, call } = await carrierUp({ caller: { delayMs: 100, rate: 300 } });
    b.room = 0;
    a.line.transmit(octets(60));
    a.line.onHook();
    a.line.offHook();
    await until(() => a.hears.length === 2);
    void a.dial('300');
    await until(() => phone('300').isRinging);
    phone('300').line.offHook();
    a.line.startCarrier('originate', 300);
    phone('300').line.startCarrier('answer', 300);
    await until(() => phone('300').has('carrier'));
    b.line.onHook();
    await run(10);
    phone('300').send(octets(10));
    await run(1_000);
    expect(Uint8Array.from(a.received)).toEqual(octets(10));
    await call(called, '300');
  });

  test('a far modem that takes nothing loses the carrier all the same, within seconds', async () => {
    const { a, b, run } = await carrierUp();
    b.room = 0;
    a.line.transmit(octets(100));
    a.line.onHook();
    await run(5_100);
    expect(b.has('no-carrier') && b.has('loop-break')).toBe(true);
    b.room = Infinity;
    b.line.receiveResumed();
    await run(1_000);
    expect(b.received).toEqual([]);
  });

  test('a modem that stops listening while the last octets come still learns of the loop break', async () => {
    const { a, b, run } = await carrierUp();
    b.room = 0;
    a.line.transmit(octets(100));
    a.line.onHook();
    await run(10);
    b.line.stopCarrier();
    await run(10);
    expect(b.has('loop-break')).toBe(true);
    expect(a.has('no-carrier')).toBe(false);
  });

  test('what a line sends in its next call trains nobody in the last', async () => {
    const { a, b, run } = await conversation({ caller: { delayMs: 8_000 } });
    a.line.onHook();
    a.line.offHook();
    a.line.startCarrier('originate', 33_600);
    b.line.startCarrier('answer', 33_600);
    await run(7_000);
    expect(a.has('carrier') || b.has('carrier')).toBe(false);
  });

  test('a hang-up ends the signals: the next call has no carrier unless both send again', async () => {
    const { a, b, run, connect } = await carrierUp();
    a.line.onHook();
    b.line.onHook();
    await run(10);
    await connect(caller, called);
    await run(20_000);
    expect(a.timesOf('carrier')).toHaveLength(1);
    expect(b.timesOf('carrier')).toHaveLength(1);
  });

  test('fault 40: a carrier drop takes all that is under way and tells both; the two can train again', async () => {
    const { a, b, line, run, startBoth } = await carrierUp({ caller: { delayMs: 200 } });
    a.send(octets(400));
    await run(110);
    line(called).dropCarrier();
    await run(1_000);
    expect(a.timesOf('no-carrier')).toHaveLength(1);
    expect(b.timesOf('no-carrier')).toHaveLength(1);
    expect(b.received).toEqual([]);
    expect(a.has('loop-break') || b.has('loop-break')).toBe(false);
    await run(20_000);
    expect(a.timesOf('carrier')).toHaveLength(1);
    startBoth();
    await run(6_001);
    expect(a.timesOf('carrier')).toHaveLength(2);
    a.send(octets(50));
    await run(300);
    expect(Uint8Array.from(b.received).subarray(0, 50)).toEqual(octets(50));
  });

  test('both hang up while octets travel: no timer remains', async () => {
    const { a, b, run, clock } = await carrierUp({ caller: { delayMs: 300 } });
    a.send(octets(1_000));
    b.send(octets(1_000));
    await run(200);
    a.line.onHook();
    b.line.onHook();
    await run(400);
    expect(clock.nextDeadlineMs()).toBeUndefined();
    expect(b.has('no-carrier')).toBe(false);
  });
});
