import fc from 'fast-check';
import { expect, test } from 'vitest';
import { profiles } from '../../../../src/pstn/central-office/modem/profiles/by-name.js';
import { SimulatedModem } from '../../../../src/pstn/central-office/modem/simulated-modem.js';
import { Network } from '../../../../src/pstn/central-office/network.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { FakePort } from '../modem/fake-port.js';

const numbers = ['100', '101', '102', '103'] as const;
const makes = ['generic', 'usr', 'rockwell', 'strict'] as const;

/** Four modems, each of another make, on lines with every service, each line at a central office of its own. */
function stage() {
  const clock = new SimulatedClock();
  const events = new Set<string>();
  const network = new Network(
    {
      timeScale: 0.1,
      seed: 3,
      exchanges: [...numbers, 'tandem'].map((name) => ({ name, countryCode: '', areaCode: '' })),
      trunkGroups: numbers.map((name) => ({
        name,
        between: [name, 'tandem'],
        circuits: 2,
        routeClass: 'local',
      })),
      lines: numbers.map((number) => ({
        ...{ number, exchange: number, services: ['call-waiting', 'three-way', 'transfer'] },
        ...{ rate: 33_600, delayMs: 5, bitErrorRate: 0, callerId: 'number' },
      })),
    },
    { clock, observe: ({ event }) => events.add(event) },
  );
  const stations = numbers.map((number, index) => {
    const line = network.line(number);
    const profile = profiles[makes[index] ?? 'generic'];
    const modem = new SimulatedModem({ line, clock, maxRate: 33_600, profile });
    const port = new FakePort(modem);
    modem.plug(port);
    modem.dtr(true);
    return { number, line, modem, port };
  });
  return { clock, events, network, stations };
}

const called = fc.constantFrom(...numbers);
const typed = fc.oneof(
  called.map((number) => `ATDT${number}\r`),
  called.map((number) => `ATD${number};\r`),
  called.map((number) => `ATD!W${number};\r`),
  fc.constantFrom(
    ...['ATA\r', 'ATH\r', 'ATH1\r', 'ATO\r', 'ATO1\r', 'ATZ\r', 'ATD\r', 'ATD!;\r', 'ATS0=1\r', 'A/', '+++'],
    ...['AT+FCLASS=8\r', 'AT+FCLASS=0\r', 'AT+VLS=1\r', 'AT+VLS=0\r', 'AT+VTS=5,!\r', 'AT+VTX\r', 'AT+VTR\r'],
    ...[
      '\x10\x03',
      '\x10^',
      '\x10!',
      'AT+VNH=1\r',
      'AT+VRX\r',
      'AT&D1\r',
      'ATS10=255\r',
      'ATX0\r',
      'some data',
    ],
  ),
);

const move = fc.record({
  at: fc.nat(numbers.length - 1),
  act: fc.oneof(
    { weight: 14, arbitrary: typed },
    { weight: 3, arbitrary: fc.record({ answers: fc.nat(numbers.length - 1) }) },
    { weight: 2, arbitrary: fc.constantFrom({ dtr: false }, { dtr: true }) },
    { weight: 1, arbitrary: fc.constantFrom('cut', 'mend', 'stick', 'unstick', 'drop', 'retrain', 'slow') },
  ),
  thenMs: fc.constantFrom(0, 1, 126, 600, 1_200, 4_000, 12_000),
});

test('fault 91: whatever four modems of four makes are told, in the end no timer is left and each can call', () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(fc.array(move, { minLength: 20, maxLength: 80, size: 'max' }), (moves) => {
      const { clock, events, network, stations } = stage();
      for (const { at, act, thenMs } of moves) {
        const station = stations[at];
        if (!station) throw new Error('no such station');
        const { line, modem, port } = station;
        if (typeof act === 'object' && 'dtr' in act) modem.dtr(act.dtr);
        else if (typeof act === 'object') {
          stations[act.answers]?.port.type('ATS0=1\r');
          port.type(`ATDT${numbers[act.answers]}\r`);
          clock.advance(5_000);
        } else if (act === 'cut' || act === 'mend') line.cut(act === 'cut');
        else if (act === 'stick' || act === 'unstick') line.stickOffHook(act === 'stick');
        else if (act === 'drop') line.dropCarrier();
        else if (act === 'retrain') line.retrain();
        else if (act === 'slow') line.changeRate(300);
        else port.type(act);
        clock.advance(thenMs);
      }
      for (const event of events) met.add(event);
      for (const { line, modem, port } of stations) {
        line.stickOffHook(false);
        line.cut(false);
        port.forget();
        modem.dtr(true);
        modem.dtr(false);
      }
      // S7, S38, timed release and the howler are over, and whoever is rung by a late hang-up rings no more.
      clock.advance(400_000);
      for (const { port, modem } of stations) {
        port.forget();
        modem.dtr(true);
        clock.advance(200);
        port.type('\x10\x03\x10^\r');
        clock.advance(1_000);
        port.type('ATH\r');
        clock.advance(30_000);
        port.type('ATZ\r');
        clock.advance(2_000);
        port.output();
        port.type('AT\r');
        expect(port.output()).toContain('OK');
      }
      clock.advance(60_000);
      expect(network.trunkGroups.map(({ busy }) => busy)).toEqual([0, 0, 0, 0]);
      expect(clock.nextDeadlineMs()).toBeUndefined();
      for (const [index, { port, number }] of stations.entries()) {
        const other = stations[(index + 1) % stations.length];
        port.output();
        other?.port.output();
        other?.port.type('ATS0=1\r');
        port.type(`ATDT${other?.number}\r`);
        clock.advance(20_000);
        expect(port.output(), `${number} calls`).toContain('CONNECT');
        clock.advance(1_500);
        port.type('+++');
        clock.advance(1_500);
        port.type('ATH\r');
        clock.advance(20_000);
        other?.port.type('ATS0=0\r');
      }
    }),
    { numRuns: 300, seed: 91 },
  );
  for (const event of ['held', 'joined', 'knocking', 'carrier', 'busy', 'transferred'])
    expect(met, event).toContain(event);
}, 120_000);
