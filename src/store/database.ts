import postgres from 'postgres';
import type { Clock } from '../time/clock.js';
import { explain, failureOf } from './failures.js';
import { StoreUnavailable } from './store.js';

export type Sql = postgres.Sql<{ bigint: bigint }>;
/** Statements on a connection or, alike, in a transaction. */
export type Statements = postgres.ISql<{ bigint: bigint }>;
/** A part of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;
export type Options = postgres.Options<{ bigint: postgres.PostgresType<bigint> }>;

/**
 * Nothing waits longer for the database than `patienceMs`: enough for a restart of it, and short enough for a
 * caller on the line. The server gives a statement up before, so that what was abandoned does not go on there.
 */
export const patienceMs = 5_000;
export const statementTimeoutMs = 4_000;
/** A million calls take seconds. */
const leisureMs = 60_000;

const firstPauseMs = 20;
const longestPauseMs = 500;

/** What every connection of ours has, whatever is at its other end. */
export const commonOptions = {
  types: { bigint: postgres.BigInt },
  transform: { ...postgres.camel, undefined: null },
  onnotice: () => {},
  // The retries here do the waiting; the driver's own would grow to 20 s, past everybody's patience.
  backoff: () => 0,
} satisfies Options;

/** Connections to one database, and the rule for what to do when they fail. */
export class Database {
  readonly #connect: () => Sql;
  readonly #clock: Clock;
  readonly #place: string;
  #sql: Sql;
  readonly #underWay = new Set<Promise<unknown>>();
  #answeredMs: number;

  /** @param place the database for messages to people, without its password */
  constructor(connect: () => Sql, clock: Clock, place: string) {
    this.#connect = connect;
    this.#clock = clock;
    this.#place = place;
    this.#sql = connect();
    this.#answeredMs = clock.monotonicMs();
  }

  get sql(): Sql {
    return this.#sql;
  }

  /**
   * Runs work that may safely be done twice, and does it again when it was rolled back (fault 64) or when it is
   * not known whether it was committed (fault 63).
   * @param limitMs longer than patience only where nobody is on the line; the statements must be allowed as long
   * @throws StoreUnavailable after `limitMs` at the latest
   */
  repeat<T>(work: (sql: Sql) => PromiseLike<T>, limitMs = patienceMs): Promise<T> {
    return this.#run(work, true, limitMs);
  }

  /** Runs work that must not be done twice: done again only when it is certain that it was not done. */
  once<T>(work: (sql: Sql) => PromiseLike<T>): Promise<T> {
    return this.#run(work, false, patienceMs);
  }

  /** A transaction that no call waits for: bills of a month, questions about the whole ledger. It may safely be done twice. */
  atLeisure<T>(work: (tx: Statements) => Promise<T>): Promise<T> {
    const unhurried = (sql: Sql) =>
      inTransaction(sql, async (tx) => {
        await tx`select set_config('statement_timeout', ${String(leisureMs)}, true)`;
        return work(tx);
      });
    return this.repeat(unhurried, leisureMs);
  }

  /**
   * The outcome of work that waits for its turn. Beyond `patienceMs` nobody waits: StoreUnavailable, and `onGivenUp` is told before.
   */
  within<T>(work: PromiseLike<T>, onGivenUp: () => void): Promise<T> {
    const deadlineMs = this.#clock.monotonicMs() + patienceMs;
    return this.#track(this.#within(deadlineMs, work, onGivenUp));
  }

  /** Lets what is under way end, and closes the connections. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    // Without the time-out, `postgres` 3.4.9 waits for ever once a connection was lost during a statement.
    await this.#sql.end({ timeout: 0 });
  }

  #run<T>(work: (sql: Sql) => PromiseLike<T>, repeatable: boolean, limitMs: number): Promise<T> {
    return this.#track(this.#attempts(work, repeatable, limitMs));
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const running = work.finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
    return running;
  }

  async #attempts<T>(work: (sql: Sql) => PromiseLike<T>, repeatable: boolean, limitMs: number): Promise<T> {
    const deadlineMs = this.#clock.monotonicMs() + limitMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await this.#within(deadlineMs, work(this.#sql));
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'bug') throw error;
        const again = failure === 'undone' || (failure === 'lost' && repeatable);
        if (!again || this.#clock.monotonicMs() + pauseMs >= deadlineMs) throw explain(error, this.#place);
      }
      await new Promise<void>((resume) => this.#clock.setTimeout(resume, pauseMs));
    }
  }

  /** The outcome of `work`, or StoreUnavailable at the deadline, whatever then becomes of `work`. */
  #within<T>(deadlineMs: number, work: PromiseLike<T>, onGivenUp: () => void = () => {}): Promise<T> {
    const sql = this.#sql;
    const leftMs = deadlineMs - this.#clock.monotonicMs();
    return new Promise<T>((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        this.#renewIfDead(sql);
        onGivenUp();
        reject(
          new StoreUnavailable(`${this.#place} has not answered in ${Math.round(leftMs / 1000)} seconds.`),
        );
      }, leftMs);
      const settle =
        <A>(outcome: (value: A) => void) =>
        (value: A) => {
          this.#clock.clearTimeout(timer);
          this.#answeredMs = this.#clock.monotonicMs();
          outcome(value);
        };
      work.then(settle(resolve), settle(reject));
    });
  }

  /**
   * A network that swallows everything leaves connections that look alive for a quarter of an hour. When nothing
   * at all has come back for as long as anyone waits, they are thrown away and new ones made.
   */
  #renewIfDead(sql: Sql): void {
    if (sql !== this.#sql || this.#clock.monotonicMs() - this.#answeredMs < patienceMs) return;
    this.#sql = this.#connect();
    this.#answeredMs = this.#clock.monotonicMs();
    void sql.end({ timeout: 0 });
  }
}

/**
 * A transaction. `postgres` 3.4.9 sends `rollback` even where the connection is gone: that write ends the process, as nobody can catch it. So
 * work that lost its connection is left to wait, and the driver's own notice of the loss ends the transaction.
 */
export async function inTransaction<T>(sql: Sql, work: (tx: Statements) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  await sql.begin(async (tx) => {
    try {
      result = { value: await work(tx) };
    } catch (error) {
      if (failureOf(error) === 'lost') await new Promise(() => {});
      throw error;
    }
  });
  if (!result) throw new Error('a transaction that was committed without its work');
  return result.value;
}
