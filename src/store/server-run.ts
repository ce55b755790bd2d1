import type { Log } from '../log/log.js';
import { atMost } from '../time/at-most.js';
import type { Clock } from '../time/clock.js';
import type { Database, Sql } from './database.js';

/** Any number, as long as every Cordboard uses the same; beside it in the lock stands the number of the run. */
export const runLocks = 0x434f5254;

const firstPauseMs = 20;
const longestPauseMs = 5_000;

export interface RunOptions {
  /** Makes a client with the one connection that holds the lock; `closed` is told when that closes. */
  connect(closed: () => void): Sql;
  readonly clock: Clock;
  readonly log: Log;
  /** The database for messages to people, without its password. */
  readonly place: string;
}

/**
 * One run of a server, as the others on the same database see it: a number that stands in every record it opens,
 * and an advisory lock on that number. The database gives the lock back when the connection goes, so a run that was
 * killed is known to be dead. One that lives and lost its connection takes the lock again as soon as it can.
 */
export class ServerRun {
  readonly number: number;
  readonly #options: RunOptions;
  #sql: Sql;
  #isHeld = false;
  #isOver = false;
  #end = (): void => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  private constructor(number: number, options: RunOptions) {
    this.number = number;
    this.#options = options;
    this.#sql = this.#connect();
  }

  /** @throws the driver's error, or StoreUnavailable, when the database does not serve */
  static async begin(database: Database, options: RunOptions): Promise<ServerRun> {
    const [row] = await database.repeat(
      (sql) => sql<{ number: number }[]>`select nextval('server_run')::integer as number`,
    );
    if (!row) throw new Error('a sequence without a next value');
    const run = new ServerRun(row.number, options);
    try {
      await run.#lock();
      return run;
    } catch (error) {
      await run.end();
      throw error;
    }
  }

  /** From here on its open records are anybody's to close. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#end();
    await this.#sql.end({ timeout: 0 });
  }

  #connect(): Sql {
    const sql = this.#options.connect(() => {
      if (sql === this.#sql && this.#isHeld && !this.#isOver) void this.#regain();
    });
    return sql;
  }

  /** Waits while the database has not noticed that an old connection is gone; nobody else wants this lock. */
  async #lock(): Promise<void> {
    await this.#sql`select pg_advisory_lock(${runLocks}::integer, ${this.number}::integer)`;
    this.#isHeld = true;
  }

  async #regain(): Promise<void> {
    const { clock, log, place } = this.#options;
    this.#isHeld = false;
    log.warn({ database: place }, 'the connection to the database is lost; trying to get it back');
    for (let pauseMs = firstPauseMs; !this.#isOver; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      // A new client each time: `postgres` 3.4.9 may never write again on a connection that closed as it was to write.
      void this.#sql.end({ timeout: 0 });
      this.#sql = this.#connect();
      try {
        await this.#lock();
        log.warn({ database: place }, 'the connection to the database is back');
        return;
      } catch {
        await atMost(clock, pauseMs, this.#ended);
      }
    }
  }
}
