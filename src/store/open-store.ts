import { join } from 'node:path';
import postgres from 'postgres';
import type { Log } from '../log/log.js';
import type { Clock } from '../time/clock.js';
import { billTable } from './bill-table.js';
import { keepMonths } from './call-months.js';
import { callReportViews } from './call-report-views.js';
import { type CallSpool, openCallSpool } from './call-spool.js';
import { callTable } from './call-table.js';
import { chargeTable } from './charge-table.js';
import {
  commonOptions,
  Database,
  type Options,
  patienceMs,
  type Sql,
  statementTimeoutMs,
} from './database.js';
import { DirectoryInUse } from './embedded/directory-lock.js';
import { EmbeddedPostgres, joiningOptions } from './embedded/embedded-postgres.js';
import { keepUp } from './embedded/upkeep.js';
import { exportTable } from './export-table.js';
import { explain } from './failures.js';
import { migrate } from './migrate.js';
import { payerTable } from './payer-table.js';
import { ratingRunTable } from './rating-run-table.js';
import { savedQueryTable } from './saved-query-table.js';
import { ServerRun } from './server-run.js';
import { type Store, StoreUnavailable } from './store.js';
import { subscriberTable } from './subscriber-table.js';
import { tariffTable } from './tariff-table.js';

export interface StoreOptions {
  /** `postgres://user@host:port/database` of a PostgreSQL server; unset means the embedded one in `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** Holds `db/` (the embedded database's files), `db.lock` and `call-spool/`; made when it is not there. */
  readonly dataDir: string;
  /**
   * For commands beside a running server: when another process has the embedded database open, use it by way of
   * that process. Who leaves it out is a server, which is refused there, and otherwise known as one that lives, so
   * that no other takes its calls for interrupted ones.
   */
  readonly joins?: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const oldestServer = 15;

/**
 * Opens the accounts and call records, and brings their tables up to date.
 * @throws StoreUnavailable saying what to do, when the database cannot be reached, is too old, or is too new
 */
export function openStore(options: StoreOptions): Promise<Store> {
  return options.databaseUrl ? openServer(options.databaseUrl, options) : openEmbedded(options);
}

async function openServer(databaseUrl: string, options: StoreOptions): Promise<Store> {
  const { joins, clock, log } = options;
  const connect = () => connectServer(databaseUrl);
  const place = `PostgreSQL at ${addressOf(connect())}`;
  const database = new Database(connect, clock, place);
  try {
    const version = await database.once(versionOf);
    if (Number.parseInt(version, 10) < oldestServer) {
      throw new StoreUnavailable(
        `${place} is version ${version}; ${oldestServer} or later is needed. Upgrade it, point DATABASE_URL at ` +
          'another, or unset it to use the embedded database.',
      );
    }
    await migrate(database.sql);
    const connectRun = (closed: () => void) =>
      connectServer(databaseUrl, { ...runConnection, onclose: closed });
    const run = joins
      ? undefined
      : await ServerRun.begin(database, { connect: connectRun, clock, log, place });
    const stopMonths = joins ? () => {} : await keepMonths(database, clock, log);
    return storeOn(
      { database, spool: await spoolIn(options) },
      place.replace(' ', ` ${version} `),
      run,
      async () => {
        stopMonths();
        await database.close();
        await run?.end();
      },
    );
  } catch (error) {
    await database.close();
    throw explain(error, place);
  }
}

/**
 * Stays open and idle: the server asks after half a minute whether the other end is there, and notices within a
 * minute that a machine has died. (A driver's connection lives for an hour at most unless told otherwise.)
 */
const runConnection = {
  max: 1,
  max_lifetime: null,
  connection: {
    application_name: 'cordboard (run)',
    statement_timeout: 0,
    tcp_keepalives_idle: 30,
    tcp_keepalives_interval: 10,
    tcp_keepalives_count: 3,
  },
} satisfies Options;

function connectServer(databaseUrl: string, options: Options = {}): Sql {
  try {
    return postgres(databaseUrl, {
      ...commonOptions,
      max: 10,
      connect_timeout: patienceMs / 1000,
      connection: {
        application_name: 'cordboard',
        statement_timeout: statementTimeoutMs,
        // From the sixth time on, one plan for all values: a page of rare calls would be looked for among all of them.
        plan_cache_mode: 'force_custom_plan',
      },
      ...options,
    });
  } catch {
    // Without its cause: that one quotes the URL, and the password in it.
    throw new StoreUnavailable(
      'DATABASE_URL is not a URL. Write postgres://user:password@host:5432/database.',
    );
  }
}

/** As the driver reads the URL: what that leaves out comes from the environment (PGHOST ...). */
function addressOf({ options: { host, port, database } }: Sql): string {
  return `${host.map((each, index) => `${each}:${port[index]}`).join(',')}/${database}`;
}

async function openEmbedded(options: StoreOptions): Promise<Store> {
  const { dataDir, joins, clock, log } = options;
  const directory = `${dataDir}/db`;
  const place = `The embedded database in ${directory}`;
  let engine: EmbeddedPostgres;
  try {
    engine = new EmbeddedPostgres(directory, clock, log);
  } catch (error) {
    if (joins && error instanceof DirectoryInUse) return joinEmbedded(directory, options, error);
    const { message } = error as Error;
    throw new StoreUnavailable(`${place} cannot be opened: ${message}`, { cause: error });
  }
  const database = new Database(() => postgres({ ...commonOptions, ...engine.options }), clock, place);
  try {
    const version = await engine.version();
    await migrate(database.sql);
    const connectRun = (closed: () => void) =>
      postgres({ ...commonOptions, ...engine.options, max: 1, onclose: closed });
    const run = await ServerRun.begin(database, { connect: connectRun, clock, log, place });
    const stopMonths = await keepMonths(database, clock, log);
    const stopUpkeep = keepUp(database.sql, clock, log);
    const spool = await spoolIn(options);
    return storeOn({ database, spool }, `embedded PostgreSQL ${version} in ${directory}`, run, async () => {
      stopMonths();
      await stopUpkeep();
      await database.close();
      await run.end();
      await engine.close();
    });
  } catch (error) {
    await database.close();
    await engine.close();
    throw explain(error, place);
  }
}

async function joinEmbedded(directory: string, options: StoreOptions, inUse: DirectoryInUse): Promise<Store> {
  const { clock } = options;
  const connect = () =>
    postgres({ ...commonOptions, ...joiningOptions(directory), connect_timeout: patienceMs / 1000 });
  const database = new Database(
    connect,
    clock,
    `The embedded database in ${directory}, open in another process`,
  );
  try {
    const version = await database.once(versionOf);
    await migrate(database.sql);
    return storeOn(
      { database, spool: await spoolIn(options) },
      `embedded PostgreSQL ${version} in ${directory}, by way of its server`,
      undefined,
      () => database.close(),
    );
  } catch (error) {
    await database.close();
    if (error instanceof StoreUnavailable) throw error;
    throw new StoreUnavailable(`The embedded database in ${directory} cannot be joined: ${inUse.message}`, {
      cause: error,
    });
  }
}

async function versionOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ serverVersion: string }[]>`show server_version`;
  return row?.serverVersion.split(' ')[0] ?? 'unknown';
}

function spoolIn({ dataDir, log }: Pick<StoreOptions, 'dataDir' | 'log'>): Promise<CallSpool> {
  return openCallSpool(join(dataDir, 'call-spool'), log);
}

function storeOn(
  { database, spool }: { readonly database: Database; readonly spool: CallSpool },
  description: string,
  run: ServerRun | undefined,
  close: () => Promise<void>,
): Store {
  return {
    subscribers: subscriberTable(database),
    calls: callTable(database, run?.number),
    payers: payerTable(database),
    savedQueries: savedQueryTable(database),
    callReports: callReportViews(database),
    tariffs: tariffTable(database),
    charges: chargeTable(database),
    ratingRuns: ratingRunTable(database),
    exports: exportTable(database),
    bills: billTable(database),
    spool,
    description,
    close,
  };
}
