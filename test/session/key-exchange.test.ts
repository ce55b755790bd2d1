import { describe, expect, test, vi } from 'vitest';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import { encode } from '../../src/protocol/key-exchange/packets.js';
import { hashOf } from '../../src/protocol/key-exchange/rules.js';
import { exchangeKeysAsRecipient, exchangeKeysAsSender } from '../../src/session/key-exchange.js';
import { SessionRegistry } from '../../src/session/open-sessions.js';
import type { KeyExchangeOptions, SessionFailure } from '../../src/session/session.js';
import { a1, a2, b, exponentA, exponentB, randomA } from '../protocol/key-exchange/packets-of-a-run.js';
import { flip } from '../support/pair.js';
import { given } from '../support/seeded.js';
import { alice, bob, Desk, pairUp } from './parties.js';
import { Puppet } from './puppet.js';

const ACK = 0x06;
const NAK = 0x15;

function endpoint(
  desk: Desk,
  own: AccountNumber,
): Omit<KeyExchangeOptions, 'connection' | 'clock' | 'random' | 'log'> {
  return {
    own,
    screen: desk.screen,
    openSessions: new SessionRegistry(),
    saveLongTermKey: (peer, key) => desk.saveLongTermKey(peer, key),
  };
}

/** A sender under test, with the exponents of the recorded run, that calls a puppet. */
function callingPuppet(desk = new Desk({}), own: Partial<KeyExchangeOptions> = {}) {
  const puppet = new Puppet('callee', (world) =>
    exchangeKeysAsSender({
      ...world,
      ...endpoint(desk, alice),
      random: given(exponentA, randomA),
      peer: bob,
      ...own,
    }),
  );
  return { puppet, desk };
}

/** A recipient under test that a puppet calls. */
function calledByPuppet(desk = new Desk({}), own: Partial<KeyExchangeOptions> = {}) {
  const puppet = new Puppet('caller', (world) =>
    exchangeKeysAsRecipient({
      ...world,
      ...endpoint(desk, bob),
      random: given(exponentB),
      opening: new Uint8Array(),
      ...own,
    }),
  );
  return { puppet, desk };
}

describe('a pairing that succeeds', () => {
  test('KX-350 KX-355 KX-360 KX-365 the caller speaks first, when the line stands', async () => {
    const { puppet } = callingPuppet();
    expect(await puppet.heard()).toEqual(Buffer.from(encode(a1)));
  });

  test('KX-400 KX-430 KX-445 the three packets and one ACK pass, then the line is released', async () => {
    const { line } = await pairUp();
    expect(line.wire.map(({ from, octets }) => [from, octets.length])).toEqual([
      ['caller', 164],
      ['callee', 163],
      ['caller', 22],
      ['callee', 1],
    ]);
    expect(line.sentBy('callee').at(-1)).toBe(ACK);
    expect([line.caller.isOnHook, line.callee.isOnHook]).toEqual([true, true]);
  });

  test('KX-475 KX-480 X appears after the line was released: the people may need it', async () => {
    const { puppet, desk } = callingPuppet();
    desk.confirms = vi.fn(async () => {
      expect(puppet.lineIsReleased).toBe(true);
      return true;
    });
    await puppet.say(encode(b));
    await puppet.say(ACK);
    expect(await puppet.result()).toEqual({ kind: 'paired', peer: bob });
    expect(desk.confirms).toHaveBeenCalledOnce();
  });

  test('KX-485 KX-490 KX-495 KX-500 both people say yes, and both sides keep one key of 20 octets', async () => {
    const { caller, callee, desks } = await pairUp();
    expect(caller).toEqual({ kind: 'paired', peer: bob });
    expect(callee).toEqual({ kind: 'paired', peer: alice });
    expect(desks.caller.keys.get(bob)).toEqual(desks.callee.keys.get(alice));
    expect(desks.caller.keys.get(bob)).toHaveLength(20);
    expect(desks.caller.shown).toMatch(/^[A-HJ-NP-Z2-9]{5}$/);
  });

  test('KX-490 small letters, blanks and hyphens do not matter', async () => {
    const { callee } = await pairUp({
      prepare: ({ callee }) => {
        const typed = callee.types;
        callee.types = async () => [...(await typed()).toLowerCase()].join(' - ');
      },
    });
    expect(callee).toEqual({ kind: 'paired', peer: alice });
  });

  test('the recipient waits 30 s for the release after its ACK, then releases the line itself', async () => {
    const { puppet, desk } = calledByPuppet();
    const asked = vi.fn(async () => 'AAAAA');
    desk.types = asked;
    await puppet.say(encode(a1));
    await puppet.say(encode(a2));
    await puppet.passes(29_999);
    expect([puppet.lineIsReleased, asked.mock.calls.length]).toEqual([false, 0]);
    await puppet.passes(1);
    expect([puppet.lineIsReleased, asked.mock.calls.length]).toEqual([true, 1]);
  });
});

describe('a sender that is refused', () => {
  test('KX-385 KX-390 NAK after A1: hangs up, and the Send Log says why', async () => {
    const { puppet } = callingPuppet();
    await puppet.say(NAK);
    expect(await puppet.result()).toMatchObject({
      kind: 'failed',
      step: 'KX-390',
      outcome: 'refused',
      peer: bob,
    });
    expect(puppet.lineIsReleased).toBe(true);
    expect(puppet.log.with('session failed')).toEqual([
      {
        session: 'key exchange, sender',
        step: 'KX-390',
        outcome: 'refused',
        reason: 'the recipient refused packet A1: version, or account',
        peer: bob,
        octetsSent: 164,
        octetsReceived: 1,
      },
    ]);
  });

  test('KX-460 KX-465 NAK after A2: hangs up, shows nothing, keeps nothing', async () => {
    const { puppet, desk } = callingPuppet();
    await puppet.say(encode(b));
    await puppet.say(NAK);
    expect(await puppet.result()).toMatchObject({ kind: 'failed', step: 'KX-465', outcome: 'refused' });
    expect([puppet.lineIsReleased, desk.shown, desk.keys.size]).toEqual([true, undefined, 0]);
  });

  test('KX-385 silence after A1 ends with NAK after 30 s', async () => {
    const { puppet } = callingPuppet();
    await puppet.passes(29_999);
    expect((await puppet.heard()).length).toBe(164);
    await puppet.passes(1);
    expect((await puppet.heard()).at(-1)).toBe(NAK);
    expect(await puppet.failure()).toMatchObject({ step: 'KX-385', outcome: 'timed-out' });
  });
});

describe('a sender that refuses', () => {
  const wrong = {
    'another version': { ...b, version: 2 },
    'another account': { ...b, accountB: '000000000666' as AccountNumber },
    'its own value sent back': { ...b, dhResultB: a1.dhResultA },
    'a proof with one bit turned': {
      ...b,
      proofB: b.proofB.map((octet, at) => (at === 19 ? octet ^ 1 : octet)),
    },
  };
  for (const [what, packet] of Object.entries(wrong)) {
    test(`KX-405 KX-410 KX-415 KX-420 KX-425 packet B with ${what}: NAK, hang-up, RandomA stays secret`, async () => {
      const { puppet, desk } = callingPuppet();
      await puppet.say(encode(packet));
      expect(await puppet.result()).toMatchObject({
        kind: 'failed',
        step: 'KX-410',
        outcome: what === 'another version' ? 'no-common-version' : 'not-authentic',
      });
      expect(await puppet.heard()).toEqual(Buffer.concat([encode(a1), Uint8Array.of(NAK)]));
      expect([puppet.lineIsReleased, desk.shown]).toEqual([true, undefined]);
    });
  }
});

describe('a recipient that refuses', () => {
  const wrong = {
    'only version 2': { ...a1, lowVersion: 2, highVersion: 2 },
    'its own account: a reflection': { ...a1, accountA: bob },
  };
  for (const [what, packet] of Object.entries(wrong)) {
    test(`KX-370 KX-375 KX-380 packet A1 with ${what}: NAK, hang-up, Receive Log`, async () => {
      const { puppet } = calledByPuppet();
      await puppet.say(encode(packet));
      expect(await puppet.result()).toMatchObject({
        kind: 'failed',
        step: 'KX-375',
        outcome: what === 'only version 2' ? 'no-common-version' : 'not-authentic',
      });
      expect(await puppet.heard()).toEqual(Buffer.of(NAK));
      expect(puppet.lineIsReleased).toBe(true);
      expect(puppet.log.with('session failed')).toMatchObject([
        { session: 'key exchange, recipient', step: 'KX-375', octetsReceived: 164, octetsSent: 1 },
      ]);
    });
  }

  test('KX-370 G2: a second exchange with the same account while one is open', async () => {
    const openSessions = new SessionRegistry();
    openSessions.enter(alice);
    const { puppet } = calledByPuppet(new Desk({}), { openSessions });
    await puppet.say(encode(a1));
    expect(await puppet.failure()).toMatchObject({ step: 'KX-375', outcome: 'busy' });
    expect(await puppet.heard()).toEqual(Buffer.of(NAK));
    expect(openSessions.enter(alice), 'the other session is still open').toBe(false);
  });

  test('KX-370 a range of versions that holds 1 is answered with 1', async () => {
    const { puppet } = calledByPuppet();
    await puppet.say(encode({ ...a1, lowVersion: 0, highVersion: 255 }));
    const answer = await puppet.heard();
    expect([answer.length, answer[1]]).toEqual([163, 1]);
    await puppet.hangUp();
  });

  test('KX-435 KX-440 NAK after B: hangs up', async () => {
    const { puppet } = calledByPuppet();
    await puppet.say(encode(a1));
    await puppet.say(NAK);
    expect(await puppet.failure()).toMatchObject({ step: 'KX-440', outcome: 'refused', peer: alice });
    expect((await puppet.heard()).length).toBe(163);
    expect(puppet.lineIsReleased).toBe(true);
  });

  test('fault 10: KX-445 KX-450 KX-455 RandomA that differs in one bit: NAK, hang-up', async () => {
    for (const place of [0, 7, 19]) {
      const { puppet, desk } = calledByPuppet();
      await puppet.say(encode(a1));
      await puppet.say(
        encode({ kind: 'A2', randomA: randomA.map((octet, at) => (at === place ? octet ^ 1 : octet)) }),
      );
      expect(await puppet.failure()).toMatchObject({ step: 'KX-450', outcome: 'not-authentic' });
      expect((await puppet.heard()).at(-1)).toBe(NAK);
      expect([puppet.lineIsReleased, desk.keys.size]).toEqual([true, 0]);
    }
  });

  test('KX-445 KX-450 KX-455 a commitment to another RandomA is refused', async () => {
    const { puppet } = calledByPuppet();
    await puppet.say(encode({ ...a1, hashRandomA: hashOf(hashOf(randomA)) }));
    await puppet.say(encode(a2));
    expect(await puppet.failure()).toMatchObject({ step: 'KX-450' });
  });
});

test('KX-470A KX-470B a bit that is turned on the way gives both sides another X, or ends the call', async () => {
  // The Low Version of A1 is covered by nothing but T: 1 becomes 0, and both sides go on.
  const { caller, callee, desks } = await pairUp({ toCallee: flip(1) });
  expect(caller).toEqual({ kind: 'paired', peer: bob });
  expect(callee).toMatchObject({ kind: 'failed', step: 'KX-490', outcome: 'not-confirmed' });
  expect(desks.callee.keys.size).toBe(0);
});

describe('people', () => {
  test('fault 49: KX-485 one says no: that side keeps nothing', async () => {
    const { caller, desks } = await pairUp({
      prepare: (desks) => {
        desks.caller.confirms = async () => false;
      },
    });
    expect(caller).toMatchObject({ kind: 'failed', step: 'KX-485', outcome: 'not-confirmed' });
    expect(desks.caller.keys.size).toBe(0);
  });

  test('fault 49: KX-490 KX-500 a wrong string, one with a letter that is not used, or yesterday’s: one attempt', async () => {
    for (const typed of ['AAAAA', 'HELLO', '10', '', 'GVN9BX', ' ']) {
      const { callee, desks } = await pairUp({
        prepare: (desks) => {
          desks.callee.types = async () => typed;
        },
      });
      expect(callee).toMatchObject({ kind: 'failed', step: 'KX-490', outcome: 'not-confirmed', peer: alice });
      expect(desks.callee.keys.size).toBe(0);
      expect((callee as SessionFailure).reason.startsWith('letter not used')).toBe(/[IO01]/.test(typed));
    }
  });

  test('fault 49: KX-480 KX-485 nobody answers for 600 s', async () => {
    const { caller, callee, desks, clock } = await pairUp({
      prepare: (desks) => {
        desks.caller.confirms = () => new Promise(() => {});
        desks.callee.types = () => new Promise(() => {});
      },
    });
    expect([desks.caller.questionIsWithdrawn, desks.callee.questionIsWithdrawn]).toEqual([true, true]);
    expect(caller).toMatchObject({ step: 'KX-485', outcome: 'not-confirmed' });
    expect(callee).toMatchObject({ step: 'KX-480', outcome: 'not-confirmed' });
    expect([desks.caller.keys.size, desks.callee.keys.size]).toEqual([0, 0]);
    expect(clock.monotonicMs()).toBe(600_000);
  });

  test('KX-480 a screen that is gone ends the exchange', async () => {
    const { callee } = await pairUp({
      prepare: (desks) => {
        desks.callee.types = () => Promise.reject(new Error('standard input is closed'));
      },
    });
    expect(callee).toMatchObject({ kind: 'failed', step: 'KX-480', outcome: 'cancelled' });
  });
});

test('KX-495 KX-500 a key that could not be stored is no pairing', async () => {
  const { caller, callee } = await pairUp({
    prepare: (desks) => {
      desks.caller.saves = desks.callee.saves = () => Promise.reject(new Error('ENOSPC'));
    },
  });
  expect(caller).toMatchObject({ step: 'KX-495', outcome: 'local-error' });
  expect(callee).toMatchObject({ step: 'KX-500', outcome: 'local-error' });
});

describe('the operator gives up', () => {
  test('before the call: nothing is sent', async () => {
    const { puppet } = callingPuppet(new Desk({}), { signal: AbortSignal.abort() });
    expect(await puppet.failure()).toMatchObject({ step: 'KX-355', outcome: 'cancelled' });
    expect([(await puppet.heard()).length, puppet.lineIsReleased]).toEqual([0, true]);
  });

  test('while a packet is awaited: NAK, then the release', async () => {
    const { puppet } = callingPuppet();
    await puppet.heard();
    puppet.abort.abort();
    expect(await puppet.failure()).toMatchObject({ step: 'KX-385', outcome: 'cancelled' });
    expect((await puppet.heard()).at(-1)).toBe(NAK);
    expect(puppet.lineIsReleased).toBe(true);
  });

  test('at the check string: nothing is kept', async () => {
    const { puppet, desk } = callingPuppet();
    desk.confirms = () => new Promise(() => {});
    await puppet.say(encode(b));
    await puppet.say(ACK);
    puppet.abort.abort();
    expect(await puppet.failure()).toMatchObject({ step: 'KX-485', outcome: 'cancelled' });
    expect(desk.keys.size).toBe(0);
  });
});

describe('defects', () => {
  test('an effect that throws ends the session with the line released', async () => {
    const openSessions = new SessionRegistry();
    openSessions.enter = () => {
      throw new TypeError('not a function');
    };
    const { puppet } = calledByPuppet(new Desk({}), { openSessions });
    await puppet.say(encode(a1));
    expect(await puppet.failure()).toMatchObject({ outcome: 'local-error' });
    expect(puppet.lineIsReleased).toBe(true);
    expect(puppet.log.with('session ended by a defect')).toEqual([
      { session: 'key exchange, recipient', defect: 'TypeError: not a function' },
    ]);
    expect(puppet.clock.nextDeadlineMs()).toBeUndefined();
  });

  test('a line that never goes on-hook does not hold the session', async () => {
    const { puppet } = callingPuppet();
    puppet.line.caller.hangUp = () => new Promise(() => {});
    await puppet.say(NAK);
    expect(await puppet.failure()).toMatchObject({ step: 'KX-390' });
    expect(puppet.clock.monotonicMs()).toBe(60_000);
  });
});

test('sessions leave the registry however they end, and no log holds a secret', async () => {
  const good = await pairUp();
  const bad = await pairUp({ toCaller: flip(150) });
  expect(bad.caller.kind).toBe('failed');
  for (const call of [good, bad]) {
    expect([call.sessions.caller.enter(bob), call.sessions.callee.enter(alice)]).toEqual([true, true]);
  }
  const key = good.desks.caller.keys.get(bob) as Uint8Array;
  const text = good.logs.caller.text() + good.logs.callee.text();
  for (const secret of [
    Buffer.from(key).toString('hex'),
    Buffer.from(key).toString('base64'),
    String(good.desks.caller.shown),
  ]) {
    expect(text).not.toContain(secret);
  }
});
