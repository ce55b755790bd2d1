import type { AccountNumber } from '../bytes/account-number.js';
import type { Log } from '../log/log.js';
import type { CallTerms, Payer } from '../protocol/identity/packets.js';
import type { CallClass } from '../store/call-kinds.js';
import type { Payers, PossiblePayer, SpendingTime, Spent } from '../store/payers.js';
import { Allowances } from './allowances.js';
import { amountText } from './amount.js';
import { CallBill } from './call-bill.js';
import { payerBy } from './payer.js';
import { affordableSeconds, type Rest, restOf, spendingTimeOf } from './spending.js';
import type { ReadyVersion, TariffBook } from './tariff-book.js';

/** A call that is asked for. */
export interface CallToPrice {
  readonly caller: AccountNumber;
  readonly callee: AccountNumber;
  readonly callClass: CallClass;
  readonly isCollect: boolean;
  /** 0: not said. */
  readonly estimatedSeconds: number;
  readonly ringAt: Date;
  readonly at: Date;
}

interface Refused {
  readonly kind: 'refused';
  readonly reason: string;
}

interface HeldCall {
  readonly kind: 'held';
  readonly longestSeconds: number;
  longestFrom(bridgeAt: Date): number;
  readonly limit: string;
  settle(bridgeAt: Date | undefined, billableSeconds: number): Promise<void>;
}

interface PricedCall {
  readonly kind: 'priced';
  readonly terms: CallTerms;
  hold(trackingId: string): Promise<HeldCall | Refused>;
}

export interface CallPricingOptions {
  readonly payers: Payers;
  readonly book: Pick<TariffBook, 'version'>;
  readonly log: Log;
}

/** A call of who has a limit ends after a day: so much is set aside for it at most. */
const longestLimited = 86_400;

/** Lines train slower than they promise, and what is damaged goes again. */
const patience = (estimatedSeconds: number) => 2 * estimatedSeconds + 60;

/** Another call may take the rest between the sum and the hold. */
const holdTries = 5;

/** Prices before calls are made, and what who pays can still spend (BL-A2): what the telephony server asks of billing. */
export class CallPricing {
  readonly #options: CallPricingOptions;

  constructor(options: CallPricingOptions) {
    this.#options = options;
  }

  /** As many statements for any two accounts, whether they exist or not: the time tells nothing. */
  async price(call: CallToPrice): Promise<PricedCall | Refused> {
    const { payers, book } = this.#options;
    const { caller, callee, isCollect, ringAt, at } = call;
    const [rules, possible] = await Promise.all([
      payers.rulesFor(caller, callee),
      payers.possiblePayers(caller, callee, at),
    ]);
    const parties = { callerAccount: caller, calleeAccount: callee };
    const account = payerBy(rules)({ ...parties, isCollect, ringAt }) ?? caller;
    const payer = possible.find((each) => each.account === account);
    const number = possible.find((each) => each.account === callee)?.number;
    const version = payer?.tariffVersion === undefined ? undefined : await book.version(payer.tariffVersion);
    const ready = version && !('faults' in version) ? version : undefined;
    const time = spendingTimeOf(at, ready?.tariff.zone ?? 'UTC');
    const used = await this.#usedBy(account, payer?.limit?.currency ?? '', time);
    if (payer && payer.state !== 'active')
      return { kind: 'refused', reason: `account ${account}, which pays, is ${payer.state}` };
    const role = account === caller ? 'caller' : account === callee ? 'callee' : 'third-party';
    // There is no such callee: that is why the call is refused.
    if (number === undefined) return this.#unpriced(role, account, undefined);
    if (!ready) return this.#unpriced(role, account, payer?.limit);
    const paying = { account, role, limit: payer?.limit, time, version: ready, number } as const;
    const room = roomOf(call, paying, used);
    if (!room.bill.chargeOf(at, 1)) return this.#unpriced(role, account, payer?.limit);
    return this.#priced(call, paying, room);
  }

  async #usedBy(account: AccountNumber, currency: string, time: SpendingTime): Promise<Used> {
    const { payers } = this.#options;
    const [spent, free] = await Promise.all([
      payers.spent(account, currency, time),
      payers.freeSeconds(account, time),
    ]);
    return { spent, free };
  }

  /** The call is allowed, and waits for a person when it is to be rated; unless who pays has a limit, which could be kept by chance alone. */
  #unpriced(payer: Payer, account: AccountNumber, limit: Limit | undefined): PricedCall | Refused {
    if (limit) {
      const reason = `no tariff has a price for this call, and account ${account}, which pays, has a limit`;
      return { kind: 'refused', reason };
    }
    const terms: CallTerms = { longestSeconds: 0, priceClass: 0, price: undefined, payer };
    return {
      kind: 'priced',
      terms,
      hold: async (trackingId) => {
        const fields = { trackingId, account };
        this.#options.log.warn(fields, 'no tariff has a price for this call: it is not rated');
        return unlimited;
      },
    };
  }

  #priced(call: CallToPrice, paying: Paying, room: Room): PricedCall | Refused {
    const { role, limit, version } = paying;
    const { currency, decimals } = version.tariff;
    const units = room.bill.chargeOf(call.at, call.estimatedSeconds)?.units;
    const price = units === undefined ? undefined : { units, decimals, currency };
    const terms = { priceClass: 0, price, payer: role };
    if (!limit)
      return { kind: 'priced', terms: { ...terms, longestSeconds: 0 }, hold: async () => unlimited };
    const share = shareOf(call, paying, limit, room);
    if (share.kind === 'refused') return share;
    return {
      kind: 'priced',
      terms: { ...terms, longestSeconds: share.longestSeconds },
      hold: (trackingId) => this.#hold(trackingId, call, paying, limit, share),
    };
  }

  async #hold(
    trackingId: string,
    call: CallToPrice,
    paying: Paying,
    limit: Limit,
    first: Share,
  ): Promise<HeldCall | Refused> {
    const { payers } = this.#options;
    const { account, time, version } = paying;
    const { currency, decimals } = version.tariff;
    let share: Share | Refused = first;
    for (let tries = 0; tries < holdTries && share.kind === 'share'; tries++) {
      const { units, freeSeconds, room } = share;
      const money = { trackingId, payer: account, currency, decimals, units, at: call.at };
      const free = { callClass: call.callClass, freeSeconds, freeSecondsBefore: room.freeSecondsBefore };
      if (await payers.hold({ ...money, ...free }, time)) return this.#held(trackingId, share);
      share = shareOf(call, paying, limit, roomOf(call, paying, await this.#usedBy(account, currency, time)));
    }
    if (share.kind === 'refused') return share;
    return { kind: 'refused', reason: `account ${account}, which pays, has too many calls at once` };
  }

  #held(trackingId: string, { units, longestSeconds, reason, room: { bill } }: Share): HeldCall {
    return {
      kind: 'held',
      longestSeconds,
      longestFrom: (bridgeAt) =>
        affordableSeconds(units, longestSeconds, (seconds) => bill.mostOf(bridgeAt, seconds)),
      limit: reason,
      settle: (bridgeAt, seconds) => this.#settle(trackingId, bill, bridgeAt, seconds),
    };
  }

  async #settle(
    trackingId: string,
    bill: CallBill,
    bridgeAt: Date | undefined,
    seconds: number,
  ): Promise<void> {
    const { payers, log } = this.#options;
    try {
      const cost = bridgeAt && bill.chargeOf(bridgeAt, seconds);
      if (!bridgeAt) await payers.free(trackingId);
      else if (cost) await payers.settle(trackingId, bridgeAt, cost.units, cost.freeSeconds);
    } catch (error) {
      log.warn(
        { trackingId, error: String(error) },
        'what was set aside for this call stays so until it is rated',
      );
    }
  }
}

type Limit = NonNullable<PossiblePayer['limit']>;

interface Paying {
  readonly account: AccountNumber;
  readonly role: Payer;
  readonly limit: Limit | undefined;
  readonly time: SpendingTime;
  readonly version: ReadyVersion;
  /** The callee's. */
  readonly number: string;
}

/** Of the payer's limit and allowances, also by calls that go on. */
interface Used {
  readonly spent: Spent;
  readonly free: Awaited<ReturnType<Payers['freeSeconds']>>;
}

/** What is left for a call. */
interface Room {
  readonly spent: Spent;
  readonly freeSecondsBefore: number;
  /** With the free seconds that are left. */
  readonly bill: CallBill;
}

function roomOf(call: CallToPrice, { account, time, version, number }: Paying, { spent, free }: Used): Room {
  const month = { period: time.period, from: time.monthFrom, to: time.monthTo };
  const allowances = new Allowances();
  allowances.learn(
    [{ payer: account, ...month }],
    free.map((each) => ({ payer: account, ...month, ...each })),
  );
  const freeSeconds = allowances.left(version.tariff.allowances, account, month, call.callClass);
  const bill = new CallBill(version, { number, callClass: call.callClass, freeSeconds });
  return { spent, freeSecondsBefore: free.reduce((sum, { seconds }) => sum + seconds, 0), bill };
}

/** What a call gets of what its payer can still spend. */
interface Share {
  readonly kind: 'share';
  readonly units: bigint;
  /** Of an allowance, which `units` leave out. */
  readonly freeSeconds: number;
  readonly longestSeconds: number;
  /** Why the call ends then. */
  readonly reason: string;
  readonly room: Room;
}

/** A call that has said how long it will be gets patience with that, so that others have a share at the same time; one that has not, all. */
function shareOf(call: CallToPrice, { account, version }: Paying, limit: Limit, room: Room): Share | Refused {
  const { currency, decimals } = version.tariff;
  if (limit.currency !== currency) {
    const reason = `the limit of account ${account}, which pays, is in ${limit.currency}, and its tariff in ${currency}`;
    return { kind: 'refused', reason };
  }
  const { bill } = room;
  const rest: Rest = restOf(limit, room.spent, decimals);
  const { at, estimatedSeconds } = call;
  const mostOf = (seconds: number) => bill.mostOf(at, seconds);
  const wanted = estimatedSeconds > 0 ? Math.min(patience(estimatedSeconds), longestLimited) : longestLimited;
  const longestSeconds = affordableSeconds(rest.units, wanted, mostOf);
  if (longestSeconds === 0)
    return { kind: 'refused', reason: `over the limit of ${rest.limit} of account ${account}, which pays` };
  const units = mostOf(longestSeconds) ?? 0n;
  const freeSeconds = bill.chargeOf(at, longestSeconds)?.freeSeconds ?? 0;
  const share = { kind: 'share', units, freeSeconds, longestSeconds, room } as const;
  if (longestSeconds < wanted)
    return { ...share, reason: `the limit of ${rest.limit} of account ${account}` };
  const which = estimatedSeconds > 0 ? 'a minute more than twice the time that the caller had said' : 'a day';
  const held = `${amountText(units, decimals)} ${currency} were set aside of ${rest.limit} of account ${account}`;
  return { ...share, reason: `${which}, for which ${held}` };
}

const unlimited: HeldCall = {
  kind: 'held',
  longestSeconds: 0,
  longestFrom: () => 0,
  limit: '',
  settle: async () => {},
};
