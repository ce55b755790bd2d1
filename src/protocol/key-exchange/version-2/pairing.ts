import type { Conf, ConfAck, Role, Verdict } from './packets.js';
import { confAckOf, confOf, isAuthentic, saysUnknownRun } from './rules.js';

/** What is durably known of the two answers to one run. */
export interface Pairing {
  /** Of this side's people; given once. */
  readonly own: Verdict | undefined;
  /** The peer's CONF. */
  readonly peer: Verdict | undefined;
  /** The peer has this side's CONF. */
  readonly acknowledged: boolean;
}

export const unanswered: Pairing = { own: undefined, peer: undefined, acknowledged: false };

/** Of a refresh, where nobody is asked: its key is kept and answered in one step, so that no crash between the two is a no. */
export const agreedAtOnce: Pairing = { ...unanswered, own: 'yes' };

export type PairingEvent =
  /** A person answered; or nobody did while X lived, which is no. */
  | { readonly type: 'own.answered'; readonly verdict: Verdict }
  /** An authentic CONF. */
  | { readonly type: 'peer.answered'; readonly verdict: Verdict }
  /** An authentic CONF_ACK. */
  | { readonly type: 'own.acknowledged'; readonly verdict: Verdict };

/**
 * Every event may come at any time and any number of times. The first own answer stands, for the peer may have it already; the peer's
 * no stands whatever else came, so that a peer that was put back from a backup and answers anew ends the key on both sides.
 */
export function pairingAfter(pairing: Pairing, event: PairingEvent): Pairing {
  switch (event.type) {
    case 'own.answered':
      return { ...pairing, own: pairing.own ?? event.verdict };
    case 'peer.answered':
      return { ...pairing, peer: pairing.peer === 'no' ? 'no' : event.verdict };
    case 'own.acknowledged':
      return { ...pairing, acknowledged: pairing.acknowledged || event.verdict === pairing.own };
  }
}

/** Pending keys open and seal nothing; gone ones are erased, and only the confirm keys are kept. */
export type Standing = 'pending' | 'live' | 'gone';

export function standingOf({ own, peer }: Pairing): Standing {
  if (own === 'no' || peer === 'no') return 'gone';
  return own === 'yes' && peer === 'yes' ? 'live' : 'pending';
}

/**
 * The verdict to send at each contact. A yes goes out also where it is acknowledged, while the peer's is not here: the peer answers
 * with its own. A peer that said no needs no answer.
 */
export function owedVerdict({ own, peer, acknowledged }: Pairing): Verdict | undefined {
  if (peer === 'no' || (acknowledged && (own === 'no' || peer !== undefined))) return undefined;
  return own;
}

/** What is needed to send and to judge the CONFs of one run. */
export interface PairingRun {
  readonly kxid: Uint8Array;
  /** This side's. */
  readonly role: Role;
  readonly confirmKeys: Readonly<Record<Role, Uint8Array>>;
}

/** This side's CONF. */
export function ownConf({ kxid, role, confirmKeys }: PairingRun, verdict: Verdict): Conf {
  return confOf(confirmKeys[role], kxid, verdict);
}

/** This side's acknowledgement of a verdict of the peer's. */
export function ownConfAck({ kxid, role, confirmKeys }: PairingRun, verdict: Verdict): ConfAck {
  return confAckOf(confirmKeys[role], kxid, verdict);
}

/** What the peer's message tells; `unknown run` changes nothing, for anybody may say it; `undefined` for a message of no peer of this run. */
export function heard(run: PairingRun, message: Conf | ConfAck): PairingEvent | 'unknown run' | undefined {
  if (!isSameRun(run, message)) return undefined;
  if (message.kind === 'CONF_ACK' && saysUnknownRun(message)) return 'unknown run';
  if (!isAuthentic(message, run.confirmKeys[run.role === 'i' ? 'r' : 'i'])) return undefined;
  const type = message.kind === 'CONF' ? 'peer.answered' : 'own.acknowledged';
  return { type, verdict: message.verdict };
}

function isSameRun({ kxid }: PairingRun, message: Conf | ConfAck): boolean {
  return Buffer.compare(kxid, message.kxid) === 0;
}
