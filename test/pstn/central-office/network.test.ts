import { describe, expect, test } from 'vitest';
import { tones } from '../../../src/pstn/signals.js';
import { telephones } from './telephones.js';

const three = [{ number: '5550100' }, { number: '5550101' }, { number: '5550102' }];

describe('dialling', () => {
  test('dial tone comes 0.3 s after off-hook and the first digit stops it', async () => {
    const { phone, run } = telephones(three);
    const a = phone('5550100');
    a.line.offHook();
    await run(299);
    expect(a.hears).toEqual(tones.silence);
    await run(1);
    expect(a.hears).toEqual(tones.dial);
    a.line.sendDigit('5', 95);
    await run(95);
    expect(a.hears).toEqual(tones.silence);
  });

  test('a digit sent before dial tone is lost', async () => {
    const { phone, run, until } = telephones([{ number: '1' }, { number: '21' }, { number: '22' }]);
    const a = phone('1');
    a.line.offHook();
    a.line.sendDigit('2', 95);
    await run(400);
    expect(a.hears).toEqual(tones.dial);
    void a.dial('21');
    await until(() => phone('21').isRinging);
  });

  test('fault 42: a burst of 30 ms is no digit, one of 40 ms is', async () => {
    const { phone, run, until } = telephones([{ number: '1' }, { number: '23' }]);
    const a = phone('1');
    a.line.offHook();
    await run(300);
    a.line.sendDigit('9', 30);
    await run(100);
    expect(a.hears).toEqual(tones.dial);
    a.line.sendDigit('2', 40);
    await run(100);
    a.line.sendDigit('7', 39);
    await run(100);
    a.line.sendDigit('3', 40);
    await until(() => phone('23').isRinging, 8_000);
  });

  test.each(['5550109', '9', '*', 'A', '55501#'])(
    'fault 42: %s is no number: the special information tone for a vacant code, twice, and never busy',
    async (dialled) => {
      const { phone, call, run } = telephones(three);
      await call('5550100', dialled);
      await run(60_000);
      const { log } = phone('5550100');
      const heard = log.flatMap((entry) => (entry.what === 'tone' && entry.tone.length > 0 ? [entry] : []));
      expect(heard.shift()?.tone).toEqual(tones.dial);
      expect(heard.map(({ tone }) => tone)).toEqual([[985], [1371], [1777], [985], [1371], [1777]]);
      expect(heard.map(({ atMs }) => atMs - (heard[0]?.atMs ?? 0))).toEqual([
        0, 380, 654, 7_034, 7_414, 7_688,
      ]);
    },
  );

  test('a receiver left off-hook hears dial tone, reorder, howler, then nothing, and no timer runs on', async () => {
    const { phone, run, clock } = telephones(three);
    const a = phone('5550100');
    a.line.offHook();
    await run(300 + 16_000 + 1);
    expect(a.hears).toEqual(tones.busyOrReorder);
    await run(30_000);
    expect(a.hears).toContain(2450);
    await run(30_000);
    expect(a.hears).toEqual(tones.silence);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('an unfinished number gives reorder 5 s after its last digit', async () => {
    const { phone, call, run } = telephones(three);
    await call('5550100', '555');
    await run(4_800);
    expect(phone('5550100').hears).toEqual(tones.silence);
    await run(200);
    expect(phone('5550100').hears).toEqual(tones.busyOrReorder);
  });

  test('a number that begins a longer one is called after the inter-digit time, the longer one at once', async () => {
    const { phone, call, clock, run } = telephones([{ number: '1' }, { number: '20' }, { number: '201' }], {
      timings: { postDialDelayMs: 0, ringMs: 6_000, ringSilenceMs: 0.001 },
    });
    await call('1', '20');
    const dialledMs = clock.monotonicMs() - 95;
    await run(12_000);
    expect(phone('201').log).toEqual([]);
    expect(phone('20').timesOf('ring')[0]).toBeGreaterThanOrEqual(dialledMs + 5_000);

    const second = telephones([{ number: '1' }, { number: '20' }, { number: '201' }]);
    await second.call('1', '201');
    await second.run(1_000 + 6_000);
    expect(second.phone('201').has('ring')).toBe(true);
    expect(second.phone('20').has('ring')).toBe(false);
  });
});

describe('ringing', () => {
  test('bursts of 2 s every 6 s, ring-back in step, the first within a cycle of the post-dial delay', async () => {
    const { phone, call, run, clock } = telephones(three);
    await call('5550100', '5550101');
    const dialledMs = clock.monotonicMs() - 95;
    await run(30_000);
    const [first = 0, ...rest] = phone('5550101').timesOf('ring');
    expect(first).toBeGreaterThanOrEqual(dialledMs + 1_000);
    expect(first).toBeLessThan(dialledMs + 7_000);
    expect(rest.slice(0, 5).map((at) => at - first)).toEqual([2_000, 6_000, 8_000, 12_000, 14_000]);
    const ringBack = phone('5550100').log.filter((entry) => entry.what === 'tone' && entry.tone[0] === 440);
    expect(ringBack.map((entry) => entry.atMs)).toEqual(
      phone('5550101').log.flatMap((entry) => (entry.what === 'ring' && entry.on ? [entry.atMs] : [])),
    );
  });

  test('the same seed rings at the same phase, another seed at another', async () => {
    const firstRing = async (seed: number) => {
      const { phone, call, run } = telephones(three, { seed });
      await call('5550100', '5550101');
      await run(8_000);
      return phone('5550101').timesOf('ring')[0];
    };
    expect(await firstRing(1)).toBe(await firstRing(1));
    expect(await firstRing(1)).not.toBe(await firstRing(2));
  });

  test('CM-275 fault 92: calls from fifty lines at once ring fifty lines of the hunt group, each once', async () => {
    const callers = Array.from({ length: 51 }, (_, index) => ({
      number: `70${String(index).padStart(2, '0')}`,
    }));
    const trunks = Array.from({ length: 50 }, (_, index) => ({
      number: `80${String(index).padStart(2, '0')}`,
      hunt: '8000',
    }));
    const { phone, clock, run } = telephones([...callers, ...trunks]);
    for (const { number } of callers) {
      phone(number).line.offHook();
      clock.setTimeout(() => void phone(number).dial('8000'), 400);
    }
    await run(400 + 4 * 190 + 1_000 + 6_000);
    for (const { number } of trunks) expect(phone(number).timesOf('ring').length).toBeGreaterThan(0);
    const busy = callers.filter(({ number }) =>
      phone(number).log.some((entry) => entry.what === 'tone' && entry.tone[0] === 480),
    );
    expect(busy).toHaveLength(1);

    for (const { number } of trunks) phone(number).line.offHook();
    await run(1_000);
    callers.forEach(({ number }, index) => {
      phone(number).line.sendTone([1_000 + index]);
    });
    await run(10);
    const heard = trunks.map(({ number }) => phone(number).hears[0]);
    expect(new Set(heard).size).toBe(50);
  });

  test('a hunt group is tried in its order, its members keep their own numbers, and all busy is busy', async () => {
    const group = [
      { number: '100', hunt: '900' },
      { number: '101', hunt: '900' },
    ];
    const { phone, call, until, run } = telephones([
      ...group,
      { number: '201' },
      { number: '202' },
      { number: '203' },
    ]);
    await call('201', '900');
    await until(() => phone('100').isRinging);
    await call('202', '101');
    await until(() => phone('101').isRinging);
    await call('203', '900');
    await run(1_000);
    expect(phone('203').hears).toEqual(tones.busyOrReorder);
    phone('202').line.onHook();
    phone('203').line.onHook();
    await call('203', '900');
    await until(() => phone('101').isRinging);
  });

  test('busy tone is 500/500: line off-hook, line being rung, own number', async () => {
    const { phone, call, run, until, line } = telephones(three);
    line('5550102').offHook();
    await call('5550100', '5550102');
    await run(1_000);
    expect(phone('5550100').hears).toEqual(tones.busyOrReorder);
    const [on = 0] = phone('5550100').timesOf('tone').slice(-1);
    await run(2_000);
    expect(
      phone('5550100')
        .timesOf('tone')
        .slice(-4)
        .map((at) => at - on),
    ).toEqual([500, 1_000, 1_500, 2_000]);

    phone('5550100').line.onHook();
    await call('5550100', '5550100');
    await run(1_000);
    expect(phone('5550100').hears).toEqual(tones.busyOrReorder);

    phone('5550100').line.onHook();
    phone('5550102').line.onHook();
    await call('5550100', '5550102');
    await until(() => phone('5550102').isRinging);
    await call('5550101', '5550102');
    await run(1_000);
    expect(phone('5550101').hears).toEqual(tones.busyOrReorder);
  });

  test('fault 44: the caller gives up within a burst: half a ring, then a free line', async () => {
    const { phone, call, until, run, clock } = telephones(three);
    await call('5550100', '5550101');
    await until(() => phone('5550101').isRinging);
    await run(700);
    phone('5550100').line.onHook();
    await run(0);
    await run(1);
    const [start = 0, end = 0, ...more] = phone('5550101').timesOf('ring');
    expect(end - start).toBeCloseTo(700);
    expect(more).toEqual([]);
    expect(clock.nextDeadlineMs()).toBeUndefined();
    await call('5550102', '5550101');
    await until(() => phone('5550101').isRinging);
  });

  test('a telephone that nobody answers rings until the caller hangs up', async () => {
    const { phone, call, run } = telephones(three);
    await call('5550100', '5550101');
    await run(600_000);
    expect(phone('5550101').timesOf('ring').length).toBeGreaterThan(190);
    phone('5550100').line.onHook();
    await run(10);
    const rings = phone('5550101').timesOf('ring').length;
    await run(20_000);
    expect(phone('5550101').timesOf('ring')).toHaveLength(rings);
  });

  test('time scale 0 rings without delay and still not endlessly in no time', async () => {
    const { phone, call, run } = telephones(three, { timeScale: 0 });
    await call('5550100', '5550101');
    await run(600);
    const rings = phone('5550101').timesOf('ring').length;
    expect(rings).toBeGreaterThan(4);
    expect(rings).toBeLessThan(40);
  });
});

describe('caller ID', () => {
  const called = { number: '200' };

  test.each([
    ['its number', { callerId: 'number' }, { kind: 'number', number: '100' }],
    ['withheld', { callerId: 'withheld' }, { kind: 'withheld' }],
    ['unavailable', { callerId: 'unavailable' }, { kind: 'unavailable' }],
    [
      'twenty digits',
      { callerId: { number: '12345678901234567890' } },
      { kind: 'number', number: '12345678901234567890' },
    ],
    [
      'letters',
      { callerId: { number: '555CALLME', name: 'A\r\nOK' } },
      { kind: 'number', number: '555CALLME', name: 'A\r\nOK' },
    ],
  ] as const)(
    'CM-290 fault 43: %s arrives between the first burst and the second, once',
    async (_, setting, id) => {
      const { phone, call, run } = telephones([{ number: '100', ...setting }, called]);
      await call('100', '200');
      await run(30_000);
      const { log } = phone('200');
      expect(log.flatMap((entry) => (entry.what === 'caller-id' ? [entry.id] : []))).toEqual([id]);
      expect(log.slice(0, 4).map((entry) => entry.what)).toEqual(['ring', 'ring', 'caller-id', 'ring']);
    },
  );

  test('CM-290 fault 43: a line without the service is told nothing', async () => {
    const { phone, call, run } = telephones([{ number: '100', callerId: 'none' }, called]);
    await call('100', '200');
    await run(30_000);
    expect(phone('200').has('caller-id')).toBe(false);
    expect(phone('200').timesOf('ring').length).toBeGreaterThan(4);
  });

  test('CM-290 fault 43: after an answer on the first burst none follows', async () => {
    const { phone, connect, run } = telephones([{ number: '100' }, called]);
    await connect('100', '200');
    await run(30_000);
    expect(phone('200').has('caller-id')).toBe(false);
  });

  test('CM-290 fault 43: an answer at the very instant at which it is due leaves none', async () => {
    const { phone, call, run, until, clock } = telephones([{ number: '100' }, called]);
    await call('100', '200');
    await until(() => phone('200').isRinging);
    await until(() => !phone('200').isRinging);
    clock.setTimeout(() => phone('200').line.offHook(), 1_000);
    await run(10_000);
    expect(phone('200').has('caller-id')).toBe(false);
  });

  test('CM-290 fault 43: a caller that gives up before it is due leaves none for the next call', async () => {
    const { phone, call, run, until } = telephones([{ number: '100' }, called, { number: '101' }]);
    await call('100', '200');
    await until(() => phone('200').isRinging);
    await run(2_500);
    phone('100').line.onHook();
    await call('101', '200');
    await run(20_000);
    expect(phone('200').log.flatMap((entry) => (entry.what === 'caller-id' ? [entry.id] : []))).toEqual([
      { kind: 'number', number: '101' },
    ]);
  });
});

describe('talking', () => {
  test('CM-295 AL-5: an answer stops the ringing and joins the two: tones and digits pass, a path delay later', async () => {
    const { phone, connect, run } = telephones([
      { number: '100', delayMs: 60 },
      { number: '200', delayMs: 40 },
    ]);
    await connect('100', '200');
    expect(phone('200').isRinging).toBe(false);
    expect(phone('100').hears).toEqual(tones.silence);

    phone('200').line.sendTone(tones.answer);
    await run(99);
    expect(phone('100').hears).toEqual(tones.silence);
    await run(1);
    await run(0.1);
    expect(phone('100').hears).toEqual(tones.answer);
    expect(phone('200').hears).toEqual(tones.silence);
    phone('200').line.sendTone(tones.silence);
    await run(101);
    expect(phone('100').hears).toEqual(tones.silence);

    phone('100').line.sendDigit('#', 70);
    await run(169);
    expect(phone('200').has('digit')).toBe(false);
    await run(1);
    expect(phone('200').log.at(-1)).toMatchObject({ what: 'digit', symbol: '#', onMs: 70 });
  });

  test('a tone that sounded before the answer is heard after it, and not by who hears the exchange', async () => {
    const { phone, call, until, run } = telephones(three);
    await call('5550100', '5550101');
    phone('5550100').line.sendTone([1_300]);
    await until(() => phone('5550101').isRinging);
    expect(phone('5550101').hears).toEqual(tones.silence);
    phone('5550101').line.offHook();
    await run(1);
    expect(phone('5550101').hears).toEqual([1_300]);
  });

  test('fault 42: a short burst passes on a talking path with its length: the far end is the judge of it', async () => {
    const { phone, connect, run } = telephones(three);
    await connect('5550100', '5550101');
    phone('5550100').line.sendDigit('7', 30);
    await run(40);
    expect(phone('5550101').log.at(-1)).toMatchObject({ what: 'digit', symbol: '7', onMs: 30 });
  });

  test.each([
    ['caller', '5550100', '5550101'],
    ['called', '5550101', '5550100'],
  ])(
    'the %s hangs up: loop break at the other, dial tone 10 s later, a new call at once',
    async (_, gone, left) => {
      const { phone, connect, run, call, until } = telephones(three);
      await connect('5550100', '5550101');
      phone(gone).line.onHook();
      await run(1);
      expect(phone(left).log.at(-1)?.what).toBe('loop-break');
      await call('5550102', gone);
      await until(() => phone(gone).isRinging);
      await run(10_000);
      expect(phone(left).log.some((entry) => entry.what === 'tone' && entry.tone[0] === 350)).toBe(true);
      phone(gone).line.offHook();
      await run(1);
      phone('5550102').line.sendTone([1_000]);
      await run(1);
      expect(phone(gone).hears).toEqual([1_000]);
      expect(phone(left).hears).not.toEqual([1_000]);
    },
  );

  test('fault 44: going off-hook to dial after the line was taken for a call, before it rings, answers that call', async () => {
    const { phone, call, run } = telephones(three, { seed: 3 });
    await call('5550100', '5550101');
    await run(1_000);
    expect(phone('5550101').has('ring')).toBe(false);
    phone('5550101').line.offHook();
    await run(1_000);
    expect(phone('5550101').hears).toEqual(tones.silence);
    phone('5550100').line.sendTone([1_000]);
    await run(1);
    expect(phone('5550101').hears).toEqual([1_000]);
  });

  test('fault 44: two lines that dial each other at once are busy to one another', async () => {
    const { phone, run, clock } = telephones(three);
    for (const [from, to] of [
      ['5550100', '5550101'],
      ['5550101', '5550100'],
    ] as const) {
      phone(from).line.offHook();
      clock.setTimeout(() => void phone(from).dial(to), 400);
    }
    await run(400 + 7 * 190 + 1_000);
    expect(phone('5550100').hears).toEqual(tones.busyOrReorder);
    expect(phone('5550101').hears).toEqual(tones.busyOrReorder);
  });

  test('fault 44: a call that comes while a line dials finds it busy', async () => {
    const { phone, call, run } = telephones(three);
    await call('5550101', '555');
    await call('5550100', '5550101');
    await run(1_000);
    expect(phone('5550100').hears).toEqual(tones.busyOrReorder);
    expect(phone('5550101').has('ring')).toBe(false);
  });
});

describe('release', () => {
  type World = ReturnType<typeof telephones>;
  const states: [string, (world: World) => Promise<void>][] = [
    ['before dial tone', async ({ phone }) => phone('5550100').line.offHook()],
    [
      'dial tone',
      ({ phone, until }) => {
        phone('5550100').line.offHook();
        return until(() => phone('5550100').hears === tones.dial);
      },
    ],
    ['digits', ({ call }) => call('5550100', '5550')],
    ['post-dial delay', ({ call }) => call('5550100', '5550101')],
    [
      'ringing',
      async ({ call, until, phone }) => {
        await call('5550100', '5550101');
        await until(() => phone('5550101').isRinging);
      },
    ],
    [
      'busy',
      async ({ call, run }) => {
        await call('5550100', '5550100');
        await run(1_200);
      },
    ],
    [
      'reorder',
      async ({ call, run }) => {
        await call('5550100', '555');
        await run(6_200);
      },
    ],
    [
      'announcement',
      async ({ call, run }) => {
        await call('5550100', '9');
        await run(1_200);
      },
    ],
    ['talking', ({ connect }) => connect('5550100', '5550101')],
    [
      'training',
      async ({ connect, line, run }) => {
        await connect('5550100', '5550101');
        line('5550100').startCarrier('originate', 33_600);
        line('5550101').startCarrier('answer', 33_600);
        await run(3_000);
      },
    ],
  ];

  test.each(states)(
    'hanging up in the state "%s" frees all: no timer left, the next call goes through',
    async (_, reach) => {
      const world = telephones(three);
      await reach(world);
      world.phone('5550100').line.onHook();
      world.phone('5550101').line.onHook();
      await world.run(1_000);
      expect(world.clock.nextDeadlineMs()).toBeUndefined();
      expect(world.phone('5550100').hears).toEqual(tones.silence);
      await world.connect('5550102', '5550100');
      world.phone('5550102').line.sendTone([1_000]);
      await world.run(1);
      expect(world.phone('5550100').hears).toEqual([1_000]);
    },
  );

  test('a dead line has no dial tone, rings out to callers, and breaks a call', async () => {
    const { phone, line, run, call, connect, clock } = telephones(three);
    line('5550101').cut(true);
    phone('5550101').line.offHook();
    await run(30_000);
    expect(phone('5550101').log).toEqual([]);
    phone('5550101').line.onHook();
    await call('5550100', '5550101');
    await run(10_000);
    expect(phone('5550100').log.some((entry) => entry.what === 'tone' && entry.tone[0] === 440)).toBe(true);
    expect(phone('5550101').log).toEqual([]);
    phone('5550100').line.onHook();

    line('5550101').cut(false);
    await connect('5550100', '5550101');
    line('5550101').cut(true);
    await run(1);
    expect(phone('5550101').log.at(-1)?.what).toBe('loop-break');
    expect(phone('5550100').log.at(-1)?.what).toBe('loop-break');
    phone('5550100').line.onHook();
    await run(1);
    expect(clock.nextDeadlineMs()).toBeUndefined();
    line('5550101').cut(false);
    await run(400);
    expect(phone('5550101').hears).toEqual(tones.dial);
  });

  test('a second line with a number, and a number that is not digits, are refused', () => {
    expect(() => telephones([{ number: '1' }, { number: '1' }])).toThrow('Two lines');
    expect(() => telephones([{ number: '55-1' }])).toThrow('digits only');
  });
});
