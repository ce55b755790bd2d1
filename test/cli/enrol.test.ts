import { describe, expect, test } from 'vitest';
import { type AccountNumber, parseAccountNumber } from '../../src/bytes/account-number.js';
import { enrol } from '../../src/cli/enrol.js';
import type { Subscriber, Subscribers } from '../../src/store/subscribers.js';

const account = (digits: string) => parseAccountNumber(digits) as AccountNumber;

const entry = {
  account: account('1'),
  name: 'Alice Ltd',
  number: '5550101',
  calling_numbers: ['5550103', '5550104'],
  allow_withheld_ani: false,
  versions: [1 as const, 2 as const],
  accepts: [account('2'), '*' as const],
};

const stored: Subscriber = {
  account: entry.account,
  name: entry.name,
  state: 'active',
  number: entry.number,
  callingNumbers: ['5550104', '5550103'],
  allowsWithheldAni: false,
  versions: [2, 1],
  accepts: ['*', account('2')],
  hasKey: false,
};

/** The part of the account table that a start uses, over one account or none. */
function table(known?: Subscriber): Subscribers & { readonly added: unknown[] } {
  const added: unknown[] = [];
  return {
    added,
    find: async () => known,
    list: async () => [],
    add: async (subscriber) => {
      if (!known) added.push(subscriber);
      return !known;
    },
    setState: async () => false,
    credentials: async () => undefined,
    findByKey: async () => undefined,
    issue: async () => false,
    authorise: async () => false,
  };
}

describe('accounts of the configuration at start', () => {
  test('CM-310 an account that the database does not know is opened, without a word', async () => {
    const subscribers = table();
    expect(await enrol(subscribers, [entry])).toEqual([]);
    expect(subscribers.added).toMatchObject([
      { account: entry.account, callingNumbers: ['5550103', '5550104'] },
    ]);
  });

  test('CM-310 the same account in another order of its lists is no difference', async () => {
    expect(await enrol(table(stored), [entry])).toEqual([]);
  });

  test.each<[string, Partial<Subscriber>]>([
    ['name', { name: 'Alice' }],
    ['number', { number: '5550109' }],
    ['calling_numbers', { callingNumbers: ['5550103'] }],
    ['allow_withheld_ani', { allowsWithheldAni: true }],
    ['versions', { versions: [1] }],
    ['accepts', { accepts: ['*'] }],
  ])('CM-310 a difference in %s is named, and which of the two counts', async (field, change) => {
    expect(await enrol(table({ ...stored, ...change }), [entry])).toEqual([
      `Account 000000000001 is in the database already and differs from the configuration in ${field}; ` +
        'the database counts. See `cordboard subscriber show 000000000001`.',
    ]);
  });

  test('CM-310 an account that is suspended there is said to be so', async () => {
    const [warning] = await enrol(table({ ...stored, state: 'suspended', name: 'A' }), [entry]);
    expect(warning).toContain('in name; the database counts. It is suspended.');
  });
});
