import { existsSync } from 'node:fs';
import { Option } from 'commander';
import * as v from 'valibot';
import { papers } from '../billing/bills/paper.js';
import { parseAccountNumber } from '../bytes/account-number.js';
import { CommandFailed } from './exit-codes.js';
import { digits, officeSchema } from './office-config.js';
import { checked, readToml, type Table } from './toml-file.js';

const account = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseAccountNumber(dataset.value);
    if (parsed) return parsed;
    addIssue({ message: 'must be an account number, 1 to 12 digits' });
    return NEVER;
  }),
);

const serverSchema = v.pipe(
  v.strictObject({
    number: digits,
    trunks: v.pipe(v.array(v.string()), v.minLength(1, 'needs a line')),
    transfer: v.optional(v.picklist(['bridge', 'hook-flash'])),
  }),
  v.forward(
    v.check(
      ({ trunks, transfer }) => trunks.length > 1 || transfer === 'hook-flash',
      'needs two lines: one for each leg of a call',
    ),
    ['trunks'],
  ),
);

const subscriberSchema = v.strictObject({
  account,
  name: v.string(),
  number: digits,
  calling_numbers: v.optional(v.array(digits), []),
  allow_withheld_ani: v.optional(v.boolean(), false),
  versions: v.optional(v.pipe(v.array(v.picklist([1, 2])), v.minLength(1, 'must name a version')), [2]),
  accepts: v.optional(v.array(v.union([v.literal('*'), account])), []),
});

const line = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'), v.maxLength(200));
const series = v.pipe(
  v.string(),
  v.regex(
    /^(?=.{1,16}$)[A-Z0-9]+(-[A-Z0-9]+)*$/,
    'must be capital letters and digits, at most 16, such as "B" or "2026-B"',
  ),
);

/** What stands on bills, and how they are numbered; without it none is issued. */
const billingSchema = v.pipe(
  v.strictObject({
    name: line,
    address: v.optional(v.pipe(v.array(line), v.maxLength(6)), []),
    tax_number: v.optional(line),
    contact: v.optional(line),
    /** Days from the day of issue until a bill is to be paid. */
    due_days: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(366))),
    note: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'), v.maxLength(1000))),
    series: v.optional(series, 'B'),
    credit_series: v.optional(series, 'C'),
    paper: v.optional(v.picklist(papers), 'letter'),
  }),
  v.forward(
    v.check(
      (billing) => billing.series !== billing.credit_series,
      'must differ from series: bills and credit notes are numbered each for themselves',
    ),
    ['credit_series'],
  ),
);

const configSchema = v.strictObject({
  data_dir: v.optional(v.string(), './data'),
  database_url: v.optional(v.string()),
  log_level: v.optional(v.picklist(['debug', 'info', 'warn', 'error']), 'info'),
  office: v.optional(officeSchema),
  server: v.optional(serverSchema),
  subscriber: v.optional(v.array(subscriberSchema), []),
  billing: v.optional(billingSchema),
});

/** What is in force for `up`, `office`, `subscriber`, `calls` and `bill`. Keys as in the file. */
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
  const chosen = chosenPath(path);
  const file = chosen === undefined ? {} : readToml(chosen, 'configuration file');
  applyEnvironment(file, environment);
  for (const [key, value] of Object.entries(flags)) if (value !== undefined) file[key] = value;
  return checked(configSchema, file, `The configuration in ${configSource(path)}`);
}

const noFile = 'the environment';

/** Where a person finds what is wrong with it. @param path as of `loadConfig` */
export function configSource(path: string | undefined): string {
  return chosenPath(path) ?? noFile;
}

/** A command needs what is not there. @param source as `configSource` tells it @param section with its brackets */
export function sectionMissing(source: string, section: string): CommandFailed {
  const where =
    source === noFile
      ? `There is no ${defaultPath} in this folder, and so no ${section} section`
      : `${source} has no ${section} section`;
  return new CommandFailed(
    'usage',
    `${where}. Name a file with --config FILE; the README shows a whole one.`,
  );
}

function chosenPath(path: string | undefined): string | undefined {
  return path ?? (existsSync(defaultPath) ? defaultPath : undefined);
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
