import type { AccountNumber } from '../bytes/account-number.js';
import type { ClosedCallToRate } from '../store/charges.js';
import type { PayerRule } from '../store/payers.js';

/** What tells who pays for a call (BL-A2). */
export type PayableCall = Pick<ClosedCallToRate, 'callerAccount' | 'calleeAccount' | 'isCollect' | 'ringAt'>;

/** `undefined`: nobody is known who would. */
export type PayerOf = (call: PayableCall) => AccountNumber | undefined;

/**
 * The callee where it has agreed at the call; else by the rule in force at the ring, of which one for these two accounts goes before
 * one for either with anybody, and then one of the caller before one of the callee; else the caller.
 */
export function payerBy(rules: readonly PayerRule[]): PayerOf {
  const byParty = new Map<string, PayerRule[]>();
  for (const rule of rules) {
    const key = `${rule.role} ${rule.party}`;
    byParty.set(key, [...(byParty.get(key) ?? []), rule]);
  }
  return ({ callerAccount, calleeAccount, isCollect, ringAt }) => {
    if (isCollect) return calleeAccount;
    const of = (
      role: PayerRule['role'],
      party: AccountNumber | undefined,
      other: AccountNumber | undefined,
    ) =>
      (byParty.get(`${role} ${party}`) ?? []).filter(
        (rule) => isInForce(rule, ringAt) && (rule.other === undefined || rule.other === other),
      );
    const rulesOfCall = [
      ...of('caller', callerAccount, calleeAccount),
      ...of('callee', calleeAccount, callerAccount),
    ];
    const rule = rulesOfCall.find(({ other }) => other !== undefined) ?? rulesOfCall[0];
    return rule?.payer ?? callerAccount;
  };
}

function isInForce({ validFrom, validTo }: PayerRule, instant: Date): boolean {
  return validFrom <= instant && (validTo === undefined || instant < validTo);
}
