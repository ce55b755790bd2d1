import {
  encodeBlock,
  longestName,
  paddingOctets,
  parseBlock,
  pathPartFault,
  type UstarEntry,
} from '../../../protocol/data-exchange/ustar.js';
import type { ArchiveHeader, ArchiveHeaders } from '../archive-reader.js';

/** Octets of UTF-8 in a path. */
export const longestPath = 4_096;
/** `4108 path=`, the path, a line feed. */
const longestRecord = longestPath + 11;

/** Why version 2 does not carry this path (`a path that ...`), or `undefined` when it does. */
export function pathFault(path: string): string | undefined {
  for (const part of path.split('/')) {
    const fault = pathPartFault(part);
    if (fault) return part === path || part === '' ? fault : `has a part that ${fault}`;
  }
  return Buffer.byteLength(path) > longestPath ? `is longer than ${longestPath} octets` : undefined;
}

/**
 * The header of a file in version 2's archive: version 1's with a path for a name, and a PAX header before it when the path
 * does not fit (POSIX.1-2001, pax).
 * @param isLive its length is not known: `size` is 0, and its content is the rest of the archive
 * @throws RangeError at an entry that is not carried
 */
export function encodeTreeHeader(entry: UstarEntry, isLive = false): Uint8Array {
  const fault = pathFault(entry.name);
  if (fault) throw new RangeError(`a path that ${fault}`);
  const type = isLive ? 'U' : '0';
  if (Buffer.byteLength(entry.name) <= longestName) return encodeBlock(type, entry);
  const record = Buffer.from(pathRecord(entry.name));
  return Buffer.concat([
    encodeBlock('x', { name: 'path', size: record.length, mtime: entry.mtime }),
    record,
    new Uint8Array(paddingOctets(record.length)),
    encodeBlock(type, { ...entry, name: 'path' }),
  ]);
}

/** `<octets of this record, these digits too> path=<path>\n` */
function pathRecord(path: string): string {
  const rest = ` path=${path}\n`;
  const restOctets = Buffer.byteLength(rest);
  let octets = restOctets + 1;
  while (restOctets + `${octets}`.length !== octets) octets += 1;
  return `${octets}${rest}`;
}

/** Reads what `encodeTreeHeader` writes; anything else that tar knows is refused. */
export class TreeHeaders implements ArchiveHeaders {
  #path: string | undefined;

  read(block: Uint8Array): ArchiveHeader {
    const parsed = parseBlock(block, this.#path === undefined ? ['0', 'U', 'x'] : ['0', 'U']);
    if (parsed.kind === 'malformed') return parsed;
    if (parsed.kind === 'end') {
      return this.#path === undefined ? parsed : malformed('a long path without a file');
    }
    const { type, entry } = parsed;
    if (type === 'x') {
      return entry.size < 1 || entry.size > longestRecord
        ? malformed(`a PAX header of ${entry.size} octets`)
        : { kind: 'extension', size: entry.size };
    }
    const name = this.#path ?? entry.name;
    this.#path = undefined;
    const fault = pathFault(name);
    if (fault) return malformed(`a path that ${fault}`);
    if (type === '0') return { kind: 'file', entry: { ...entry, name } };
    return entry.size === 0
      ? { kind: 'live file', entry: { ...entry, name } }
      : malformed('a file of unknown length that has a length');
  }

  extend(octets: Uint8Array): string | undefined {
    const record = Buffer.from(octets).toString();
    const path = record.slice(record.indexOf('=') + 1, -1);
    // One form for each path: invalid UTF-8, another key and a second record differ from it.
    if (!Buffer.from(pathRecord(path)).equals(octets)) return 'a PAX header of something else than a path';
    this.#path = path;
    return undefined;
  }
}

function malformed(reason: string): ArchiveHeader {
  return { kind: 'malformed', reason };
}
