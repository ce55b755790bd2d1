import { join } from 'node:path';
import type { ChosenFile, Source } from '../../container/sources.js';
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

/** What is unfinished of the files that are to be sent. */
export interface Unfinished {
  /** Goes on. */
  readonly same: PendingTransfer | undefined;
  /** Of the same files as they were: size or dates have changed since. */
  readonly outdated: readonly PendingTransfer[];
}

/** The unfinished transfers of exactly these files. Live data are like no other. @throws EndpointError `usage` as for a new transfer */
export async function unfinishedOf(
  { paths }: Endpoint,
  { ring }: OpenKeys,
  pending: readonly PendingTransfer[],
  sources: readonly Source[],
): Promise<Unfinished> {
  if (pending.length === 0 || sources.some((source) => typeof source !== 'string')) return nothing;
  const { files, live } = await chooseTree(sources);
  if (live) return nothing;
  const outdated: PendingTransfer[] = [];
  for (const transfer of pending) {
    const state = await readSpoolState(join(paths.spool, transfer.id), ring);
    if (!state || 'fault' in state || state.live !== undefined) continue;
    if (pathsOf(state.files) !== pathsOf(files)) continue;
    if (editionOf(state.files) === editionOf(files)) return { same: transfer, outdated };
    outdated.push(transfer);
  }
  return { same: undefined, outdated };
}

const nothing: Unfinished = { same: undefined, outdated: [] };

function pathsOf(files: readonly ChosenFile[]): string {
  return JSON.stringify(files.map(({ path, name }) => [path, name]).sort());
}

function editionOf(files: readonly ChosenFile[]): string {
  return JSON.stringify(
    files.map(({ path, size, modifiedMs, changedMs }) => [path, size, modifiedMs, changedMs]).sort(),
  );
}
