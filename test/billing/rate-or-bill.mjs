// A process that rates the ledger or bills its months, and says on standard output what it has done. Arguments: the directory of the
// compiled sources, the database's URL, `rate` or `bill`, who does it, and the turn in which it waits to be killed, before its commit.
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , compiled, databaseUrl, what, by, deadlyTurn] = process.argv;
const load = (path) => import(pathToFileURL(`${compiled}/${path}`).href);
const { openStore } = await load('store/open-store.js');
const { realClock } = await load('time/real-clock.js');
const { silentLog } = await load('log/log.js');
const { LedgerRater } = await load('billing/rate-ledger.js');
const { issueBills } = await load('billing/bills/issue-bills.js');

const store = await openStore({
  databaseUrl,
  dataDir: 'unused',
  joins: true,
  clock: realClock,
  log: silentLog,
});
const say = (line) => writeSync(1, `${line}\n`);
let turns = 0;
const mortal = ({ alone }) => ({
  alone: (work) =>
    alone(async (inside) => {
      const result = await work(inside);
      say('turn');
      if (++turns === Number(deadlyTurn)) await new Promise(() => setInterval(() => {}, 1_000));
      return result;
    }),
});

if (what === 'rate') {
  const charges = { ...store.charges, ...mortal(store.charges) };
  const payers =
    async () =>
    ({ callerAccount }) =>
      callerAccount;
  const tally = await new LedgerRater({ charges, tariffs: store.tariffs, clock: realClock, payers }).rate();
  say(`charged ${tally.charged}`);
} else {
  const bills = { ...store.bills, ...mortal(store.bills) };
  const terms = {
    seller: { name: 'Example Telephone Company', address: ['1 Main Street'] },
    paper: 'letter',
  };
  for (const period of ['2026-10-01', '2026-11-01']) {
    const signature = { at: new Date('2026-12-02T12:00:00Z'), by };
    const { bills: issued } = await issueBills(bills, { period, series: 'B', terms, signature });
    for (const { number } of issued) say(`issued ${number}`);
  }
}
await store.close();
