import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type ExportEnd,
  ExportFailed,
  type ExportWorld,
  exportCalls,
  resumeExport,
  usualSizes,
} from '../billing/exports/export-calls.js';
import type { FormatOptions, Sensor } from '../billing/exports/format.js';
import { type FormatName, formatNames, formats } from '../billing/exports/formats.js';
import { verifyExport } from '../billing/exports/verify-export.js';
import { diskReason } from '../endpoint/endpoint-error.js';
import type { Export } from '../store/exports.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { addCallFilter, type CallFilterOptions, callFilterOf } from './call-filter-options.js';
import { savedFilter } from './call-queries.js';
import { CommandFailed } from './exit-codes.js';
import {
  exportJson,
  exportLines,
  exportsTable,
  leftOutLines,
  nameOf,
  someLeftOutLines,
} from './export-forms.js';
import { print } from './print.js';
import { systemUser } from './system-user.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

type JsonOptions = StoreCommandOptions & { readonly json?: true };

type ExportOptions = CallFilterOptions &
  JsonOptions & {
    readonly format?: FormatName;
    readonly series?: string;
    readonly areaCode?: string;
    readonly sensor?: Sensor;
    readonly saved?: string;
  };

/** `calls export` and what staff ask about exports. */
export function exportCommand(): Command {
  const command = new Command('export').argument('<file>', 'a new file');
  addStoreOptions(addCallFilter(command))
    .description('hand calls out in a file: none of them twice within a series')
    .addOption(new Option('--format <format>', 'of the file').choices(formatNames))
    .option(
      '--series <name>',
      "whose calls are never repeated, e.g. one a carrier; else the format's name",
      series,
    )
    .option('--area-code <digits>', 'baf, emi: of numbers that have seven digits', areaCode)
    .option('--sensor <type:id>', 'baf: what the carrier calls this server, e.g. 036:0012345', sensor)
    .option('--saved <name>', 'with the filter that was saved under this name, and what is told beside it')
    .option('--json', 'one JSON document')
    .addHelpText('after', () => `\nFormats:\n${formatLines()}`)
    .action(make);
  addStoreOptions(
    command.command('resume').argument('[export]', 'its number in the list; all that are unfinished', id),
  )
    .description('go on with exports that were interrupted: their files have the very same octets')
    .option('--out <file>', 'write the file elsewhere')
    .option('--json', 'one JSON document')
    .action(resume);
  addStoreOptions(command.command('list'))
    .description('every export, newest first')
    .option('--json', 'one JSON document')
    .action(list);
  addStoreOptions(command.command('show').argument('<export>', 'its number in the list', id))
    .description('an export, and the calls that its format could not say')
    .option('--json', 'one JSON document')
    .action(show);
  addStoreOptions(command.command('verify').argument('<file>'))
    .description('whether a file is, to the octet, what was handed out')
    .option('--json', 'one JSON document')
    .action(verify);
  return command;
}

async function make(file: string, options: ExportOptions): Promise<void> {
  const { format, saved } = options;
  // Commander would ask the subcommands for a mandatory option, too.
  if (!format)
    throw new CommandFailed(
      'usage',
      `Say which format the file shall have: --format ${formatNames.join('|')}.`,
    );
  const formatOptions = optionsFor(format, options);
  await withStore(options, async (store) => {
    const filter = {
      ...(saved === undefined ? {} : await savedFilter(store, saved)),
      ...callFilterOf(options),
    };
    const order = { series: options.series ?? format, format, options: formatOptions, filter };
    const end = await told(
      exportCalls(worldOf(store), { ...order, path: resolve(file), madeBy: systemUser() }),
    );
    if (options.json) await printJson(await endJson(store, end));
    else await print(await endLines(store, end));
  });
}

/** What the format takes; the zone is the filter's as well. */
function optionsFor(format: FormatName, { zone, areaCode, sensor }: ExportOptions): FormatOptions {
  const { takes } = formats[format];
  for (const [name, value] of [
    ['areaCode', areaCode],
    ['sensor', sensor],
  ] as const) {
    if (value !== undefined && !takes.some((each) => each === name))
      throw new CommandFailed(
        'usage',
        `The format ${format} has no use for ${name === 'sensor' ? '--sensor' : '--area-code'}.`,
      );
  }
  return {
    ...(zone !== undefined && takes.some((each) => each === 'zone') && { zone }),
    ...(areaCode !== undefined && { areaCode }),
    ...(sensor !== undefined && { sensor }),
  };
}

async function resume(
  number: number | undefined,
  options: JsonOptions & { readonly out?: string },
): Promise<void> {
  const { out, json } = options;
  if (out !== undefined && number === undefined)
    throw new CommandFailed('usage', 'Say which export: --out is for one.');
  await withStore(options, async (store) => {
    const unfinished = (await store.exports.list()).filter(({ finished }) => finished === undefined);
    const numbers = number === undefined ? unfinished.map((each) => each.id).reverse() : [number];
    const ends = [];
    for (const each of numbers)
      ends.push(await told(resumeExport(worldOf(store), each, out === undefined ? undefined : resolve(out))));
    if (json) return printJson(await Promise.all(ends.map((end) => endJson(store, end))));
    if (ends.length === 0) return print('No export is unfinished.\n');
    for (const end of ends) await print(await endLines(store, end));
  });
}

async function list(options: JsonOptions): Promise<void> {
  await withStore(options, async ({ exports }) => {
    const all = await exports.list();
    if (options.json) return printJson(all.map(exportJson));
    await print(all.length === 0 ? 'No exports.\n' : `${exportsTable(all)}\n`);
  });
}

async function show(number: number, options: JsonOptions): Promise<void> {
  await withStore(options, async ({ exports }) => {
    const found = await exports.find(number);
    if (!found)
      throw new CommandFailed(
        'failed',
        `There is no export ${number}. \`cordboard calls export list\` shows those that there are.`,
      );
    const leftOut = await exports.leftOut(number);
    if (options.json) return printJson({ ...exportJson(found), leftOutCalls: leftOut });
    await print(`${exportLines(found)}${leftOutLines(leftOut)}`);
  });
}

async function verify(file: string, options: JsonOptions): Promise<void> {
  await withStore(options, async ({ exports }) => {
    const verdict = await verifyExport(exports, resolve(file)).catch((cause: unknown) => {
      throw new CommandFailed('failed', `${file} cannot be read: ${diskReason(cause)}.`, { cause });
    });
    if (options.json)
      await printJson({
        verdict: verdict.kind,
        export: verdict.kind === 'unknown' ? null : exportJson(verdict.export),
      });
    if (verdict.kind === 'as-handed-out') {
      if (!options.json) await print(`The file is as it was handed out.\n${exportLines(verdict.export)}`);
      return;
    }
    if (verdict.kind === 'unknown') throw new CommandFailed('failed', `No export has written ${file}.`);
    const { finished } = verdict.export;
    throw new CommandFailed(
      'damaged',
      `${file} is not as it was handed out: export ${verdict.export.id} (${nameOf(verdict.export)}) wrote ` +
        `${finished?.octets} octets with SHA-256 ${finished?.sha256}; this file has ${verdict.octets} octets.`,
    );
  });
}

function worldOf({ exports }: Store): ExportWorld {
  return { exports, clock: realClock, ...usualSizes };
}

async function told(end: Promise<ExportEnd>): Promise<ExportEnd> {
  try {
    return await end;
  } catch (cause) {
    if (cause instanceof ExportFailed) throw new CommandFailed('failed', cause.message, { cause });
    throw cause;
  }
}

async function endJson({ exports }: Store, end: ExportEnd): Promise<Record<string, unknown>> {
  if (end.kind === 'empty') return { records: 0, leftOut: end.leftOut.length, leftOutCalls: end.leftOut };
  return { ...exportJson(end.export), leftOutCalls: await leftOutOf(exports, end.export) };
}

async function endLines({ exports }: Store, end: ExportEnd): Promise<string> {
  if (end.kind === 'empty')
    return `No call to hand out: no file was made. What the series has had before is not repeated.\n${someLeftOutLines(end.leftOut)}`;
  return exportLines(end.export) + someLeftOutLines(await leftOutOf(exports, end.export));
}

async function leftOutOf(exports: Store['exports'], { id, leftOut }: Export) {
  return leftOut === 0 ? [] : exports.leftOut(id);
}

function formatLines(): string {
  return formatNames.map((name) => `  ${name.padEnd(12)}${formats[name].description}\n`).join('');
}

function printJson(value: unknown): Promise<void> {
  return print(`${JSON.stringify(value, null, 1)}\n`);
}

function id(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not the number of an export.');
  return Number(text);
}

function series(text: string): string {
  if (!/^[A-Za-z0-9][\w.-]{0,31}$/.test(text))
    throw new InvalidArgumentError('Not a name: letters, digits, ".", "-" and "_", 32 at most.');
  return text;
}

function areaCode(text: string): string {
  if (!/^[2-9][0-8]\d$/.test(text)) throw new InvalidArgumentError('Not an area code of three digits.');
  return text;
}

function sensor(text: string): Sensor {
  const found = /^(\d{3}):(\d{7})$/.exec(text);
  if (!found)
    throw new InvalidArgumentError('Not three digits of type, a colon and seven of identification.');
  return { type: found[1] as string, id: found[2] as string };
}
