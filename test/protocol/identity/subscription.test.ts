import { describe, expect, test } from 'vitest';
import {
  readSubscription,
  type Subscription,
  subscriptionText,
} from '../../../src/protocol/identity/subscription.js';
import { alice, forgedKeyList, keyList, root } from './messages-of-a-run.js';

const subscription: Subscription = {
  account: alice,
  name: 'Žofie & Søn "A"',
  serverNumber: '18005550100',
  rootKey: root.publicKey,
  keyList,
  staticSecret: new Uint8Array(32).fill(0xa5),
  psk: new Uint8Array(32).fill(0x5a),
};
const text = subscriptionText(subscription);
const secrets = [subscription.staticSecret, subscription.psk].map((octets) =>
  Buffer.from(octets).toString('base64'),
);

function problemsOf(altered: string): readonly string[] {
  const read = readSubscription(altered);
  return read.kind === 'unusable' ? read.problems : [];
}

describe('subscription file', () => {
  test('CM-A4 what the operator writes is what the endpoint reads', () => {
    expect(readSubscription(text)).toEqual({ kind: 'subscription', subscription });
    expect(readSubscription(text.replaceAll('\n', '\r\n'))).toEqual({ kind: 'subscription', subscription });
  });

  test.each([
    ['a misspelt key', text.replace('server_number', 'server_no'), 'server_no: no such key'],
    ['a missing key', text.replace(/^psk.*\n/m, ''), 'psk: is missing'],
    ['an account in letters', text.replace('000000000001', 'alice'), 'account: must be an account number'],
    [
      'a number to dial that is none',
      text.replace('18005550100', '+18005550100'),
      'server_number: must be 1 to 15',
    ],
    ['a key cut short', text.replace(/^(root_key = ")..../m, '$1'), 'root_key: must be 32 octets'],
    ['no base64', text.replace(/^(root_key = ")./m, '$1?'), 'root_key: must be base64'],
    ['another version', text.replace('subscription = 1', 'subscription = 2'), 'subscription: must be 1'],
    ['a number for a key', text.replace(/^psk = .*$/m, 'psk = 7'), 'psk: must be base64'],
  ])('CM-A4 %s is named', (_, altered, problem) => {
    expect(problemsOf(altered).join('\n')).toContain(problem);
  });

  test('CM-A10 keys that the root key has not signed are no keys of this server', () => {
    expect(problemsOf(subscriptionText({ ...subscription, keyList: forgedKeyList }))).toEqual([
      'server_keys: not signed by root_key; the file was altered or damaged',
    ]);
  });

  test('CM-A4 no message quotes a secret, wherever the file breaks off', () => {
    for (let length = 0; length < text.trimEnd().length; length++) {
      const problems = problemsOf(text.slice(0, length)).join('\n');
      expect(problems).not.toBe('');
      for (const secret of secrets) expect(problems).not.toContain(secret.slice(0, 8));
    }
  });
});
