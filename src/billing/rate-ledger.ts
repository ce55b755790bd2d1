import type { CallPosition, Charge, Charges, ClosedCallToRate, RatingWork } from '../store/charges.js';
import type { Tariffs } from '../store/tariffs.js';
import type { Clock } from '../time/clock.js';
import type { PayerOf } from './payer.js';
import { type Draft, type RatedCalls, rateCalls, type Terms, UnreadVersion } from './rate-calls.js';
import { TariffBook } from './tariff-book.js';

export interface RatingTally {
  /** Calls that have a charge now. */
  readonly charged: number;
  /** Calls that wait for a person. */
  readonly unrated: number;
  /** Charges that went because their record was corrected. */
  readonly superseded: number;
  /** What was charged, by currency. */
  readonly sums: readonly CurrencySum[];
}

export interface CurrencySum {
  readonly currency: string;
  /** Of `units`. */
  readonly decimals: number;
  readonly units: bigint;
}

export interface LedgerRaterOptions {
  readonly charges: Charges;
  readonly tariffs: Tariffs;
  readonly clock: Clock;
  /** Asked once a pass. */
  readonly payers: () => Promise<PayerOf>;
}

interface RateOptions {
  readonly since?: Date;
  readonly again?: boolean;
  readonly isOver?: () => boolean;
}

/** Calls that one transaction looks at, and rates at most. */
const callsAtOnce = 2_000;

/** Rates what is in the ledger. Twice, by two at once, or after it was killed: every call is charged once. */
export class LedgerRater {
  readonly #options: LedgerRaterOptions;
  readonly book: TariffBook;

  constructor(options: LedgerRaterOptions) {
    this.#options = options;
    this.book = new TariffBook(options.tariffs);
  }

  /**
   * Rates corrections and the closed calls that have no charge, in the order of their ends: an allowance goes to who ends first.
   * @param since only calls that have ended since then; corrections are rated all the same
   * @param again what could not be rated before, too
   * @param isOver asked after each transaction: whether to end before all is rated
   * @throws StoreUnavailable; what was rated until then stays
   */
  async rate({ since, again = false, isOver = () => false }: RateOptions = {}): Promise<RatingTally> {
    const { payers } = this.#options;
    await this.book.refresh();
    const pass = new Pass(this.#options, { book: this.book, payerOf: await payers() });
    while ((await pass.turn((work) => work.corrections(callsAtOnce))) > 0 && !isOver());
    let next: CallPosition | undefined = since && { end: since.toISOString(), trackingId: lowestId };
    do {
      const after: CallPosition | undefined = next;
      await pass.turn(async (work) => {
        const stretch = await work.newCalls(after, callsAtOnce);
        next = stretch.next;
        return stretch.calls;
      });
    } while (next && !isOver());
    if (again) await this.#again(pass, isOver);
    return pass.tally();
  }

  async #again(pass: Pass, isOver: () => boolean): Promise<void> {
    let last: string | undefined;
    do {
      const after: string | undefined = last;
      await pass.turn(async (work) => {
        const calls = await work.unratedCalls(after, callsAtOnce);
        last = calls.at(-1)?.trackingId;
        return calls;
      });
    } while (last && !isOver());
  }
}

/** The book reads what was imported, and nothing else. */
export function imported({ tariffVersion, ...charge }: Draft): Charge {
  if (tariffVersion === undefined) throw new Error('a charge by a tariff that is not imported');
  return { ...charge, tariffVersion };
}

const lowestId = '00000000-0000-0000-0000-000000000000';

/** One pass over the ledger: turns, each a transaction, and what they have done. */
class Pass {
  readonly #options: LedgerRaterOptions;
  readonly #terms: Terms;
  readonly #sums = new Map<string, CurrencySum>();
  #charged = 0;
  #superseded = 0;
  readonly #unrated = new Set<string>();

  constructor(options: LedgerRaterOptions, terms: Terms) {
    this.#options = options;
    this.#terms = terms;
  }

  /** How many calls it found. */
  async turn(find: (work: RatingWork) => Promise<readonly ClosedCallToRate[]>) {
    const at = new Date(this.#options.clock.utcMs());
    const rated = await this.#refreshed(() =>
      this.#options.charges.alone(async (work) => {
        const calls = await find(work);
        if (calls.length === 0) return { found: 0 };
        const result = await rateCalls(work, calls, this.#terms);
        await work.withdraw(result.superseded, at);
        await work.charge(result.charges.map(imported), at);
        await work.settle(result.settled);
        await work.unrated(result.unrated, at);
        return { found: calls.length, result };
      }),
    );
    if (rated.result) this.#count(rated.result);
    return rated.found;
  }

  /** A version may be imported between the book's reading and the turn. */
  async #refreshed<T>(turn: () => Promise<T>): Promise<T> {
    try {
      return await turn();
    } catch (error) {
      if (!(error instanceof UnreadVersion)) throw error;
      await this.#terms.book.refresh();
      return turn();
    }
  }

  #count({ charges, unrated, superseded }: RatedCalls): void {
    this.#charged += charges.length;
    this.#superseded += superseded.length;
    for (const { trackingId } of unrated) this.#unrated.add(trackingId);
    for (const { currency, decimals, units } of charges) {
      const key = `${currency} ${decimals}`;
      this.#sums.set(key, { currency, decimals, units: (this.#sums.get(key)?.units ?? 0n) + units });
    }
  }

  tally(): RatingTally {
    return {
      charged: this.#charged,
      unrated: this.#unrated.size,
      superseded: this.#superseded,
      sums: [...this.#sums.values()],
    };
  }
}
