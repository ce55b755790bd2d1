import { join } from 'node:path';
import type { Peer } from '../../address-book.js';
import type { Source } from '../../container/sources.js';
import type { Endpoint, OpenKeys } from '../../endpoint.js';
import { EndpointError } from '../../endpoint-error.js';
import { quoted } from '../../quoted.js';
import type { OutgoingSpool, PendingTransfer } from '../../transfers/outgoing-spool.js';
import { readSpoolState } from '../../transfers/spool-state.js';
import type { SpooledTransfer } from '../../transfers/spooled-transfer.js';
import { nameOf } from '../action.js';
import type { EndpointEvent } from '../events.js';
import { unfinishedOf } from './unfinished.js';

/** Files and pipes, or a transfer that an earlier action has left in the spool. */
export type ToSend = { readonly sources: readonly Source[] } | { readonly unfinished: string };

export interface Opened {
  /** Names it in the spool. */
  readonly id: string;
  readonly transfer: SpooledTransfer;
  readonly isResumed: boolean;
}

export interface Opening {
  readonly endpoint: Endpoint;
  readonly keys: OpenKeys;
  readonly spool: OutgoingSpool;
  readonly peer: Peer;
  onEvent(event: EndpointEvent): void;
}

/**
 * A new transfer, or an unfinished one where it is of the very same files. Files that were edited since are sent as they are now, and what
 * was unfinished of them is given up: later it would arrive as if it were the newer.
 */
export async function openTransfer(of: Opening, toSend: ToSend): Promise<Opened> {
  const { endpoint, keys, spool, peer, onEvent } = of;
  if ('unfinished' in toSend) return resumed(of, toSend.unfinished);
  await tellDamaged(spool, onEvent);
  const pending = (await spool.pending()).filter((each) => each.peer === peer.account);
  const { same, outdated } = await unfinishedOf(endpoint, keys, pending, toSend.sources);
  const opened = same ? await resumed(of, same.id) : await begun(of, toSend.sources);
  for (const each of outdated) await giveUp(of, each);
  return opened;
}

/** What is damaged is nobody's to throw away but a person's (fault 84). */
export async function tellDamaged(spool: OutgoingSpool, onEvent: Opening['onEvent']): Promise<void> {
  for (const { folder, fault } of await spool.damaged()) {
    const reason = `A transfer that was unfinished cannot go on: ${quoted(folder)} is damaged (${fault}). What it was and whether it arrived is not known. Send it again if it is missing there, then delete that folder.`;
    onEvent({ event: 'warning', reason, peer: null });
  }
}

async function begun({ endpoint, spool, peer }: Opening, sources: readonly Source[]): Promise<Opened> {
  const transfer = await spool.begin(peer.account, sources, endpoint.settings.pad_transfers);
  return { id: Buffer.from(transfer.sessionId).toString('hex'), transfer, isResumed: false };
}

async function giveUp(of: Opening, { id, begunAt }: PendingTransfer): Promise<void> {
  try {
    await of.spool.discard(id);
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error;
    // Another program sends it at this very time, or the disk says no. The next one who asks is told.
    return;
  }
  const day = begunAt.toISOString().slice(0, 16).replace('T', ' ');
  warn(
    of,
    `These files have changed since ${day} UTC, when they were sent and did not get through. They go as they are now, from the beginning, and the earlier transfer is given up. If nothing but its receipt was missing, it has arrived too.`,
  );
}

async function resumed(of: Opening, id: string): Promise<Opened> {
  const transfer = await resumedTransfer(of, id);
  if (transfer.mayArriveTwice) {
    warn(
      of,
      'What the spool held of this transfer was damaged, so it begins anew. All of it was across before, and only its receipt was missing: it may arrive a second time. Tell the recipient.',
    );
  }
  const [changed, ...others] = await transfer.outdatedFiles();
  if (changed !== undefined) {
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    warn(
      of,
      `${quoted(changed)}${more} changed since this transfer was begun; what arrives is as it was then. Send it by name afterwards if the newer one is wanted.`,
    );
  }
  return { id, transfer, isResumed: true };
}

async function resumedTransfer({ endpoint, keys, spool }: Opening, id: string): Promise<SpooledTransfer> {
  try {
    return await spool.resume(id);
  } catch (error) {
    if (!(error instanceof EndpointError) || error.outcome !== 'local-error') throw error;
    const state = await readSpoolState(join(endpoint.paths.spool, id), keys.ring);
    if (!state || 'fault' in state || state.live === undefined) throw error;
    await spool.discard(id);
    throw new EndpointError(
      'local-error',
      `What came through a pipe as ${state.live} cannot be sent on: its rest is lost with the program that read it. This transfer was given up; send it again from the beginning.`,
      { cause: error },
    );
  }
}

function warn({ onEvent, peer }: Opening, reason: string): void {
  onEvent({ event: 'warning', reason, peer: nameOf(peer) });
}
