import type { AccountNumber } from '../bytes/account-number.js';
import type { ClosedCallToRate } from '../store/charges.js';

/** What tells who pays for a call (BL-A2). */
export type PayableCall = Pick<ClosedCallToRate, 'callerAccount' | 'calleeAccount' | 'isCollect' | 'ringAt'>;

/** `undefined`: nobody is known who would. */
export type PayerOf = (call: PayableCall) => AccountNumber | undefined;

export const callerPays: PayerOf = ({ callerAccount }) => callerAccount;
