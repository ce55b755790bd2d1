import { basename } from 'node:path';
import type { Export, Exports } from '../../store/exports.js';
import { sumOf } from './export-file.js';

export type Verdict =
  | { readonly kind: 'as-handed-out'; readonly export: Export }
  /** An export wrote a file of this name, with other octets. */
  | { readonly kind: 'altered'; readonly export: Export; readonly octets: bigint }
  | { readonly kind: 'unknown' };

/**
 * Whether a file is, to the octet, what an export has written, whatever it is called now.
 * @throws the system's error when it cannot be read
 */
export async function verifyExport(exports: Exports, path: string): Promise<Verdict> {
  const { sha256, octets } = await sumOf(path);
  const [same] = await exports.withChecksum(sha256);
  if (same) return { kind: 'as-handed-out', export: same };
  const named = (await exports.list()).find(
    (each) => each.finished && basename(each.path) === basename(path),
  );
  return named ? { kind: 'altered', export: named, octets } : { kind: 'unknown' };
}
