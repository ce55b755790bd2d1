import type { AccountNumber } from '../../src/bytes/account-number.js';
import { x25519 } from '../../src/crypto/x25519.js';
import type { KeyList } from '../../src/protocol/identity/key-list.js';
import { identityOf, newIdentity } from '../../src/server/server-identity.js';
import type { EndpointIdentity } from '../../src/session/version-2/identity.js';
import type { Credentials, Subscriber } from '../../src/store/subscribers.js';
import { subscriber } from '../protocol/call-manager/subscribers.js';
import { seeded } from '../support/seeded.js';

export const serverIdentity = identityOf(newIdentity(seeded('root key')(32), seeded('server keys')));

/** Subscribers 1, 2 and 3 of version 2, with changes to some. */
export function subscribersOfVersion2(
  changes: Readonly<Record<string, Partial<Subscriber>>> = {},
): Subscriber[] {
  return ['1', '2', '3'].map((digits) => subscriber(digits, { versions: [2], ...changes[digits] }));
}

/** What the operator has issued for this account. */
export function issuedKeys(of: AccountNumber): Credentials {
  const { staticKey, psk } = endpointIdentity(of);
  return { staticKey: staticKey.publicKey, psk };
}

/** The same, as its endpoint has it. */
export function endpointIdentity(of: AccountNumber, keepKeyList = (_: KeyList) => {}): EndpointIdentity {
  const random = seeded(`subscription of ${of}`);
  const { rootKey, keyList } = serverIdentity;
  return { staticKey: x25519(random(32)), psk: random(32), server: { rootKey, keyList }, keepKeyList };
}
