import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The known answers of version 1, kept beside the checkout; absent on other machines. */
const path = fileURLToPath(new URL('../../../shared/vectors/self/v1-kat.json', import.meta.url));

export interface KnownAnswers {
  readonly n: string;
  readonly keyExchange: readonly Record<KeyExchangeField, string>[];
  readonly dataExchange: readonly Record<DataExchangeField, string>[];
}

type KeyExchangeField =
  | 'accountA'
  | 'accountB'
  | 'eA'
  | 'eB'
  | 'randomA'
  | 'A1'
  | 'B'
  | 'A2'
  | 'Z'
  | 'ProofB'
  | 'X'
  | 'LTK';

type DataExchangeField =
  | 'accountA'
  | 'accountB'
  | 'LTK'
  | 'SKey'
  | 'challengeA'
  | 'challengeB'
  | 'F'
  | 'A1'
  | 'B'
  | 'A2'
  | 'FileHash'
  | 'cipher';

export const knownAnswers: KnownAnswers | undefined = existsSync(path)
  ? (JSON.parse(readFileSync(path, 'utf8')) as KnownAnswers)
  : undefined;

export const katSkipped = 'v1-kat.json is not beside this checkout (../shared/vectors/self)';

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
