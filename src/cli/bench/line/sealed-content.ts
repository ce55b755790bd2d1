import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Endpoint } from '../../../endpoint/endpoint.js';

const ending = '.stream';
/** Enough to be nowhere else by chance. */
const markLength = 12;

/**
 * The octets with which the content of the next call begins on the line: sealed, as A's spool has them, from where B's part of them ends.
 * @returns `undefined` while A has sealed nothing
 */
export function nextSealedOctets(sender: Endpoint, recipient: Endpoint): Buffer | undefined {
  const { spool } = sender.paths;
  const path = readdirSync(spool, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith(ending),
  );
  if (path === undefined) return undefined;
  const sessionId = basename(path, ending);
  const part = join(recipient.paths.incoming, sender.settings.account, sessionId, 'part');
  const from = statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  const octets = readFileSync(join(spool, path)).subarray(from, from + markLength);
  return octets.length === markLength ? octets : undefined;
}
