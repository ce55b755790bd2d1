import { rm } from 'node:fs/promises';
import { sendTransfer } from '../../session/data-exchange.js';
import { type Peer, speaksVersion1 } from '../address-book.js';
import type { Source } from '../container/sources.js';
import type { Endpoint, OpenKeys } from '../endpoint.js';
import { makeWorkFolder, sweepWorkFolders } from '../work-folder.js';
import { conclude, enter, failedOf, failedSession, nameOf, onLine, unpaired } from './action.js';
import { type CallOptions, callPeer } from './call-peer.js';
import type { ActionEnd, Failed, Version } from './events.js';
import type { Line } from './line.js';
import { ProgressMeter } from './progress-meter.js';
import { type Sealed, seal } from './seal.js';
import { type ToSend, tellDamaged } from './version-2/open-transfer.js';
import { type Sending, sendByVersion2 } from './version-2/send-transfer.js';
import { outgoingSpool } from './version-2/unfinished.js';

/** Files and folders to one peer. All that can be wrong with them is told before the call. */
export function send(
  endpoint: Endpoint,
  peer: Peer,
  sources: readonly Source[],
  options: CallOptions,
): Promise<ActionEnd> {
  return sendOne(endpoint, peer, { sources }, options);
}

/** Goes on with all that is unfinished for the peer, oldest first, until something fails. Version 2. */
export async function resume(endpoint: Endpoint, peer: Peer, options: CallOptions): Promise<ActionEnd> {
  const refused = (end: Failed) => {
    options.onEvent(end);
    return end;
  };
  try {
    const spool = outgoingSpool(endpoint, await endpoint.unlock());
    await tellDamaged(spool, options.onEvent);
    const pending = await spool.pending();
    let end: ActionEnd | undefined;
    for (const { id } of pending.filter((each) => each.peer === peer.account)) {
      end = await sendOne(endpoint, peer, { unfinished: id }, options);
      // What cannot be read any more keeps nothing else back.
      if (end.event === 'failed' && end.outcome !== 'local-error') return end;
    }
    return end ?? refused(nothingUnfinished(peer));
  } catch (error) {
    return refused(failedOf(error, 'DX-605', nameOf(peer)));
  }
}

async function sendOne(
  endpoint: Endpoint,
  peer: Peer,
  toSend: ToSend,
  options: CallOptions,
): Promise<ActionEnd> {
  const course: SendCourse = {
    ...{ protocol: 'data-exchange', version: null, connectedMs: undefined, octets: undefined },
  };
  let isEntered = false;
  const sending: Sending = {
    noteOctets: (octets) => {
      course.octets = octets;
    },
    enterDelivery: async (end) => {
      isEntered = true;
      const rows = await endpoint.sendLog.read();
      if (rows.some(({ receipt }) => receipt === end.receipt)) return;
      await enter(endpoint, endpoint.sendLog, end, course);
    },
  };
  const heeded: CallOptions = {
    ...options,
    onEvent: (event) => {
      if (event.event === 'connected') course.connectedMs = endpoint.world.clock.monotonicMs();
      options.onEvent(event);
    },
  };
  const end = await onLine(endpoint, options, 'DX-605', nameOf(peer), async (line) => {
    const keys = await endpoint.unlock();
    await keys.ring.refresh();
    const entry = (await endpoint.addressBook.find(peer.account)) ?? peer;
    course.version = sendsByVersion1(entry, keys) && 'sources' in toSend ? 1 : 2;
    return course.version === 1 && 'sources' in toSend
      ? sendByVersion1(endpoint, entry, toSend.sources, { line, course }, heeded)
      : sendByVersion2(endpoint, entry, toSend, { line, sending }, heeded);
  });
  if (end.event !== 'sent' || !isEntered) return conclude(endpoint, endpoint.sendLog, end, course, options);
  options.onEvent(end);
  return end;
}

/** The keys decide: version 1 where it is allowed and nothing of version 2 is there. */
function sendsByVersion1(peer: Peer, { ring, pairings, trust }: OpenKeys): boolean {
  if (!speaksVersion1(peer) || pairings.liveKeysOf(peer)) return false;
  return ring.keyOf(peer.account) !== undefined || !trust.isSubscribed;
}

async function sendByVersion1(
  endpoint: Endpoint,
  peer: Peer,
  sources: readonly Source[],
  { line, course }: { readonly line: Line; readonly course: SendCourse },
  options: CallOptions,
): Promise<ActionEnd> {
  if (options.isCollect) return noCollect(peer);
  const longTermKey = (await endpoint.sharedKeys([peer])).get(peer.account);
  if (!longTermKey) return unpaired(peer);
  await sweepWorkFolders(endpoint.paths.spool);
  const spool = await makeWorkFolder(endpoint.paths.spool, endpoint.world.random);
  try {
    const sealed = await seal(sources, spool, { ...endpoint.world, signal: options.signal });
    if (sealed === 'cancelled') return cancelled(peer);
    return await transmit(endpoint, peer, { line, sealed, longTermKey, course }, options);
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

interface SendCourse {
  readonly protocol: 'data-exchange';
  version: Version | null;
  connectedMs: number | undefined;
  octets: number | undefined;
}

interface Transmission {
  readonly line: Line;
  readonly sealed: Sealed;
  readonly longTermKey: Uint8Array;
  readonly course: SendCourse;
}

async function transmit(
  endpoint: Endpoint,
  peer: Peer,
  { line, sealed, longTermKey, course }: Transmission,
  options: CallOptions,
): Promise<ActionEnd> {
  const connection = await callPeer(endpoint, peer, line, options);
  if ('event' in connection) return connection;
  const meter = new ProgressMeter(endpoint.world.clock, options.onEvent);
  const result = await sendTransfer({
    ...endpoint.sessionWorld(connection, options.signal),
    peer: peer.account,
    longTermKey,
    transfer: sealed.transfer,
    onProgress: (octets, total) => {
      course.octets = octets;
      meter.note(octets, total);
    },
  });
  if (result.kind === 'failed') return failedSession(result, nameOf(peer));
  meter.finish();
  const { octets } = result;
  return { event: 'sent', peer: nameOf(peer), version: 1, octets, files: sealed.files, receipt: null };
}

function nothingUnfinished(peer: Peer): Failed {
  const reason = `Nothing is unfinished for ${peer.name}. See \`cordboard sent\`.`;
  return { event: 'failed', outcome: 'usage', step: 'DX-605', reason, advice: null, peer: nameOf(peer) };
}

function noCollect(peer: Peer): Failed {
  const reason = `${peer.name} is called in version 1, which cannot ask who is called to pay. Send it without --collect, or pair in version 2.`;
  return { event: 'failed', outcome: 'usage', step: 'DX-605', reason, advice: null, peer: nameOf(peer) };
}

function cancelled(peer: Peer): Failed {
  const reason = 'Given up while the files were packed; no call was made.';
  return { event: 'failed', outcome: 'cancelled', step: 'DX-605', reason, advice: null, peer: nameOf(peer) };
}
