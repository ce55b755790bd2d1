import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { quoted } from '../../quoted.js';
import { containerLimits } from '../limits.js';
import {
  type ChosenFile,
  checkTotal,
  chosenFile,
  refusal,
  type Source,
  statOf,
  walkFolder,
} from '../sources.js';
import { pathFault } from './tree-headers.js';

/** What one transfer carries: files with their folders, and after them live data, where there is a pipe. */
export interface ChosenTree {
  /** `path` is absolute, `name` the path in the archive, with `/`. */
  readonly files: readonly ChosenFile[];
  readonly live: LiveSource | undefined;
}

/** Content that is sent as it comes: standard input, a FIFO, a device. */
export interface LiveSource {
  /** The path in the archive. */
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * All that the sources stand for, checked before any call. A folder keeps its name and what is below it; a file that is named by
 * itself goes without the folders that it is in.
 * @throws EndpointError `usage` that names what is at fault and what to do
 */
export async function chooseTree(sources: readonly Source[]): Promise<ChosenTree> {
  const files: ChosenFile[] = [];
  const pipes: LiveSource[] = [];
  for (const source of sources) {
    if (typeof source !== 'string') pipes.push({ ...source, name: source.name.normalize('NFC') });
    else await choosePath(source, files, pipes);
  }
  const [live, second] = pipes;
  if (second) {
    throw refusal(
      `${quoted(live?.name ?? '')} and ${quoted(second.name)} are both read while they are sent, and one call carries one such source. Send them in two calls, or save one to a file first.`,
    );
  }
  if (files.length === 0 && !live) throw refusal('There is no file to send: the folders are empty.');
  checkPaths(files, live);
  checkTotal(files);
  return { files, live };
}

async function choosePath(path: string, files: ChosenFile[], pipes: LiveSource[]): Promise<void> {
  const absolute = resolve(path);
  const stats = await statOf(path);
  if (stats.isFile()) files.push(chosenFile(absolute, basename(absolute), stats));
  else if (stats.isDirectory()) {
    const name = basename(absolute);
    for await (const file of walkFolder(absolute, name && `${name}/`)) files.push(file);
  } else if (stats.isFIFO() || stats.isCharacterDevice()) {
    pipes.push({ name: basename(absolute).normalize('NFC'), content: createReadStream(path) });
  } else throw refusal(`${quoted(path)} is neither a file nor a folder.`);
}

function checkPaths(files: readonly ChosenFile[], live: LiveSource | undefined): void {
  const pathOf = new Map<string, string>();
  const folders = new Set<string>();
  for (const { name, path } of files) {
    const fault = name.includes('\ufffd') ? 'is not valid UTF-8' : pathFault(name);
    if (fault) {
      throw refusal(
        `${quoted(path)} cannot be sent under its name, which ${fault}. Rename it, then send again.`,
      );
    }
    const twin = pathOf.get(name);
    if (twin === path)
      throw refusal(`${quoted(path)} is named twice among what is to be sent. Name it once.`);
    if (twin !== undefined) {
      throw refusal(
        `Two files would arrive under the name ${quoted(name)}: ${quoted(twin)} and ${quoted(path)}. Rename one, send them in two calls, or send the folder that holds both.`,
      );
    }
    pathOf.set(name, path);
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1))
      folders.add(name.slice(0, end));
  }
  if (files.length + folders.size > containerLimits.entries) {
    throw refusal(
      `${files.length} files in ${folders.size} folders are more than one call carries (${containerLimits.entries} together). Send fewer, or one archive of them.`,
    );
  }
  if (!live) return;
  const fault = pathFault(live.name);
  const taken = pathOf.has(live.name) ? 'another file has' : fault;
  if (taken) {
    throw refusal(
      `The content of a pipe cannot be sent under the name ${quoted(live.name)}, which ${taken}. Give it another name with \`--stdin-name NAME\`, or save it to a file first.`,
    );
  }
}
