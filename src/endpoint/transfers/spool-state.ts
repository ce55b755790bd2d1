import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { type AccountNumber, parseAccountNumber } from '../../bytes/account-number.js';
import type { SentFile } from '../container/pack.js';
import type { ChosenFile } from '../container/sources.js';
import { readIfThere, replaceDurably } from '../durable-file.js';
import { fileRow, filesOf } from '../file-row.js';
import type { SecretBox } from './secret-box.js';

/** What a sender's disk knows of one transfer besides its chunks. */
export interface SpoolState {
  readonly peer: AccountNumber;
  /** 16 octets. */
  readonly sessionId: Uint8Array;
  /** 32 octets, for this session id alone. */
  readonly transferKey: Uint8Array;
  readonly files: readonly ChosenFile[];
  /** The name of live data: they can be read once only. */
  readonly live: string | undefined;
  readonly isPadded: boolean;
  /** Of the calls of this session id that may have ended with a receipt. */
  readonly handshakeHashes: readonly Uint8Array[];
  /** As they stand in the content; known before its last chunk is sealed. */
  readonly packed: readonly SentFile[] | undefined;
  readonly begunMs: number;
  /** UTC milliseconds of the last call that got as far as to give the transfer key away, else of the beginning. */
  readonly lastCallMs: number;
}

const hex = (octets: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${octets * 2}}$`)));
const milliseconds = v.pipe(v.number(), v.finite());

const schema = v.strictObject({
  transfer: v.literal(1),
  peer: hex(6),
  sessionId: hex(16),
  files: v.array(
    v.strictObject({
      path: v.string(),
      name: v.string(),
      size: milliseconds,
      mtimeSeconds: milliseconds,
      modifiedMs: milliseconds,
      changedMs: milliseconds,
    }),
  ),
  live: v.nullable(v.string()),
  isPadded: v.boolean(),
  handshakeHashes: v.array(hex(32)),
  packed: v.nullable(v.array(fileRow)),
  begunMs: milliseconds,
  lastCallMs: milliseconds,
});

const documentSchema = v.strictObject({ state: v.string(), sealedKey: v.pipe(v.string(), v.base64()) });

export function statePath(folder: string): string {
  return join(folder, 'transfer.json');
}

/** Durable when it resolves. */
export async function writeSpoolState(folder: string, state: SpoolState, secrets: SecretBox): Promise<void> {
  const { transferKey, sessionId, files, live, packed, handshakeHashes, ...rest } = state;
  const text = JSON.stringify({
    transfer: 1,
    sessionId: Buffer.from(sessionId).toString('hex'),
    files: files.map(({ isPiped: _, ...file }) => file),
    live: live ?? null,
    packed: packed ?? null,
    handshakeHashes: handshakeHashes.map((hash) => Buffer.from(hash).toString('hex')),
    ...rest,
  });
  const sealedKey = Buffer.from(secrets.seal(contextOf(text), transferKey)).toString('base64');
  await replaceDurably(statePath(folder), `${JSON.stringify({ state: text, sealedKey })}\n`);
}

/** `undefined` when there is none; a fault when it was altered or belongs to another key ring (fault 84). */
export async function readSpoolState(
  folder: string,
  secrets: SecretBox,
): Promise<SpoolState | { readonly fault: string } | undefined> {
  const file = await readIfThere(statePath(folder));
  if (file === undefined) return undefined;
  const document = v.safeParse(v.pipe(v.string(), v.parseJson(), documentSchema), file);
  if (!document.success) return { fault: 'it is not as it was written' };
  const { state: text, sealedKey } = document.output;
  // The key is bound to every octet of the state.
  const transferKey = secrets.open(contextOf(text), Buffer.from(sealedKey, 'base64'));
  if (!transferKey) return { fault: 'it was altered, or belongs to another key ring' };
  const state = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  const peer = state.success && parseAccountNumber(state.output.peer);
  if (!state.success || !peer) return { fault: 'it is of another version of this program' };
  const { sessionId, files, live, packed, handshakeHashes, isPadded, begunMs, lastCallMs } = state.output;
  return {
    peer,
    sessionId: Buffer.from(sessionId, 'hex'),
    transferKey,
    files: files.map((each) => ({ ...each, isPiped: false })),
    live: live ?? undefined,
    isPadded,
    handshakeHashes: handshakeHashes.map((hash) => Buffer.from(hash, 'hex')),
    packed: packed ? filesOf(packed) : undefined,
    begunMs,
    lastCallMs,
  };
}

function contextOf(text: string): string {
  return `outgoing transfer|${createHash('sha256').update(text).digest('hex')}`;
}
