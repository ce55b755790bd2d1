import type { AccountNumber } from '../bytes/account-number.js';
import type { Store } from '../store/store.js';
import type { Subscriber } from '../store/subscribers.js';
import { CommandFailed } from './exit-codes.js';

/** @throws CommandFailed where there is no such account: nothing that is told of one is told in vain */
export async function knownAccount(
  { subscribers }: Pick<Store, 'subscribers'>,
  account: AccountNumber,
): Promise<Subscriber> {
  const found = await subscribers.find(account);
  if (!found) throw noSuchAccount(account);
  return found;
}

export function noSuchAccount(account: AccountNumber): CommandFailed {
  return new CommandFailed(
    'failed',
    `There is no account ${account}. \`cordboard subscriber list\` shows those that there are.`,
  );
}
