import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import { receiveTransfer, sendTransfer } from '../../src/session/data-exchange.js';
import { exchangeKeysAsRecipient, exchangeKeysAsSender } from '../../src/session/key-exchange.js';
import { SessionRegistry } from '../../src/session/open-sessions.js';
import type { SessionWorld } from '../../src/session/session.js';
import { hex } from '../support/kat.js';
import { given } from '../support/seeded.js';
import { Desk, MemoryQuarantine } from './parties.js';
import { Puppet } from './puppet.js';

interface VectorFile {
  readonly numberOfTests: number;
  readonly notes: Readonly<Record<string, { readonly bugType: string; readonly description: string }>>;
  readonly testGroups: readonly Group[];
}

type Group = Values & {
  readonly type: string;
  readonly role: 'sender' | 'recipient';
  readonly before: readonly string[];
  readonly tests: readonly Case[];
};

type Values = Readonly<
  Record<
    | 'own'
    | 'peer'
    | 'exponent'
    | 'randomA'
    | 'longTermKey'
    | 'challengeA'
    | 'challengeB'
    | 'sessionKey'
    | 'fileHash',
    string
  >
>;

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly octets: string;
  readonly result: 'valid' | 'invalid';
}

const NAK = 0x15;

/** The flags of the vectors that try a fault. */
const faults: readonly (readonly [title: string, ...flags: string[]])[] = [
  ['honest packets are accepted', 'Honest'],
  ['fault 3: a wrong first octet, trailer or length is NAK', 'Framing'],
  ['fault 4: framing octets in every field are data', 'Transparency'],
  ['fault 6: octets behind a packet and before its answer are NAK', 'EarlyOctets'],
  ['fault 7: version ranges and choices', 'VersionRange', 'VersionChoice'],
  ['fault 8: Diffie-Hellman values outside the group are NAK', 'PublicValue'],
  ['fault 9: values and secrets that begin with 00 are 128 octets', 'LeadingZero'],
  ['fault 10: another RandomA than was committed to, or a bit turned, is NAK', 'Commitment', 'BitFlip'],
  [
    'fault 11: proofs by another formula, for another call or the other role are NAK',
    'ProofFormula',
    'Session',
  ],
  [
    'fault 12: accounts of a wrong form, of others and unknown ones are NAK',
    'AccountForm',
    'OtherAccount',
    'UnknownAccount',
  ],
  ['fault 13: what is the own sent back is NAK', 'Reflection'],
];

/** The endpoint under test, in the role and with the values of the group. */
const sessions = {
  'key-exchange': (group: Group) => (world: SessionWorld) => {
    const desk = new Desk({});
    desk.confirms = async () => false;
    desk.types = async () => '';
    const options = {
      ...world,
      own: group.own as AccountNumber,
      screen: desk.screen,
      openSessions: new SessionRegistry(),
      saveLongTermKey: async () => {},
    };
    return group.role === 'sender'
      ? exchangeKeysAsSender({
          ...options,
          peer: group.peer as AccountNumber,
          random: given(hex(group.exponent), hex(group.randomA)),
        })
      : exchangeKeysAsRecipient({
          ...options,
          random: given(hex(group.exponent)),
          opening: new Uint8Array(),
        });
  },
  'data-exchange': (group: Group) => (world: SessionWorld) => {
    const options = {
      ...world,
      own: group.own as AccountNumber,
      openSessions: new SessionRegistry(),
      onProgress: () => {},
    };
    return group.role === 'sender'
      ? sendTransfer({
          ...options,
          peer: group.peer as AccountNumber,
          longTermKey: hex(group.longTermKey),
          random: given(hex(group.challengeA)),
          transfer: {
            sessionKey: hex(group.sessionKey),
            fileHash: hex(group.fileHash),
            size: 0,
            read: async function* () {},
          },
        })
      : receiveTransfer({
          ...options,
          longTermKeyOf: (account) => (account === group.peer ? hex(group.longTermKey) : undefined),
          random: given(hex(group.challengeB)),
          openQuarantine: async () => new MemoryQuarantine(),
          opening: new Uint8Array(),
        });
  },
};

/** Whether the endpoint answered with NAK alone and released the line; anything else that it says means that it goes on. */
async function judge(start: (world: SessionWorld) => Promise<unknown>, group: Group, octets: string) {
  const puppet = new Puppet(group.role === 'sender' ? 'callee' : 'caller', start);
  for (const packet of group.before) await puppet.say(hex(packet));
  const saidBefore = (await puppet.heard()).length;
  await puppet.say(hex(octets));
  await puppet.passes(1000);
  const answer = (await puppet.heard()).subarray(saidBefore);
  const isRefused = answer.length === 1 && answer[0] === NAK;
  expect(puppet.lineIsReleased).toBe(isRefused);
  await puppet.hangUp();
  await puppet.result();
  return isRefused ? 'invalid' : answer.length > 0 ? 'valid' : 'no answer';
}

describe.each(['key-exchange', 'data-exchange'] as const)('vectors of %s', (protocol) => {
  const path = new URL(`../../fixtures/vectors/${protocol}-packets.json`, import.meta.url);
  const file = JSON.parse(readFileSync(path, 'utf8')) as VectorFile;
  const cases = file.testGroups.flatMap((group) => group.tests);

  test('the file is whole: every flag explained, every case numbered', () => {
    expect(cases.map((each) => each.tcId)).toEqual(cases.map((_, index) => index + 1));
    expect(cases.length).toBe(file.numberOfTests);
    expect([...new Set(cases.flatMap((each) => each.flags))].sort()).toEqual(Object.keys(file.notes).sort());
  });

  for (const [title, ...flags] of faults) {
    const chosen = file.testGroups.flatMap((group) =>
      group.tests
        .filter((each) => flags.some((flag) => each.flags.includes(flag)))
        .map((each) => ({ group, each })),
    );
    if (chosen.length === 0) continue;
    test(title, async () => {
      for (const { group, each } of chosen) {
        const { tcId, comment, octets, result } = each;
        const verdict = await judge(sessions[protocol](group), group, octets);
        expect(`${tcId} ${comment}: ${verdict}`).toBe(`${tcId} ${comment}: ${result}`);
      }
    });
  }

  test('every flag belongs to a fault', () => {
    const covered = faults.flatMap(([, ...flags]) => flags);
    expect(Object.keys(file.notes).filter((flag) => !covered.includes(flag))).toEqual([]);
  });
});
