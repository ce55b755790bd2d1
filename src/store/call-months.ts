import type { Log } from '../log/log.js';
import type { Clock } from '../time/clock.js';
import { every } from '../time/every.js';
import type { Database, Statements } from './database.js';

/** Besides the present one. A server that runs longer makes others in time. */
const monthsAhead = 3;
const dayMs = 24 * 3_600_000;

/** Every statement on the parts of the ledger; a test has each described by the database. */
export const monthStatements = {
  /** Whoever reads or writes for longer than this must not have everyone wait behind the new part. */
  patience: (sql: Statements) => sql`set local lock_timeout = '1s'`,

  make: (sql: Statements, now: Date) => sql`
    select make_call_month(((${now}::timestamptz at time zone 'UTC') + make_interval(months => month))::date)
    from generate_series(0, ${monthsAhead}::integer) month`,
};

/** Has the parts of the ledger made before their months begin: at once, and every day. What fails is tried again the next day. */
export async function keepMonths(database: Database, clock: Clock, log: Log): Promise<() => void> {
  const make = async () => {
    try {
      await database.repeat((sql) =>
        sql.begin(async (tx) => {
          await monthStatements.patience(tx);
          await monthStatements.make(tx, new Date(clock.utcMs()));
        }),
      );
    } catch (error) {
      log.warn(
        { error: String(error) },
        'The next months of the call records are not made yet; it is tried again tomorrow.',
      );
    }
  };
  await make();
  return every(clock, () => dayMs, make);
}
