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
  /** Whether a subscription was issued for it: without one nobody can prove to be it in version 2. */
  readonly hasKey: boolean;
}

/** What an account proves itself with in version 2 (CM-A4, CM-A5). */
export interface Credentials {
  /** The public half of its endpoint's X25519 static key, 32 octets. */
  readonly staticKey: Uint8Array;
  /** Secret, 32 octets. */
  readonly psk: Uint8Array;
}

export type KeyHolder = Pick<Subscriber, 'account' | 'state'> & Pick<Credentials, 'psk'>;

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
  /** `undefined` where there is no such account, or nothing was issued for it. */
  credentials(account: AccountNumber): Promise<Credentials | undefined>;
  /** Whose static key this is, whatever the account's state; `undefined` where it is nobody's. */
  findByKey(staticKey: Uint8Array): Promise<KeyHolder | undefined>;
  /** Replaces what was issued for the account before. False when there is no such account, or it is closed. */
  issue(account: AccountNumber, credentials: Credentials): Promise<boolean>;
  /** Lets `caller` call `callee`; `'*'` for anyone. False when `callee` does not exist. */
  authorise(callee: AccountNumber, caller: AccountNumber | '*'): Promise<boolean>;
}
