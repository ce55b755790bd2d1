import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { startInitiator } from '../../../src/crypto/noise/handshake-state.js';
import { readMessage, writeMessage } from '../../../src/crypto/noise/messages.js';
import { noiseProtocol } from '../../../src/crypto/noise/protocol.js';
import { identityCaller } from '../../../src/protocol/identity/caller.js';
import { identityCallerLeg } from '../../../src/protocol/identity/caller-leg.js';
import { isSignedBy, parseKeyList } from '../../../src/protocol/identity/key-list.js';
import { encode, messages, parse } from '../../../src/protocol/identity/packets.js';
import {
  greet,
  introduce,
  opened,
  openIntroduction,
  prologueOf,
  replyTo,
} from '../../../src/protocol/identity/rules.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import {
  aliceSecrets,
  approval,
  approvedCall,
  bob,
  bobSecrets,
  bodiesOf,
  forgedKeyList,
  good,
  keyList,
  knownServer,
  malloryKey,
  olderKeyList,
  quote,
  ready,
  refusal,
  request,
  requestId,
  root,
  runLeg,
  serverKeys,
  serverSecrets,
  strangersApproval,
  terms,
  utcMs,
} from './messages-of-a-run.js';

const noiseName = 'Noise_XKhfs+psk3_25519+MLKEM768_ChaChaPoly_SHA256';
const run = runLeg('caller', aliceSecrets, request);

/** Points of low order (RFC 7748 section 6.1), and two that are not canonical. */
const lowOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Buffer.from(hex, 'hex'));

describe('the first three messages', () => {
  test('CM-A4 CM-A5 both legs complete, in octets of the table', () => {
    const callee = runLeg('callee', bobSecrets, ready);
    expect([run.hello, run.reply, run.introduction].map((body) => body.length)).toEqual([1248, 1152, 128]);
    expect([callee.hello, callee.reply, callee.introduction].map((body) => body.length)).toEqual([
      1248, 1152, 80,
    ]);
    expect(run.endpoint.handshakeHash).toEqual(run.server.handshakeHash);
  });

  test('the prologue is SCS2, protocol, suite, leg and key number', () => {
    expect(Buffer.from(prologueOf('caller', 0x107)).toString('hex')).toBe(
      '53435332' + '01' + '0201' + '01' + '07',
    );
    expect(Buffer.from(prologueOf('callee', 7)).toString('hex')).toBe(
      '53435332' + '01' + '0201' + '02' + '07',
    );
  });

  test('CM-A4 no account and no static key is in the octets of a leg', () => {
    const octets = Buffer.concat([run.hello, run.reply, run.introduction, ...bodiesOf(run.server, approval)]);
    expect(octets.includes(bob)).toBe(false);
    expect(octets.includes(Buffer.from(aliceSecrets.staticKey.publicKey))).toBe(false);
    expect(octets.includes(Buffer.from(keyList.present))).toBe(false);
  });

  test('CM-A4 HELLO opens under whichever of its keys the server still has, and under no other', () => {
    for (const list of [keyList, olderKeyList, { ...keyList, sequence: 8, present: keyList.next }]) {
      const hello = good(greet('caller', list, aliceSecrets));
      expect('body' in replyTo('caller', hello.body, serverSecrets)).toBe(true);
      const withdrawn = serverKeys.filter((key) => key.sequence !== list.sequence);
      expect('fault' in replyTo('caller', hello.body, { ...serverSecrets, keys: withdrawn })).toBe(true);
    }
  });

  test('fault 23: HELLO of one leg does not open on the other, nor under another key number', () => {
    expect(replyTo('callee', run.hello, serverSecrets)).toHaveProperty('fault');
    const renumbered = serverKeys.map((key) => ({ ...key, sequence: key.sequence + 1 }));
    expect(replyTo('caller', run.hello, { ...serverSecrets, keys: renumbered })).toHaveProperty('fault');
  });

  test('fault 31: a HELLO of suite 0202 or 0000 does not open, and a REQUEST with such a floor is malformed', () => {
    for (const suite of [0x0202, 0x0000]) {
      const payload = Buffer.from(encode(request));
      payload.writeUInt16BE(suite, 43);
      expect(parse('REQUEST', payload)).toMatchObject({ kind: 'malformed' });
      const prologue = Buffer.from(prologueOf('caller', keyList.sequence));
      prologue.writeUInt16BE(suite, 5);
      const start = startInitiator(noiseProtocol(noiseName), {
        ...aliceSecrets,
        prologue,
        remoteStatic: keyList.present,
      });
      const hello = writeMessage(start, new Uint8Array());
      if (hello.kind !== 'written') throw new Error(hello.reason);
      expect(replyTo('caller', hello.message, serverSecrets)).toHaveProperty('fault');
    }
  });

  test('fault 21: points of low order in HELLO, and in REPLY, end the handshake', () => {
    for (const point of lowOrder) {
      const hello = Buffer.concat([point, run.hello.subarray(32)]);
      expect(replyTo('caller', hello, serverSecrets)).toHaveProperty('fault');
      const noise = good(greet('caller', keyList, aliceSecrets)).noise;
      const reply = Buffer.concat([point, run.reply.subarray(32)]);
      expect(introduce(noise, reply, request)).toHaveProperty('fault');
    }
  });

  test('fault 22: an altered ML-KEM key or ciphertext, and a random one, end alike', () => {
    const noise = good(greet('caller', keyList, aliceSecrets)).noise;
    for (const place of [32, 600, 1119, 1151]) {
      const reply = run.reply.map((octet, at) => (at === place ? octet ^ 1 : octet));
      expect(introduce(noise, reply, request)).toHaveProperty('fault');
    }
    for (const place of [32, 700, 1231, 1247]) {
      const hello = run.hello.map((octet, at) => (at === place ? octet ^ 1 : octet));
      expect(replyTo('caller', hello, serverSecrets)).toHaveProperty('fault');
    }
  });

  test('fault 23: the third message of another handshake, one twice, and one under other keys do not open', () => {
    const other = runLeg('caller', bobSecrets, request);
    expect(openIntroduction(run.serverNoise, bobSecrets.psk, 'REQUEST', other.introduction)).toHaveProperty(
      'fault',
    );
    const [first = new Uint8Array(), second = new Uint8Array()] = bodiesOf(run.server, approval, refusal);
    const afterFirst = opened(run.endpoint, 'APPROVAL', first);
    if ('fault' in afterFirst) throw new Error(afterFirst.fault);
    expect(afterFirst.payload).toEqual(approval);
    expect(opened(run.endpoint, 'APPROVAL', second)).toHaveProperty('fault');
    expect(opened(afterFirst.transport, 'APPROVAL', first)).toHaveProperty('fault');
    expect(opened(run.server, 'APPROVAL', first)).toHaveProperty('fault');
    expect(opened(afterFirst.transport, 'APPROVAL', second)).toMatchObject({ payload: refusal });
  });

  test('fault 22: every octet of every message matters', () => {
    const touched = (octets: Uint8Array, place: number) =>
      octets.map((octet, at) => (at === place ? octet ^ 0x80 : octet));
    for (let place = 0; place < 128; place += 3) {
      expect(
        openIntroduction(run.serverNoise, aliceSecrets.psk, 'REQUEST', touched(run.introduction, place)),
      ).toHaveProperty('fault');
    }
    expect(readMessage(run.serverNoise, run.introduction.subarray(1)).kind).toBe('failure');
  });
});

describe('the key list', () => {
  test("CM-A4 is the operator's or nobody's", () => {
    expect(isSignedBy(root.publicKey, keyList)).toBe(true);
    expect(isSignedBy(root.publicKey, forgedKeyList)).toBe(false);
    expect(isSignedBy(root.publicKey, { ...keyList, sequence: 8 })).toBe(false);
    expect(isSignedBy(root.publicKey, { ...keyList, present: keyList.next, next: keyList.present })).toBe(
      false,
    );
    expect(isSignedBy(malloryKey.publicKey, keyList)).toBe(false);
    expect(parseKeyList(new Uint8Array(132)).sequence).toBe(0);
  });
});

/** What a leg of the server does from REQUEST on, with the time of each order. */
function judged(options: {
  readonly psk?: Uint8Array;
  readonly secrets?: typeof aliceSecrets;
  readonly answer?: object;
  readonly slowMs?: number;
}) {
  const clock = new SimulatedClock();
  const orders: { readonly atMs: number; readonly order: string; readonly octets: number }[] = [];
  const note = (order: string, octets = 0) => orders.push({ atMs: clock.monotonicMs(), order, octets });
  const secrets = options.secrets ?? aliceSecrets;
  const leg = runLeg('caller', secrets, request);
  const actor = createActor(
    identityCallerLeg.provide({
      actions: {
        sendMessage: (_, { kind, body }) => {
          if (kind !== 'REPLY') note(kind, body.length);
        },
        hangUp: () => note('hangUp'),
        findAccount: () => {
          const event = options.psk
            ? ({ type: 'account.found', psk: options.psk } as const)
            : ({ type: 'account.unknown' } as const);
          clock.setTimeout(() => actor.send(event), options.slowMs ?? 0);
        },
        authorise: () => {
          note('authorise');
          clock.setTimeout(() => actor.send(options.answer as never), options.slowMs ?? 0);
        },
      },
    }),
    { clock, input: { ...serverSecrets, strangersApproval, utcMs } },
  );
  actor.start();
  actor.send({ type: 'line.connected' });
  actor.send({ type: 'message.received', body: leg.hello });
  actor.send({ type: 'message.received', body: leg.introduction });
  clock.advance(6_000);
  return orders.filter(({ order }) => order !== 'authorise');
}

describe('refusals', () => {
  const seen = [
    { atMs: 1_000, order: 'APPROVAL', octets: messages.APPROVAL.length },
    { atMs: 1_000, order: 'hangUp', octets: 0 },
  ];
  const stranger = { ...aliceSecrets, staticKey: malloryKey };

  test.each([
    ['an unknown static key', judged({ secrets: stranger })],
    ['the right key and a wrong psk', judged({ psk: bobSecrets.psk })],
    [
      'an identified caller that is refused',
      judged({ psk: aliceSecrets.psk, answer: { type: 'call.refused', fault: 'no' } }),
    ],
    [
      'one that is refused after a slow look-up',
      judged({ psk: aliceSecrets.psk, answer: { type: 'call.refused', fault: 'no' }, slowMs: 400 }),
    ],
  ])('CM-315 fault 24: %s: as many octets at the same moment', (_, orders) => {
    expect(orders).toEqual(seen);
  });

  test('fault 24: what a stranger gets is random octets, and opens under no key', () => {
    expect(opened(run.endpoint, 'APPROVAL', strangersApproval)).toHaveProperty('fault');
    const [told] = bodiesOf(run.server, refusal);
    expect(told?.length).toBe(strangersApproval.length);
  });

  test('CM-325 a call that is let pass is not held back', () => {
    const orders = judged({ psk: aliceSecrets.psk, answer: { type: 'call.approved', call: approvedCall } });
    expect(orders).toEqual([{ atMs: 0, order: 'APPROVAL', octets: messages.APPROVAL.length }]);
  });
});

describe('the caller', () => {
  const input = {
    ...aliceSecrets,
    server: knownServer,
    callee: bob,
    purpose: 'data',
    isQuote: false,
    isCollect: false,
    requestId,
    utcMs,
    estimatedSeconds: 0,
  } as const;

  function called(list = keyList, told = approval as Parameters<typeof bodiesOf>[1], isQuote = false) {
    const kept: number[] = [];
    const clock = new SimulatedClock();
    const leg = runLeg('caller', aliceSecrets, request, aliceSecrets.psk, list);
    const keeping = identityCaller.provide({
      actions: { keepKeyList: (_, params) => void kept.push(params.keyList.sequence) },
    });
    const actor = createActor(keeping, {
      clock,
      input: { ...input, isQuote, server: { ...knownServer, keyList: list } },
    }).start();
    actor.send({ type: 'line.connected' });
    actor.send({ type: 'message.received', body: leg.reply });
    actor.send({ type: 'message.received', body: bodiesOf(leg.server, told)[0] ?? new Uint8Array() });
    return { kept, snapshot: actor.getSnapshot() };
  }

  test('CM-A4 keeps a newer list of keys, and not the one that it has', () => {
    expect(called().kept).toEqual([]);
    expect(called(olderKeyList).kept).toEqual([7]);
  });

  test('BL-A2 a quote ends the call without another word, and a quote that nobody asked for is none', () => {
    const asked = called(keyList, quote, true).snapshot;
    expect(asked.value).toBe('abandoning');
    expect(asked.context).toMatchObject({ failure: undefined, approval: { quoted: terms } });
    expect(called(keyList, quote).snapshot.context.failure).toBe('anotherAnswer');
    expect(called(keyList, approval, true).snapshot.context.failure).toBe('anotherAnswer');
  });

  test('CM-A4 a list that the operator did not sign ends the call, and is not kept', () => {
    const approved = { ...approval.approved, keyList: { ...forgedKeyList, sequence: 99 } };
    const { kept, snapshot } = called(keyList, { ...approval, approved });
    expect(kept).toEqual([]);
    expect(snapshot.context.failure).toBe('keyListForged');
  });
});
