import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Heard } from '../telephone.js';
import { telephones } from '../telephones.js';

const numbers = ['100', '101', '102', '103'] as const;
const services = ['call-waiting', 'three-way', 'transfer'] as const;

const move = fc.record({
  line: fc.constantFrom(...numbers),
  act: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('off-hook', 'flash', 'call', 'consult') },
    { weight: 4, arbitrary: fc.constantFrom('on-hook', 'leave', 'carrier', 'stop-carrier') },
    { weight: 1, arbitrary: fc.constantFrom('cut', 'mend', 'stick', 'unstick') },
  ),
  called: fc.constantFrom(...numbers),
  isAnswered: fc.boolean(),
  thenMs: fc.constantFrom(0, 1, 150, 600, 3_000, 12_000),
});

/** Every line with every service; each on an exchange of its own, so that every call holds a circuit. */
function stage() {
  const exchanges = numbers.map((name) => ({ name, countryCode: '', areaCode: '' }));
  return telephones(
    numbers.map((number) => ({ number, exchange: number, services })),
    {
      exchanges: [...exchanges, { name: 'tandem', countryCode: '', areaCode: '' }],
      trunkGroups: numbers.map((name) => ({
        name,
        between: [name, 'tandem'] as const,
        circuits: 2,
        routeClass: 'local' as const,
      })),
    },
  );
}

test('fault 91 fault 92: whatever four telephones do, in the end every circuit and timer is free and all can call', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 20, maxLength: 80, size: 'max' }), async (moves) => {
      const { phone, line, run, clock, network, connect, events } = stage();
      for (const { line: number, act, called, isAnswered, thenMs } of moves) {
        const telephone = phone(number);
        if (act === 'off-hook') telephone.line.offHook();
        if (act === 'on-hook') telephone.line.onHook();
        if (act === 'leave') {
          telephone.line.onHook();
          await run(1_200);
        }
        if (act === 'flash') {
          telephone.line.onHook();
          await run(400);
          telephone.line.offHook();
        }
        if (act === 'call' || act === 'consult') {
          if (act === 'consult') telephone.line.onHook();
          await run(act === 'consult' ? 400 : 0);
          telephone.line.offHook();
          await run(1_000);
          void telephone.dial(called);
          await run(1_700);
          if (isAnswered) phone(called).line.offHook();
        }
        if (act === 'carrier') {
          telephone.line.startCarrier('originate', 33_600);
          phone(called).line.startCarrier('answer', 33_600);
          await run(6_001);
        }
        if (act === 'stop-carrier') telephone.line.stopCarrier();
        if (act === 'cut' || act === 'mend') line(number).cut(act === 'cut');
        if (act === 'stick' || act === 'unstick') line(number).stickOffHook(act === 'stick');
        await run(thenMs);
        for (const { busy, size } of network.trunkGroups) expect(busy).toBeLessThanOrEqual(size);
      }
      for (const number of numbers) {
        line(number).stickOffHook(false);
        line(number).cut(false);
        phone(number).line.onHook();
      }
      for (const { event } of events) met.add(event);
      // Whoever is rung for a call on hold, or by a flash's late hang-up, is not answered: its caller is on-hook as well.
      await run(20_000);
      expect(network.trunkGroups.map(({ busy }) => busy)).toEqual([0, 0, 0, 0]);
      expect(clock.nextDeadlineMs()).toBeUndefined();
      for (const number of numbers) expect(line(number).isIdle(), number).toBe(true);
      await connect('100', '103');
      phone('100').line.startCarrier('originate', 33_600);
      phone('103').line.startCarrier('answer', 33_600);
      const before = phone('103').log.length;
      await run(6_001);
      const since = phone('103').log.slice(before) as Heard[];
      expect(since.some(({ what }) => what === 'carrier')).toBe(true);
    }),
    { numRuns: 100, seed: 44 },
  );
  // Otherwise it would show nothing.
  for (const event of [
    'held',
    'resumed',
    'joined',
    'transferred',
    'knocking',
    'congestion',
    'carrier',
    'busy',
  ])
    expect(met, event).toContain(event);
}, 60_000);
