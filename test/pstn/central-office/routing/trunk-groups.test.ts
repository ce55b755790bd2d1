import { describe, expect, test } from 'vitest';
import type { NetworkOptions } from '../../../../src/pstn/central-office/network.js';
import { nanp } from '../../../../src/pstn/central-office/routing/nanp.js';
import { tones } from '../../../../src/pstn/signals.js';
import { telephones } from '../telephones.js';

const exchanges = [
  { name: 'north', countryCode: '1', areaCode: '212' },
  { name: 'south', countryCode: '1', areaCode: '914' },
  { name: 'tandem', countryCode: '1', areaCode: '' },
  { name: 'london', countryCode: '44', areaCode: '20' },
];
const group = (
  name: string,
  between: readonly [string, string],
  circuits: number,
  routeClass: 'local' | 'long-distance' | 'international',
) => ({ name, between, circuits, routeClass });

const lines = [
  ...['5550101', '5550102', '5550103'].map((number) => ({ number, exchange: 'north' })),
  ...['9145550201', '9145550202', '9145550203'].map((number) => ({ number, exchange: 'south' })),
  { number: '79460000', exchange: 'london' },
];
const options = {
  exchanges,
  numberingPlan: nanp,
  trunkGroups: [
    group('direct', ['north', 'south'], 1, 'local'),
    group('north-tandem', ['north', 'tandem'], 1, 'long-distance'),
    group('south-tandem', ['south', 'tandem'], 1, 'long-distance'),
    group('abroad', ['tandem', 'london'], 1, 'international'),
  ],
} satisfies Partial<NetworkOptions>;

const northToSouth = { from: 'north', to: 'south', trunkGroups: ['direct'] } as const;

const network = (change: Partial<NetworkOptions> = {}) => telephones(lines, { ...options, ...change });

describe('telephony 4.3: trunk groups', () => {
  test.each([
    ['5550102', '5550102', [], 1_000],
    ['9145550201', '9145550201', ['direct'], 1_000],
    ['19145550201', '9145550201', ['direct'], 1_000],
    ['011442079460000#', '79460000', ['north-tandem', 'abroad'], 6_000],
  ])(
    'telephony 4.3: %s reaches %s by way of %j, with the delay of its longest group',
    async (dialled, called, via, delayMs) => {
      const { phone, call, until, clock, events } = network();
      await call('5550101', dialled);
      const endMs = clock.monotonicMs() - 95;
      await until(() => events.some(({ event }) => event === 'ringing'));
      expect(events).toContainEqual({ event: 'ringing', line: '5550101', called });
      expect(events.find(({ event }) => event === 'routed')).toMatchObject({ via });
      // The burst is known when it ends; the exchange may take the last digit a timer later.
      expect(clock.monotonicMs() - endMs).toBeCloseTo(delayMs, -1);
      await until(() => phone(called).isRinging);
    },
  );

  test('telephony 1.8: the direct group first, then by way of the tandem, then reorder tone or no-circuit', async () => {
    const { phone, connect, call, run, until, events, network: net } = network();
    await connect('5550101', '9145550201');
    await connect('5550102', '9145550202');
    expect(events.flatMap((event) => (event.event === 'routed' ? [event.via] : []))).toEqual([
      ['direct'],
      ['north-tandem', 'south-tandem'],
    ]);
    await call('5550103', '9145550203');
    await until(() => phone('5550103').hears.includes(985));
    expect(events).toContainEqual({
      event: 'congestion',
      line: '5550103',
      number: '19145550203',
      group: 'north-tandem',
    });
    await run(380);
    expect(phone('5550103').hears).toEqual([1429]);
    expect(net.trunkGroup('direct')).toMatchObject({ busy: 1, mostBusy: 1, seizures: 1, overflows: 2 });
    expect(net.trunkGroup('north-tandem')).toMatchObject({ busy: 1, seizures: 1, overflows: 1 });
  });

  test('telephony 1.9: a full local group is reorder tone, which a modem calls BUSY', async () => {
    const { phone, connect, call, run, events } = network({
      routes: [{ from: 'north', to: 'south', trunkGroups: ['direct'] }],
    });
    await connect('5550101', '9145550201');
    await call('5550102', '9145550202');
    await run(300);
    expect(events).toContainEqual({ event: 'treatment', line: '5550102', name: 'reorder' });
    const bursts = phone('5550102').log.filter(
      (heard) => heard.what === 'tone' && heard.tone.length === 2 && heard.tone[0] === tones.busyOrReorder[0],
    );
    expect(bursts.length).toBeGreaterThan(0);
  });

  test('telephony 4.3: a call that is blocked beyond the tandem gives back what it had seized', async () => {
    const {
      connect,
      call,
      run,
      network: net,
    } = network({
      routes: [{ from: 'north', to: 'south', trunkGroups: ['north-tandem'] }],
      trunkGroups: options.trunkGroups.map((it) =>
        it.name === 'south-tandem' ? { ...it, circuits: 0 } : it,
      ),
    });
    await call('5550101', '9145550201');
    await run(1_000);
    expect(net.trunkGroup('north-tandem')).toMatchObject({ busy: 0, seizures: 1 });
    await connect('5550102', '5550103');
  });

  test.each([
    [
      'the caller gives up while it dials through',
      async ({ call, phone, run }: Stage) => {
        await call('5550101', '9145550201');
        await run(500);
        phone('5550101').line.onHook();
      },
    ],
    [
      'the caller gives up during ringing',
      async ({ call, phone, until }: Stage) => {
        await call('5550101', '9145550201');
        await until(() => phone('9145550201').isRinging);
        phone('5550101').line.onHook();
      },
    ],
    [
      'the called line is busy',
      async ({ call, phone, until }: Stage) => {
        phone('9145550201').line.offHook();
        await call('5550101', '9145550201');
        await until(() => phone('5550101').hears.includes(620));
      },
    ],
    [
      'the caller hangs up',
      async ({ connect, phone }: Stage) => {
        await connect('5550101', '9145550201');
        phone('5550101').line.onHook();
      },
    ],
    [
      'the called end hangs up',
      async ({ connect, phone }: Stage) => {
        await connect('5550101', '9145550201');
        phone('9145550201').line.onHook();
      },
    ],
    [
      'the pair of the caller is cut',
      async ({ connect, line }: Stage) => {
        await connect('5550101', '9145550201');
        line('5550101').cut(true);
      },
    ],
  ])('fault 92: the circuit is free again when %s', async (_, play) => {
    const stage = network();
    await play(stage);
    const { run, network: net } = stage;
    await run(1);
    expect(net.trunkGroups.map(({ busy }) => busy)).toEqual([0, 0, 0, 0]);
    expect(net.trunkGroup('direct').seizures).toBe(1);
  });

  test('telephony 10: 911 is a number of its own, and one that has changed is intercepted', async () => {
    const { phone, call, until, run, events } = network({
      serviceCodes: { '911': '5550102' },
      intercepted: ['5550177'],
    });
    await call('9145550201', '911');
    await until(() => phone('5550102').isRinging);
    expect(events.find(({ event }) => event === 'routed')).toMatchObject({ via: ['direct'] });
    await call('5550101', '5550177');
    await run(5);
    expect(phone('5550101').hears).toEqual([914]);
    await call('5550103', '411');
    await run(5);
    expect(phone('5550103').hears).toEqual([985]);
  });

  test.each([
    [
      { trunkGroups: [group('x', ['north', 'east'], 1, 'local')] },
      'Trunk group "x" names the exchange "east"',
    ],
    [{ trunkGroups: [group('x', ['north', 'north'], 1, 'local')] }, 'at both ends'],
    [
      { trunkGroups: [options.trunkGroups[0], options.trunkGroups[0]] },
      'Two trunk groups are named "direct"',
    ],
    [{ routes: [{ from: 'north', to: 'south', trunkGroups: ['abroad'] }] }, 'does not end at "north"'],
    [
      { routes: [{ from: 'north', to: 'south', trunkGroups: ['none'] }] },
      'names the trunk group "none", but there is no such group',
    ],
    [{ routes: [{ from: 'north', to: 'north', trunkGroups: ['direct'] }] }, 'leads nowhere'],
    [{ routes: [northToSouth, northToSouth] }, 'is there twice'],
    [{ exchanges: [...exchanges, ...exchanges.slice(0, 1)] }, 'Two exchanges have one name'],
    [{ exchanges: exchanges.slice(0, 1), trunkGroups: [] }, 'Line 9145550201 names the exchange "south"'],
    [{ serviceCodes: { '911': '5550999' } }, 'The short code 911 leads to 12125550999'],
    [{ serviceCodes: { '999': '5550101' } }, 'no row of the numbering plan takes it as a service'],
    [{ intercepted: ['5550101'] }, 'The number 12125550101 is among "changed_numbers", and a line has it'],
  ] as const)('telephony 1.8: a wrong table is refused with what is wrong: %#', (change, said) => {
    expect(() => network(change as Partial<NetworkOptions>)).toThrow(said);
  });
});

test('telephony 10: short codes without a numbering plan, which nobody could dial, are refused', () => {
  const one = [{ number: '5550101' }];
  expect(() => telephones(one, { serviceCodes: { '911': '5550101' } })).toThrow(
    '"short_codes" needs a "numbering_plan"',
  );
});

describe('telephony 1.8: tables that lead nowhere', () => {
  test('telephony 1.8: a group of no circuits blocks every call, and counts them', async () => {
    const {
      call,
      phone,
      run,
      network: net,
    } = network({
      trunkGroups: [group('none', ['north', 'south'], 0, 'local')],
    });
    for (const times of [1, 2]) {
      await call('5550101', '9145550201');
      await run(5);
      expect(phone('5550101').hears).toEqual([480, 620]);
      expect(net.trunkGroup('none')).toMatchObject({ busy: 0, mostBusy: 0, seizures: 0, overflows: times });
      phone('5550101').line.onHook();
      await run(5);
    }
  });

  test('telephony 1.8: exchanges that route to each other in a circle block the call, and keep no circuit of it', async () => {
    const circle = (from: string, trunkGroups: readonly string[]) => ({ from, to: 'london', trunkGroups });
    const {
      call,
      phone,
      run,
      events,
      network: net,
    } = network({
      trunkGroups: [
        group('direct', ['north', 'south'], 4, 'local'),
        group('south-tandem', ['south', 'tandem'], 4, 'local'),
        group('north-tandem', ['north', 'tandem'], 4, 'local'),
      ],
      routes: [
        circle('north', ['direct']),
        circle('south', ['south-tandem', 'direct']),
        circle('tandem', ['north-tandem', 'south-tandem']),
      ],
    });
    await call('5550101', '011442079460000#');
    await run(5);
    expect(events.filter(({ event }) => event === 'congestion')).toHaveLength(1);
    expect(phone('5550101').hears).toEqual([480, 620]);
    expect(net.trunkGroups.map(({ busy }) => busy)).toEqual([0, 0, 0]);
  });
});

test('telephony 1.8: one number for two lines, or a hunt group of two exchanges, is refused', () => {
  const twice = [...lines, { number: '2125550101', exchange: 'north' }];
  expect(() => telephones(twice, options)).toThrow('Two lines have the number 12125550101');
  const hunts = lines.slice(2, 4).map((line) => ({ ...line, hunt: '2125550100' }));
  expect(() => telephones(hunts, options)).toThrow('one exchange hunts');
});

type Stage = ReturnType<typeof network>;
