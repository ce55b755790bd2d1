import type { AccountNumber } from '../bytes/account-number.js';

export interface Subscriber {
  readonly account: AccountNumber;
  readonly name: string;
  readonly state: 'active' | 'suspended' | 'closed';
  /** The number that the server dials to reach it, and the first it may call from. */
  readonly number: string;
  /** Further numbers it may call from (CM-320). */
  readonly callingNumbers: readonly string[];
  /** Accept calls whose ANI is withheld or missing (CM-320). */
  readonly allowsWithheldAni: boolean;
  readonly versions: readonly (1 | 2)[];
  /** Whose calls it takes; `'*'` is anyone (CM-A2). */
  readonly accepts: readonly (AccountNumber | '*')[];
}

/** What a new subscriber needs; the rest has defaults: active, no further numbers, no withheld ANI. */
export type NewSubscriber = Pick<Subscriber, 'account' | 'name' | 'number' | 'versions' | 'accepts'> &
  Partial<Pick<Subscriber, 'callingNumbers' | 'allowsWithheldAni'>>;

/** The account database (CM-310). */
export interface Subscribers {
  find(account: AccountNumber): Promise<Subscriber | undefined>;
  list(): Promise<Subscriber[]>;
  /** False when the account exists already; nothing is changed then. */
  add(subscriber: NewSubscriber): Promise<boolean>;
  /** False when there is no such account, or it is closed: `closed` is final. */
  setState(account: AccountNumber, state: Subscriber['state']): Promise<boolean>;
  /** Lets `caller` call `callee`; `'*'` for anyone. False when `callee` does not exist. */
  authorise(callee: AccountNumber, caller: AccountNumber | '*'): Promise<boolean>;
}
