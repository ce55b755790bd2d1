import type { Peer } from '../../address-book.js';
import type { Endpoint } from '../../endpoint.js';
import { EndpointError } from '../../endpoint-error.js';
import { quoted } from '../../quoted.js';
import type { PendingTransfer } from '../../transfers/outgoing-spool.js';
import { outgoingSpool } from './unfinished.js';

/**
 * Gives up all that is unfinished for the peer: the Send Log says so, and what was kept to go on with is removed.
 * @returns what was given up, oldest first
 * @throws EndpointError `locked` while another program sends one of them; those before it are given up
 */
export async function discard(endpoint: Endpoint, peer: Peer): Promise<readonly PendingTransfer[]> {
  const spool = outgoingSpool(endpoint, await endpoint.unlock());
  const pending = (await spool.pending()).filter((each) => each.peer === peer.account);
  if (pending.length === 0)
    throw new EndpointError(
      'usage',
      `Nothing is unfinished for ${quoted(peer.name)}. See \`cordboard sent\`.`,
    );
  for (const transfer of pending) {
    await spool.discard(transfer.id);
    await endpoint.sendLog.append({
      at: new Date(endpoint.world.clock.utcMs()),
      ...{ protocol: 'data-exchange', version: 2, peer: peer.account, name: peer.name },
      ...{ outcome: 'discarded', step: null, reason: reasonOf(transfer) },
      ...{ durationSeconds: null, octets: null, folder: null, receipt: null, files: [] },
    });
  }
  return pending;
}

function reasonOf({ names, mayHaveArrived }: PendingTransfer): string {
  return `given up by hand: ${names.join(', ')}${mayHaveArrived ? '; it may have arrived' : ''}`;
}
