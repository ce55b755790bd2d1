import { describe, expect, test } from 'vitest';
import { tones } from '../../src/pstn/signals.js';
import type { CallRecord } from '../../src/store/calls.js';
import type { Subscriber } from '../../src/store/subscribers.js';
import { account, subscriber } from '../protocol/call-manager/subscribers.js';
import type { Telephone } from '../pstn/central-office/telephone.js';
import { isTone, type NetworkOptions, network } from './network.js';

/** Every way in which a well-formed request from 000000000001 to 000000000002 fails before the callee's line rings. */
const causes: readonly {
  readonly cause: string;
  readonly subscribers: readonly Subscriber[];
  readonly network?: NetworkOptions;
  readonly isAway?: boolean;
  readonly slowMs?: number;
  readonly record: Partial<CallRecord>;
}[] = [
  {
    cause: 'fault 45: unknown caller',
    subscribers: [subscriber('2')],
    record: { outcome: 'refused', releaseCause: 21, reason: 'caller 000000000001 unknown' },
  },
  {
    cause: 'fault 45: unknown callee',
    subscribers: [subscriber('1')],
    record: { outcome: 'refused', releaseCause: 21, reason: 'callee 000000000002 unknown' },
  },
  {
    cause: 'fault 45: both unknown',
    subscribers: [],
    record: { reason: 'caller 000000000001 unknown; callee 000000000002 unknown' },
  },
  {
    cause: 'fault 45: caller suspended',
    subscribers: [subscriber('1', { state: 'suspended' }), subscriber('2')],
    record: { outcome: 'refused', reason: 'caller 000000000001 suspended' },
  },
  {
    cause: 'fault 45: callee closed',
    subscribers: [subscriber('1'), subscriber('2', { state: 'closed' })],
    record: { outcome: 'refused', reason: 'callee 000000000002 closed' },
  },
  {
    cause: 'CM-A2: not authorised',
    subscribers: [subscriber('1'), subscriber('2', { accepts: [account('3')] })],
    record: { outcome: 'refused', releaseCause: 21, reason: 'callee does not accept this caller' },
  },
  {
    cause: 'CM-320: another number',
    subscribers: [subscriber('1', { number: '5550177' }), subscriber('2')],
    record: { outcome: 'refused', ani: '5550101', reason: "ANI is not among the caller's numbers" },
  },
  {
    cause: 'CM-320 fault 43: withheld number',
    subscribers: [subscriber('1'), subscriber('2')],
    network: { lines: { '5550101': { callerId: 'withheld' } } },
    record: { outcome: 'refused', reason: 'ANI withheld, which the account does not allow' },
  },
  {
    cause: 'CM-320 fault 43: no number',
    subscribers: [subscriber('1'), subscriber('2')],
    network: { lines: { '5550101': { callerId: 'none' } } },
    record: { outcome: 'refused', reason: 'ANI absent, which the account does not allow' },
  },
  {
    cause: "CM-320 fault 43: another caller's number",
    subscribers: [subscriber('1'), subscriber('2')],
    network: { lines: { '5550101': { callerId: { number: '5550102' } } } },
    record: { outcome: 'refused', ani: '5550102' },
  },
  {
    cause: 'fault 61: database away at the look-up',
    subscribers: [subscriber('1'), subscriber('2')],
    isAway: true,
    record: { outcome: 'failed', releaseCause: 41, reason: 'account database: away at find' },
  },
  {
    cause: 'fault 62: database slow at the look-up, and the callee unknown',
    subscribers: [subscriber('1')],
    slowMs: 900,
    record: { outcome: 'refused', reason: 'callee 000000000002 unknown' },
  },
  {
    cause: 'no free trunk',
    subscribers: [subscriber('1'), subscriber('2')],
    network: { trunks: 1 },
    record: { outcome: 'failed', releaseCause: 34 },
  },
];

interface Refusal {
  /** `+1000 480,620`: what the caller hears, by whole milliseconds after `#`. */
  readonly heard: readonly string[];
  readonly record: CallRecord;
  readonly isCalleeCalled: boolean;
}

async function refusal(cause: (typeof causes)[number]): Promise<Refusal> {
  const net = await network({ ...cause.network, subscribers: cause.subscribers });
  if (cause.isAway) net.store.away.add('find');
  net.store.slowMs = cause.slowMs ?? 0;
  const phone = net.phone('5550101');
  await net.reachServer(phone);
  const keyedMs = await net.keys(phone, `${account('1')}${account('2')}#`);
  await net.runFor(6_000);
  const heard = heardSince(phone, keyedMs);
  phone.line.onHook();
  const record = await net.closedRecord();
  await net.runUntil(net.isIdle);
  return { heard, record, isCalleeCalled: net.log.text().includes('ATD') };
}

function heardSince(phone: Telephone, sinceMs: number): string[] {
  return phone.log.flatMap((entry) => {
    const at = `+${Math.round(entry.atMs - sinceMs)}`;
    if (entry.atMs < sinceMs) return [];
    return entry.what === 'tone' ? [`${at} ${entry.tone.join()}`] : [`${at} ${entry.what}`];
  });
}

describe('negative acknowledge', () => {
  test('CM-315 the caller cannot tell which check failed: the same tones at the same milliseconds', async () => {
    const first = (await refusal(causes[0] as (typeof causes)[number])).heard;
    // Six bursts and as many pauses, then the line is released.
    expect(first.filter((entry) => entry.endsWith('480,620'))).toHaveLength(6);
    expect(first.at(-1)).toMatch(/loop-break$/);
    for (const cause of causes)
      expect({ cause: cause.cause, heard: (await refusal(cause)).heard }).toEqual({
        cause: cause.cause,
        heard: first,
      });
  });

  test('CM-315 it is heard one second after #, for three seconds', async () => {
    const { heard } = await refusal(causes[0] as (typeof causes)[number]);
    const [start] = heard
      .filter((entry) => entry.endsWith('480,620'))
      .map((entry) => Number.parseInt(entry, 10));
    const end = Number.parseInt(heard.at(-1) ?? '', 10);
    // Plus the serial port's and the modem's own time.
    expect(start).toBeGreaterThanOrEqual(1_000);
    expect(start).toBeLessThan(1_200);
    expect(end - (start ?? 0)).toBeGreaterThanOrEqual(3_000);
    expect(end - (start ?? 0)).toBeLessThan(3_600);
  });

  test.each(causes)('CM-310 CM-315 CM-320 CM-A2 the record says why: $cause', async (cause) => {
    const { record, isCalleeCalled } = await refusal(cause);
    expect(record).toMatchObject(cause.record);
    expect(record.billableSeconds).toBe(0);
    expect(isCalleeCalled).toBe(false);
  });

  test('CM-310 both look-ups are made whatever the first finds', async () => {
    const net = await network({ subscribers: [] });
    net.store.away.add('find');
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    await net.keys(phone, `${account('1')}${account('2')}#`);
    await net.runFor(100);
    expect(net.store.statements.filter((statement) => statement.startsWith('find'))).toEqual([
      `find ${account('1')}`,
      `find ${account('2')}`,
    ]);
    phone.line.onHook();
    await net.runUntil(net.isIdle);
  });

  test('CM-320 a withheld number passes where the account allows it, and one of the further numbers too', async () => {
    const lenient = subscriber('1', { allowsWithheldAni: true, callingNumbers: ['5550177'] });
    for (const [number, callerId] of [
      ['5550101', 'withheld'],
      ['5550177', 'number'],
    ] as const) {
      const net = await network({
        subscribers: [lenient, subscriber('2')],
        lines: { [number]: { callerId } },
      });
      const phone = net.phone(number);
      await net.reachServer(phone);
      await net.keys(phone, `${account('1')}${account('2')}#`);
      await net.runUntil(() => isTone(phone.hears, tones.ringBack));
      phone.line.onHook();
      await net.runUntil(net.isIdle);
    }
  });
});

describe('account numbers on the line', () => {
  test.each([
    ['an asterisk', '0000*', 'refused', 'symbol * among the account numbers'],
    ['the key A', 'A', 'refused', 'symbol A among the account numbers'],
    ['the key D in place of #', '000000000001000000000002D', 'refused', 'symbol D among the account numbers'],
    ['24 symbols', '00000000000100000000002#', 'refused', '23 digits in place of 24 and #'],
    ['26 symbols', '0000000000010000000000022#', 'refused', '25 digits in place of 24 and #'],
    ['no #', '000000000001000000000002', 'abandoned', 'no digit for 5 s'],
    ['half an account', '000001', 'abandoned', 'no digit for 5 s'],
  ])('CM-305 CM-315 fault 42: %s', async (_, symbols, outcome, reason) => {
    const net = await network();
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    await net.keys(phone, symbols);
    await net.runUntil(() => isTone(phone.hears, tones.busyOrReorder), 10_000);
    phone.line.onHook();
    expect(await net.closedRecord()).toMatchObject({ outcome, reason });
    expect(net.store.statements.filter((statement) => statement.startsWith('find'))).toEqual([]);
    await net.runUntil(net.isIdle);
  });

  test('CM-300 CM-305 fault 42: digits during the ready tone count', async () => {
    const net = await network();
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    // All 25 within the first burst of the tone: 40 ms on, 40 ms off.
    await net.inTime(phone.dial(`${account('1')}${account('2')}#`, 40));
    await net.runUntil(() => isTone(phone.hears, tones.ringBack));
    phone.line.onHook();
    expect(await net.closedRecord()).toMatchObject({
      callerAccount: account('1'),
      calleeAccount: account('2'),
    });
    await net.runUntil(net.isIdle);
  });

  test('CM-305 CM-A8 fault 42: one key every four seconds is too slow, all within 30 s', async () => {
    const net = await network();
    const phone = net.phone('5550101');
    await net.reachServer(phone);
    const readyMs = net.clock.monotonicMs();
    for (let key = 0; key < 8 && !isTone(phone.hears, tones.busyOrReorder); key++) {
      phone.line.sendDigit('0', 95);
      await net.runFor(4_000);
    }
    const refusedMs =
      phone.log.find((heard) => heard.what === 'tone' && heard.tone === tones.busyOrReorder)?.atMs ?? 0;
    expect(refusedMs - readyMs).toBeLessThan(31_000);
    phone.line.onHook();
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'abandoned',
      reason: 'account numbers not complete within 30 s',
    });
    await net.runUntil(net.isIdle);
  });
});
