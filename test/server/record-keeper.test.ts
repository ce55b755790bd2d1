import { describe, expect, test } from 'vitest';
import { RecordKeeper } from '../../src/server/record-keeper.js';
import type { ClosedCall, OpenCall } from '../../src/store/calls.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { FakeStore } from '../support/fake-store.js';
import { LogBook } from '../support/log-book.js';
import { runFor } from '../support/office.js';

const lostMessage = 'CALL RECORD LOST to the database; enter it by hand from this line';

function keeper() {
  const clock = new SimulatedClock();
  const log = new LogBook();
  const store = new FakeStore(clock, []);
  return { clock, log, store, records: new RecordKeeper(store.calls, store.spool, clock, log) };
}

function openCall(trackingId: string): OpenCall {
  return { trackingId, port: 'fake:0', ani: undefined, ringAt: new Date(0) };
}

const closed: ClosedCall = {
  ani: undefined,
  callerAccount: undefined,
  calleeAccount: undefined,
  calledNumber: undefined,
  calleePort: undefined,
  protocolVersion: undefined,
  callClass: undefined,
  isCollect: false,
  answerAt: undefined,
  bridgeAt: undefined,
  endAt: new Date(1_000),
  durationSeconds: 1,
  billableSeconds: 0,
  octetsFromCaller: 0,
  octetsFromCallee: 0,
  outcome: 'abandoned',
  releaseCause: 16,
  reason: undefined,
};

describe('record keeper', () => {
  test('CM-285 CM-335 an open record that was never committed needs no close: nothing is tried again, nothing lost', async () => {
    const { clock, log, store, records } = keeper();
    store.away.add('open');
    await expect(records.open(openCall('a'))).rejects.toThrow('away at open');
    store.away.clear();
    records.close('a', closed);
    await runFor(clock, 600_000);
    expect(records.unwritten).toBe(0);
    expect(store.statements).toEqual(['open a', 'close a']);
    expect(log.with(lostMessage)).toEqual([]);
  });

  test('CM-335 fault 67: a record that was there and is gone is said loudly, and holds up no other', async () => {
    const { clock, log, store, records } = keeper();
    await records.open(openCall('gone'));
    await records.open(openCall('kept'));
    store.records.delete('gone');
    store.away.add('close');
    records.close('gone', closed);
    records.close('kept', closed);
    await runFor(clock, 10_000);
    store.away.clear();
    await runFor(clock, 600_000);
    expect(log.with(lostMessage).map((fields) => fields.trackingId)).toEqual(['gone']);
    expect(store.records.get('kept')?.endAt).toEqual(closed.endAt);
    expect(records.unwritten).toBe(0);
  });

  test('CM-335 the close waits for the open that is still under way', async () => {
    const { clock, store, records } = keeper();
    store.slowMs = 3_000;
    const opening = records.open(openCall('a'));
    records.close('a', closed);
    expect(store.statements).toEqual(['open a']);
    await runFor(clock, 7_000);
    await opening;
    expect(store.records.get('a')?.endAt).toEqual(closed.endAt);
  });

  test('CM-335 fault 91: where the disk fails too, at most 10,000 records wait in memory; the oldest go to the log, whole', async () => {
    const { clock, log, store, records } = keeper();
    store.away.add('close');
    store.isDiskFull = true;
    for (let call = 0; call < 10_002; call++) records.close(String(call), closed);
    await runFor(clock, 500);
    expect(records.unwritten).toBe(10_000);
    expect(log.with(lostMessage).map((fields) => fields.trackingId)).toEqual(['0', '1']);
  });

  test('CM-335 fault 61: a close that the database does not take is on the disk at once, and leaves it when it is written', async () => {
    const { clock, log, store, records } = keeper();
    await records.open(openCall('a'));
    store.away.add('close');
    records.close('a', closed);
    await runFor(clock, 100);
    expect([...store.spooled.keys()]).toEqual(['a']);
    store.away.clear();
    await runFor(clock, 60_000);
    expect([store.spooled.size, records.unwritten, store.records.get('a')?.endAt]).toEqual([
      0,
      0,
      closed.endAt,
    ]);
    expect(log.with(lostMessage)).toEqual([]);
  });

  test('CM-335 fault 61: what waits when the server stops is written by the next run, once', async () => {
    const { clock, log, store, records } = keeper();
    for (const call of ['a', 'b']) await records.open(openCall(call));
    store.away.add('close');
    for (const call of ['a', 'b']) records.close(call, closed);
    const stopped = records.flush(5_000);
    await runFor(clock, 6_000);
    await stopped;
    expect(log.with(lostMessage)).toEqual([]);
    expect(store.spooled.size).toBe(2);
    store.away.clear();
    const next = new RecordKeeper(store.calls, store.spool, clock, log);
    await next.recover();
    await runFor(clock, 10_000);
    expect([store.spooled.size, next.unwritten]).toEqual([0, 0]);
    expect(['a', 'b'].map((call) => store.records.get(call)?.endAt)).toEqual([closed.endAt, closed.endAt]);
  });

  test('CM-335 fault 63: a close that was written and whose reply was lost is written again without harm', async () => {
    const { clock, store, records } = keeper();
    await records.open(openCall('a'));
    store.replyLost.add('close');
    records.close('a', closed);
    await runFor(clock, 100);
    store.replyLost.clear();
    await runFor(clock, 10_000);
    expect([store.spooled.size, records.unwritten]).toEqual([0, 0]);
  });

  test('CM-335 fault 91: more than 10,000 wait in the spool alone, and all are written in the end', async () => {
    const { clock, log, store, records } = keeper();
    store.away.add('close');
    const calls = Array.from({ length: 10_050 }, (_, call) => String(call).padStart(5, '0'));
    for (const call of calls) {
      store.records.set(call, openCall(call));
      records.close(call, closed);
    }
    await runFor(clock, 500);
    expect([store.spooled.size, records.unwritten]).toEqual([10_050, 10_000]);
    store.away.clear();
    await runFor(clock, 120_000);
    expect([store.spooled.size, records.unwritten]).toEqual([0, 0]);
    expect(calls.filter((call) => !store.records.get(call)?.endAt)).toEqual([]);
    expect(log.with(lostMessage)).toEqual([]);
  }, 60_000);

  test('CM-335 fault 67: a record that the database refuses is put aside for a person', async () => {
    const { clock, log, store, records } = keeper();
    await records.open(openCall('gone'));
    store.records.delete('gone');
    records.close('gone', closed);
    await runFor(clock, 600_000);
    expect([store.aside, store.spooled.size]).toEqual([['gone'], 0]);
    expect(log.with(lostMessage)).toMatchObject([{ why: expect.stringContaining('spool/gone.refused') }]);
  });

  test('CM-335 flush waits for what is under way, and not for ever', async () => {
    const { clock, store, records } = keeper();
    await records.open(openCall('a'));
    store.slowMs = 2_000;
    records.close('a', closed);
    let isFlushed = false;
    void records.flush(5_000).then(() => {
      isFlushed = true;
    });
    await runFor(clock, 1_900);
    expect(isFlushed).toBe(false);
    await runFor(clock, 200);
    expect(isFlushed).toBe(true);
    expect(store.records.get('a')?.endAt).toEqual(closed.endAt);
  });
});
