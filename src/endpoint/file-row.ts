import * as v from 'valibot';
import type { ReceivedFile } from '../session/session.js';

/** A file as logs and inbox records keep it; `JSON.stringify` of a `ReceivedFile` has this form. */
export const fileRow = v.object({
  name: v.string(),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  mtime: v.pipe(v.string(), v.isoTimestamp()),
});

export function filesOf(rows: readonly v.InferOutput<typeof fileRow>[]): ReceivedFile[] {
  return rows.map((row) => ({ ...row, mtime: new Date(row.mtime) }));
}
