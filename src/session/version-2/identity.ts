import type { RandomSource } from '../../crypto/random.js';
import type { X25519Key } from '../../crypto/x25519.js';
import type { KnownServer } from '../../protocol/identity/caller.js';
import type { KeyList } from '../../protocol/identity/key-list.js';
import { messages } from '../../protocol/identity/packets.js';
import type { ServerKey } from '../../protocol/identity/rules.js';

/** What an endpoint has from its subscription. */
export interface EndpointIdentity {
  readonly staticKey: X25519Key;
  /** The account's, 32 octets. */
  readonly psk: Uint8Array;
  readonly server: KnownServer;
  /** A newer list, signed by the operator: to be used from the next call on. */
  keepKeyList(list: KeyList): void;
}

/** What a server proves itself with. */
export interface ServerIdentity {
  /** The present key first, then the next, then older ones that the operator has not withdrawn. */
  readonly keys: readonly ServerKey[];
  readonly keyList: KeyList;
}

/** A random number of 32 bits, not 0, for a link with the server. */
export function freshIncarnation(random: RandomSource): number {
  return Buffer.from(random(4)).readUInt32BE() || 1;
}

export function endpointEntropy(random: RandomSource) {
  return { ephemeral: random(32), kemSeed: random(64) };
}

export function serverEntropy(random: RandomSource) {
  return {
    ephemeral: random(32),
    kemEntropy: random(32),
    strangersPsk: random(32),
    strangersApproval: random(messages.APPROVAL.length),
  };
}
