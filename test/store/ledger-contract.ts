import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import { trackingId } from '../../src/bytes/tracking-id.js';
import type { CallFilter } from '../../src/store/call-filter.js';
import { type CallCorrection, type ClosedCall, NoSuchCall, NotCorrectable } from '../../src/store/calls.js';
import type { Store } from '../../src/store/store.js';
import { closed, newCall, nextAccount } from './store-contract.js';

/** What staff ask of the call records, and how they put one right, whatever database is under them. */
export function ledgerContract(storeOf: () => Store): void {
  const made = async (given: Partial<ClosedCall> = {}): Promise<string> => {
    const call = newCall();
    await storeOf().calls.open(call);
    await storeOf().calls.close(call.trackingId, closed(call, given));
    return call.trackingId;
  };
  /** Rung at that time. */
  const madeAt = async (ringAt: Date, given: Partial<ClosedCall>) => {
    const at = { ...newCall(), ringAt, trackingId: trackingId(ringAt.getTime(), randomBytes(10)) };
    await storeOf().calls.open(at);
    await storeOf().calls.close(at.trackingId, closed(at, given));
  };
  const hintsOf = async (
    account: AccountNumber,
    span = { from: new Date(Date.UTC(2026, 9, 1)), to: new Date(Date.UTC(2026, 11, 1)) },
  ) => {
    const hints = (await storeOf().callReports.hints(span)).filter((each) => each.account === account);
    return hints.map(({ hint, calls, detail }) => [hint, calls, detail]).sort();
  };
  const unanswered = { bridgeAt: undefined, billableSeconds: 0 } as const;
  const found = async (filter: CallFilter) =>
    (await storeOf().calls.list(filter)).map(({ trackingId }) => trackingId);
  const correct = async (wrong: string, changes: CallCorrection, trackingId = newCall().trackingId) => {
    await storeOf().calls.correct(wrong, { trackingId, changes, enteredBy: 'clerk' });
    return trackingId;
  };

  describe('many at once', () => {
    test('CM-285 a thousand calls are opened, noted and closed together, each with what was said of it', async () => {
      const { calls } = storeOf();
      const account = nextAccount();
      const all = Array.from({ length: 1_000 }, (_, index) => ({ call: newCall(), seconds: index }));
      await Promise.all(all.map(({ call }) => calls.open(call)));
      await Promise.all(
        all.flatMap(({ call, seconds }) => [
          calls.note(call.trackingId, { callerAccount: account }),
          calls.close(call.trackingId, closed(call, { callerAccount: account, billableSeconds: seconds })),
        ]),
      );
      const records = await calls.list({ account, limit: 2_000 });
      expect(new Map(records.map((record) => [record.trackingId, record.billableSeconds]))).toEqual(
        new Map(all.map(({ call, seconds }) => [call.trackingId, seconds])),
      );
    });

    test('fault 66: one that the database refuses fails alone', async () => {
      const { calls } = storeOf();
      const all = Array.from({ length: 50 }, () => newCall());
      const opened = await Promise.allSettled(
        all.map((call, index) => calls.open(index === 31 ? { ...call, port: 'sim:\0' } : call)),
      );
      const refused = opened.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
      expect(refused).toEqual([31]);
      const unknown = newCall();
      const closing = [...all.filter((_, index) => index !== 31), unknown].map((call) =>
        calls.close(call.trackingId, closed(call)),
      );
      const outcomes = await Promise.allSettled(closing);
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([
        { status: 'rejected', reason: expect.any(NoSuchCall) },
      ]);
    });
  });

  describe('filters', () => {
    test('telephony 7.7: calls are found by each of their properties, and by all of them together', async () => {
      const [callerAccount, calleeAccount] = [nextAccount(), nextAccount()];
      const wanted = await made({
        ...{ callerAccount, calleeAccount, ani: '900111', calledNumber: '900222', calleePort: 'sim:wanted' },
        ...{ outcome: 'failed', releaseCause: 99, callClass: 'stored', durationSeconds: 7_777 },
      });
      const record = await storeOf().calls.find(wanted);
      await made({ callerAccount });
      await made({ calleeAccount });
      await made({ ani: '90011', calledNumber: '90022' });
      const alone: CallFilter[] = [
        { callingNumber: { digits: '900111', isPrefix: false } },
        { callingNumber: { digits: '90011', isPrefix: true }, callee: calleeAccount },
        { calledNumber: { digits: '900222', isPrefix: false } },
        { calledNumber: { digits: '90022', isPrefix: true }, caller: callerAccount },
        { port: record?.port ?? '' },
        { calleePort: 'sim:wanted' },
        { cause: 99 },
        { callClass: 'stored' },
        { minDuration: 7_777, maxDuration: 7_777 },
      ];
      for (const filter of alone) expect([filter, await found(filter)]).toEqual([filter, [wanted]]);
      const all = Object.assign({}, ...alone);
      expect(await found({ ...all, account: callerAccount, outcome: 'failed', isAnswered: true })).toEqual([
        wanted,
      ]);
      expect(await found({ ...all, minDuration: 7_778, maxDuration: 9_999 })).toEqual([]);
    });

    test('telephony 7.7: what was typed as a number is no pattern', async () => {
      await made({ calledNumber: '777123' });
      expect(await found({ calledNumber: { digits: '777%', isPrefix: true } })).toEqual([]);
      expect(await found({ calledNumber: { digits: '777_23', isPrefix: true } })).toEqual([]);
    });

    test('telephony 7.7: by the time of the bridge or of the end, in its order, without those that have none', async () => {
      const callerAccount = nextAccount();
      const at = (second: number) => new Date(Date.UTC(2026, 11, 5, 10, 0, second));
      const late = await made({ callerAccount, bridgeAt: at(1), endAt: at(50) });
      const early = await made({ callerAccount, bridgeAt: at(2), endAt: at(20) });
      const never = await made({ callerAccount, bridgeAt: undefined, billableSeconds: 0, endAt: at(30) });
      expect(await found({ caller: callerAccount, by: 'bridge' })).toEqual([early, late]);
      expect(await found({ caller: callerAccount, by: 'end' })).toEqual([late, never, early]);
      expect(await found({ by: 'end', from: at(20), to: at(50), caller: callerAccount })).toEqual([
        never,
        early,
      ]);
      expect(await found({ caller: callerAccount, isAnswered: false })).toEqual([never]);
    });

    test.each(['ring', 'bridge', 'end'] as const)(
      'telephony 7.7: pages by the %s: each call once',
      async (by) => {
        const callerAccount = nextAccount();
        const all = [];
        for (let call = 0; call < 7; call++) all.push(await made({ callerAccount }));
        const pages: string[] = [];
        for (let after: string | undefined; ; after = pages.at(-1)) {
          const page = await found({
            account: callerAccount,
            by,
            limit: 3,
            ...(after !== undefined && { after }),
          });
          pages.push(...page);
          if (page.length < 3) break;
        }
        expect(pages).toEqual([...all].reverse());
      },
    );

    test('telephony 7.7: totals: calls, answered, seconds; nothing is charged or rated here', async () => {
      const callerAccount = nextAccount();
      await made({ callerAccount, billableSeconds: 100 });
      await made({ callerAccount, billableSeconds: 20 });
      await made({ ...unanswered, callerAccount, outcome: 'busy' });
      const totals = { calls: 3, inquiries: 0, answered: 2, billableSeconds: 120n, unrated: 2, charges: [] };
      expect(await storeOf().calls.totals({ account: callerAccount })).toEqual(totals);
      expect(await storeOf().calls.totals({ account: callerAccount, outcome: 'busy' })).toMatchObject({
        calls: 1,
        answered: 0,
      });
      const inquiry = { ...unanswered, callerAccount, outcome: 'abandoned', callClass: 'inquiry' } as const;
      const asked = await made(inquiry);
      expect(await storeOf().calls.totals({ account: callerAccount })).toEqual({
        ...totals,
        calls: 4,
        inquiries: 1,
      });
      expect(await found({ caller: callerAccount, callClass: 'inquiry' })).toEqual([asked]);
      expect(await found({ caller: callerAccount, isRated: true })).toEqual([]);
      expect(await found({ caller: callerAccount, isRated: false })).toHaveLength(2);
    });
  });

  describe('corrections', () => {
    test('telephony 7.7: a correction counts instead of the record, which stays as it was', async () => {
      const callerAccount = nextAccount();
      const wrong = await made({ callerAccount, billableSeconds: 61 });
      const before = await storeOf().calls.find(wrong);
      const right = await correct(wrong, { billableSeconds: 16, reason: 'carrier lost unnoticed' });
      expect(await storeOf().calls.find(wrong)).toEqual({ ...before, correctedBy: right });
      expect(await storeOf().calls.list({ caller: callerAccount })).toEqual([
        {
          ...before,
          trackingId: right,
          billableSeconds: 16,
          reason: 'carrier lost unnoticed',
          corrects: wrong,
          enteredBy: 'clerk',
        },
      ]);
      const again = await correct(right, { billableSeconds: 17, reason: 'miscounted' });
      expect(await found({ caller: callerAccount })).toEqual([again]);
    });

    test('fault 63: a correction whose answer was lost is entered once; another one of the same record is refused', async () => {
      const callerAccount = nextAccount();
      const wrong = await made({ callerAccount });
      const changes = { billableSeconds: 1, reason: 'double' };
      const right = await correct(wrong, changes);
      await correct(wrong, changes, right);
      const other = correct(wrong, changes);
      await expect(other).rejects.toThrow(NotCorrectable);
      await expect(other).rejects.toThrow(`was corrected already, by ${right}. Correct that one.`);
      expect(await found({ caller: callerAccount })).toEqual([right]);
    });

    test('fault 64: two corrections of one record at once: one counts, the other is refused', async () => {
      const callerAccount = nextAccount();
      const wrong = await made({ callerAccount });
      const both = await Promise.allSettled(
        [1, 2].map((billableSeconds) => correct(wrong, { billableSeconds, reason: 'double' })),
      );
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await found({ caller: callerAccount })).toHaveLength(1);
    });

    test('telephony 7.7: neither an open call nor one that never was is corrected', async () => {
      const call = newCall();
      await expect(correct(call.trackingId, { reason: 'x' })).rejects.toThrow(NoSuchCall);
      await storeOf().calls.open(call);
      await expect(correct(call.trackingId, { reason: 'x' })).rejects.toThrow(
        /is open: its call is in progress/,
      );
    });
  });

  describe('times that cannot be', () => {
    test('fault 75: a call that ended before it began, by a clock that was set, is recorded and found', async () => {
      const callerAccount = nextAccount();
      const endAt = new Date(Date.UTC(2016, 0, 1));
      const call = await made({ callerAccount, endAt });
      expect(await found({ caller: callerAccount, by: 'end', to: new Date(Date.UTC(2016, 0, 2)) })).toEqual([
        call,
      ]);
    });

    test('fault 76: calls of no second and of a whole day, over the turn of a year and a leap second', async () => {
      const { calls } = storeOf();
      const callerAccount = nextAccount();
      // 2016-12-31T23:59:60Z has no number of its own in POSIX time: 2017-01-01T00:00:00Z stands for it.
      const ringAt = new Date('2016-12-31T23:59:59.900Z');
      const call = newCall({ ringAt, trackingId: newCall().trackingId });
      const none = { ...newCall(), ringAt };
      for (const each of [call, none]) await calls.open(each);
      const day = {
        durationSeconds: 86_402,
        billableSeconds: 86_401,
        bridgeAt: new Date('2017-01-01T00:00:00Z'),
      };
      await calls.close(
        call.trackingId,
        closed(call, { callerAccount, ...day, endAt: new Date('2017-01-02T00:00:00Z') }),
      );
      const zero = { bridgeAt: ringAt, endAt: ringAt, durationSeconds: 0, billableSeconds: 0 };
      await calls.close(none.trackingId, closed(none, { callerAccount, ...zero }));
      const records = await calls.list({ caller: callerAccount });
      expect(records.map(({ billableSeconds }) => billableSeconds).sort()).toEqual([0, 86_401]);
      expect(await calls.totals({ caller: callerAccount })).toMatchObject({ billableSeconds: 86_401n });
    });
  });

  describe('saved queries', () => {
    test('telephony 7.7: a filter is saved under a name, replaced, listed and removed', async () => {
      const { savedQueries } = storeOf();
      const filter: CallFilter = {
        ...{ by: 'end', from: new Date('2026-11-01T00:00:00.000Z'), account: nextAccount(), cause: 17 },
        ...{ calledNumber: { digits: '555', isPrefix: true }, isAnswered: false, minCost: '0.5' },
      };
      const saved = {
        name: 'busy = "ours"',
        filter,
        savedAt: new Date('2026-11-21T10:00:00Z'),
        savedBy: 'clerk',
      };
      await savedQueries.save(saved);
      expect(await savedQueries.find(saved.name)).toEqual(saved);
      await savedQueries.save({ ...saved, filter: { cause: 34 }, savedBy: 'other' });
      expect(await savedQueries.list()).toEqual([{ ...saved, filter: { cause: 34 }, savedBy: 'other' }]);
      expect(await savedQueries.remove(saved.name)).toBe(true);
      expect(await savedQueries.remove(saved.name)).toBe(false);
      expect(await savedQueries.find(saved.name)).toBeUndefined();
    });
  });

  describe('reports', () => {
    test('telephony 7.7: a call that is there twice is a pair of duplicates; others of the parties are not', async () => {
      const [callerAccount, calleeAccount] = [nextAccount(), nextAccount()];
      const parties = { callerAccount, calleeAccount };
      const first = await made({ ...parties, billableSeconds: 33 });
      await made({ ...parties, billableSeconds: 34 });
      const second = await made({ ...parties, billableSeconds: 33 });
      const span = { from: new Date(Date.UTC(2026, 10, 1)), to: new Date(Date.UTC(2026, 11, 1)) };
      const pairs = await storeOf().callReports.duplicates(span);
      expect(pairs.filter((pair) => pair.callerAccount === callerAccount)).toMatchObject([
        { trackingId: second, earlierTrackingId: first, billableSeconds: 33 },
      ]);
    });

    test('telephony 7.7: many calls in an hour, and short ones, are hints of fraud', async () => {
      const callerAccount = nextAccount();
      await Promise.all(Array.from({ length: 30 }, () => made({ callerAccount, billableSeconds: 5 })));
      await Promise.all(Array.from({ length: 29 }, () => made({ billableSeconds: 600 })));
      expect((await hintsOf(callerAccount)).map(([hint, calls]) => [hint, calls])).toEqual([
        ['short calls', 30],
        ['velocity', 30],
      ]);
    });

    test('telephony 7.7: who asks for the price alone, however often, is no hint', async () => {
      const callerAccount = nextAccount();
      const inquiry = { ...unanswered, callerAccount, outcome: 'abandoned', callClass: 'inquiry' } as const;
      await Promise.all(Array.from({ length: 30 }, () => made(inquiry)));
      await Promise.all(Array.from({ length: 29 }, () => made({ callerAccount, billableSeconds: 600 })));
      expect(await hintsOf(callerAccount)).toEqual([]);
    });

    test('telephony 7.7: a number that is first called 30 days after the first call of the account is a hint, a second earlier it is none', async () => {
      const callerAccount = nextAccount();
      const firstAt = Date.UTC(2026, 9, 1);
      const days = 24 * 3_600_000;
      const calledAt = (calledNumber: string, ms: number, given: Partial<ClosedCall> = {}) =>
        madeAt(new Date(firstAt + ms), { callerAccount, calledNumber, billableSeconds: 60, ...given });
      await calledAt('1', 0);
      await calledAt('2', 30 * days - 1_000);
      await calledAt('3', 30 * days);
      await calledAt('3', 40 * days);
      // Known since the first day; never joined before; joined by another account before.
      await calledAt('1', 40 * days);
      await calledAt('4', days, unanswered);
      await calledAt('4', 40 * days);
      await calledAt('5', days, { callerAccount: nextAccount() });
      await calledAt('5', 40 * days);
      await calledAt('6', 50 * days, unanswered);
      expect(await hintsOf(callerAccount)).toEqual([
        ['new destination', 1, 'first called 4, 60 s since'],
        ['new destination', 1, 'first called 5, 60 s since'],
        ['new destination', 2, 'first called 3, 120 s since'],
      ]);
      const late = { from: new Date(firstAt + 30 * days + 1), to: new Date(firstAt + 60 * days) };
      expect(await hintsOf(callerAccount, late)).toHaveLength(2);
      expect(
        await hintsOf(callerAccount, { from: new Date(firstAt), to: new Date(firstAt + 30 * days) }),
      ).toEqual([]);
    });
  });
}
