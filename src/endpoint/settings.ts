import { parse as parseToml, stringify as stringifyToml, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { parseAccountNumber } from '../bytes/account-number.js';
import { EndpointError } from './endpoint-error.js';

const account = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseAccountNumber(dataset.value);
    if (parsed) return parsed;
    addIssue({ message: 'must be an account number, 1 to 12 digits' });
    return NEVER;
  }),
);

/** A name that people read on a screen. */
export const personName = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(80, 'must be at most 80 characters'),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must not hold control or direction characters'),
);

const settingsSchema = v.strictObject({
  account,
  name: personName,
  line: v.pipe(v.string(), v.minLength(1, 'must name a line, e.g. serial:/dev/ttyUSB0')),
  server_number: v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/, 'must be 1 to 15 digits')),
  locked_to_server: v.optional(v.boolean(), true),
  /** Of what one transfer of version 2 may bring, on the line. The default is 4 GiB of files, and what sealing adds. */
  largest_transfer_mib: v.optional(
    v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(1, 'must be 1 or more')),
    4_200,
  ),
  /** Padme: the length of what is sent tells less about it, at 3 to 12 % more octets. Version 2. */
  pad_transfers: v.optional(v.boolean(), false),
  inbox: v.optional(v.pipe(v.string(), v.minLength(1, 'must name a folder')), 'inbox'),
});

/** `endpoint.toml`; keys as in the file. */
export type Settings = v.InferOutput<typeof settingsSchema>;

/** What `init` and overrides take: defaults may be left out. */
export type SettingsInput = v.InferInput<typeof settingsSchema>;

/** @throws EndpointError `usage` that names every key at fault */
export function checkSettings(input: unknown, where: string): Settings {
  const result = v.safeParse(settingsSchema, input);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `  ${v.getDotPath(issue) ?? '(all)'}: ${textOf(issue)}`);
  throw new EndpointError('usage', `The settings in ${where} cannot be used:\n${problems.join('\n')}`);
}

function textOf(issue: v.BaseIssue<unknown>): string {
  return issue.type === 'strict_object' && issue.expected === 'never'
    ? 'no such key; check its spelling'
    : issue.message;
}

/** The keys of the file before they are checked, so that others may be laid over them. */
export function readSettingsText(text: string, path: string): Record<string, unknown> {
  try {
    return parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new EndpointError('usage', `${path} is not valid TOML: ${cause.message}`, { cause });
  }
}

export function settingsText(settings: Settings): string {
  return `# An endpoint of Cordboard. While locked_to_server is true it dials the server's number alone (CM-A1).
${stringifyToml(settings)}`;
}
