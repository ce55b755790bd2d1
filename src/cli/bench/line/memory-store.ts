import type { AccountNumber } from '../../../bytes/account-number.js';
import type { ServerStore } from '../../../store/store.js';
import type { Credentials, Subscriber } from '../../../store/subscribers.js';

/** Accounts in memory and call records nowhere: how quick a database is is not measured on a line. */
export function memoryStore(accounts: readonly Omit<Subscriber, 'hasKey'>[]): ServerStore {
  const byAccount = new Map(accounts.map((each) => [each.account, each]));
  const issued = new Map<AccountNumber, Credentials>();
  const shown = (each: Omit<Subscriber, 'hasKey'>) => ({ ...each, hasKey: issued.has(each.account) });
  const fixed = () => Promise.reject(new Error('these accounts stay as they are'));
  return {
    subscribers: {
      find: async (account) => {
        const found = byAccount.get(account);
        return found && shown(found);
      },
      list: async () => [...byAccount.values()].map(shown),
      credentials: async (account) => issued.get(account),
      findByKey: async (staticKey) => {
        for (const [account, { staticKey: key, psk }] of issued) {
          const state = byAccount.get(account)?.state;
          if (state && Buffer.compare(key, staticKey) === 0) return { account, state, psk };
        }
        return undefined;
      },
      issue: async (account, credentials) => {
        if (!byAccount.has(account)) return false;
        issued.set(account, credentials);
        return true;
      },
      add: fixed,
      setState: fixed,
      authorise: fixed,
    },
    calls: {
      open: async () => {},
      note: async () => {},
      close: async () => {},
      closeInterrupted: async () => 0,
      correct: async () => {},
      find: async () => undefined,
      endingWith: async () => [],
      list: async () => [],
      totals: async () => ({
        calls: 0,
        inquiries: 0,
        answered: 0,
        billableSeconds: 0n,
        unrated: 0,
        charges: [],
      }),
    },
    spool: {
      keep: async () => {},
      forget: async () => {},
      putAside: fixed,
      list: async () => [],
    },
  };
}
