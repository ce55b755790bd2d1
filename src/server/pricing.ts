import type { AccountNumber } from '../bytes/account-number.js';
import type { CallTerms } from '../protocol/identity/packets.js';
import type { CallClass } from '../store/call-kinds.js';

/** A call that is asked for. Neither account need exist. */
export interface CallToPrice {
  readonly caller: AccountNumber;
  readonly callee: AccountNumber;
  readonly callClass: CallClass;
  /** The callee is asked to pay. */
  readonly isCollect: boolean;
  /** 0: not said. */
  readonly estimatedSeconds: number;
  readonly ringAt: Date;
  readonly at: Date;
}

export type Priced =
  | {
      readonly kind: 'priced';
      /** For an estimate; the limit is that of now, which another call may take. */
      readonly terms: CallTerms;
      /** Sets aside what the call may cost. @throws where the database is away */
      hold(trackingId: string): Promise<Held>;
    }
  /** For the record and the log; the caller does not learn it. */
  | { readonly kind: 'refused'; readonly reason: string };

export type Held =
  | {
      readonly kind: 'held';
      /** From the bridge on; 0: no limit. */
      readonly longestSeconds: number;
      /** As it is once the lines are joined: not longer, and shorter where prices have risen since; 0 where it pays for none of it. */
      longestFrom(bridgeAt: Date): number;
      /** What ends the call then, for the record. */
      readonly limit: string;
      /** The call is over: what it did not cost is free again. Never rejects. */
      settle(bridgeAt: Date | undefined, billableSeconds: number): Promise<void>;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** What calls cost, whom, and how long they may be (BL-A2): of billing, as the server sees it. */
export interface Pricing {
  /** Takes as long for accounts that there are as for others. @throws where the database is away */
  price(call: CallToPrice): Promise<Priced>;
}

const unlimited: Held = {
  kind: 'held',
  longestSeconds: 0,
  longestFrom: () => 0,
  limit: '',
  settle: async () => {},
};

/** A server without tariffs: nothing is said of prices, and nothing is limited. */
export const unpriced: Pricing = {
  price: async () => ({
    kind: 'priced',
    terms: { longestSeconds: 0, priceClass: 0, price: undefined, payer: undefined },
    hold: async () => unlimited,
  }),
};
