import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { largestOctal, nameFault } from '../../protocol/data-exchange/ustar.js';
import type { Clock } from '../../time/clock.js';
import { diskReason, EndpointError } from '../endpoint-error.js';
import { quoted } from '../quoted.js';
import { containerLimits } from './limits.js';

/** What a person asked to send: a file, a folder with all below it, or content that arrives through a pipe. */
export type Source = string | { readonly name: string; readonly content: AsyncIterable<Uint8Array> };

/** A regular file as it was when it was chosen. */
export interface ChosenFile {
  readonly path: string;
  /** Its content came through a pipe, and `path` is where it is kept: no name that a person knows. */
  readonly isPiped: boolean;
  /** Base name, NFC. */
  readonly name: string;
  readonly size: number;
  /** Whole seconds since 1970; dates before it and after the year 2242 are moved to the nearest that a container holds. */
  readonly mtimeSeconds: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
}

export interface ChoiceOptions {
  /** Where the content of pipes is kept until it is sent: its size must be known before it. */
  readonly spool: string;
  readonly clock: Clock;
  /** Aborted when the operator gives up: a pipe may never end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * All files that the sources stand for, checked before any call: names that can travel, none twice, limits kept.
 * @throws EndpointError `usage` that names what is at fault and what to do
 */
export async function chooseFiles(sources: readonly Source[], options: ChoiceOptions): Promise<ChosenFile[]> {
  const chosen: ChosenFile[] = [];
  for (const source of sources) {
    if (typeof source !== 'string') chosen.push(await spool(source, chosen.length, options));
    else for await (const file of walk(source, options, chosen)) chosen.push(file);
  }
  if (chosen.length === 0) throw refusal('There is no file to send: the folders are empty.');
  checkNames(chosen);
  checkTotal(chosen);
  return chosen;
}

async function* walk(
  path: string,
  options: ChoiceOptions,
  chosen: readonly ChosenFile[],
): AsyncGenerator<ChosenFile> {
  const stats = await statOf(path);
  if (stats.isFile()) yield chosenFile(path, basename(resolve(path)), stats);
  else if (stats.isDirectory()) yield* walkFolder(path);
  else if (stats.isFIFO() || stats.isCharacterDevice()) {
    yield spool({ name: basename(path), content: createReadStream(path) }, chosen.length, options);
  } else throw refusal(`${quoted(path)} is neither a file nor a folder.`);
}

/**
 * All files below a folder, by name.
 * @param prefix of their names; version 1 carries no folders, and has none
 */
export async function* walkFolder(folder: string, prefix = ''): AsyncGenerator<ChosenFile> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw refusal(`The folder ${quoted(folder)} cannot be read: ${diskReason(cause)}.`, cause);
  });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* walkFolder(path, prefix && `${prefix}${entry.name}/`);
      continue;
    }
    // A link stands for the file behind it. One to a folder may lead out of this folder or in a circle.
    const stats = await statOf(path);
    if (!stats.isFile()) {
      throw refusal(
        `${quoted(path)} is not a file (a link to a folder, a pipe or a device). Move it away or send the files by name.`,
      );
    }
    yield chosenFile(path, `${prefix}${entry.name}`, stats);
  }
}

export async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw refusal(`${quoted(path)} cannot be read: ${diskReason(cause)}.`, cause);
  }
}

export function chosenFile(path: string, name: string, stats: Stats): ChosenFile {
  return {
    path,
    isPiped: false,
    name: name.normalize('NFC'),
    size: stats.size,
    mtimeSeconds: Math.min(Math.max(Math.floor(stats.mtimeMs / 1000), 0), largestOctal),
    modifiedMs: stats.mtimeMs,
    changedMs: stats.ctimeMs,
  };
}

async function spool(
  source: Exclude<Source, string>,
  index: number,
  options: ChoiceOptions,
): Promise<ChosenFile> {
  const path = join(options.spool, `pipe-${index}`);
  try {
    await pipeline(source.content, createWriteStream(path, { flags: 'wx', mode: 0o600 }), {
      signal: options.signal,
    });
  } catch (cause) {
    throw new EndpointError(
      'store-unavailable',
      `The content of ${quoted(source.name)} could not be kept until it is sent: ${diskReason(cause)}.`,
      { cause },
    );
  }
  const file = chosenFile(path, source.name, await statOf(path));
  return { ...file, isPiped: true, mtimeSeconds: Math.floor(options.clock.utcMs() / 1000) };
}

const nameForPipe =
  'Give standard input another name with `--stdin-name NAME`, or save the content to a file first.';

function checkNames(files: readonly ChosenFile[]): void {
  const fileOf = new Map<string, ChosenFile>();
  for (const file of files) {
    const { name, path, isPiped } = file;
    const fault = name.includes('\ufffd') ? 'is not valid UTF-8' : nameFault(name);
    if (fault && isPiped) {
      throw refusal(`The name ${quoted(name)} for the content of a pipe ${fault}. ${nameForPipe}`);
    }
    if (fault) {
      throw refusal(
        `${quoted(path)} cannot be sent under its name, which ${fault}. Rename it, then send again.`,
      );
    }
    const twin = fileOf.get(name);
    if (twin?.isPiped || (twin && isPiped)) {
      throw refusal(
        `The content of a pipe would arrive under the name ${quoted(name)}, which another file has. ${nameForPipe}`,
      );
    }
    if (twin && resolve(twin.path) === resolve(path)) {
      throw refusal(`${quoted(path)} is named twice among what is to be sent. Name it once.`);
    }
    if (twin) {
      throw refusal(
        `Two files would arrive under the name ${quoted(name)}: ${quoted(twin.path)} and ${quoted(path)}. Names travel without ` +
          'their folders. Rename one, send them in two calls, or send the folder as one archive (tar, zip).',
      );
    }
    fileOf.set(name, file);
  }
}

export function checkTotal(files: readonly ChosenFile[]): void {
  if (files.length > containerLimits.entries) {
    throw refusal(
      `${files.length} files are more than one call carries (${containerLimits.entries}). Send fewer, or one archive of them.`,
    );
  }
  const octets = files.reduce((sum, file) => sum + file.size, 0);
  if (octets > containerLimits.contentOctets) {
    throw refusal(`The files hold ${octets} octets, more than one call carries (4 GiB). Send them in parts.`);
  }
}

export function refusal(message: string, cause?: unknown): EndpointError {
  return new EndpointError('usage', message, { cause });
}
