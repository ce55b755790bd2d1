import { describe, expect, test } from 'vitest';
import { type PlaceCallEvent, type PlaceCallOptions, placeCall } from '../../src/session/place-call.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account } from '../protocol/call-manager/subscribers.js';
import { FakeModem, type Script } from '../support/fake-modem.js';
import { LogBook } from '../support/log-book.js';
import { runUntil } from '../support/office.js';

/** Places a call with a scripted modem, and runs the clock until it has an end. */
function caller(script: Script, changes: Partial<PlaceCallOptions> = {}) {
  const clock = new SimulatedClock();
  const modem = new FakeModem(clock, 'fake:caller');
  modem.dialling = script;
  const log = new LogBook();
  const events: PlaceCallEvent[] = [];
  const place = async () => {
    const placed = placeCall({
      modem,
      clock,
      log,
      serverNumber: '5550100',
      own: account('1'),
      peer: account('2'),
      onEvent: (event) => events.push(event),
      ...changes,
    });
    let isSettled = false;
    const settled = placed.finally(() => {
      isSettled = true;
    });
    await runUntil(clock, () => isSettled, 600_000);
    return settled;
  };
  return { clock, modem, log, events, place };
}

describe('placing a call', () => {
  test('CM-305 CM-330 the server, W, both accounts and # in one dial string; the connection when the carrier is there', async () => {
    const { modem, events, place } = caller({ result: 'connected', afterMs: 40_000 });
    const placed = await place();
    expect(modem.journal).toEqual(['0 dial 5550100W000000000001000000000002#']);
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    expect(placed.connection.rate).toBe(33_600);
    expect(events).toEqual([
      { kind: 'dialing', number: '5550100' },
      { kind: 'connected', description: 'CONNECT 33600', rate: 33_600 },
    ]);
    expect(modem.listeners()).toBe(0);
  });

  test.each([
    ['busy', 'CM-315', 'busy'],
    ['no-answer', 'CM-295', 'no-answer'],
    ['no-carrier', 'CM-330', 'no-carrier'],
    ['no-dial-tone', 'CM-300', 'no-dial-tone'],
    ['silent', 'CM-A8', 'line-unavailable'],
  ] as const)('CM-A3 fault 35: the modem says %s', async (result, step, outcome) => {
    const { modem, place } = caller({ result, afterMs: 20_000 });
    const placed = await place();
    expect(placed).toMatchObject({ kind: 'failed', step, outcome });
    expect(modem.isOnHook).toBe(true);
    expect(modem.listeners()).toBe(0);
  });

  test('CM-A3 CM-315 BUSY is told as what it can mean in version 1: a refusal or somebody busy', async () => {
    const placed = await caller({ result: 'busy', afterMs: 20_000 }).place();
    if (placed.kind !== 'failed') throw new Error('connected');
    expect(placed.reason).toMatch(/refused.*or.*busy/);
    expect(placed.reason).toMatch(/or did not answer/);
    expect(placed.reason).toMatch(/does not tell which/);
  });

  test('CM-A1 an endpoint that is locked to another number dials nothing', async () => {
    const { modem, events, place } = caller({ result: 'connected', afterMs: 1 }, { lockedTo: '5550199' });
    expect(await place()).toMatchObject({ kind: 'failed', step: 'CM-A1', outcome: 'locked' });
    expect(modem.journal).toEqual([]);
    expect(events).toEqual([]);
  });

  test('CM-A1 locked to the number of the server it dials as ever', async () => {
    const { place } = caller({ result: 'connected', afterMs: 1 }, { lockedTo: '5550100' });
    expect((await place()).kind).toBe('connected');
  });

  test.each(['', '555-0100', '5550100;H', '5550100W1', '1234567890123456'])(
    'CM-A1 fault 39: the number "%s" is not dialled',
    async (serverNumber) => {
      const { modem, place } = caller({ result: 'connected', afterMs: 1 }, { serverNumber });
      expect(await place()).toMatchObject({ kind: 'failed', outcome: 'line-unavailable' });
      expect(modem.journal).toEqual([]);
    },
  );

  test('CM-A8 cancelled while it dials: on-hook; before it dials: nothing is dialled', async () => {
    const cancel = new AbortController();
    const { clock, modem, place } = caller(
      { result: 'connected', afterMs: 60_000 },
      { signal: cancel.signal },
    );
    clock.setTimeout(() => cancel.abort(), 10_000);
    expect(await place()).toMatchObject({ kind: 'failed', outcome: 'cancelled' });
    expect(clock.monotonicMs()).toBeLessThan(11_000);
    expect(modem.isOnHook).toBe(true);

    const early = caller({ result: 'connected', afterMs: 1 }, { signal: AbortSignal.abort() });
    expect(await early.place()).toMatchObject({ kind: 'failed', outcome: 'cancelled' });
    expect(early.modem.journal).toEqual([]);
  });

  test('CM-A8 fault 41: a modem that reports nothing is given up, and so is one that does not hang up', async () => {
    const { clock, modem, place } = caller({ result: 'never', afterMs: 0 });
    modem.hangsUp = false;
    expect(await place()).toMatchObject({ kind: 'failed', step: 'CM-A8', outcome: 'line-unavailable' });
    expect(clock.monotonicMs()).toBe(390_000);
  });

  test('fault 40: the modem is lost while it dials', async () => {
    const { clock, modem, place } = caller({ result: 'never', afterMs: 0 });
    clock.setTimeout(() => modem.lose(), 5_000);
    expect(await place()).toMatchObject({ kind: 'failed', outcome: 'line-unavailable' });
    expect(clock.monotonicMs()).toBe(5_000);
    expect(modem.listeners()).toBe(0);
  });
});
