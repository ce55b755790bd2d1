import { readFile } from 'node:fs/promises';
import { x25519 } from '../crypto/x25519.js';
import type { Log } from '../log/log.js';
import type { KeyList } from '../protocol/identity/key-list.js';
import { readSubscription, type Subscription } from '../protocol/identity/subscription.js';
import type { EndpointIdentity } from '../session/version-2/identity.js';
import { diskReason, EndpointError } from './endpoint-error.js';
import type { KeyRing } from './key-ring.js';
import type { KeyRingContent, ServerSecrets } from './key-ring-content.js';

/** @throws EndpointError `usage` that says what is wrong with the file and quotes no secret of it */
export async function readSubscriptionFile(path: string): Promise<Subscription> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const message = `The subscription ${path} cannot be read: ${diskReason(cause)}.`;
    throw new EndpointError('usage', message, { cause });
  });
  const read = readSubscription(text);
  if (read.kind === 'subscription') return read.subscription;
  const problems = read.problems.map((problem) => `  ${problem}`).join('\n');
  throw new EndpointError(
    'usage',
    `${path} is no subscription that can be used:\n${problems}\nAsk the operator of the server for another.`,
  );
}

/**
 * Durable when it resolves; takes the place of an older one. A newer key list of the same operator that the server has told meanwhile stays.
 */
export function keepSubscription(ring: KeyRing, subscription: Subscription): Promise<void> {
  const given = secretsOf(subscription);
  return ring.change((content) => {
    const before = content.subscription;
    const isSameOperator = before !== undefined && Buffer.compare(before.rootKey, given.rootKey) === 0;
    const keyList = isSameOperator ? newerOf(before.keyList, given.keyList) : given.keyList;
    return { ...content, subscription: { ...given, keyList } };
  });
}

/** What of a subscription the key ring keeps: copies, for it erases them. */
export function secretsOf({ rootKey, keyList, staticSecret, psk }: Subscription): ServerSecrets {
  return { rootKey, keyList, staticSecret: Uint8Array.from(staticSecret), psk: Uint8Array.from(psk) };
}

/** What an endpoint proves itself with to its server, and where it keeps the key lists that the server tells. */
export class ServerTrust {
  readonly #ring: KeyRing;
  readonly #log: Log;
  #writes: Promise<void> = Promise.resolve();

  constructor(ring: KeyRing, log: Log) {
    this.#ring = ring;
    this.#log = log;
  }

  /** Whether version 2 can be spoken, as last read. */
  get isSubscribed(): boolean {
    return this.#ring.content.subscription !== undefined;
  }

  /** With what is on the disk now. @throws EndpointError `no-subscription` */
  async identity(): Promise<EndpointIdentity> {
    await this.written();
    await this.#ring.refresh();
    const { subscription } = this.#ring.content;
    if (!subscription) throw noSubscription();
    const { rootKey, keyList, staticSecret, psk } = subscription;
    return {
      staticKey: x25519(staticSecret),
      psk: Uint8Array.from(psk),
      server: { rootKey, keyList },
      keepKeyList: (list) => this.#keep(rootKey, list),
    };
  }

  /** Resolves when no list is on its way to the disk. */
  written(): Promise<void> {
    return this.#writes;
  }

  /** A call does not wait for it: a list that is lost is told again at the next. */
  #keep(rootKey: Uint8Array, list: KeyList): void {
    this.#writes = this.#writes
      .then(() => this.#ring.change((content) => withKeyList(content, rootKey, list)))
      .catch((error: unknown) =>
        this.#log.error({ error: String(error) }, 'a newer key list of the server was not kept'),
      );
  }
}

/** The sequence only rises, whichever process of this endpoint writes last. */
function withKeyList(content: KeyRingContent, rootKey: Uint8Array, list: KeyList): KeyRingContent {
  const { subscription } = content;
  if (!subscription || Buffer.compare(subscription.rootKey, rootKey) !== 0) return content;
  const next: ServerSecrets = { ...subscription, keyList: newerOf(subscription.keyList, list) };
  return { ...content, subscription: next };
}

function newerOf(one: KeyList, other: KeyList): KeyList {
  return other.sequence > one.sequence ? other : one;
}

function noSubscription(): EndpointError {
  return new EndpointError(
    'no-subscription',
    'This endpoint has no subscription, so it speaks version 1 alone, and only with peers for whom that is switched on. Ask the operator ' +
      'of the server for a subscription and read it in: `cordboard endpoint init --subscription FILE`.',
  );
}
