import { inspect } from 'node:util';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { openStore } from '../../src/store/open-store.js';
import { type Store, StoreUnavailable } from '../../src/store/store.js';
import type { Clock } from '../../src/time/clock.js';
import { realClock } from '../../src/time/real-clock.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { noOwnServer, type OwnServer, startOwnServer } from '../support/postgres.js';
import { type FaultLine, faultLine } from './fault-line.js';
import { patientClock, settled, stateOf } from './settled.js';
import { closed, newCall, newSubscriber, nextAccount, openRecord } from './store-contract.js';

const title = noOwnServer ? `a failing server (skipped: ${noOwnServer})` : 'a failing server';

describe.skipIf(noOwnServer)(title, () => {
  let server: OwnServer;
  let databaseUrl: string;
  let admin: postgres.Sql;
  let line: FaultLine;
  let store: Store | undefined;

  beforeAll(async () => {
    server = await startOwnServer();
  });
  beforeEach(async () => {
    await server.start();
    databaseUrl = await server.createDatabase();
    admin = postgres(databaseUrl, { onnotice: () => {} });
    line = await faultLine(databaseUrl);
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
    await line.close();
    await admin.end({ timeout: 0 });
  });
  afterAll(() => server?.close());

  async function open(clock: Clock, url = line.url): Promise<Store> {
    store = await openStore({ databaseUrl: url, dataDir: 'unused', clock, log: silentLog });
    return store;
  }

  describe('when it is opened', () => {
    const refusal = async (url: string) => {
      const error = await open(realClock, url).then(
        () => undefined,
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(StoreUnavailable);
      const { password } = new URL(databaseUrl);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(password);
      return error.message;
    };

    test('fault 61: it says where it is, and never the password', async () => {
      const { description } = await open(realClock, databaseUrl);
      const { port, pathname } = new URL(databaseUrl);
      expect(description).toMatch(new RegExp(`^PostgreSQL [0-9.]+ at 127.0.0.1:${port}${pathname}$`));
    });

    test('fault 61: nobody there', async () => {
      await server.stop();
      expect(await refusal(databaseUrl)).toMatch(/127\.0\.0\.1:.*ECONNREFUSED.*Start the PostgreSQL server/);
    });

    test('fault 61: a wrong password', async () => {
      const url = new URL(databaseUrl);
      url.password = `${url.password}x`;
      expect(await refusal(url.href)).toMatch(/refused the user name or password/);
    });

    test('fault 61: a database that is not there', async () => {
      expect(await refusal(`${databaseUrl}x`)).toMatch(/no such database.*createdb/);
    });

    test('fault 61: something that is not a URL, with a password in it', async () => {
      const { password } = new URL(databaseUrl);
      expect(await refusal(`postgres://cordboard:${password}@[/db`)).toMatch(/DATABASE_URL is not a URL/);
    });

    test('fault 68: three programs at once: one makes the tables, all can use them', async () => {
      const options = { databaseUrl, dataDir: 'unused', clock: realClock, log: silentLog };
      const stores = await Promise.all([openStore(options), openStore(options), openStore(options)]);
      const call = newCall();
      await stores[0]?.calls.open(call);
      for (const each of stores) expect(await each.calls.list({})).toEqual([openRecord(call)]);
      await Promise.all(stores.map((each) => each.close()));
    });

    test('fault 68: another program that migrates and does not end: given up within the patience', async () => {
      const other = await admin.reserve();
      await other`select pg_advisory_lock(${0x434f5244})`;
      expect(await refusal(databaseUrl)).toMatch(/a lock is held/);
      other.release();
    });

    test('fault 68: a schema newer than this program', async () => {
      await (await open(realClock)).close();
      await admin`insert into schema_migration (version, name, sha256) values (9999, 'later', '')`;
      expect(await refusal(databaseUrl)).toMatch(/a newer Cordboard has used it/);
    });
  });

  describe('when it goes away', () => {
    test('fault 61: at a look-up: unavailable within the patience, and served again when it is back', async () => {
      const clock = new SimulatedClock();
      const { subscribers } = await open(clock);
      const subscriber = newSubscriber();
      await subscribers.add(subscriber);
      await server.stop();
      await expect(settled(clock, subscribers.find(subscriber.account))).rejects.toThrow(StoreUnavailable);
      expect(clock.monotonicMs()).toBeLessThanOrEqual(5_000);
      await server.start();
      expect(await subscribers.find(subscriber.account)).toMatchObject({ name: 'Alice Ltd' });
    });

    test('fault 61: and comes back in time, nobody notices', async () => {
      const { subscribers, calls } = await open(patientClock);
      const call = newCall();
      await calls.open(call);
      await server.stop();
      const waiting = [calls.close(call.trackingId, closed(call)), subscribers.find(nextAccount())];
      await server.start();
      await Promise.all(waiting);
      expect(await calls.list({})).toMatchObject([{ outcome: 'completed' }]);
    });

    test('fault 61: at the close of a call: the record stays open, and is closed later', async () => {
      const clock = new SimulatedClock();
      const { calls } = await open(clock);
      const call = newCall();
      await calls.open(call);
      await server.stop();
      const closing = calls.close(call.trackingId, closed(call));
      await expect(settled(clock, closing)).rejects.toThrow(StoreUnavailable);
      await server.start();
      expect(await calls.list({})).toEqual([openRecord(call)]);
      await calls.close(call.trackingId, closed(call));
      expect(await calls.list({})).toMatchObject([{ outcome: 'completed' }]);
    });
  });

  describe('when a reply is lost after the commit', () => {
    test('fault 63: a call that was opened is recognised, and there is one record', async () => {
      const { calls } = await open(patientClock);
      await calls.open(newCall());
      const call = newCall();
      line.cutNextReply();
      await calls.open(call);
      expect(line.lost()).toBe(1);
      expect(await calls.list({ from: call.ringAt })).toEqual([openRecord(call)]);
    });

    test('fault 63: a call that was closed stays closed as it was', async () => {
      const { calls } = await open(patientClock);
      const [first, call] = [newCall(), newCall()];
      await calls.open(first);
      await calls.close(first.trackingId, closed(first));
      await calls.open(call);
      line.cutNextReply();
      await calls.close(call.trackingId, closed(call));
      expect(line.lost()).toBe(1);
      expect(await calls.list({ limit: 1 })).toMatchObject([{ ...call, outcome: 'completed' }]);
    });

    test('fault 63: an account may have been added: it is neither affirmed nor denied', async () => {
      const { subscribers } = await open(patientClock);
      await subscribers.add(newSubscriber());
      const subscriber = newSubscriber();
      line.cutNextReply();
      await expect(subscribers.add(subscriber)).rejects.toThrow(StoreUnavailable);
      expect(await subscribers.find(subscriber.account)).toMatchObject({ name: 'Alice Ltd' });
    });
  });

  describe('when it is slow', () => {
    test('fault 62: every connection busy: all give up after 5 s, and all is well afterwards', async () => {
      const clock = new SimulatedClock();
      const { calls, subscribers } = await open(clock);
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let locked = () => {};
      const isLocked = new Promise<void>((resolve) => {
        locked = resolve;
      });
      const holding = admin.begin(async (sql) => {
        await sql`lock table call_record`;
        locked();
        await held;
      });
      await isLocked;
      const waiting = Array.from({ length: 30 }, () => calls.open(newCall()));
      const outcomes = Promise.allSettled([...waiting, subscribers.find(nextAccount())]);
      clock.advance(4_999);
      expect(await stateOf(outcomes)).toBe('pending');
      clock.advance(1);
      for (const outcome of await outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
      }
      release();
      await holding;
      const call = newCall();
      await calls.open(call);
      expect(await calls.list({ limit: 1 })).toEqual([openRecord(call)]);
    });

    test('fault 62: the server itself gives a statement up before anyone stops waiting for it', async () => {
      const { calls } = await open(patientClock);
      await admin.unsafe(`
        create table seen (timeout text);
        create function look() returns trigger language plpgsql as $$ begin
          insert into seen values (current_setting('statement_timeout'));
          return new;
        end $$;
        create trigger look before insert on call_record for each row execute function look();`);
      await calls.open(newCall());
      expect([...(await admin`select timeout from seen`)]).toEqual([{ timeout: '4s' }]);
    });

    test('fault 62: a network that swallows everything: new connections are made', async () => {
      const clock = new SimulatedClock();
      const { calls } = await open(clock);
      await Promise.all(Array.from({ length: 30 }, () => calls.open(newCall())));
      line.swallow();
      const opening = calls.open(newCall());
      opening.catch(() => {});
      clock.advance(5_000);
      await expect(opening).rejects.toThrow(/has not answered in 5 seconds/);
      const call = newCall();
      await calls.open(call);
      expect(await calls.list({ limit: 1 })).toEqual([openRecord(call)]);
    });
  });

  describe('when it refuses', () => {
    /** The first `times` writes of a call record fail with this state; a sequence keeps count, whatever is rolled back. */
    async function failWrites(state: string, times: number): Promise<void> {
      await admin.unsafe(`
        create sequence failure;
        create function fail() returns trigger language plpgsql as $$ begin
          if nextval('failure') <= ${times} then raise exception 'planned' using errcode = '${state}'; end if;
          return new;
        end $$;
        create trigger fail before insert or update on call_record for each row execute function fail();`);
    }

    test.each([
      ['40001', 'a serialization failure'],
      ['40P01', 'a deadlock'],
    ])('fault 64: %s, %s, is tried again until it passes', async (state) => {
      const { calls } = await open(patientClock);
      await failWrites(state, 3);
      const call = newCall();
      await calls.open(call);
      await admin`alter sequence failure restart`;
      await calls.close(call.trackingId, closed(call));
      expect(await calls.list({})).toMatchObject([{ ...call, outcome: 'completed' }]);
    });

    test('fault 64: on every write: unavailable after the patience, not for ever', async () => {
      const clock = new SimulatedClock();
      const { calls } = await open(clock);
      await failWrites('40001', 1_000_000);
      await expect(settled(clock, calls.open(newCall()))).rejects.toThrow(StoreUnavailable);
      expect(clock.monotonicMs()).toBeLessThanOrEqual(5_000);
      expect(await calls.list({})).toEqual([]);
    });

    test('fault 65: a server that has become a read-only replica: said so, at once', async () => {
      const { calls } = await open(patientClock);
      await failWrites('25006', 1);
      await expect(calls.open(newCall())).rejects.toThrow(/read-only.*Point DATABASE_URL at the primary/);
    });

    test('fault 81: a full disk: said so, at once', async () => {
      const { calls } = await open(patientClock);
      await failWrites('53100', 1);
      await expect(calls.open(newCall())).rejects.toThrow(/disk of the database is full/);
    });
  });
});
