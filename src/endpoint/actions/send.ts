import { rm } from 'node:fs/promises';
import { sendTransfer } from '../../session/data-exchange.js';
import { type Peer, speaksVersion1 } from '../address-book.js';
import type { Source } from '../container/sources.js';
import type { Endpoint } from '../endpoint.js';
import { makeWorkFolder, sweepWorkFolders } from '../work-folder.js';
import { conclude, failedSession, nameOf, onLine, versionNotAllowed } from './action.js';
import { type CallOptions, callPeer } from './call-peer.js';
import { type ActionEnd, adviceFor, type Failed } from './events.js';
import type { Line } from './line.js';
import { ProgressMeter } from './progress-meter.js';
import { type Sealed, seal } from './seal.js';

/** Files and folders to one peer, in one call. All that can be wrong with them is told before the call. */
export async function send(
  endpoint: Endpoint,
  peer: Peer,
  sources: readonly Source[],
  options: CallOptions,
): Promise<ActionEnd> {
  const course: SendCourse = { protocol: 'data-exchange', connectedMs: undefined, octets: undefined };
  const end = await onLine(endpoint, options, 'DX-605', nameOf(peer), async (line) => {
    if (!speaksVersion1(peer)) return versionNotAllowed(nameOf(peer), peer, 'DX-600');
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
  });
  return conclude(endpoint, endpoint.sendLog, end, course, options);
}

interface SendCourse {
  readonly protocol: 'data-exchange';
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
  const { clock } = endpoint.world;
  course.connectedMs = clock.monotonicMs();
  const meter = new ProgressMeter(clock, options.onEvent);
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
  return { event: 'sent', peer: nameOf(peer), octets: result.octets, files: sealed.files };
}

function unpaired(peer: Peer): Failed {
  const outcome = 'unpaired';
  const reason = `No key is shared with ${peer.name}${peer.pairedAt === undefined ? '' : ' any more: the key ring is older than the last pairing'}.`;
  return {
    event: 'failed',
    outcome,
    step: 'DX-600',
    reason,
    advice: adviceFor[outcome] ?? null,
    peer: nameOf(peer),
  };
}

function cancelled(peer: Peer): Failed {
  const reason = 'Given up while the files were packed; no call was made.';
  return { event: 'failed', outcome: 'cancelled', step: 'DX-605', reason, advice: null, peer: nameOf(peer) };
}
