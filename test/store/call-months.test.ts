import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { keepMonths } from '../../src/store/call-months.js';
import { commonOptions, Database, type Sql } from '../../src/store/database.js';
import { EmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { realClock } from '../../src/time/real-clock.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { freshDataDir } from '../support/embedded-store.js';
import { noServer, startTestServer } from '../support/postgres.js';

interface Place {
  readonly connect: () => Sql;
  close(): Promise<void>;
}

async function embedded(): Promise<Place> {
  const dataDir = await freshDataDir();
  const engine = new EmbeddedPostgres(`${dataDir}/db`, realClock, silentLog);
  return {
    connect: () => postgres({ ...commonOptions, ...engine.options }),
    async close() {
      await engine.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function server(): Promise<Place> {
  const started = await startTestServer();
  const url = await started.createDatabase();
  return { connect: () => postgres(url, commonOptions), close: () => started.close() };
}

const places = [
  ['the embedded database', embedded, undefined],
  ['a PostgreSQL server', server, noServer],
] as const;

describe.each(places)('parts of the ledger in %s', (_, start, absence) => {
  describe.skipIf(absence)(absence ?? 'there', () => {
    let place: Place;
    let sql: Sql;

    beforeAll(async () => {
      place = await start();
      sql = place.connect();
      await migrate(sql);
    });
    afterAll(async () => {
      await sql?.end();
      await place?.close();
    });

    const partOf = async (trackingId: string) => {
      const [row] = await sql<{ part: string }[]>`
        select tableoid::regclass::text as part from call_record where tracking_id = ${trackingId}`;
      return row?.part;
    };
    const make = async (day: string) => {
      const [row] = await sql<{ made: boolean }[]>`select make_call_month(${day}::text::date) as made`;
      return row?.made;
    };
    const closedCall = async (ringAt: string) => {
      const [row] = await sql<{ trackingId: string }[]>`
        insert into call_record (tracking_id, port, ring_at, end_at, duration_seconds, billable_seconds, bridge_at,
          octets_from_caller, octets_from_callee, outcome, release_cause)
        values ((overlay(gen_random_uuid()::text placing left(first_tracking_id(${ringAt})::text, 13) from 1))::uuid,
          'sim:1', ${ringAt}, ${ringAt}, 1, 1, ${ringAt}, 0, 0, 'completed', 16)
        returning tracking_id`;
      return row?.trackingId ?? '';
    };

    test('telephony 7.7: a call of a month without a part waits elsewhere, and moves when that is made', async () => {
      const [first, last, next] = [
        await closedCall('2031-05-01T00:00:00Z'),
        await closedCall('2031-05-31T23:59:59.999Z'),
        await closedCall('2031-06-01T00:00:00Z'),
      ];
      expect(await partOf(first)).toBe('call_record_elsewhere');
      expect([await make('2031-05-17'), await make('2031-05-01')]).toEqual([true, false]);
      expect([await partOf(first), await partOf(last), await partOf(next)]).toEqual([
        'call_record_2031_05',
        'call_record_2031_05',
        'call_record_elsewhere',
      ]);
      const changed = sql`update call_record set billable_seconds = 0 where tracking_id = ${first}`;
      await expect(changed).rejects.toThrow(/is closed: it is neither changed nor deleted/);
    });

    test('telephony 7.7: a closed record is neither changed nor deleted, whoever tries, and says what to do', async () => {
      const call = await closedCall(new Date().toISOString());
      const tries = [
        () => sql`update call_record set billable_seconds = 0 where tracking_id = ${call}`,
        () => sql`update call_record set corrected_by = ${call}, reason = 'x' where tracking_id = ${call}`,
        () => sql`delete from call_record where tracking_id = ${call}`,
      ];
      for (const attempt of tries) {
        await expect(attempt()).rejects.toMatchObject({
          code: '23001',
          message: `Call record ${call} is closed: it is neither changed nor deleted.`,
          hint: 'Enter a correction: a further record that names this one.',
        });
      }
      await sql`update call_record set corrected_by = ${call} where tracking_id = ${call}`;
      const again = sql`update call_record set corrected_by = null where tracking_id = ${call}`;
      await expect(again).rejects.toThrow(/neither changed nor deleted/);
    });

    test('telephony 7.7: what is referred to stays where it is, whatever month is made, and is not lost', async () => {
      const call = await closedCall('2033-02-03T00:00:00Z');
      await sql`insert into unrated_call (tracking_id, reason, since) values (${call}, 'no tariff', now())`;
      expect(await make('2033-02-01')).toBe(false);
      expect(await partOf(call)).toBe('call_record_elsewhere');
      const [row] = await sql<{ enabled: boolean }[]>`
        select bool_and(tgenabled = 'O') as enabled from pg_trigger
        where tgrelid = 'call_record_elsewhere'::regclass and not tgisinternal`;
      expect(row).toEqual({ enabled: true });
    });

    test('telephony 7.7: months are there before they begin, at the start and a day later, over the turn of a year', async () => {
      const clock = new SimulatedClock(Date.UTC(2035, 8, 30, 23, 59, 59));
      const database = new Database(place.connect, realClock, 'the database');
      const parts = async () => {
        const rows = await sql<{ part: string }[]>`
          select relname as part from pg_class where relname like 'call\\_record\\_203%' and relkind = 'r' order by 1`;
        return rows.map(({ part }) => part).filter((part) => part >= 'call_record_2035');
      };
      const stop = await keepMonths(database, clock, silentLog);
      expect(await parts()).toEqual(
        ['2035_09', '2035_10', '2035_11', '2035_12'].map((month) => `call_record_${month}`),
      );
      clock.advance(24 * 3_600_000);
      while ((await parts()).length < 5);
      expect((await parts()).at(-1)).toBe('call_record_2036_01');
      stop();
      await database.close();
    });
  });
});
