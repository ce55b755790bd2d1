import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { silentLog } from '../../../log/log.js';
import { openStore } from '../../../store/open-store.js';
import { realClock } from '../../../time/real-clock.js';
import { CommandFailed } from '../../exit-codes.js';
import { untilStopped } from '../../until-stopped.js';
import { WaitingLine } from '../../waiting-line.js';
import { benchReport } from '../report.js';
import type { Row } from '../row.js';
import { ledgerRows } from './figures.js';
import { measureLedger } from './measure.js';
import { serverSettings, startOwnServer } from './own-server.js';

interface LedgerOptions {
  readonly records: number;
  readonly databaseUrl?: string;
  readonly on?: 'server' | 'embedded';
  readonly json?: true;
}

interface Measuring {
  readonly place: string;
  readonly records: number;
  readonly pagesEach: number;
  readonly onStep: (what: string) => void;
  readonly signal: AbortSignal;
}

const pagesEach = 200;

export function ledgerBenchCommand(): Command {
  return new Command('ledger')
    .description('call records: written, found and rated, beside plain SQL by psql; some minutes')
    .option('--records <count>', 'how many', countArgument, 1_000_000)
    .option(
      '--database-url <url>',
      'an empty database of a PostgreSQL server, in place of one that is started for it',
    )
    .option('--on <database>', 'server or embedded alone', databaseArgument)
    .option('--json', 'one JSON document')
    .action(run);
}

async function run({ records, databaseUrl, on, json }: LedgerOptions): Promise<void> {
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  const waiting = new WaitingLine();
  const place = mkdtempSync(join(tmpdir(), 'cordboard-bench-'));
  const onStep = (what: string) => waiting.begin(what);
  const measuring = { place, records, pagesEach, onStep, signal: stop.signal };
  try {
    const rows: Row[] = [];
    if (on !== 'embedded') rows.push(...(await onServer(databaseUrl, measuring)));
    if (on !== 'server') rows.push(...(await onEmbedded(measuring)));
    waiting.end();
    process.stdout.write(
      benchReport(rows, conditions(records), { json, peers: ['INSERT of 100', 'COPY', 'median'] }),
    );
  } catch (cause) {
    if (stop.signal.aborted)
      throw new CommandFailed('cancelled', 'Stopped; nothing was measured to its end.');
    throw cause;
  } finally {
    waiting.end();
    rmSync(place, { recursive: true, force: true });
  }
}

async function onServer(given: string | undefined, measuring: Measuring): Promise<Row[]> {
  const { place, onStep } = measuring;
  onStep('starting a PostgreSQL server');
  const own = given === undefined ? await startOwnServer(place) : undefined;
  const databaseUrl = given ?? own?.databaseUrl;
  if (databaseUrl === undefined)
    throw new CommandFailed(
      'local-error',
      'No PostgreSQL programs (initdb, postgres): install PostgreSQL 15 or later, tell --database-url, or measure --on embedded.',
    );
  const store = await openStore({
    databaseUrl,
    dataDir: join(place, 'server'),
    clock: realClock,
    log: silentLog,
  });
  try {
    const results = await measureLedger({ ...measuring, store, place: databaseUrl });
    return ledgerRows('server', results, { isServer: true });
  } finally {
    await store.close();
    await own?.close();
  }
}

async function onEmbedded(measuring: Measuring): Promise<Row[]> {
  measuring.onStep('making the embedded database');
  const dataDir = join(measuring.place, 'embedded');
  const store = await openStore({ dataDir, clock: realClock, log: silentLog });
  try {
    const door = `host=${resolve(dataDir)} user=postgres dbname=postgres`;
    const results = await measureLedger({
      ...measuring,
      store,
      place: door,
      copyFolder: join(dataDir, 'db'),
    });
    return ledgerRows('embedded', results, { isServer: false });
  } finally {
    await store.close();
  }
}

const conditions = (records: number) => [
  `${records.toLocaleString('en')} calls of 500 accounts in four months over 24 trunks, by one seed. A tenth is opened and closed through the ledger by 512 at once, each record committed twice; a tenth is written whole by psql with INSERT of 100 rows, each statement a commit, and the rest by COPY of 10,000: into the same tables with the same indexes, in five turns. The embedded database reads what it copies from files.`,
  `The server is started from the installed programs, durable as they come (${Object.entries(serverSettings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}), or the one that was told. Server, psql and this program share the processors.`,
  `Pages: 100 records through the ledger, ${pagesEach} times for each question with other accounts, numbers and days, every other one behind the page before; all calls that were joined are rated before.`,
];

function countArgument(text: string): number {
  if (!/^[1-9]\d{3,7}$/.test(text)) throw new InvalidArgumentError('Not a whole number from 1,000 on.');
  return Number(text);
}

function databaseArgument(text: string): 'server' | 'embedded' {
  if (text !== 'server' && text !== 'embedded') throw new InvalidArgumentError('server or embedded.');
  return text;
}
