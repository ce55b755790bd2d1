import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import type {
  AgreementOutcome,
  KeyExchangeEvent,
} from '../../../../src/protocol/key-exchange/version-2/events.js';
import {
  encode,
  type KeyExchangeMessage,
  parse,
  shapes,
} from '../../../../src/protocol/key-exchange/version-2/packets.js';
import { keyExchange2Recipient } from '../../../../src/protocol/key-exchange/version-2/recipient.js';
import { confAckOf, confOf } from '../../../../src/protocol/key-exchange/version-2/rules.js';
import { keyExchange2Sender } from '../../../../src/protocol/key-exchange/version-2/sender.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { hex } from '../../../support/kat.js';
import { alice, bob } from './messages-of-a-run.js';

type Given = Readonly<Record<string, string>>;

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid';
  readonly given: Given;
  readonly flagI: number;
  readonly flagR: number;
  readonly [name: string]: unknown;
}

interface VectorFile {
  readonly numberOfTests: number;
  readonly notes: Readonly<Record<string, unknown>>;
  readonly testGroups: readonly {
    readonly type: string;
    readonly given: Given;
    readonly tests: readonly Vector[];
  }[];
}

const path = new URL('../../../../fixtures/vectors/key-exchange-2.json', import.meta.url);
const file = JSON.parse(readFileSync(path, 'utf8')) as VectorFile;
const cases = file.testGroups.flatMap((group) => group.tests);

const octets = (given: Given, name: string) => hex(given[name] ?? '');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A machine that is told `events`, one after the other; the messages it sent and its end. */
function told(
  role: 'i' | 'r',
  given: Given,
  flags: { flagI: number; flagR: number },
  events: KeyExchangeEvent[],
) {
  const sent: KeyExchangeMessage[] = [];
  const actions = {
    sendMessage: (_: unknown, { message }: { message: KeyExchangeMessage }) => void sent.push(message),
  };
  const common = {
    identity: {
      ed25519: octets(given, role === 'i' ? 'ed25519I' : 'ed25519R'),
      x25519: octets(given, role === 'i' ? 'x25519I' : 'x25519R'),
    },
    callKey: octets(given, 'common'),
  };
  const clock = new SimulatedClock();
  const actor =
    role === 'i'
      ? createActor(keyExchange2Sender.provide({ actions }), {
          clock,
          input: {
            ...common,
            own: alice,
            peer: bob,
            nI: octets(given, 'nI'),
            xWingSeed: octets(given, 'xWingSeed'),
            wantsBothStrings: flags.flagI === 1,
          },
        })
      : createActor(keyExchange2Recipient.provide({ actions }), {
          clock,
          input: {
            ...common,
            own: bob,
            peer: alice,
            nR: octets(given, 'nR'),
            xWingEntropy: octets(given, 'xWingEntropy'),
            wantsBothStrings: flags.flagR === 1,
          },
        });
  actor.start();
  for (const event of events) if (actor.getSnapshot().status === 'active') actor.send(event);
  return {
    sent: sent.map((message) => text(encode(message))),
    end: actor.getSnapshot().output as AgreementOutcome | undefined,
  };
}

function received(kind: 'KX1' | 'KX2' | 'KX3', body: unknown): KeyExchangeEvent {
  const message = parse(shapes[kind].type, hex(String(body)));
  if (message.kind === 'malformed') throw new Error(message.fault);
  return { type: 'message.received', message };
}

const senderHears = (kx2: unknown): KeyExchangeEvent[] => [
  { type: 'peer.claimed' },
  received('KX2', kx2),
  { type: 'run.noted' },
  { type: 'pending.saved' },
  { type: 'line.released' },
];
const recipientHears = (kx1: unknown, kx3: unknown): KeyExchangeEvent[] => [
  received('KX1', kx1),
  { type: 'peer.claimed' },
  { type: 'run.noted' },
  received('KX3', kx3),
  { type: 'pending.saved' },
  { type: 'line.released' },
];

test('the file is whole: every flag explained, every case numbered', () => {
  expect(cases.map(({ tcId }) => tcId)).toEqual(cases.map((_, index) => index + 1));
  expect(cases.length).toBe(file.numberOfTests);
  expect([...new Set(cases.flatMap(({ flags }) => flags))].sort()).toEqual(Object.keys(file.notes).sort());
});

describe('KX-365 KX-400 KX-430 KX-470A KX-470B both sides say and derive what an independent program does', () => {
  const runs = file.testGroups[0]?.tests ?? [];
  test.each(runs)('$tcId $comment', (vector) => {
    const sender = told('i', vector.given, vector, senderHears(vector.kx2));
    expect(sender.sent).toEqual([vector.kx1, vector.kx3]);
    const recipient = told('r', vector.given, vector, recipientHears(vector.kx1, vector.kx3));
    expect(recipient.sent).toEqual([vector.kx2]);

    for (const { end } of [sender, recipient]) {
      if (end?.kind !== 'agreed') throw new Error('no agreement');
      const { keys, wantsBothStrings } = end.agreement;
      expect(wantsBothStrings).toBe(vector.flagI + vector.flagR > 0);
      expect([text(keys.longTermKey), text(keys.kxid)]).toEqual([vector.longTermKey, vector.kxid]);
      expect([keys.checkString, keys.secondString]).toEqual([vector.X, vector.X2]);
      for (const role of ['i', 'r'] as const) {
        for (const [verdict, octet] of [
          ['yes', 1],
          ['no', 0],
        ] as const) {
          const key = keys.confirmKeys[role];
          expect(text(encode(confOf(key, keys.kxid, verdict)))).toBe(vector[`conf ${role} ${octet}`]);
          expect(text(encode(confAckOf(key, keys.kxid, verdict)))).toBe(vector[`ack ${role} ${octet}`]);
        }
      }
    }
  });
});

const faults = {
  'fault 26: a commitment that does not open, or opens by another formula, ends the call': [
    'Commitment',
    'Formula',
  ],
  'fault 12: accounts of others, or in another order, end the call': ['OtherAccount'],
  'fault 31: another suite ends the call': ['Suite'],
  'fault 13: an own key that comes back ends the call': ['Reflection'],
  'fault 32: K_call of another call, or a bit that is turned, ends the call': ['OtherCall', 'BitFlip'],
};

describe.each(file.testGroups.slice(1))('what a $type refuses', ({ type, given, tests }) => {
  for (const [title, flags] of Object.entries(faults)) {
    const chosen = tests.filter((vector) => vector.flags.some((flag) => flags.includes(flag)));
    if (chosen.length === 0) continue;
    test(title, () => {
      for (const vector of chosen) {
        const none = { flagI: 0, flagR: 0 };
        const { sent, end } =
          type === 'sender'
            ? told('i', given, none, senderHears(vector.kx2))
            : told('r', given, none, recipientHears(vector.kx1, vector.kx3));
        expect([vector.comment, end?.kind]).toEqual([vector.comment, 'failed']);
        // A sender that refuses has not told nI.
        if (type === 'sender') expect(sent.length).toBe(1);
      }
    });
  }
});
