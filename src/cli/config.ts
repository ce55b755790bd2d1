import { existsSync, readFileSync } from 'node:fs';
import { Option } from 'commander';
import { parse as parseToml, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { parseAccountNumber } from '../bytes/account-number.js';
import { profileNames } from '../pstn/central-office/modem/profiles/profile.js';
import { ringPatternNames } from '../pstn/central-office/ring-patterns.js';
import { CommandFailed } from './exit-codes.js';

const digits = v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/, 'must be 1 to 15 digits'));

const account = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseAccountNumber(dataset.value);
    if (parsed) return parsed;
    addIssue({ message: 'must be an account number, 1 to 12 digits' });
    return NEVER;
  }),
);

const lineSchema = v.strictObject({
  number: digits,
  hunt: v.optional(digits),
  expose: v.optional(
    v.pipe(v.string(), v.regex(/^(pty:.+|tcp:\/\/.+:\d+)$/, 'must be pty:PATH or tcp://HOST:PORT')),
  ),
  rate: v.optional(v.pipe(v.number(), v.integer(), v.minValue(300), v.maxValue(10_000_000)), 33_600),
  delay_ms: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(60_000)), 0),
  bit_error_rate: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.5)), 0),
  caller_id: v.optional(v.picklist(['shown', 'withheld', 'unavailable']), 'shown'),
  modem: v.optional(v.picklist([...profileNames, 'gsm']), 'generic'),
  ring: v.optional(v.picklist(ringPatternNames)),
  pin: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{4,8}$/, 'must be 4 to 8 digits'))),
});

const lineWithItsModem = v.pipe(
  lineSchema,
  v.check(({ pin, modem }) => pin === undefined || modem === 'gsm', 'a pin needs modem = "gsm"'),
);

const officeSchema = v.strictObject({
  time_scale: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), 1),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  line: v.pipe(v.array(lineWithItsModem), v.minLength(1, 'needs at least one [[office.line]]')),
});

const serverSchema = v.strictObject({
  number: digits,
  trunks: v.pipe(v.array(v.string()), v.minLength(2, 'needs two lines: one for each leg of a call')),
});

const subscriberSchema = v.strictObject({
  account,
  name: v.string(),
  number: digits,
  calling_numbers: v.optional(v.array(digits), []),
  allow_withheld_ani: v.optional(v.boolean(), false),
  versions: v.optional(v.pipe(v.array(v.picklist([1, 2])), v.minLength(1, 'must name a version')), [2]),
  accepts: v.optional(v.array(v.union([v.literal('*'), account])), []),
});

const configSchema = v.strictObject({
  data_dir: v.optional(v.string(), './data'),
  database_url: v.optional(v.string()),
  log_level: v.optional(v.picklist(['debug', 'info', 'warn', 'error']), 'info'),
  office: v.optional(officeSchema),
  server: v.optional(serverSchema),
  subscriber: v.optional(v.array(subscriberSchema), []),
});

/** What is in force for `up`, `office`, `subscriber` and `calls`. Keys as in the file. */
export type Config = v.InferOutput<typeof configSchema>;

/** `--config FILE` of every command that reads the server's configuration. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'the configuration (TOML)').env('CORDBOARD_CONFIG');
}

/** Where the configuration is when nobody says: used if it is there. */
const defaultPath = 'cordboard.toml';

/**
 * Flag over environment over file over default.
 * @param path of the TOML file; `undefined` for `cordboard.toml` where there is one
 * @param flags top-level keys given on the command line
 */
export function loadConfig(
  path: string | undefined,
  environment: NodeJS.ProcessEnv,
  flags: Readonly<Record<string, string | undefined>> = {},
): Config {
  const chosen = path ?? (existsSync(defaultPath) ? defaultPath : undefined);
  const file = chosen === undefined ? {} : readToml(chosen);
  applyEnvironment(file, environment);
  for (const [key, value] of Object.entries(flags)) if (value !== undefined) file[key] = value;
  const result = v.safeParse(configSchema, file);
  if (result.success) return result.output;
  const where = chosen ?? 'the environment';
  const problems = result.issues.map(
    (issue) => `  ${v.getDotPath(issue) ?? '(file)'}: ${problemText(issue)}`,
  );
  throw new CommandFailed('usage', `The configuration in ${where} cannot be used:\n${problems.join('\n')}`);
}

function problemText(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'no such key; check its spelling';
  return issue.message;
}

type Table = Record<string, unknown>;

function readToml(path: string): Table {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CommandFailed(
      'usage',
      `The configuration file ${path} cannot be read: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  try {
    return parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new CommandFailed('usage', `${path} is not valid TOML: ${cause.message}`, { cause });
  }
}

/** One variable for each scalar of the file: `CORDBOARD_OFFICE_TIME_SCALE` is `office.time_scale`. */
const environmentKeys: Readonly<
  Record<string, { path: readonly string[]; read: (text: string) => unknown }>
> = {
  CORDBOARD_DATA_DIR: { path: ['data_dir'], read: String },
  CORDBOARD_LOG_LEVEL: { path: ['log_level'], read: String },
  CORDBOARD_OFFICE_TIME_SCALE: { path: ['office', 'time_scale'], read: Number },
  CORDBOARD_OFFICE_SEED: { path: ['office', 'seed'], read: Number },
  CORDBOARD_SERVER_NUMBER: { path: ['server', 'number'], read: String },
  CORDBOARD_SERVER_TRUNKS: { path: ['server', 'trunks'], read: (text) => text.split(',') },
  DATABASE_URL: { path: ['database_url'], read: String },
};

export const environmentVariables = Object.keys(environmentKeys);

function applyEnvironment(file: Table, environment: NodeJS.ProcessEnv): void {
  for (const [name, { path, read }] of Object.entries(environmentKeys)) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const [head = '', key] = path;
    if (key === undefined) file[head] = read(text);
    // An environment variable refines a section of the file; alone it does not make one.
    else if (typeof file[head] === 'object') (file[head] as Table)[key] = read(text);
  }
}

/** The configuration as `--print-config` shows it: a password in the database's URL is masked. */
export function printableConfig(config: Config): Config {
  const { database_url, ...rest } = config;
  return database_url === undefined ? rest : { ...rest, database_url: maskPassword(database_url) };
}

function maskPassword(url: string): string {
  return URL.canParse(url) ? url.replace(/^([^:]+:\/\/[^:@/]*):[^@/]*@/, '$1:***@') : '***';
}
