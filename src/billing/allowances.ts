import type { AccountNumber } from '../bytes/account-number.js';
import { type CallClass, callClasses } from '../store/call-kinds.js';
import type { AccountTime, FreeSeconds } from '../store/charges.js';
import type { LocalMonth } from './local-months.js';
import type { FreeAllowance } from './tariff.js';

type Used = Map<CallClass, number>;

/** What allowances have paid, by account and local month. */
export class Allowances {
  readonly #used = new Map<string, Used>();

  copy(): Allowances {
    const copy = new Allowances();
    for (const [key, used] of this.#used) copy.#used.set(key, new Map(used));
    return copy;
  }

  knows(payer: AccountNumber, month: LocalMonth): boolean {
    return this.#used.has(keyOf({ payer, ...month }));
  }

  /** What stands in the ledger of these times. */
  learn(times: readonly AccountTime[], used: readonly FreeSeconds[]): void {
    for (const time of times) this.#used.set(keyOf(time), new Map());
    for (const each of used) this.#used.get(keyOf(each))?.set(each.callClass, each.seconds);
  }

  take(payer: AccountNumber, month: LocalMonth, callClass: CallClass, seconds: number): void {
    const used = this.#usedBy(payer, month);
    used.set(callClass, (used.get(callClass) ?? 0) + seconds);
  }

  /** A class's own allowance goes first; what goes beyond it is taken from the one of every class. */
  left(
    allowances: readonly FreeAllowance[],
    payer: AccountNumber,
    month: LocalMonth,
    callClass: CallClass,
  ): number {
    const used = this.#usedBy(payer, month);
    const granted = (of: CallClass | undefined) =>
      allowances.reduce((sum, each) => sum + (each.callClass === of ? each.secondsPerMonth : 0), 0);
    const beyond = callClasses.reduce((sum, of) => sum + Math.max(0, (used.get(of) ?? 0) - granted(of)), 0);
    const own = Math.max(0, granted(callClass) - (used.get(callClass) ?? 0));
    return own + Math.max(0, granted(undefined) - beyond);
  }

  #usedBy(payer: AccountNumber, month: LocalMonth): Used {
    const used = this.#used.get(keyOf({ payer, ...month }));
    if (!used) throw new Error('an allowance of which nothing was learnt');
    return used;
  }
}

function keyOf({ payer, from, to }: AccountTime): string {
  return `${payer} ${from.getTime()} ${to.getTime()}`;
}
