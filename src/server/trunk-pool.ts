import type { Modem } from '../pstn/modem/modem.js';
import type { Borrower, Trunk } from './trunk.js';

/** A trunk that was reserved for a callee's leg, until `giveBack`. */
export interface Loan {
  readonly port: string;
  readonly modem: Modem;
  giveBack(): void;
}

/** The server's trunks in hunting order. */
export class TrunkPool {
  readonly trunks: readonly Trunk[];

  constructor(trunks: readonly Trunk[]) {
    this.trunks = trunks;
  }

  /**
   * Reserves a free trunk, at once: no ring and no other call can come between. The last free one, since the
   * central office gives new calls to the first free line of a hunt group, so that glare stays rare.
   */
  reserve(borrower: Borrower): Loan | undefined {
    for (const trunk of this.trunks.toReversed()) {
      const modem = trunk.lend(borrower);
      if (modem) return { port: trunk.url, modem, giveBack: () => trunk.giveBack(borrower) };
    }
    return undefined;
  }
}
