import * as v from 'valibot';
import type { AccountNumber } from '../bytes/account-number.js';
import type { RandomSource } from '../crypto/random.js';
import { encodeKeyList, type KeyList, keyListLength, parseKeyList } from '../protocol/identity/key-list.js';

/** What the key ring keeps secret, as it is in memory. */
export interface KeyRingContent {
  readonly own: AccountNumber;
  /** Made with the key ring and never changed: the secret halves of what peers know this endpoint by. */
  readonly identity: OwnSecrets;
  /** Seals the secrets of transfers. 32 octets. */
  readonly boxKey: Uint8Array;
  /** What the server knows this endpoint by; without it only version 1 is spoken. */
  readonly subscription: ServerSecrets | undefined;
  readonly version1: readonly LongTermKey1[];
  readonly peers: readonly PeerSecrets[];
}

/** 32 octets each. */
export interface OwnSecrets {
  /** Signs receipts. */
  readonly ed25519: Uint8Array;
  /** The static key of the Data Exchange. */
  readonly x25519: Uint8Array;
}

export interface ServerSecrets {
  /** The operator's Ed25519 public key, 32 octets. */
  readonly rootKey: Uint8Array;
  readonly keyList: KeyList;
  /** X25519, 32 octets. */
  readonly staticSecret: Uint8Array;
  /** 32 octets. */
  readonly psk: Uint8Array;
}

/** A long-term key of version 1. */
export interface LongTermKey1 {
  readonly own: AccountNumber;
  readonly peer: AccountNumber;
  /** UTC milliseconds. */
  readonly pairedAt: number;
  /** 20 octets. */
  readonly key: Uint8Array;
}

/** What version 2 keeps of one peer. */
export interface PeerSecrets {
  readonly peer: AccountNumber;
  /** At most a live run and one other. */
  readonly runs: readonly StoredRun[];
  /** UTC milliseconds of the beginning of each run that no person answered. */
  readonly unfinished: readonly number[];
}

const octets = (length: number) =>
  v.pipe(
    v.string(),
    v.base64(),
    v.transform((text) => Uint8Array.from(Buffer.from(text, 'base64'))),
    v.length(length),
  );

const accountNumber = v.custom<AccountNumber>(
  (value) => typeof value === 'string' && /^[0-9]{12}$/.test(value),
);
const milliseconds = v.pipe(v.number(), v.safeInteger());
const verdict = v.picklist(['yes', 'no']);
const longTermKey1Octets = 20;

const runSchema = v.strictObject({
  kxid: octets(16),
  role: v.picklist(['i', 'r']),
  confirmKeys: v.strictObject({ i: octets(32), r: octets(32) }),
  peerIdentity: v.strictObject({ ed25519: octets(32), x25519: octets(32) }),
  pairing: v.pipe(
    v.strictObject({ own: v.optional(verdict), peer: v.optional(verdict), acknowledged: v.boolean() }),
    v.transform(({ own, peer, acknowledged }) => ({ own, peer, acknowledged })),
  ),
  /** Oldest first: the present one, and the next until a session has used it. None once the run is gone. */
  epochs: v.pipe(
    v.array(v.strictObject({ epoch: v.pipe(v.number(), v.safeInteger()), longTermKey: octets(32) })),
    v.maxLength(2),
  ),
  /** UTC milliseconds at which it became live, later than any before with this peer; the address book holds the same. */
  pairedAt: v.nullable(milliseconds),
  /** UTC milliseconds since when the newest epoch is live; absent where that is `pairedAt`. */
  refreshedAt: v.optional(milliseconds),
  /** Transfers settled since the newest epoch became live. */
  sessions: v.optional(v.pipe(v.number(), v.safeInteger()), 0),
});

/** A run of the Key Exchange with its keys: pending, live or gone. */
export type StoredRun = Readonly<v.InferOutput<typeof runSchema>>;

const contentSchema = v.strictObject({
  own: accountNumber,
  identity: v.strictObject({ ed25519: octets(32), x25519: octets(32) }),
  boxKey: octets(32),
  subscription: v.nullable(
    v.strictObject({
      rootKey: octets(32),
      keyList: v.pipe(
        octets(keyListLength),
        v.transform((text): KeyList => parseKeyList(text)),
      ),
      staticSecret: octets(32),
      psk: octets(32),
    }),
  ),
  version1: v.array(
    v.strictObject({
      own: accountNumber,
      peer: accountNumber,
      pairedAt: milliseconds,
      key: octets(longTermKey1Octets),
    }),
  ),
  peers: v.array(
    v.strictObject({ peer: accountNumber, runs: v.array(runSchema), unfinished: v.array(milliseconds) }),
  ),
});

/** A key ring in which nobody is, with an identity of its own. */
export function newContent(
  own: AccountNumber,
  random: RandomSource,
  version1: readonly LongTermKey1[] = [],
): KeyRingContent {
  const identity = { ed25519: random(32), x25519: random(32) };
  return { own, identity, boxKey: random(32), subscription: undefined, version1, peers: [] };
}

/** As it is sealed. */
export function contentText(content: KeyRingContent): string {
  const { subscription } = content;
  return JSON.stringify(
    {
      ...content,
      subscription: subscription ? { ...subscription, keyList: encodeKeyList(subscription.keyList) } : null,
    },
    // A Buffer has turned itself into something else before it gets here as `value`.
    function (this: Record<string, unknown>, key, value: unknown) {
      const raw = this[key];
      return raw instanceof Uint8Array ? Buffer.from(raw).toString('base64') : value;
    },
  );
}

/** `undefined`: it opened, and is of another version of this program. */
export function parseContent(text: string): KeyRingContent | undefined {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), contentSchema), text);
  if (!read.success) return undefined;
  return { ...read.output, subscription: read.output.subscription ?? undefined };
}

/** Overwrites every secret. */
export function eraseContent(content: KeyRingContent): void {
  const { identity, boxKey, subscription, version1, peers } = content;
  const secrets = [
    ...[identity.ed25519, identity.x25519, boxKey],
    ...(subscription ? [subscription.staticSecret, subscription.psk] : []),
    ...version1.map(({ key }) => key),
    ...peers.flatMap(({ runs }) => runs.flatMap(secretsOf)),
  ];
  for (const secret of secrets) secret.fill(0);
}

function secretsOf({ confirmKeys, epochs }: StoredRun): Uint8Array[] {
  return [confirmKeys.i, confirmKeys.r, ...epochs.map(({ longTermKey }) => longTermKey)];
}
