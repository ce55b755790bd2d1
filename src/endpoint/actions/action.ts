import type { AccountNumber } from '../../bytes/account-number.js';
import type { PairingScreen, SessionFailure } from '../../session/session.js';
import type { Peer } from '../address-book.js';
import type { CallLog, CallLogRow } from '../call-log.js';
import type { Endpoint } from '../endpoint.js';
import { EndpointError } from '../endpoint-error.js';
import type { KeyRing } from '../key-ring.js';
import {
  type ActionEnd,
  adviceAtStep,
  adviceFor,
  type EndpointEvent,
  type Failed,
  type PeerName,
  type Version,
} from './events.js';
import { type Line, type ModemSource, withLine } from './line.js';

export interface ActionOptions {
  /** On-hook again when the action ends. */
  readonly modem: ModemSource;
  readonly signal?: AbortSignal;
  onEvent(event: EndpointEvent): void;
}

export interface AnswerOptions extends ActionOptions {
  readonly screen: PairingScreen;
}

/** One row of a log in the making. */
export interface Course {
  readonly protocol: CallLogRow['protocol'];
  readonly version: CallLogRow['version'];
  /** Monotonic; `undefined` until there is a connection. */
  readonly connectedMs: number | undefined;
  /** Content octets on the line. */
  readonly octets: number | undefined;
}

/** What the endpoint itself cannot do is an end like any other; only a defect is thrown. */
export async function onLine(
  endpoint: Endpoint,
  { modem }: ActionOptions,
  step: string,
  peer: PeerName | null,
  work: (line: Line) => Promise<ActionEnd>,
): Promise<ActionEnd> {
  try {
    return await withLine(endpoint, modem, async (line) => {
      const end = await work(line);
      const isCutOff = end.event === 'failed' && end.outcome === 'interrupted' && line.gone.aborted;
      return isCutOff ? failedOf(line.gone.reason, end.step, peer) : end;
    });
  } catch (error) {
    return failedOf(error, step, peer);
  }
}

/** @throws what is no `EndpointError` */
export function failedOf(error: unknown, step: string, peer: PeerName | null): Failed {
  if (!(error instanceof EndpointError)) throw error;
  return { event: 'failed', outcome: error.outcome, step, reason: error.message, advice: null, peer };
}

export function failedSession(failure: SessionFailure, peer: PeerName | null): Failed {
  const { outcome, step, reason } = failure;
  const advice = adviceAtStep[step] ?? adviceFor[outcome] ?? null;
  return { event: 'failed', outcome, step, reason, advice, peer };
}

export function unpaired(peer: Peer): Failed {
  const outcome = 'unpaired';
  const reason = `No key is shared with ${peer.name}${peer.pairedAt === undefined ? '' : ' any more: the key ring is older than the last pairing'}.`;
  const advice = adviceFor[outcome] ?? null;
  return { event: 'failed', outcome, step: 'DX-600', reason, advice, peer: nameOf(peer) };
}

/** G6: why version 1 is not spoken with this account. */
export function versionNotAllowed(peer: PeerName, entry: Peer | 'stranger', step: string): Failed {
  const outcome = 'version-not-allowed';
  const reason =
    entry === 'stranger'
      ? `Account ${peer.account} is not in the address book.`
      : entry.versionFloor > 1
        ? `${peer.name} has spoken version ${entry.versionFloor}; version 1 is not spoken with it any more.`
        : `Version 1 is off for ${peer.name}.`;
  return { event: 'failed', outcome, step, reason, advice: adviceFor[outcome] ?? null, peer };
}

/** The row is durable before the event is told. */
export async function conclude(
  endpoint: Endpoint,
  log: CallLog,
  end: ActionEnd,
  course: Course,
  options: Pick<ActionOptions, 'onEvent'>,
): Promise<ActionEnd> {
  await enter(endpoint, log, end, course);
  options.onEvent(end);
  return end;
}

/** The row. A log that cannot be written takes nothing back of what was done. */
export async function enter(endpoint: Endpoint, log: CallLog, end: ActionEnd, course: Course): Promise<void> {
  const { clock, log: programLog } = endpoint.world;
  try {
    await log.append({
      at: new Date(clock.utcMs()),
      protocol: course.protocol,
      version: course.version,
      peer: end.peer?.account ?? null,
      name: end.peer?.name ?? null,
      outcome: end.event === 'failed' ? end.outcome : end.event,
      step: end.event === 'failed' ? end.step : null,
      reason: end.event === 'failed' ? end.reason : null,
      durationSeconds:
        course.connectedMs === undefined ? null : (clock.monotonicMs() - course.connectedMs) / 1000,
      octets: course.octets ?? null,
      folder: end.event === 'received' ? end.folder : null,
      receipt: 'receipt' in end ? end.receipt : null,
      files: 'files' in end ? end.files : [],
    });
  } catch (error) {
    programLog.error({ error: String(error), outcome: end.event }, 'the action is missing in its log');
  }
}

export function nameOf(peer: Peer): PeerName {
  return { account: peer.account, name: peer.name };
}

export function nameAmong(peers: readonly Peer[], account: AccountNumber): PeerName {
  const peer = peers.find((each) => each.account === account);
  return peer ? nameOf(peer) : { account, name: account };
}

/** The screen of Figure 6 with each question told as an event before it is asked; the endpoint is not to be disturbed meanwhile. */
export function announced(
  endpoint: Endpoint,
  screen: PairingScreen,
  version: Version,
  onEvent: ActionOptions['onEvent'],
  named: (account: AccountNumber) => PeerName,
): PairingScreen {
  const { confirmSecondString, typeSecondString } = screen;
  return {
    ...(confirmSecondString && {
      confirmSecondString(peer, secondString, signal) {
        onEvent({ event: 'second-string', peer: named(peer), x: secondString });
        return endpoint.whileAsking(confirmSecondString.call(screen, peer, secondString, signal));
      },
    }),
    ...(typeSecondString && {
      typeSecondString(peer, signal) {
        onEvent({ event: 'type-second-string', peer: named(peer) });
        return endpoint.whileAsking(typeSecondString.call(screen, peer, signal));
      },
    }),
    showTaken: (peer) => onEvent({ event: 'check-string-taken', peer: named(peer) }),
    confirmCheckString(peer, checkString, signal) {
      onEvent({ event: 'check-string', peer: named(peer), x: checkString, version });
      return endpoint.whileAsking(screen.confirmCheckString(peer, checkString, signal));
    },
    typeCheckString(peer, signal) {
      onEvent({ event: 'type-check-string', peer: named(peer), version });
      return endpoint.whileAsking(screen.typeCheckString(peer, signal));
    },
  };
}

/** 495 and 500 of version 1: the key first, then the mark that it is there; both durable. */
export function pairingSaver(endpoint: Endpoint, ring: KeyRing) {
  return async (peer: AccountNumber, longTermKey: Uint8Array): Promise<void> => {
    const pairedAt = await ring.save(peer, longTermKey);
    await endpoint.addressBook.markPaired(peer, pairedAt);
  };
}
