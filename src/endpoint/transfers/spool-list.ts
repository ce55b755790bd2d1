import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { type AccountNumber, parseAccountNumber } from '../../bytes/account-number.js';
import { readIfThere } from '../durable-file.js';
import { statePath } from './spool-state.js';

/** A transfer in the spool, as its file says without a key. */
export interface UnfinishedTransfer {
  readonly peer: AccountNumber;
  readonly begunAt: Date;
  /** Paths in the archive; live data last. */
  readonly names: readonly string[];
}

const stateSchema = v.object({
  peer: v.string(),
  begunMs: v.number(),
  files: v.array(v.object({ name: v.string() })),
  live: v.nullable(v.string()),
});

const documentSchema = v.object({ state: v.pipe(v.string(), v.parseJson(), stateSchema) });

/** Oldest first, for people to look at: nothing of it is proved. */
export async function listUnfinished(spool: string): Promise<UnfinishedTransfer[]> {
  const found = (await readAll(spool)).flatMap(({ transfer }) => transfer ?? []);
  return found.sort((a, b) => a.begunAt.getTime() - b.begunAt.getTime());
}

/** Folders of transfers whose file says nothing any more (fault 84). What is damaged without a trace only the key ring finds. */
export async function listDamaged(spool: string): Promise<string[]> {
  return (await readAll(spool)).flatMap(({ folder, transfer }) => (transfer ? [] : [folder]));
}

interface Listed {
  readonly folder: string;
  /** `undefined`: damaged. */
  readonly transfer: UnfinishedTransfer | undefined;
}

async function readAll(spool: string): Promise<Listed[]> {
  const names = (await readdir(spool).catch(() => [])).filter((name) => /^[0-9a-f]{32}$/.test(name)).sort();
  const listed = names.map(async (name): Promise<Listed[]> => {
    const folder = join(spool, name);
    const text = await readIfThere(statePath(folder));
    // A transfer that is just begun, or just over.
    return text === undefined ? [] : [{ folder, transfer: transferIn(text) }];
  });
  return (await Promise.all(listed)).flat();
}

function transferIn(text: string): UnfinishedTransfer | undefined {
  const document = v.safeParse(v.pipe(v.string(), v.parseJson(), documentSchema), text);
  const peer = document.success && parseAccountNumber(document.output.state.peer);
  if (!document.success || !peer) return undefined;
  const { begunMs, files, live } = document.output.state;
  const names = [...files.map(({ name }) => name), ...(live === null ? [] : [live])];
  return { peer, begunAt: new Date(begunMs), names };
}
