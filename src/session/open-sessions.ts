import type { AccountNumber } from '../bytes/account-number.js';
import { equalOctets } from '../crypto/mac.js';
import type { OpenSessions } from './session.js';

/** One for each endpoint, shared by all its lines. */
export class SessionRegistry implements OpenSessions {
  readonly #challenges = new Map<AccountNumber, Uint8Array | undefined>();

  enter(peer: AccountNumber, challenge?: Uint8Array): boolean {
    if (this.#challenges.has(peer)) return false;
    this.#challenges.set(peer, challenge);
    return true;
  }

  leave(peer: AccountNumber): void {
    this.#challenges.delete(peer);
  }

  ownsChallenge(challenge: Uint8Array): boolean {
    return [...this.#challenges.values()].some((own) => own !== undefined && equalOctets(own, challenge));
  }
}
