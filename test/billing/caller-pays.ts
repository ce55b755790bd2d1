import type { PayerOf } from '../../src/billing/payer.js';

/** Without any rule. */
export const callerPays: PayerOf = ({ callerAccount }) => callerAccount;
