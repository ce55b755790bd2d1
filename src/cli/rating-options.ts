import { payerBy } from '../billing/payer.js';
import type { LedgerRaterOptions } from '../billing/rate-ledger.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';

/** How the calls of a store are rated: by its tariffs, and who pays by its rules. */
export function ratingOptions({ charges, tariffs, payers }: Store): LedgerRaterOptions {
  return { charges, tariffs, clock: realClock, payers: async () => payerBy(await payers.rules()) };
}
