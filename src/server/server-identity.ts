import { parse as parseToml, stringify as stringifyToml, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { ed25519 } from '../crypto/ed25519.js';
import type { RandomSource } from '../crypto/random.js';
import { x25519 } from '../crypto/x25519.js';
import {
  encodeKeyList,
  isSignedBy,
  type KeyList,
  keyListLength,
  parseKeyList,
  signKeyList,
} from '../protocol/identity/key-list.js';
import type { ServerIdentity } from '../session/version-2/identity.js';

/** What a server proves itself with, and by whose word. */
export interface RootedIdentity extends ServerIdentity {
  /** The operator's Ed25519 public key, 32 octets. */
  readonly rootKey: Uint8Array;
}

/** The same with the secrets in it, as it is kept. */
export interface KeptIdentity {
  readonly rootKey: Uint8Array;
  readonly keyList: KeyList;
  /** X25519 secrets, 32 octets each, in the order of `ServerIdentity.keys`: present, next, older ones that are still answered. */
  readonly secrets: readonly { readonly sequence: number; readonly secret: Uint8Array }[];
}

/** Endpoints that stayed away during so many rotations still call with the list that they have. */
const olderKeys = 2;

/** The first keys of a server. @param rootSecret the operator's Ed25519 key, 32 octets */
export function newIdentity(rootSecret: Uint8Array, random: RandomSource): KeptIdentity {
  const secrets = [1, 2].map((sequence) => ({ sequence, secret: random(32) }));
  return signedBy(rootSecret, secrets);
}

/** The next key becomes the present one, and a new one the next. @throws RangeError when this is another root key */
export function rotated(kept: KeptIdentity, rootSecret: Uint8Array, random: RandomSource): KeptIdentity {
  const { publicKey } = ed25519.key(rootSecret);
  if (Buffer.compare(publicKey, kept.rootKey) !== 0) throw new RangeError('not the root key of this server');
  const [present, next, ...older] = kept.secrets;
  if (!present || !next) throw new Error('a server has two keys at least');
  const fresh = { sequence: next.sequence + 1, secret: random(32) };
  return signedBy(rootSecret, [next, fresh, ...[present, ...older].slice(0, olderKeys)]);
}

function signedBy(rootSecret: Uint8Array, secrets: KeptIdentity['secrets']): KeptIdentity {
  const root = ed25519.key(rootSecret);
  const [present, next] = secrets.map(({ secret }) => x25519(secret).publicKey);
  if (!present || !next || !secrets[0]) throw new Error('a server has two keys at least');
  const keyList = signKeyList(root, { sequence: secrets[0].sequence, present, next });
  return { rootKey: root.publicKey, keyList, secrets };
}

export function identityOf({ rootKey, keyList, secrets }: KeptIdentity): RootedIdentity {
  const keys = secrets.map(({ sequence, secret }) => ({ sequence, key: x25519(secret) }));
  return { rootKey, keyList, keys };
}

// ---- The files ----

function octets(length: number) {
  return v.pipe(
    v.string(),
    v.base64(),
    v.transform((text) => Uint8Array.from(Buffer.from(text, 'base64'))),
    v.length(length),
  );
}

const identitySchema = v.strictObject({
  server_keys: v.literal(1),
  root_key: octets(32),
  key_list: octets(keyListLength),
  key: v.pipe(
    v.array(v.strictObject({ sequence: v.pipe(v.number(), v.integer(), v.minValue(1)), secret: octets(32) })),
    v.minLength(2),
  ),
});

const rootSchema = v.strictObject({ root_key: v.literal(1), secret: octets(32) });

export function identityText({ rootKey, keyList, secrets }: KeptIdentity): string {
  return `# The static keys of this telephony server. SECRET: who has them can pose as it. Written by \`cordboard server-keys\`.
${stringifyToml({
  server_keys: 1,
  root_key: base64(rootKey),
  key_list: base64(encodeKeyList(keyList)),
  key: secrets.map(({ sequence, secret }) => ({ sequence, secret: base64(secret) })),
})}`;
}

/** `undefined` for a text that is no whole and consistent identity. */
export function readIdentity(text: string): KeptIdentity | undefined {
  const read = v.safeParse(identitySchema, tableOf(text));
  if (!read.success) return undefined;
  const { root_key: rootKey, key_list, key: secrets } = read.output;
  const keyList = parseKeyList(key_list);
  const [present, next] = secrets.map(({ secret }) => x25519(secret).publicKey);
  const isConsistent =
    isSignedBy(rootKey, keyList) &&
    keyList.sequence === secrets[0]?.sequence &&
    Buffer.compare(present ?? new Uint8Array(), keyList.present) === 0 &&
    Buffer.compare(next ?? new Uint8Array(), keyList.next) === 0;
  return isConsistent ? { rootKey, keyList, secrets } : undefined;
}

export function rootKeyText(rootSecret: Uint8Array): string {
  return `# The root key of this telephony server's operator. SECRET: endpoints trust whatever server keys it signs. It is needed for
# \`cordboard server-keys rotate\` alone: keep it away from the server, and a copy of it somewhere safe.
${stringifyToml({ root_key: 1, secret: base64(rootSecret) })}`;
}

/** The secret, 32 octets; `undefined` for a text that holds none. */
export function readRootKey(text: string): Uint8Array | undefined {
  const read = v.safeParse(rootSchema, tableOf(text));
  return read.success ? read.output.secret : undefined;
}

function tableOf(text: string): unknown {
  try {
    return parseToml(text);
  } catch (cause) {
    if (cause instanceof TomlError) return undefined;
    throw cause;
  }
}

function base64(octetString: Uint8Array): string {
  return Buffer.from(octetString).toString('base64');
}
