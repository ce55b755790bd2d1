import { join } from 'node:path';
import type { Source } from '../../container/sources.js';
import { chooseTree } from '../../container/version-2/choose-tree.js';
import type { Endpoint, OpenKeys } from '../../endpoint.js';
import { OutgoingSpool, type PendingTransfer } from '../../transfers/outgoing-spool.js';
import { readSpoolState } from '../../transfers/spool-state.js';
import type { SpoolWorld } from '../../transfers/spooled-transfer.js';

export function outgoingSpool(
  { paths, world }: Endpoint,
  { ring }: OpenKeys,
  onReceipt: SpoolWorld['onReceipt'] = undefined,
): OutgoingSpool {
  const { spool, receipts } = paths;
  const { clock, random } = world;
  return new OutgoingSpool({
    spool,
    receipts,
    clock,
    random,
    secrets: ring,
    ...(onReceipt && { onReceipt }),
  });
}

/** An unfinished transfer of exactly these files. Live data are like no other. @throws EndpointError `usage` as for a new transfer */
export async function unfinishedOf(
  { paths }: Endpoint,
  { ring }: OpenKeys,
  pending: readonly PendingTransfer[],
  sources: readonly Source[],
): Promise<PendingTransfer | undefined> {
  if (pending.length === 0 || sources.some((source) => typeof source !== 'string')) return undefined;
  const { files, live } = await chooseTree(sources);
  if (live) return undefined;
  const wanted = pathsOf(files);
  for (const transfer of pending) {
    const state = await readSpoolState(join(paths.spool, transfer.id), ring);
    if (!state || 'fault' in state || state.live !== undefined) continue;
    if (pathsOf(state.files) === wanted) return transfer;
  }
  return undefined;
}

function pathsOf(files: readonly { readonly path: string; readonly name: string }[]): string {
  return JSON.stringify(files.map(({ path, name }) => [path, name]).sort());
}
