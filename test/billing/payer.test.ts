import { describe, expect, test } from 'vitest';
import { payerBy } from '../../src/billing/payer.js';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import type { PayerRule } from '../../src/store/payers.js';
import { account } from '../protocol/call-manager/subscribers.js';

const at = new Date('2026-11-21T12:00:00Z');
const later = new Date('2026-11-22T12:00:00Z');

function rule(
  payer: string,
  role: PayerRule['role'],
  party: string,
  more: Partial<PayerRule> = {},
): PayerRule {
  return {
    ...{ id: 1, payer: account(payer), party: account(party), role, other: undefined },
    ...{ validFrom: at, validTo: undefined, agreedAt: at, agreedBy: 'anna' },
    ...more,
  };
}

const other = (digits: string): { other: AccountNumber } => ({ other: account(digits) });

/** A call of account 1 to account 2, at noon. */
const call = { callerAccount: account('1'), calleeAccount: account('2'), isCollect: false, ringAt: at };

describe('BL-A2 who pays', () => {
  test.each<[string, readonly PayerRule[], Partial<typeof call>, string]>([
    ['the caller', [], {}, '1'],
    ['the callee that has agreed at the call', [rule('9', 'caller', '1')], { isCollect: true }, '2'],
    ['a third party, for calls that the caller makes', [rule('9', 'caller', '1')], {}, '9'],
    ['a third party, for calls that come to the callee', [rule('9', 'callee', '2')], {}, '9'],
    ['the callee, for calls that come to it', [rule('2', 'callee', '2')], {}, '2'],
    [
      'who has agreed for the caller before who has for the callee',
      [rule('8', 'callee', '2'), rule('9', 'caller', '1')],
      {},
      '9',
    ],
    [
      'who has agreed for these two before who has for either',
      [rule('9', 'caller', '1'), rule('8', 'callee', '2', other('1'))],
      {},
      '8',
    ],
    ['nobody else for calls with others', [rule('9', 'caller', '1', other('3'))], {}, '1'],
    ['nobody else for calls the other way', [rule('9', 'callee', '1'), rule('8', 'caller', '2')], {}, '1'],
    ['from the moment on that the rule says', [rule('9', 'caller', '1')], {}, '9'],
    ['not before it', [rule('9', 'caller', '1', { validFrom: later })], {}, '1'],
    ['not from its end on', [rule('9', 'caller', '1', { validTo: later })], { ringAt: later }, '1'],
  ])('%s', (_, rules, changes, payer) => {
    expect(payerBy(rules)({ ...call, ...changes })).toBe(account(payer));
  });

  test('nobody, where no account is known', () => {
    expect(payerBy([])({ ...call, callerAccount: undefined })).toBeUndefined();
  });
});
