import { parse as parseToml, stringify as stringifyToml, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { type AccountNumber, parseAccountNumber } from '../../bytes/account-number.js';
import { encodeKeyList, isSignedBy, type KeyList, keyListLength, parseKeyList } from './key-list.js';

/** What the operator of a server hands to one endpoint, once, by a way that both trust. Who has it can be that endpoint. */
export interface Subscription {
  readonly account: AccountNumber;
  /** Who the operator takes it for. */
  readonly name: string;
  /** The server's directory number, digits. */
  readonly serverNumber: string;
  /** The operator's Ed25519 public key, 32 octets: its six words are compared by telephone (CM-A10). */
  readonly rootKey: Uint8Array;
  /** Signed by the root key. */
  readonly keyList: KeyList;
  /** The endpoint's X25519 static key, 32 octets: the secret half. */
  readonly staticSecret: Uint8Array;
  /** 32 octets. */
  readonly psk: Uint8Array;
}

export type ReadSubscription =
  | { readonly kind: 'subscription'; readonly subscription: Subscription }
  /** One line for each key at fault, for a person; none of them quotes a secret. */
  | { readonly kind: 'unusable'; readonly problems: readonly string[] };

const account = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseAccountNumber(dataset.value);
    if (parsed) return parsed;
    addIssue({ message: 'must be an account number, 1 to 12 digits' });
    return NEVER;
  }),
);

function octets(length: number) {
  return v.pipe(
    v.string('must be base64 text'),
    v.base64('must be base64 text'),
    v.transform((text) => Uint8Array.from(Buffer.from(text, 'base64'))),
    v.length(length, `must be ${length} octets`),
  );
}

const schema = v.strictObject({
  subscription: v.literal(1, 'must be 1; a newer Cordboard may have written this file'),
  account,
  name: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
  server_number: v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/, 'must be 1 to 15 digits')),
  root_key: octets(32),
  server_keys: octets(keyListLength),
  static_secret: octets(32),
  psk: octets(32),
});

/** The file, as people may look at it. */
export function subscriptionText(subscription: Subscription): string {
  const { serverNumber, rootKey, keyList, staticSecret, psk } = subscription;
  const keys = stringifyToml({
    subscription: 1,
    account: subscription.account,
    name: subscription.name,
    server_number: serverNumber,
    root_key: base64(rootKey),
    server_keys: base64(encodeKeyList(keyList)),
    static_secret: base64(staticSecret),
    psk: base64(psk),
  });
  return `# A subscription of Cordboard: the account, the server's keys, and this endpoint's own secrets. Whoever has this file
# can call and be called in its name: hand it over in person or encrypted, and delete it when the endpoint has read it.
${keys}`;
}

/** @param text of the file, from anywhere */
export function readSubscription(text: string): ReadSubscription {
  const file = tomlOf(text);
  if (file.kind === 'unusable') return file;
  const read = v.safeParse(schema, file.table);
  if (!read.success) {
    return unusable(...read.issues.map((issue) => `${v.getDotPath(issue) ?? '(file)'}: ${problemOf(issue)}`));
  }
  const { output } = read;
  const keyList = parseKeyList(output.server_keys);
  if (!isSignedBy(output.root_key, keyList)) {
    return unusable('server_keys: not signed by root_key; the file was altered or damaged');
  }
  return {
    kind: 'subscription',
    subscription: {
      account: output.account,
      name: output.name,
      serverNumber: output.server_number,
      rootKey: output.root_key,
      keyList,
      staticSecret: output.static_secret,
      psk: output.psk,
    },
  };
}

function tomlOf(text: string) {
  try {
    return { kind: 'table', table: parseToml(text) } as const;
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // Its message quotes the lines around the fault, and the secrets that may be in them.
    return unusable(`not valid TOML at line ${cause.line}, column ${cause.column}`);
  }
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type !== 'strict_object') return issue.message;
  return issue.expected === 'never' ? 'no such key; check its spelling' : 'is missing';
}

function unusable(...problems: readonly string[]) {
  return { kind: 'unusable', problems } as const;
}

function base64(octetString: Uint8Array): string {
  return Buffer.from(octetString).toString('base64');
}
