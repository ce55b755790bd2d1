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

/** Oldest first, for people to look at: nothing of it is proved, and what is damaged is passed over. */
export async function listUnfinished(spool: string): Promise<UnfinishedTransfer[]> {
  const names = (await readdir(spool).catch(() => [])).filter((name) => /^[0-9a-f]{32}$/.test(name));
  const texts = await Promise.all(names.map((name) => readIfThere(statePath(join(spool, name)))));
  const found = texts.flatMap((text): UnfinishedTransfer[] => {
    const document = v.safeParse(v.pipe(v.string(), v.parseJson(), documentSchema), text);
    const peer = document.success && parseAccountNumber(document.output.state.peer);
    if (!document.success || !peer) return [];
    const { begunMs, files, live } = document.output.state;
    const paths = [...files.map(({ name }) => name), ...(live === null ? [] : [live])];
    return [{ peer, begunAt: new Date(begunMs), names: paths }];
  });
  return found.sort((a, b) => a.begunAt.getTime() - b.begunAt.getTime());
}
