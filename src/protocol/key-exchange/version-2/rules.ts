import { sha256 } from '../../../crypto/hash.js';
import { expand, extract } from '../../../crypto/hkdf.js';
import { equalOctets } from '../../../crypto/mac.js';
import { x25519 } from '../../../crypto/x25519.js';
import { alphabet } from '../rules.js';
import {
  type Conf,
  type ConfAck,
  encode,
  type Kx1,
  type Kx2,
  octetOf,
  type Role,
  shapes,
  type Verdict,
} from './packets.js';

/** The public halves of an endpoint's identity, 32 octets each. */
export interface Identity {
  /** Signs receipts. */
  readonly ed25519: Uint8Array;
  /** The static key of the Data Exchange. */
  readonly x25519: Uint8Array;
}

const hourMs = 3_600_000;

/** Milliseconds of each wait. */
export const timers = {
  /** For a message that no person stands behind. */
  message: 30_000,
  /** X and X2 live so long. */
  human: 600_000,
  /** After a yes, for the other side's person: they were asked at about the same time, and silence is told as no when X has died. */
  peer: 630_000,
  /** Draining what was sent and going on-hook. */
  release: 60_000,
  /** Another part of this endpoint: the registry of sessions, the store. */
  local: 30_000,
} as const;

/** Unfinished runs with one peer within `windowMs` after which no more begins for `lockMs`: each is one guess at 2^-25. */
const unfinishedMax = 3;
const windowMs = 24 * hourMs;
const lockMs = 24 * hourMs;

/**
 * When another run with a peer may begin, or `undefined` when it may now. Times are milliseconds of one clock, in any order; one
 * that lies ahead of `now` by a lock's length or more is a clock's that was set, and counts no more.
 * @param unfinished when the runs began that no person answered
 */
export function lockedUntil(unfinished: readonly number[], now: number): number | undefined {
  const times = unfinished.filter((time) => Math.abs(now - time) < windowMs + lockMs).sort((a, b) => a - b);
  const locks = times.flatMap((time, index) => {
    const last = times[index + unfinishedMax - 1];
    return last !== undefined && last - time < windowMs ? [last + lockMs] : [];
  });
  const until = locks.at(-1);
  return until !== undefined && until > now ? until : undefined;
}

/** Whether what is derived with this key is secret: with a point of low order everybody derives the same. */
export function isUsableX25519(publicKey: Uint8Array): boolean {
  return probe.sharedSecret(publicKey) !== undefined;
}

// A point has low order for every secret or for none (RFC 7748 section 6.1).
const probe = x25519(new Uint8Array(32).fill(0x20));

/** Whether one of the keys is the other's too: what comes back from oneself, or from somebody who took a key for their own. */
export function holdsAKeyOf(one: Identity, other: Identity): boolean {
  return equalOctets(one.ed25519, other.ed25519) || equalOctets(one.x25519, other.x25519);
}

/** What binds i to nI before it sees nR: KX1's commit. */
export function commitOf(kx1: Kx1, nI: Uint8Array): Uint8Array {
  const covered = wire(kx1).subarray(0, -kx1.commit.length);
  return sha256.digest(label('SCS2 kx commit'), nI, sha256.digest(covered));
}

/** th2: KX1, and KX2 up to its mac. */
export function transcriptOf(kx1: Kx1, kx2: Kx2): Uint8Array {
  return sha256.digest(wire(kx1), wire(kx2).subarray(0, -kx2.macR.length));
}

/** macR. @param secret ss, X-Wing's shared secret @param th2 of `transcriptOf` */
export function macROf(secret: Uint8Array, th2: Uint8Array): Uint8Array {
  return sha256.hmac(derived(extract(sha256, th2, secret), 'SCS2 kx2 mac', 32), th2);
}

/** All that both sides have in common after KX3. */
export interface AgreedKeys {
  /** 32 octets, as the other fields without a length. */
  readonly macI: Uint8Array;
  readonly longTermKey: Uint8Array;
  /** 16 octets: what CONF calls this run. */
  readonly kxid: Uint8Array;
  /** X. */
  readonly checkString: string;
  /** X2. */
  readonly secondString: string;
  /** Under which i and r send CONF and CONF_ACK. */
  readonly confirmKeys: Readonly<Record<Role, Uint8Array>>;
}

/**
 * @param secret ss
 * @param common what else both have: K_call, or in a refresh the long-term key of the present epoch
 */
export function agreedKeysOf(
  { th2, macR, nI }: { readonly th2: Uint8Array; readonly macR: Uint8Array; readonly nI: Uint8Array },
  secret: Uint8Array,
  common: Uint8Array,
): AgreedKeys {
  const th3 = sha256.digest(th2, macR, nI);
  const key = extract(sha256, th3, Buffer.concat([secret, common]));
  return {
    macI: sha256.hmac(derived(key, 'SCS2 kx3 mac', 32), th3),
    longTermKey: derived(key, 'SCS2 ltk', 32),
    kxid: derived(key, 'SCS2 kxid', 16),
    checkString: stringOf(derived(key, 'SCS2 sas', 4)),
    secondString: stringOf(derived(key, 'SCS2 sas2', 4)),
    confirmKeys: { i: derived(key, 'SCS2 conf i', 32), r: derived(key, 'SCS2 conf r', 32) },
  };
}

/** @param key the confirm key of who sends it */
export function confOf(key: Uint8Array, kxid: Uint8Array, verdict: Verdict): Conf {
  return { kind: 'CONF', kxid, verdict, mac: sha256.hmac(key, kxid, Uint8Array.of(octetOf(verdict))) };
}

/** @param key the confirm key of who sends it @param verdict of the CONF that came */
export function confAckOf(key: Uint8Array, kxid: Uint8Array, verdict: Verdict): ConfAck {
  const mac = sha256.hmac(key, label('ack'), kxid, Uint8Array.of(octetOf(verdict)));
  return { kind: 'CONF_ACK', kxid, verdict, mac };
}

/** The answer to a CONF of a run that is not known here, so that no key is at hand. It proves nothing. */
export function unknownRun(kxid: Uint8Array): ConfAck {
  return { kind: 'CONF_ACK', kxid, verdict: 'no', mac: new Uint8Array(32) };
}

export function saysUnknownRun(message: ConfAck): boolean {
  return message.verdict === 'no' && message.mac.every((octet) => octet === 0);
}

/** Whether the mac is that of `key`, the confirm key of who seems to have sent it. */
export function isAuthentic(message: Conf | ConfAck, key: Uint8Array): boolean {
  const { kxid, verdict } = message;
  const expected = message.kind === 'CONF' ? confOf(key, kxid, verdict) : confAckOf(key, kxid, verdict);
  return equalOctets(message.mac, expected.mac);
}

/** Type and body. */
function wire(message: Kx1 | Kx2): Uint8Array {
  return Buffer.concat([Uint8Array.of(shapes[message.kind].type), encode(message)]);
}

function derived(key: Uint8Array, name: string, length: number): Uint8Array {
  return expand(sha256, key, label(name), length);
}

function label(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** The first 25 bits, five for each character. */
function stringOf(octets: Uint8Array): string {
  const bits = Buffer.from(octets).readUInt32BE();
  return [27, 22, 17, 12, 7].map((shift) => alphabet[(bits >>> shift) & 31]).join('');
}
