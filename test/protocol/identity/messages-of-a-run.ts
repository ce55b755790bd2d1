import type { AccountNumber } from '../../../src/bytes/account-number.js';
import { ed25519 } from '../../../src/crypto/ed25519.js';
import type { HandshakeState, Transport } from '../../../src/crypto/noise/handshake-state.js';
import { transportOf } from '../../../src/crypto/noise/handshake-state.js';
import { x25519 } from '../../../src/crypto/x25519.js';
import { type KeyList, signKeyList } from '../../../src/protocol/identity/key-list.js';
import { type CallTerms, type Payload, softwareVersion } from '../../../src/protocol/identity/packets.js';
import {
  type EndpointSecrets,
  greet,
  introduce,
  type Leg,
  openIntroduction,
  replyTo,
  type ServerKey,
  type ServerSecrets,
  type Step,
  sealed,
} from '../../../src/protocol/identity/rules.js';
import { seeded } from '../../support/seeded.js';

export const alice = '000000000001' as AccountNumber;
export const bob = '000000000002' as AccountNumber;
export const utcMs = Date.UTC(2026, 0, 1);

const random = seeded('identity');

export const root = ed25519.key(random(32));
const [olderKey, presentKey, nextKey] = [x25519(random(32)), x25519(random(32)), x25519(random(32))];
export const serverKeys: readonly ServerKey[] = [
  { sequence: 7, key: presentKey },
  { sequence: 8, key: nextKey },
  { sequence: 6, key: olderKey },
];
const publicKeys = { present: presentKey.publicKey, next: nextKey.publicKey };
export const keyList = signKeyList(root, { sequence: 7, ...publicKeys });
/** As an endpoint has it that was away for long. */
export const olderKeyList = signKeyList(root, {
  sequence: 6,
  present: olderKey.publicKey,
  next: presentKey.publicKey,
});
export const forgedKeyList: KeyList = { ...keyList, signature: random(64) };
export const knownServer = { rootKey: root.publicKey, keyList };

export const aliceSecrets: EndpointSecrets = {
  staticKey: x25519(random(32)),
  psk: random(32),
  ephemeral: random(32),
  kemSeed: random(64),
};
export const bobSecrets: EndpointSecrets = {
  staticKey: x25519(random(32)),
  psk: random(32),
  ephemeral: random(32),
  kemSeed: random(64),
};
export const malloryKey = x25519(random(32));
export const serverSecrets: ServerSecrets = {
  keys: serverKeys,
  keyList,
  ephemeral: random(32),
  kemEntropy: random(32),
  strangersPsk: random(32),
};

export const callId = random(16);
export const callKey = random(32);
export const requestId = random(16);
export const strangersApproval = random(224);

export const request = {
  kind: 'REQUEST',
  purpose: 'data',
  isQuote: false,
  isCollect: false,
  callee: bob,
  requestId,
  utcMs,
  version: softwareVersion,
  estimatedSeconds: 0,
} as const;
export const ready = { kind: 'READY', doNotDisturb: false, version: softwareVersion, utcMs } as const;
export const terms: CallTerms = {
  longestSeconds: 3_600,
  priceClass: 2,
  price: { units: 123_456_789_012_345_678n, decimals: 4, currency: 'USD' },
  payer: 'third-party',
};
export const approvedCall = { callId, callKey, ...terms };
export const approval = { kind: 'APPROVAL', approved: { ...approvedCall, keyList }, utcMs } as const;
export const quote = { kind: 'APPROVAL', quoted: { ...terms, keyList }, utcMs } as const;
export const refusal = { kind: 'APPROVAL', utcMs } as const;

/** The messages of one leg up to the third, and both sides' keys after it. */
export interface LegRun {
  readonly hello: Uint8Array;
  readonly reply: Uint8Array;
  readonly introduction: Uint8Array;
  readonly serverNoise: HandshakeState;
  readonly server: Transport;
  readonly endpoint: Transport;
}

export function runLeg(
  leg: Leg,
  secrets: EndpointSecrets,
  payload: Payload,
  serversPsk = secrets.psk,
  list = keyList,
): LegRun {
  const hello = good(greet(leg, list, secrets));
  const reply = good(replyTo(leg, hello.body, serverSecrets));
  const introduction = good(introduce(hello.noise, reply.body, payload));
  const kind = leg === 'caller' ? 'REQUEST' : 'READY';
  const read = openIntroduction(reply.noise, serversPsk, kind, introduction.body);
  if ('fault' in read) throw new Error(read.fault);
  return {
    hello: hello.body,
    reply: reply.body,
    introduction: introduction.body,
    serverNoise: reply.noise,
    server: read.transport,
    endpoint: transportOf(introduction.noise),
  };
}

export function good(step: Step): Exclude<Step, { readonly fault: string }> {
  if ('fault' in step) throw new Error(step.fault);
  return step;
}

/** Bodies of these payloads, one after the other under the same keys. */
export function bodiesOf(transport: Transport, ...payloads: readonly Payload[]): Uint8Array[] {
  let keys = transport;
  return payloads.map((payload) => {
    const step = sealed(keys, payload);
    keys = step.transport;
    return step.body;
  });
}

/** The second of two messages, of which the first was any. */
export function secondBody(transport: Transport, second: Payload): Uint8Array {
  return bodiesOf(transport, refusal, second)[1] as Uint8Array;
}
