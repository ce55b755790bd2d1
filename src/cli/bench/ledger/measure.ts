import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueBills } from '../../../billing/bills/issue-bills.js';
import { LedgerRater } from '../../../billing/rate-ledger.js';
import { known } from '../../../bytes/known.js';
import type { CallFilter } from '../../../store/call-filter.js';
import type { Store } from '../../../store/store.js';
import { realClock } from '../../../time/real-clock.js';
import { account, accountCount, type MadeCall, madeCalls, numberOf } from './made-calls.js';
import { copyOf, copyOfFile, copyRows, insertOf, type Place, psql, timedPsql } from './plain-sql.js';
import { quantile } from './quantile.js';
import { type Question, questions } from './questions.js';
import { tariff, tariffName } from './tariff.js';

export interface LedgerResults {
  readonly records: number;
  /** Calls a second, opened and closed by many at once. */
  readonly ledger: number;
  /** The same rows a second, by one client. */
  readonly insert: number;
  readonly copy: number;
  readonly pages: readonly PageTimes[];
  readonly rated: { readonly calls: number; readonly seconds: number };
  readonly billed: Billed;
}

/** The bills of a month. */
export interface Billed {
  readonly bills: number;
  readonly calls: number;
  readonly seconds: number;
  /** The sums of the same charges by plain SQL, and nothing kept. */
  readonly plainSeconds: number;
}

export interface PageTimes {
  readonly question: string;
  readonly medianMs: number;
  readonly p99Ms: number;
}

export interface MeasureOptions {
  readonly store: Store;
  readonly place: Place;
  readonly records: number;
  /** Of each question. */
  readonly pagesEach: number;
  /** The folder of the embedded database, which takes COPY from its own files alone. */
  readonly copyFolder?: string;
  onStep(what: string): void;
  readonly signal: AbortSignal;
}

const seed = 5;
const monthsBack = 3;
/** Of all records, by the ledger and by INSERT; the rest by COPY, which is quickest. */
const measuredShare = 0.1;
const rounds = 5;
const callsAtOnce = 512;
const rowsAnInsert = 100;
const rowsACopy = 10_000;
const rowsAPage = 100;

export async function measureLedger(options: MeasureOptions): Promise<LedgerResults> {
  const { store, records, place, onStep, signal } = options;
  const to = new Date(realClock.utcMs());
  const from = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() - monthsBack, 1));
  await psql(place, monthsFrom(from));
  const calls = madeCalls({ count: records, seed, from, to });
  onStep('opening accounts');
  await openAccounts(store);
  const written = await write(options, calls);
  signal.throwIfAborted();
  await psql(place, 'vacuum (analyze) call_record;');
  onStep('rating');
  const rated = await rate(store, from);
  await psql(place, 'vacuum (analyze) charge; vacuum (analyze) call_record;');
  const pages: PageTimes[] = [];
  for (const question of questions({ from, to })) {
    signal.throwIfAborted();
    onStep(`pages: ${question.name}`);
    pages.push(await page(options, question));
  }
  onStep('bills');
  return { records, ...written, pages, rated, billed: await bill(options, from) };
}

function monthsFrom(from: Date): string {
  const of = (month: number) =>
    new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + month, 1)).toISOString();
  return Array.from({ length: monthsBack + 1 }, (_, month) => `select make_call_month('${of(month)}');`).join(
    '\n',
  );
}

async function openAccounts({ subscribers }: Store): Promise<void> {
  for (let index = 0; index < accountCount; index++) {
    const name = `Subscriber ${index + 1}`;
    await subscribers.add({
      account: account(index),
      name,
      number: numberOf(index),
      versions: [2],
      accepts: ['*'],
    });
  }
}

/** In turns, so that all of them write into the same tables, as full as each other's. */
async function write(
  { store, place, records, copyFolder, onStep, signal }: MeasureOptions,
  calls: Iterator<MadeCall>,
): Promise<Pick<LedgerResults, 'ledger' | 'insert' | 'copy'>> {
  const take = (count: number) => Array.from({ length: count }, () => calls.next().value as MadeCall);
  const share = Math.floor((records * measuredShare) / rounds);
  const copied = Math.floor(records / rounds) - 2 * share;
  const seconds = { ledger: 0, insert: 0, copy: 0 };
  for (let round = 1; round <= rounds; round++) {
    signal.throwIfAborted();
    onStep(`writing, round ${round} of ${rounds}`);
    const copies = (calls: readonly MadeCall[]) =>
      copyFolder ? copyByFile(copyFolder, calls) : copyOf(calls);
    seconds.copy += await timedPsql(place, inGroups(take(copied), rowsACopy, copies));
    seconds.insert += await timedPsql(place, inGroups(take(share), rowsAnInsert, insertOf));
    const mine = take(share);
    const begunMs = performance.now();
    await throughLedger(store, mine);
    seconds.ledger += (performance.now() - begunMs) / 1_000;
  }
  const rate = (count: number, of: number) => (rounds * count) / of;
  return {
    ledger: rate(share, seconds.ledger),
    insert: rate(share, seconds.insert),
    copy: rate(copied, seconds.copy),
  };
}

function inGroups(
  calls: readonly MadeCall[],
  size: number,
  write: (calls: readonly MadeCall[]) => string,
): string {
  const groups = [];
  for (let from = 0; from < calls.length; from += size) groups.push(write(calls.slice(from, from + size)));
  return groups.join('');
}

function copyByFile(folder: string, calls: readonly MadeCall[]): string {
  const file = `${known(calls[0]).open.trackingId}.copy`;
  writeFileSync(join(folder, file), copyRows(calls));
  return copyOfFile(file);
}

async function throughLedger({ calls }: Store, all: readonly MadeCall[]): Promise<void> {
  const waiting = all.values();
  const callAfterCall = async () => {
    for (const { open, closed } of waiting) {
      await calls.open(open);
      await calls.close(open.trackingId, closed);
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, callAfterCall));
}

async function rate(store: Store, from: Date): Promise<LedgerResults['rated']> {
  const { tariffs, charges } = store;
  const importedAt = new Date(realClock.utcMs());
  const sha256 = createHash('sha256').update(tariff).digest('hex');
  await tariffs.import(
    {
      ...{
        tariff: tariffName,
        validFrom: new Date(from.getTime() - 86_400_000),
        validTo: undefined,
        content: tariff,
      },
      ...{ rates: undefined, sha256, importedAt, importedBy: 'bench' },
    },
    { replaces: false },
  );
  await tariffs.makeDefault(tariffName);
  const rater = new LedgerRater({
    ...{ charges, tariffs, clock: realClock },
    payers: async () => (call) => call.callerAccount,
  });
  const begunMs = performance.now();
  const { charged } = await rater.rate();
  return { calls: charged, seconds: (performance.now() - begunMs) / 1_000 };
}

async function page(
  { store: { calls }, pagesEach }: MeasureOptions,
  { name, filter }: Question,
): Promise<PageTimes> {
  const times: number[] = [];
  let after: string | undefined;
  for (let turn = 0; turn < pagesEach; turn++) {
    // Every other one is the page behind the one before.
    const asked: CallFilter = {
      ...filter(turn - (turn % 2)),
      limit: rowsAPage,
      ...(after !== undefined && { after }),
    };
    const begunMs = performance.now();
    const found = await calls.list(asked);
    times.push(performance.now() - begunMs);
    after = turn % 2 === 0 ? found.at(-1)?.trackingId : undefined;
  }
  return { question: name, medianMs: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

/** The second month of the records: a whole one. */
async function bill({ store, place }: MeasureOptions, from: Date): Promise<Billed> {
  const period = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1))
    .toISOString()
    .slice(0, 10);
  const sums = `select payer, currency, call_class, count(*), sum(units), sum(seconds) from charge
    where period = '${period}' group by 1, 2, 3 \\g /dev/null`;
  const plainSeconds = await timedPsql(place, sums);
  const begunMs = performance.now();
  const issued = await issueBills(store.bills, {
    ...{ period, series: 'BENCH', terms: { seller: { name: 'Bench', address: [] }, paper: 'a4' } },
    signature: { at: new Date(realClock.utcMs()), by: 'bench' },
  });
  const seconds = (performance.now() - begunMs) / 1_000;
  if (issued.kind !== 'issued') throw new Error(`no bills: ${issued.kind}`);
  const calls = issued.bills.reduce((sum, each) => sum + each.calls, 0);
  return { bills: issued.bills.length, calls, seconds, plainSeconds };
}
