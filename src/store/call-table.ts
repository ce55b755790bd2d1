import { CallBatch, Lane } from './call-batch.js';
import { correctCall } from './call-correction.js';
import type { CallTotals } from './call-filter.js';
import { type CallRow, callQueries, type TotalsRow } from './call-query.js';
import { type Closed, callStatements, type Noted, type Opened } from './call-statements.js';
import { type CallLedger, type CallRecord, NoSuchCall, TrackingIdTaken } from './calls.js';
import type { Database } from './database.js';

/**
 * The call records in Postgres.
 * @param serverRun what is told of the records that are opened here; none for who opens none
 */
export function callTable(database: Database, serverRun: number | undefined): CallLedger {
  const opening = new CallBatch<Opened, 'opened' | 'taken'>(database, new Lane(), async (calls) => {
    const opened = idsOf(await database.repeat((sql) => callStatements.open(sql, calls)));
    const others = calls.filter(({ trackingId }) => !opened.has(trackingId));
    // There is one already: this very call, whose first answer was lost (fault 63), or another (fault 66).
    if (others.length > 0) {
      const found = await database.repeat((sql) => callStatements.findOpened(sql, others));
      for (const { trackingId } of found) opened.add(trackingId);
    }
    return calls.map(({ trackingId }) => (opened.has(trackingId) ? 'opened' : 'taken'));
  });
  const changes = new Lane();
  const noting = new CallBatch<Noted, undefined>(database, changes, async (calls) => {
    await database.repeat((sql) => callStatements.note(sql, calls));
    return calls.map(() => undefined);
  });
  const closing = new CallBatch<Closed, 'closed' | 'unknown'>(database, changes, async (calls) => {
    const closed = idsOf(await database.repeat((sql) => callStatements.close(sql, calls)));
    const others = calls.map(({ trackingId }) => trackingId).filter((trackingId) => !closed.has(trackingId));
    if (others.length > 0) {
      const before = await database.repeat((sql) => callStatements.existing(sql, others));
      for (const { trackingId } of before) closed.add(trackingId);
    }
    return calls.map(({ trackingId }) => (closed.has(trackingId) ? 'closed' : 'unknown'));
  });
  return {
    async open(call) {
      if ((await opening.add({ ...call, serverRun })) === 'taken') throw new TrackingIdTaken(call.trackingId);
    },
    note: (trackingId, progress) => noting.add({ ...progress, trackingId }),
    async close(trackingId, call) {
      if ((await closing.add({ ...call, trackingId })) === 'unknown') throw new NoSuchCall(trackingId);
    },
    async closeInterrupted(at) {
      return (await database.repeat((sql) => callStatements.closeInterrupted(sql, at))).count;
    },
    correct: (trackingId, correction) => database.repeat((sql) => correctCall(sql, trackingId, correction)),
    async find(trackingId) {
      const [found] = await database.repeat((sql) => callQueries.find(sql, trackingId));
      return found && decode(found);
    },
    async endingWith(digits) {
      const found = await database.repeat((sql) => callQueries.endingWith(sql, digits));
      return found.map(({ trackingId }) => trackingId);
    },
    async list(filter) {
      return (await database.repeat((sql) => callQueries.list(sql, filter))).map(decode);
    },
    async totals(filter) {
      return summed(await database.atLeisure((sql) => callQueries.totals(sql, filter)));
    },
  };
}

function idsOf(rows: readonly { readonly trackingId: string }[]): Set<string> {
  return new Set(rows.map(({ trackingId }) => trackingId));
}

function decode(row: CallRow): CallRecord {
  const { octetsFromCaller, octetsFromCallee, ...rest } = row;
  const known = Object.entries({
    ...rest,
    octetsFromCaller: octetsFromCaller === null ? null : Number(octetsFromCaller),
    octetsFromCallee: octetsFromCallee === null ? null : Number(octetsFromCallee),
  }).filter(([, value]) => value !== null);
  return Object.fromEntries(known) as unknown as CallRecord;
}

function summed(rows: readonly TotalsRow[]): CallTotals {
  const sum = (of: 'calls' | 'inquiries' | 'answered' | 'unrated') =>
    rows.reduce((total, row) => total + row[of], 0);
  return {
    calls: sum('calls'),
    inquiries: sum('inquiries'),
    answered: sum('answered'),
    billableSeconds: rows.reduce((total, { billableSeconds }) => total + billableSeconds, 0n),
    unrated: sum('unrated'),
    charges: rows.flatMap(({ currency, amount, calls }) =>
      currency === null || amount === null ? [] : [{ currency, amount, calls }],
    ),
  };
}
