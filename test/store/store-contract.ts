import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type AccountNumber, parseAccountNumber } from '../../src/bytes/account-number.js';
import { trackingId } from '../../src/bytes/tracking-id.js';
import { type CallOutcome, callOutcomes } from '../../src/store/call-kinds.js';
import { type ClosedCall, NoSuchCall, type OpenCall, TrackingIdTaken } from '../../src/store/calls.js';
import type { Store } from '../../src/store/store.js';
import type { Credentials, NewSubscriber } from '../../src/store/subscribers.js';

let accounts = 0;
let calls = 0;

export function nextAccount(): AccountNumber {
  const account = parseAccountNumber(String(++accounts));
  if (!account) throw new Error('out of accounts');
  return account;
}

export function newSubscriber(given: Partial<NewSubscriber> = {}): NewSubscriber {
  return {
    account: nextAccount(),
    name: 'Alice Ltd',
    number: '5550101',
    versions: [1],
    accepts: [],
    ...given,
  };
}

/** Fresh ones: no two accounts have the same key. */
function newCredentials(): Credentials {
  return { staticKey: randomBytes(32), psk: randomBytes(32) };
}

function hex(octetString: Uint8Array): string {
  return Buffer.from(octetString).toString('hex');
}

/** With octet strings as text, whatever class the driver gives them. */
function octets(row: object | undefined): object {
  const text = (value: unknown) => (value instanceof Uint8Array ? hex(value) : value);
  return Object.fromEntries(Object.entries(row ?? {}).map(([key, value]) => [key, text(value)]));
}

/** Each a second after the one before, on a port of its own unless told. */
export function newCall(given: Partial<OpenCall> = {}): OpenCall {
  const ringAt = new Date(Date.UTC(2026, 10, 21, 9) + ++calls * 1000);
  const random = new Uint8Array(10).fill(calls & 0xff);
  random[9] = calls >> 8;
  const id = trackingId(ringAt.getTime(), random);
  return { trackingId: id, port: `sim:${calls}`, ani: '5550101', ringAt, ...given };
}

export function closed(call: OpenCall, given: Partial<ClosedCall> = {}): ClosedCall {
  const after = (seconds: number) => new Date(call.ringAt.getTime() + seconds * 1000);
  return {
    ani: '5550101',
    callerAccount: nextAccount(),
    calleeAccount: nextAccount(),
    calledNumber: '5550102',
    calleePort: 'sim:5550199',
    protocolVersion: 2,
    callClass: 'delivery',
    isCollect: false,
    answerAt: after(2),
    bridgeAt: after(20.25),
    endAt: after(80.5),
    durationSeconds: 81,
    billableSeconds: 61,
    octetsFromCaller: 2 ** 33,
    octetsFromCallee: 512,
    outcome: 'completed',
    releaseCause: 16,
    reason: undefined,
    ...given,
  };
}

/** The record of a call that goes on. */
export function openRecord(call: OpenCall) {
  return { ...call, isCollect: false };
}

/** A record without the fields that are absent in it. */
function present(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** What any Store must do, whatever database is under it. */
export function storeContract(storeOf: () => Store): void {
  describe('subscribers', () => {
    test('CM-310 an account that was added is found with all that was said of it', async () => {
      const { subscribers } = storeOf();
      const friend = nextAccount();
      const subscriber = newSubscriber({
        name: 'Žofie & Søn "A"',
        versions: [1, 2],
        accepts: [friend, friend],
        callingNumbers: ['5550188', '5550189'],
        allowsWithheldAni: true,
      });
      expect(await subscribers.add(subscriber)).toBe(true);
      expect(await subscribers.find(subscriber.account)).toEqual({
        ...subscriber,
        state: 'active',
        accepts: [friend],
        hasKey: false,
      });
    });

    test('CM-310 what is not said has defaults: active, no further numbers, no withheld ANI', async () => {
      const { subscribers } = storeOf();
      const subscriber = newSubscriber({ accepts: ['*'] });
      await subscribers.add(subscriber);
      expect(await subscribers.find(subscriber.account)).toEqual({
        ...subscriber,
        state: 'active',
        callingNumbers: [],
        allowsWithheldAni: false,
        hasKey: false,
      });
    });

    test('fault 45: an unknown account is not found; a suspended and a closed one are, and say so', async () => {
      const { subscribers } = storeOf();
      const { account } = newSubscriber();
      expect(await subscribers.find(account)).toBeUndefined();
      expect(await subscribers.setState(account, 'suspended')).toBe(false);

      await subscribers.add(newSubscriber({ account }));
      expect(await subscribers.setState(account, 'suspended')).toBe(true);
      expect((await subscribers.find(account))?.state).toBe('suspended');
      expect(await subscribers.setState(account, 'active')).toBe(true);
      expect((await subscribers.find(account))?.state).toBe('active');
      expect(await subscribers.setState(account, 'closed')).toBe(true);
      expect((await subscribers.find(account))?.state).toBe('closed');
    });

    test('fault 45: a closed account stays closed, and its number is not given out again', async () => {
      const { subscribers } = storeOf();
      const subscriber = newSubscriber();
      await subscribers.add(subscriber);
      await subscribers.setState(subscriber.account, 'closed');
      expect(await subscribers.setState(subscriber.account, 'active')).toBe(false);
      expect(await subscribers.setState(subscriber.account, 'suspended')).toBe(false);
      expect(await subscribers.setState(subscriber.account, 'closed')).toBe(true);
      expect(await subscribers.add({ ...subscriber, name: 'Mallory' })).toBe(false);
      expect(await subscribers.find(subscriber.account)).toMatchObject({
        state: 'closed',
        name: 'Alice Ltd',
      });
    });

    test('CM-310 adding an account that exists changes nothing, not even whom it accepts', async () => {
      const { subscribers } = storeOf();
      const subscriber = newSubscriber();
      await subscribers.add(subscriber);
      expect(await subscribers.add({ ...subscriber, number: '5550666', accepts: ['*'] })).toBe(false);
      expect(await subscribers.find(subscriber.account)).toMatchObject({ number: '5550101', accepts: [] });
    });

    test('CM-310 authorising adds a caller once, and only to an account that exists', async () => {
      const { subscribers } = storeOf();
      const subscriber = newSubscriber();
      const caller = nextAccount();
      expect(await subscribers.authorise(subscriber.account, caller)).toBe(false);
      await subscribers.add(subscriber);
      expect(await subscribers.authorise(subscriber.account, caller)).toBe(true);
      expect(await subscribers.authorise(subscriber.account, caller)).toBe(true);
      expect(await subscribers.authorise(subscriber.account, '*')).toBe(true);
      expect((await subscribers.find(subscriber.account))?.accepts).toEqual(['*', caller]);
    });

    test('CM-A4 an account is found by the key that was issued for it, and by no other', async () => {
      const { subscribers } = storeOf();
      const { account } = newSubscriber();
      const [first, second] = [newCredentials(), newCredentials()];
      expect(await subscribers.issue(account, first)).toBe(false);
      await subscribers.add(newSubscriber({ account }));
      expect(await subscribers.credentials(account)).toBeUndefined();
      expect(await subscribers.findByKey(first.staticKey)).toBeUndefined();

      expect(await subscribers.issue(account, first)).toBe(true);
      expect(octets(await subscribers.credentials(account))).toEqual(octets(first));
      expect(octets(await subscribers.findByKey(first.staticKey))).toEqual({
        account,
        state: 'active',
        psk: hex(first.psk),
      });
      expect(await subscribers.find(account)).toMatchObject({ hasKey: true });

      expect(await subscribers.issue(account, second)).toBe(true);
      expect(await subscribers.findByKey(first.staticKey)).toBeUndefined();
      expect(octets(await subscribers.findByKey(second.staticKey))).toEqual({
        account,
        state: 'active',
        psk: hex(second.psk),
      });
    });

    test('CM-A4 fault 45: a suspended account is found by its key; to a closed one nothing is issued', async () => {
      const { subscribers } = storeOf();
      const { account } = newSubscriber();
      const issued = newCredentials();
      await subscribers.add(newSubscriber({ account }));
      await subscribers.issue(account, issued);
      await subscribers.setState(account, 'suspended');
      expect(await subscribers.findByKey(issued.staticKey)).toMatchObject({ account, state: 'suspended' });
      await subscribers.setState(account, 'closed');
      expect(await subscribers.issue(account, newCredentials())).toBe(false);
      expect(octets(await subscribers.credentials(account))).toEqual(octets(issued));
    });

    test('CM-A4 two accounts never have one key, and no key has another length', async () => {
      const { subscribers } = storeOf();
      const [one, other] = [newSubscriber(), newSubscriber()];
      const issued = newCredentials();
      for (const { account } of [one, other]) await subscribers.add(newSubscriber({ account }));
      await subscribers.issue(one.account, issued);
      await expect(subscribers.issue(other.account, issued)).rejects.toThrow(/static_key/);
      const short = { ...newCredentials(), psk: new Uint8Array(31) };
      await expect(subscribers.issue(other.account, short)).rejects.toThrow(/psk/);
      expect(await subscribers.credentials(other.account)).toBeUndefined();
    });

    test('CM-310 the list holds every account, in the order of their numbers', async () => {
      const { subscribers } = storeOf();
      const added = [newSubscriber(), newSubscriber()];
      for (const subscriber of [...added].reverse()) await subscribers.add(subscriber);
      const listed = (await subscribers.list()).map(({ account }) => account);
      expect(listed).toEqual([...listed].sort());
      expect(listed).toEqual(expect.arrayContaining(added.map(({ account }) => account)));
    });
  });

  describe('call records', () => {
    test('CM-285 CM-335 a call is on record from its ring on, and closed with all that is known', async () => {
      const { calls } = storeOf();
      const call = newCall();
      await calls.open(call);
      expect(await recordOf(storeOf(), call)).toEqual(openRecord(call));
      const end = closed(call);
      await calls.close(call.trackingId, end);
      expect(await recordOf(storeOf(), call)).toEqual(present({ ...call, ...end }));
    });

    test('CM-335 a withheld number, and every step that was not reached, are absent', async () => {
      const { calls } = storeOf();
      const call = newCall({ ani: undefined });
      await calls.open(call);
      expect(await recordOf(storeOf(), call)).toEqual(present(openRecord(call)));
      const nothing = {
        ...{ ani: undefined, callerAccount: undefined, calleeAccount: undefined, calledNumber: undefined },
        ...{ calleePort: undefined, protocolVersion: undefined, callClass: undefined },
        ...{ answerAt: undefined, bridgeAt: undefined },
        ...{ billableSeconds: 0, octetsFromCaller: 0, octetsFromCallee: 0 },
      };
      const end = closed(call, { ...nothing, outcome: 'abandoned', reason: 'hung up while ringing' });
      await calls.close(call.trackingId, end);
      expect(await recordOf(storeOf(), call)).toEqual(present({ ...call, ...end }));
    });

    test('CM-335 a number that the network told after the ring is in the closed record', async () => {
      const { calls } = storeOf();
      const call = newCall({ ani: undefined });
      await calls.open(call);
      await calls.close(call.trackingId, closed(call, { ani: '5550177' }));
      expect((await recordOf(storeOf(), call))?.ani).toBe('5550177');
    });

    test.each(callOutcomes)('CM-335 the outcome %s can be recorded', async (outcome) => {
      const { calls } = storeOf();
      const call = newCall();
      await calls.open(call);
      await calls.close(call.trackingId, closed(call, { outcome }));
      expect((await recordOf(storeOf(), call))?.outcome).toBe(outcome);
    });

    test('CM-335 a call during which the clock was set back is recorded all the same', async () => {
      const { calls } = storeOf();
      const call = newCall();
      await calls.open(call);
      const endAt = new Date(call.ringAt.getTime() - 3_600_000);
      await calls.close(call.trackingId, closed(call, { endAt }));
      expect(await recordOf(storeOf(), call)).toMatchObject({ endAt, durationSeconds: 81 });
    });

    test('fault 66: opening the same call twice, at once or later, makes one record', async () => {
      const { calls } = storeOf();
      const call = newCall();
      await Promise.all([calls.open(call), calls.open(call), calls.open(call)]);
      await calls.open(call);
      expect(await callsOn(storeOf(), call.port)).toEqual([openRecord(call)]);
    });

    test('fault 66: another call under a tracking ID that is taken is refused and changes nothing', async () => {
      const { calls } = storeOf();
      const call = newCall();
      await calls.open(call);
      const other = newCall({ trackingId: call.trackingId });
      await expect(calls.open(other)).rejects.toThrow(TrackingIdTaken);
      await expect(calls.open({ ...call, port: other.port })).rejects.toThrow(TrackingIdTaken);
      expect(await recordOf(storeOf(), call)).toEqual(openRecord(call));
    });

    test('fault 66: the first close counts, a second changes nothing', async () => {
      const { calls } = storeOf();
      const call = newCall();
      await calls.open(call);
      const end = closed(call);
      await calls.close(call.trackingId, end);
      await calls.close(call.trackingId, end);
      await calls.close(call.trackingId, closed(call, { outcome: 'failed', durationSeconds: 1 }));
      expect(await recordOf(storeOf(), call)).toEqual(present({ ...call, ...end }));
    });

    test('CM-335 a call that was never opened cannot be closed in silence', async () => {
      const call = newCall();
      await expect(storeOf().calls.close(call.trackingId, closed(call))).rejects.toThrow(NoSuchCall);
      expect(await recordOf(storeOf(), call)).toBeUndefined();
    });

    test('CM-285 CM-335 what is learnt during the call stands in the open record, in whatever order it is told', async () => {
      const { calls } = storeOf();
      const call = newCall({ ani: undefined });
      await calls.open(call);
      const end = closed(call);
      const { callerAccount, calleeAccount, calledNumber, answerAt, bridgeAt } = end;
      const dialled = {
        ani: '5550101',
        callerAccount,
        calleeAccount,
        calledNumber,
        protocolVersion: 1,
        answerAt,
      } as const;
      await calls.note(call.trackingId, { ...dialled, bridgeAt });
      await calls.note(call.trackingId, { ...dialled, ani: undefined, bridgeAt: undefined });
      expect(await recordOf(storeOf(), call)).toEqual({ ...openRecord(call), ...dialled, bridgeAt });
      await calls.close(call.trackingId, end);
      await calls.note(call.trackingId, { ...dialled, calledNumber: '5550666', bridgeAt });
      expect(await recordOf(storeOf(), call)).toEqual(present({ ...call, ...end }));
    });

    test('CM-285 a server that starts does not close what it has open itself', async () => {
      const { calls } = storeOf();
      const call = newCall();
      await calls.open(call);
      expect(await calls.closeInterrupted(new Date())).toBe(0);
      expect(await recordOf(storeOf(), call)).toEqual(openRecord(call));
    });
  });

  describe('the list of calls', () => {
    test('CM-335 newest first, and no more than asked', async () => {
      const { calls } = storeOf();
      const made = [newCall(), newCall(), newCall()];
      for (const call of made) await calls.open(call);
      const [, second, third] = made;
      expect(await calls.list({ limit: 2 })).toEqual(
        [third, second].map((call) => openRecord(call as OpenCall)),
      );
    });

    test('CM-335 by account: its calls in either role, each once', async () => {
      const { calls } = storeOf();
      const account = nextAccount();
      const out = await madeCall(storeOf(), { callerAccount: account });
      const back = await madeCall(storeOf(), { calleeAccount: account });
      const itself = await madeCall(storeOf(), { callerAccount: account, calleeAccount: account });
      const unknownCaller = await madeCall(storeOf(), { callerAccount: undefined, calleeAccount: account });
      await madeCall(storeOf());
      expect(await idsOf(calls.list({ account }))).toEqual([unknownCaller, itself, back, out]);
      expect(await idsOf(calls.list({ account, limit: 3 }))).toEqual([unknownCaller, itself, back]);
    });

    test('CM-335 by time of ring: from inclusive, to exclusive', async () => {
      const { calls } = storeOf();
      const [first, second, third] = [newCall(), newCall(), newCall()];
      for (const call of [first, second, third]) await calls.open(call);
      expect(await calls.list({ from: first.ringAt, to: third.ringAt })).toEqual([
        openRecord(second),
        openRecord(first),
      ]);
      expect(await calls.list({ from: third.ringAt })).toEqual([openRecord(third)]);
      expect(await calls.list({ from: third.ringAt, to: third.ringAt })).toEqual([]);
    });

    test('CM-335 by outcome, and by everything together', async () => {
      const { calls } = storeOf();
      const account = nextAccount();
      const busy = await madeCall(storeOf(), { calleeAccount: account, outcome: 'busy' });
      const done = await madeCall(storeOf(), { callerAccount: account });
      expect(await idsOf(calls.list({ account, outcome: 'busy' }))).toEqual([busy]);
      expect((await calls.list({ outcome: 'busy' })).every(({ outcome }) => outcome === 'busy')).toBe(true);
      const from = new Date(Date.UTC(2026, 10, 21));
      const to = new Date(Date.UTC(2026, 10, 22));
      expect(await idsOf(calls.list({ account, from, to, outcome: 'completed' }))).toEqual([done]);
      expect(await calls.list({ account, from: to, outcome: 'completed' as CallOutcome })).toEqual([]);
    });
  });
}

async function recordOf({ calls }: Store, { trackingId, ringAt }: OpenCall) {
  const to = new Date(ringAt.getTime() + 1);
  return (await calls.list({ from: ringAt, to })).find((record) => record.trackingId === trackingId);
}

async function callsOn({ calls }: Store, port: string) {
  return (await calls.list({ limit: 1000 })).filter((record) => record.port === port);
}

async function madeCall({ calls }: Store, given: Partial<ClosedCall> = {}): Promise<string> {
  const call = newCall();
  await calls.open(call);
  await calls.close(call.trackingId, closed(call, given));
  return call.trackingId;
}

async function idsOf(records: Promise<readonly OpenCall[]>): Promise<string[]> {
  return (await records).map(({ trackingId }) => trackingId);
}
