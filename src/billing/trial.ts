import type { AccountNumber } from '../bytes/account-number.js';
import type { CallPosition, KeptCharge } from '../store/charges.js';
import type { Difference, Kept, RatingRuns } from '../store/rating-runs.js';
import type { Clock } from '../time/clock.js';
import { Allowances } from './allowances.js';
import { type Draft, rateCalls, type Terms, UnreadVersion } from './rate-calls.js';
import { imported, type LedgerRaterOptions } from './rate-ledger.js';
import { type ReadyVersion, TariffBook } from './tariff-book.js';

export interface TrialOptions {
  readonly from: Date;
  readonly to: Date;
  readonly account: AccountNumber | undefined;
  /** Of the store, or of a file; `undefined`: by that of who pays. */
  readonly tariff: string | ReadyVersion | undefined;
}

const callsAtOnce = 2_000;
/** Decimals in which differences are told: no tariff has more. */
const decimals = 8;

/**
 * Rates calls anew beside their charges, and tells the difference. The ledger stays as it is.
 * @param run where the drafts go; `undefined`: nowhere
 */
export async function tryRating(
  { charges, tariffs, payers, clock }: LedgerRaterOptions,
  { from, to, account, tariff }: TrialOptions,
  run: number | undefined,
): Promise<Difference> {
  const book = new TariffBook(tariffs);
  await book.refresh();
  const anew = { from, to };
  const base = {
    book,
    payerOf: await payers(),
    anew,
    ...(tariff && { tariff }),
    ...(account && { account }),
  };
  const tally = new DifferenceTally();
  let allowances = new Allowances();
  let next: CallPosition | undefined;
  do {
    const after: CallPosition | undefined = next;
    const turn = () =>
      charges.alone(async (work) => {
        // A turn that is rolled back has taken from them in vain.
        const taken = allowances.copy();
        const stretch = await work.callsBridged(anew, after, callsAtOnce);
        const terms: Terms = { ...base, allowances: taken };
        const rated = await rateCalls(work, stretch.calls, terms);
        const old = await work.charges(rated.charges.map(({ trackingId }) => trackingId));
        if (run !== undefined) await work.draft(run, rated.charges.map(imported), new Date(clock.utcMs()));
        const first = [...rated.charges, ...old].reduce(
          (least, { period }) => (period < least ? period : least),
          '9999-12-01',
        );
        const billed = await work.billedMonths([...new Set(old.map(({ payer }) => payer))], first);
        return { stretch, rated, old, billed, taken };
      });
    const done = await turn().catch(async (error: unknown) => {
      if (!(error instanceof UnreadVersion)) throw error;
      await book.refresh();
      return turn();
    });
    allowances = done.taken;
    tally.add(done.rated.charges, done.old);
    for (const { reason } of done.rated.unrated) tally.unrated(reason);
    const months = new Set(done.billed.map(monthOf));
    tally.billed(done.old.filter((charge) => months.has(monthOf(charge))).length);
    next = done.stretch.next;
  } while (next);
  return tally.difference();
}

function monthOf({ payer, period, currency }: Pick<KeptCharge, 'payer' | 'period' | 'currency'>): string {
  return `${payer} ${period} ${currency}`;
}

interface Sum {
  readonly account: AccountNumber;
  readonly currency: string;
  calls: number;
  changed: number;
  old: bigint;
  new: bigint;
}

/** Sums of what calls cost before and would cost, by account and currency. */
class DifferenceTally {
  readonly #sums = new Map<string, Sum>();
  readonly #unrated = new Map<string, number>();
  #billed = 0;

  add(drafts: readonly Draft[], charges: readonly KeptCharge[]): void {
    const before = new Map(charges.map((charge) => [charge.trackingId, charge]));
    for (const draft of drafts) {
      const old = before.get(draft.trackingId);
      const isSame =
        old?.payer === draft.payer &&
        old.currency === draft.currency &&
        inUnits(old.units, old.decimals) === inUnits(draft.units, draft.decimals);
      const sum = this.#sumOf(draft.payer, draft.currency);
      sum.new += inUnits(draft.units, draft.decimals);
      const sums = new Set([sum]);
      if (old) {
        const oldSum = this.#sumOf(old.payer, old.currency);
        oldSum.old += inUnits(old.units, old.decimals);
        sums.add(oldSum);
      }
      for (const each of sums) {
        each.calls += 1;
        if (!isSame) each.changed += 1;
      }
    }
  }

  unrated(reason: string): void {
    this.#unrated.set(reason, (this.#unrated.get(reason) ?? 0) + 1);
  }

  billed(calls: number): void {
    this.#billed += calls;
  }

  difference(): Difference {
    const accounts = [...this.#sums.values()]
      .map((each) => ({ ...each, old: String(each.old), new: String(each.new) }))
      .sort((a, b) => `${a.account} ${a.currency}`.localeCompare(`${b.account} ${b.currency}`));
    const unrated = [...this.#unrated].map(([reason, calls]) => ({ reason, calls }));
    return { accounts, unrated, billed: this.#billed };
  }

  #sumOf(account: AccountNumber, currency: string): Sum {
    const key = `${account} ${currency}`;
    const sum = this.#sums.get(key) ?? { account, currency, calls: 0, changed: 0, old: 0n, new: 0n };
    this.#sums.set(key, sum);
    return sum;
  }
}

function inUnits(units: bigint, of: number): bigint {
  return units * 10n ** BigInt(decimals - of);
}

/** Takes a draft into the ledger, in turns: one that was broken off goes on. `undefined` where there is none to keep. */
export async function keepRun(
  runs: RatingRuns,
  id: number,
  { clock, who }: { readonly clock: Clock; readonly who: string },
): Promise<Omit<Kept, 'next'> | undefined> {
  if (!(await runs.beginKeeping(id))) return undefined;
  const at = () => new Date(clock.utcMs());
  let sum = { replaced: 0, billed: 0, overtaken: 0 };
  let next: string | undefined;
  do {
    const { replaced, billed, overtaken, ...rest }: Kept = await runs.keepSome(id, next, callsAtOnce, at());
    sum = {
      replaced: sum.replaced + replaced,
      billed: sum.billed + billed,
      overtaken: sum.overtaken + overtaken,
    };
    next = rest.next;
  } while (next);
  while (await runs.emptySome(id, callsAtOnce));
  await runs.decide(id, 'kept', { at: at(), who });
  return sum;
}

/** False where there is no draft of that number. */
export async function discardRun(
  runs: RatingRuns,
  id: number,
  { clock, who }: { readonly clock: Clock; readonly who: string },
): Promise<boolean> {
  if (!(await runs.decide(id, 'discarded', { at: new Date(clock.utcMs()), who }))) return false;
  while (await runs.emptySome(id, callsAtOnce));
  return true;
}
