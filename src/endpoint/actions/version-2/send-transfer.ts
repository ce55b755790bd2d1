import { join } from 'node:path';
import { parseStoredReceipt } from '../../../protocol/data-exchange/version-2/packets.js';
import type { Peer } from '../../address-book.js';
import type { Endpoint, OpenKeys } from '../../endpoint.js';
import { readSpoolState } from '../../transfers/spool-state.js';
import { sweepWorkFolders } from '../../work-folder.js';
import { nameOf, unpaired } from '../action.js';
import type { CallOptions } from '../call-peer.js';
import type { ActionEnd, Failed, Sent } from '../events.js';
import type { Line } from '../line.js';
import { type Opened, openTransfer, type ToSend } from './open-transfer.js';
import { transmitRedialling } from './redial.js';
import { type CallEnd, owesVerdict } from './transmit.js';
import { outgoingSpool } from './unfinished.js';

/** What the action tells its log. */
export interface Sending {
  /** Octets of content on the line. */
  noteOctets(octets: number): void;
  /** The delivery is to be in the log before the spool is gone, whatever crashes; once, however often it is told. */
  enterDelivery(end: Sent): Promise<void>;
}

/** One transfer of version 2, over as many calls as it takes. What cannot be delivered now and is partly across stays in the spool. */
export async function sendByVersion2(
  endpoint: Endpoint,
  peer: Peer,
  toSend: ToSend,
  { line, sending }: { readonly line: Line; readonly sending: Sending },
  options: CallOptions,
): Promise<ActionEnd> {
  const keys = await endpoint.unlock();
  const identity = await keys.trust.identity();
  if (!keys.pairings.liveKeysOf(peer) && !(await owesVerdict(keys.pairings, peer))) return unpaired(peer);
  await sweepWorkFolders(endpoint.paths.spool);
  let sent: Sent | undefined;
  const spool = outgoingSpool(endpoint, keys, async (stored, files) => {
    const receipt = parseStoredReceipt(stored);
    if (receipt.kind === 'malformed') throw new Error(receipt.fault);
    const { octets, sessionId } = receipt;
    sent = { event: 'sent', peer: nameOf(peer), version: 2, octets, files, receipt: hexOf(sessionId) };
    await sending.enterDelivery(sent);
  });
  const opened = await openTransfer({ endpoint, keys, spool, peer, onEvent: options.onEvent }, toSend);
  const { transfer, isResumed } = opened;
  let end: CallEnd | undefined;
  let left: Left = 'nothing';
  try {
    const requestId = endpoint.world.random(16);
    const modem = await line.open();
    const onProgress = sending.noteOctets;
    const transmission = {
      endpoint,
      keys,
      peer,
      modem,
      identity,
      transfer,
      requestId,
      isResumed,
      onProgress,
    };
    end = await transmitRedialling(transmission, options, line.gone);
  } finally {
    await transfer.close();
    left = await leftOf(endpoint, keys, opened, end);
    if (left !== 'a transfer') await spool.discard(opened.id);
  }
  if (end.kind === 'failed') {
    const { failed } = end;
    return { ...failed, advice: adviceOn(left, peer) ?? failed.advice ?? adviceFor[failed.outcome] ?? null };
  }
  if (!sent) throw new Error('delivered without a receipt');
  return sent;
}

/** What the spool has to keep of a transfer when its calls are over. */
type Left = 'nothing' | 'a transfer' | 'a pipe that cannot be read again';

/** What has not left this endpoint is sent anew at less than the cost of keeping it. */
async function leftOf(
  { paths }: Endpoint,
  { ring }: OpenKeys,
  { id, transfer, isResumed }: Opened,
  end: CallEnd | undefined,
): Promise<Left> {
  if (end?.kind === 'delivered' || end?.transfer === 'never') return 'nothing';
  if (!isResumed && transfer.handshakeHashes.length === 0) return 'nothing';
  if (transfer.length !== undefined) return 'a transfer';
  const state = await readSpoolState(join(paths.spool, id), ring);
  const isPipe = state !== undefined && !('fault' in state) && state.live !== undefined;
  return isPipe ? 'a pipe that cannot be read again' : 'a transfer';
}

function adviceOn(left: Left, { account }: Peer): string | undefined {
  switch (left) {
    case 'nothing':
      return undefined;
    case 'a transfer':
      return `What is across stays there: \`cordboard send ${account} --resume\` goes on where this call ended.`;
    case 'a pipe that cannot be read again':
      return 'What came through the pipe cannot be read again; send it again from the beginning.';
  }
}

const adviceFor: Readonly<Partial<Record<Failed['outcome'], string>>> = {
  'not-authentic': 'If it happens again, pair again; if pairing fails too, somebody may be on the line.',
  'timed-out': 'Nothing was delivered; try again.',
  interrupted: 'Nothing was delivered; try again.',
};

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
