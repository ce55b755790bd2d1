import type { CallTerms } from '../../src/protocol/identity/packets.js';
import type { CallToPrice, Held, Pricing } from '../../src/server/pricing.js';

export const terms: CallTerms = {
  longestSeconds: 90,
  priceClass: 0,
  price: { units: 40n, decimals: 2, currency: 'USD' },
  payer: 'caller',
};

/** Every call has these terms; who has held what, and what it has cost. */
export class PriceBook implements Pricing {
  readonly asked: CallToPrice[] = [];
  readonly held: string[] = [];
  readonly settled: (readonly [string, boolean, number])[] = [];
  /** Of the calls from now on. */
  hold: { readonly longestSeconds: number; readonly fromBridge?: number } | { readonly reason: string };

  constructor(
    hold: { readonly longestSeconds: number; readonly fromBridge?: number } | { readonly reason: string } = {
      longestSeconds: 0,
    },
  ) {
    this.hold = hold;
  }

  async price(call: CallToPrice) {
    this.asked.push(call);
    return {
      kind: 'priced',
      terms,
      hold: async (trackingId: string): Promise<Held> => {
        if ('reason' in this.hold) return { kind: 'refused', reason: this.hold.reason };
        this.held.push(trackingId);
        const { longestSeconds, fromBridge = longestSeconds } = this.hold;
        return {
          ...{
            kind: 'held',
            longestSeconds,
            longestFrom: () => fromBridge,
            limit: 'the limit of 5.00 USD a day',
          },
          settle: async (bridgeAt, seconds) =>
            void this.settled.push([trackingId, bridgeAt !== undefined, seconds]),
        };
      },
    } as const;
  }
}
