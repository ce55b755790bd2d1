import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { isPublicValue, publicValue, sharedSecret } from '../../../../src/crypto/group.js';
import { hmacSha1 } from '../../../../src/crypto/mac.js';
import { xWingEncapsulate, xWingPublicKey } from '../../../../src/crypto/x-wing.js';
import type { PacketA1, PacketB } from '../../../../src/protocol/key-exchange/packets.js';
import * as one from '../../../../src/protocol/key-exchange/rules.js';
import type { KeyExchangeEvent } from '../../../../src/protocol/key-exchange/version-2/events.js';
import {
  encode,
  type KeyExchangeMessage,
  type Kx1,
} from '../../../../src/protocol/key-exchange/version-2/packets.js';
import {
  keyExchange2Recipient,
  type RecipientInput,
} from '../../../../src/protocol/key-exchange/version-2/recipient.js';
import {
  agreedKeysOf,
  commitOf,
  lockedUntil,
  macROf,
  transcriptOf,
} from '../../../../src/protocol/key-exchange/version-2/rules.js';
import {
  keyExchange2Sender,
  type SenderInput,
} from '../../../../src/protocol/key-exchange/version-2/sender.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { seeded } from '../../../support/seeded.js';
import * as v1 from '../packets-of-a-run.js';
import {
  alice,
  bob,
  callKey,
  committed,
  kx1,
  kx2,
  kx3,
  mallory,
  recipientInput,
  sharedSecret as secretOfRun,
  senderInput,
} from './messages-of-a-run.js';

const clock = new SimulatedClock();

/** A machine that was told these events: what it sent, and why it failed, if it did. */
function sender(input: SenderInput, ...messages: KeyExchangeMessage[]) {
  return told(createActor(keyExchange2Sender, { input, clock }), [{ type: 'peer.claimed' }], messages, [
    { type: 'run.noted' },
  ]);
}

function recipient(input: RecipientInput, ...messages: KeyExchangeMessage[]) {
  return told(createActor(keyExchange2Recipient, { input, clock }), [], messages, [
    { type: 'peer.claimed' },
    { type: 'run.noted' },
  ]);
}

type Machine = ReturnType<typeof createActor<typeof keyExchange2Sender | typeof keyExchange2Recipient>>;

function told(
  actor: Pick<Machine, 'start' | 'send' | 'getSnapshot'>,
  before: readonly KeyExchangeEvent[],
  messages: readonly KeyExchangeMessage[],
  after: readonly KeyExchangeEvent[],
) {
  actor.start();
  const tell = (event: KeyExchangeEvent) => actor.getSnapshot().status === 'active' && actor.send(event);
  before.forEach(tell);
  for (const message of messages) {
    tell({ type: 'message.received', message });
    after.forEach(tell);
  }
  const { context } = actor.getSnapshot();
  return { failure: context.failure, agreement: context.agreement, kx2: context.kx2 };
}

/** What Mallory can make without anybody's secret: a run of her own. */
const malloryInput: SenderInput = {
  ...senderInput,
  nI: seeded('mallory')(32),
  xWingSeed: seeded('mallory x-wing')(32),
};

/** KX1 by Mallory, in the name of `accountI`. */
function kx1OfMallory(accountI = alice): Kx1 {
  const open = { ...kx1, accountI, xWingKey: xWingPublicKey(malloryInput.xWingSeed) };
  return { ...open, commit: commitOf(open, malloryInput.nI) };
}

describe('attack 12: a man in the middle who searches for equal strings', () => {
  /** The first three characters of X: 15 of its 25 bits, so that a test has the time. */
  const short = (string: string) => string.slice(0, 3);
  const tries = 1 << 18;

  test('against version 1’s formulas without the comparison at 445 he finds them', () => {
    // Towards A he has answered, and A's string stands. Towards B he still chooses the RandomA of A2.
    const [secretA, secretB] = [seeded('towards A')(128), seeded('towards B')(128)];
    const target = short(one.checkStringOf(secretA, one.transcriptOf(v1.a1, v1.b, v1.a2)));
    let found = -1;
    for (let guess = 0; guess < tries && found < 0; guess++) {
      const randomA = new Uint8Array(20);
      new DataView(randomA.buffer).setUint32(0, guess);
      const transcript = one.transcriptOf(v1.a1, v1.b, { kind: 'A2', randomA });
      if (short(one.checkStringOf(secretB, transcript)) === target) found = guess;
    }
    expect(found).toBeGreaterThanOrEqual(0);
  });

  test('fault 26: KX-445 here every nI but the one that was committed to ends the call before X', () => {
    const first = kx1OfMallory();
    const { failure, kx2: answer } = recipient(recipientInput, first);
    expect(failure).toBeUndefined();
    const th2 = transcriptOf(first, answer ?? kx2);
    const { sharedSecret: secret } = xWingEncapsulate(first.xWingKey, recipientInput.xWingEntropy) ?? {
      sharedSecret: new Uint8Array(),
    };
    const reveal = (nI: Uint8Array): KeyExchangeMessage => ({
      kind: 'KX3',
      nI,
      macI: agreedKeysOf({ th2, macR: (answer ?? kx2).macR, nI }, secret, callKey).macI,
    });
    const random = seeded('grinding');
    for (let guess = 0; guess < 20; guess++) {
      expect(recipient(recipientInput, first, reveal(random(32))).failure).toBe('commitOfKx3');
    }
    expect(recipient(recipientInput, first, reveal(malloryInput.nI)).failure).toBeUndefined();
  });

  test('KX-425 KX-445 here one run gives one guess: what he may still choose was chosen before the other side’s nonce', () => {
    // Mallory knows all secrets of both legs. Each honest nonce is fresh, so each run is one draw of 15 bits: 1 in 32,768.
    const random = seeded('one guess');
    let equal = 0;
    const runs = 3000;
    for (let run = 0; run < runs; run++) {
      const [towardsA, towardsB] = [random(32), random(32)].map(
        (nonce) =>
          agreedKeysOf({ th2: random(32), macR: random(32), nI: nonce }, random(32), callKey).checkString,
      );
      if (short(towardsA ?? '') === short(towardsB ?? '')) equal++;
    }
    expect(equal).toBeLessThanOrEqual(2);
  });
});

describe('attack 10: special public values', () => {
  test('against version 1’s formulas with X over Z and RandomA alone, y = 1 gives both sides one string', () => {
    // 1 to every power is 1, so Z is, on both sides. (OpenSSL refuses the sum itself.)
    const y = v1.number(1n);
    const weakString = (secret: Uint8Array, randomA: Uint8Array) => hmacSha1(secret, 'STRING_X', randomA);
    expect(weakString(y, v1.a2.randomA)).toEqual(weakString(y, v1.randomA));
    expect(one.checkStringOf(y, one.transcriptOf(v1.a1, { ...v1.b, dhResultB: y }, v1.a2))).not.toBe(
      one.checkStringOf(y, one.transcriptOf({ ...v1.a1, dhResultA: y }, v1.b, v1.a2)),
    );
    expect(isPublicValue(y), 'what version 1 refuses since').toBe(false);
  });

  test('fault 22: KX-370 here a key that is no ML-KEM key, or whose X25519 part has low order, ends the call', () => {
    const low = kx1.xWingKey.map((octet, at) => (at < 1184 ? octet : 0));
    const overModulus = kx1.xWingKey.map((octet, at) => (at < 2 ? 255 : octet));
    for (const xWingKey of [low, overModulus, new Uint8Array(1216).fill(255)]) {
      expect(recipient(recipientInput, committed({ ...kx1, xWingKey })).failure).toBe('keyOfKx1');
    }
  });

  test('fault 22: KX-425 a forged ciphertext is rejected alike, whatever is wrong with it', () => {
    const random = seeded('ciphertexts');
    const low = kx2.ciphertext.map((octet, at) => (at < 1088 ? octet : 0));
    for (const ciphertext of [low, random(1120), new Uint8Array(1120)]) {
      const forged = { ...kx2, ciphertext };
      const macR = macROf(random(32), transcriptOf(kx1, forged));
      expect(sender(senderInput, { ...forged, macR }).failure).toBe('proofOfKx2');
    }
  });

  test('fault 21: KX-370 KX-405 an identity key of low order ends the call on either side', () => {
    const points = [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      '0000000000000000000000000000000000000000000000000000000000000080',
    ];
    for (const point of points) {
      const x25519 = new Uint8Array(Buffer.from(point, 'hex'));
      expect(recipient(recipientInput, committed({ ...kx1, x25519 })).failure).toBe('keyOfKx1');
      const forged = { ...kx2, x25519 };
      const macR = macROf(secretOfRun, transcriptOf(kx1, forged));
      expect(sender(senderInput, { ...forged, macR }).failure).toBe('keyOfKx2');
    }
  });
});

describe('attack 14: Mallory relays Alice’s values to Bob under her own account', () => {
  test('against version 1’s formulas with X and key over Z alone, Alice and Bob agree, and Bob thinks it is Mallory', () => {
    const a1: PacketA1 = v1.a1;
    const relayed: PacketA1 = { ...a1, accountA: v1.mallory };
    const weakKey = (secret: Uint8Array, randomA: Uint8Array) =>
      Buffer.from(hmacSha1(secret, 'LONG_TERM_KEY', randomA)).toString('hex');
    const b: PacketB = v1.b;
    const keyOfAlice = weakKey(sharedSecret(b.dhResultB, v1.exponentA), v1.a2.randomA);
    const keyOfBob = weakKey(sharedSecret(relayed.dhResultA, v1.exponentB), v1.a2.randomA);
    expect(keyOfBob).toBe(keyOfAlice);
    expect(relayed.accountA).not.toBe(a1.accountA);
    expect(publicValue(v1.exponentA)).toEqual(relayed.dhResultA);
  });

  test('KX-370 KX-445 KX-425 here neither Alice’s commitment nor her proof goes with another account', () => {
    const calledByMallory = { ...recipientInput, peer: mallory };
    // As it is: the server names Mallory, KX1 names Alice.
    expect(recipient(calledByMallory, kx1).failure).toBe('accountOfKx1');
    // With the account altered, Alice's nI does not open her commitment, which covers it.
    const relayed = { ...kx1, accountI: mallory };
    expect(recipient(calledByMallory, relayed, kx3).failure).toBe('commitOfKx3');
    // With a commitment of Mallory's own she has no ss, so no macI; and Bob's macR is not what Alice awaits.
    const recommitted = { ...relayed, commit: commitOf(relayed, malloryInput.nI) };
    const answered = recipient(calledByMallory, recommitted, { ...kx3, nI: malloryInput.nI });
    expect(answered.failure).toBe('proofOfKx3');
    const back = { ...(answered.kx2 ?? kx2), accountI: alice, accountR: bob };
    expect(sender(senderInput, back).failure).toBe('proofOfKx2');
  });
});

describe('attack 15: what Alice says is said back to her', () => {
  test('against version 1’s formulas without the account’s comparison she shares a key with herself', () => {
    // Mallory answers Alice's call, and calls Alice with her own A1: two exponents of Alice's, one secret, one transcript.
    const second = seeded('second exponent')(32);
    const asSender = sharedSecret(publicValue(second), v1.exponentA);
    const asRecipient = sharedSecret(v1.a1.dhResultA, second);
    const b = { ...v1.b, dhResultB: publicValue(second), proofB: one.proofOf(asRecipient) };
    expect(one.proofOf(asSender)).toEqual(b.proofB);
    const transcript = one.transcriptOf(v1.a1, b, v1.a2);
    expect(one.checkStringOf(asSender, transcript)).toBe(one.checkStringOf(asRecipient, transcript));
  });

  test('fault 13: KX-370 KX-405 here her KX1 is no KX2, names her as the caller, and holds her keys', () => {
    expect(sender(senderInput, kx1).failure).toBe('malformedKx2');
    const aliceIsCalled = { ...recipientInput, own: alice, peer: bob, identity: senderInput.identity };
    expect(recipient(aliceIsCalled, kx1).failure).toBe('accountOfKx1');
    const swapped = { ...kx1, accountI: bob, accountR: alice };
    expect(recipient(aliceIsCalled, swapped).failure).toBe('keyOfKx1');
    const otherKeys = { ...swapped, ...recipientInput.identity };
    expect(recipient(aliceIsCalled, otherKeys, kx3).failure).toBe('commitOfKx3');
  });

  test('fault 25: accounts in the other order make other transcripts', () => {
    const swapped = { ...kx2, accountI: bob, accountR: alice };
    expect(encode(swapped)).not.toEqual(encode(kx2));
    expect(transcriptOf(kx1, swapped)).not.toEqual(transcriptOf(kx1, kx2));
  });
});

describe('attack 13: runs that are broken off until the string suits', () => {
  const hourMs = 3_600_000;

  test('without a limit a program finds ten bits of X in a second; here a year has 1,098 guesses at 25', () => {
    const random = seeded('retries');
    const target = one.checkStringOf(random(128), random(349)).slice(0, 2);
    let runs = 0;
    while (one.checkStringOf(random(128), random(349)).slice(0, 2) !== target) runs++;
    expect(runs).toBeLessThan(1 << 14);

    let begun = 0;
    const unfinished: number[] = [];
    for (let now = 0; now < 365 * 24 * hourMs; now += hourMs) {
      if (lockedUntil(unfinished, now) !== undefined) continue;
      unfinished.push(now);
      begun++;
    }
    expect(begun).toBeLessThanOrEqual(3 * 366);
  });

  test('fault 96: the third unfinished run within 24 hours locks for a day from there, and not a millisecond longer', () => {
    const day = 24 * hourMs;
    expect(lockedUntil([], 0)).toBeUndefined();
    expect(lockedUntil([0, 1], 2)).toBeUndefined();
    expect(lockedUntil([5, 0, 9], 10)).toBe(9 + day);
    expect(lockedUntil([0, 5, 9], 9 + day - 1)).toBe(9 + day);
    expect(lockedUntil([0, 5, 9], 9 + day)).toBeUndefined();
    expect(lockedUntil([0, 5, day], day + 1)).toBeUndefined();
    expect(lockedUntil([1, 5, day], day + 1)).toBe(2 * day);
    expect(lockedUntil([0, 1, 2, 3, 4], 5)).toBe(4 + day);
  });

  test('fault 75: a clock that was ten years ahead when the runs were noted locks nobody for ten years', () => {
    const years = 10 * 365 * 24 * hourMs;
    expect(lockedUntil([years, years + 1, years + 2], 0)).toBeUndefined();
    expect(lockedUntil([hourMs, hourMs, hourMs], 0)).toBe(25 * hourMs);
  });
});

test('fault 26: KX-470A an nI that is used again gives other keys and another X, since nR and the ciphertext are fresh', () => {
  const again = { ...recipientInput, nR: seeded('again')(32), xWingEntropy: seeded('again')(64) };
  const first = recipient(recipientInput, kx1, kx3).agreement;
  const { kx2: answer } = recipient(again, kx1);
  const secret = xWingEncapsulate(kx1.xWingKey, again.xWingEntropy)?.sharedSecret ?? new Uint8Array();
  const second = agreedKeysOf(
    { th2: transcriptOf(kx1, answer ?? kx2), macR: (answer ?? kx2).macR, nI: kx3.nI },
    secret,
    callKey,
  );
  expect(first?.keys.checkString).not.toBe(second.checkString);
  expect(first?.keys.kxid).not.toEqual(second.kxid);
  // And what was said in the first run proves nothing in the second.
  expect(recipient(again, kx1, kx3).failure).toBe('proofOfKx3');
});
