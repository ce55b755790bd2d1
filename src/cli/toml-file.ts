import { readFileSync } from 'node:fs';
import { parse as parseToml, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { diskReason } from '../endpoint/endpoint-error.js';
import { CommandFailed } from './exit-codes.js';

export type Table = Record<string, unknown>;

/** @param what the file is for, such as "configuration file" */
export function readToml(path: string, what: string): Table {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CommandFailed('usage', `The ${what} ${path} cannot be read: ${diskReason(cause)}.`, { cause });
  }
  try {
    return parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new CommandFailed('usage', `${path} is not valid TOML: ${cause.message}`, { cause });
  }
}

/** What is in a file, or a list of what is wrong in it, each with its key. @param whose begins the sentence */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  table: Table,
  whose: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, table);
  if (result.success) return result.output;
  const problems = result.issues.map(
    (issue) => `  ${v.getDotPath(issue) ?? '(file)'}: ${problemText(issue)}`,
  );
  throw new CommandFailed('usage', `${whose} cannot be used:\n${problems.join('\n')}`);
}

function problemText(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'no such key; check its spelling';
  if (issue.received === 'undefined') return 'is missing';
  if (issue.kind === 'schema' && issue.expected)
    return `must be ${issue.expected
      .replaceAll(/[()]/g, '')
      .replaceAll(' | ', ' or ')
      .replace(/^Array$/, 'a list')}, not ${inTomlsWords(issue.received)}`;
  const limit = limits[issue.type];
  // A message of its own tells more.
  return limit && issue.message.startsWith('Invalid ')
    ? `must be ${limit.replace('$', String(issue.requirement))}, not ${issue.received}`
    : issue.message;
}

const limits: Readonly<Record<string, string>> = {
  min_value: '$ at least',
  max_value: '$ at most',
  integer: 'a whole number',
};

/** The parser's tables have no constructor that could name them. */
function inTomlsWords(received: string): string {
  if (received === 'null' || received === 'Object') return 'a table';
  if (received === 'Array') return 'a list';
  return received === 'TomlDate' ? 'a date' : received;
}
