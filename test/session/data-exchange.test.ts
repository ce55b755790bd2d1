import { describe, expect, test } from 'vitest';
import { encode } from '../../src/protocol/data-exchange/packets.js';
import { receiveTransfer, sendTransfer } from '../../src/session/data-exchange.js';
import { SessionRegistry } from '../../src/session/open-sessions.js';
import type { ReceiveOptions, SealedTransfer, SendOptions } from '../../src/session/session.js';
import * as run from '../protocol/data-exchange/packets-of-a-run.js';
import { flip } from '../support/pair.js';
import { given, seeded } from '../support/seeded.js';
import { alice, bob, longTermKey, MemoryQuarantine, seal, transfer } from './parties.js';
import { Puppet } from './puppet.js';

const ACK = 0x06;
const NAK = 0x15;

/** The transfer of the recorded run: what the puppet's packets speak of. */
const recorded: SealedTransfer = {
  sessionKey: run.sessionKey,
  fileHash: run.fileHash,
  size: 64,
  read: async function* () {
    yield Buffer.alloc(64, 0x5a);
  },
};

/** A sender under test that calls a puppet. */
function callingPuppet(own: Partial<SendOptions> = {}) {
  return new Puppet('callee', (world) =>
    sendTransfer({
      ...world,
      random: given(run.call.challengeA),
      own: alice,
      peer: bob,
      longTermKey: run.longTermKey,
      transfer: recorded,
      openSessions: new SessionRegistry(),
      onProgress: () => {},
      ...own,
    }),
  );
}

/** A recipient under test that a puppet calls. */
function calledByPuppet(own: Partial<ReceiveOptions> = {}, lengthMax?: number) {
  const quarantine = new MemoryQuarantine();
  const puppet = new Puppet('caller', (world) =>
    receiveTransfer(
      {
        ...world,
        random: given(run.call.challengeB),
        own: bob,
        longTermKeyOf: (account) => (account === alice ? run.longTermKey : undefined),
        openSessions: new SessionRegistry(),
        openQuarantine: async () => quarantine,
        onProgress: () => {},
        opening: new Uint8Array(),
        ...own,
      },
      lengthMax,
    ),
  );
  return { puppet, quarantine };
}

describe('a transfer that succeeds', () => {
  test('DX-615 DX-620 DX-625 the caller speaks first, when the line stands', async () => {
    expect(await callingPuppet().heard()).toEqual(Buffer.from(encode(run.a1)));
  });

  test('DX-655 DX-660 DX-665 a known account gets B with a proof under its long-term key', async () => {
    const { puppet } = calledByPuppet();
    await puppet.say(encode(run.a1));
    expect(await puppet.heard()).toEqual(Buffer.from(encode(run.b)));
    await puppet.hangUp();
  });

  test('DX-670 DX-695 DX-700 DX-705 a good B is answered with A2, and nothing of the file', async () => {
    const puppet = callingPuppet();
    await puppet.say(encode(run.b));
    expect(await puppet.heard()).toEqual(Buffer.concat([encode(run.a1), encode(run.a2)]));
    await puppet.hangUp();
  });

  test('DX-730 DX-745 DX-750 the file goes after the ACK only, and the line is released behind it', async () => {
    const puppet = callingPuppet();
    await puppet.say(encode(run.b));
    await puppet.say(ACK);
    expect((await puppet.heard()).subarray(36 + 94)).toEqual(Buffer.alloc(64, 0x5a));
    expect(await puppet.result()).toEqual({ kind: 'sent', octets: 64 });
    expect(puppet.lineIsReleased).toBe(true);
    expect(puppet.log.with('session ended')).toEqual([
      {
        session: 'data exchange, sender',
        outcome: 'sent',
        peer: bob,
        octetsSent: 36 + 94 + 64,
        octetsReceived: 55 + 1,
      },
    ]);
  });

  test('DX-710 DX-715 DX-740 both proofs match: ACK, when the quarantine is open and not before', async () => {
    let open = (_: MemoryQuarantine) => {};
    const { puppet, quarantine } = calledByPuppet({
      openQuarantine: () =>
        new Promise((resolve) => {
          open = resolve;
        }),
    });
    await puppet.say(encode(run.a1));
    await puppet.say(encode(run.a2));
    expect((await puppet.heard()).length).toBe(55);
    open(quarantine);
    expect((await puppet.heard()).at(-1)).toBe(ACK);
    await puppet.hangUp();
  });

  test('DX-600 DX-605 DX-610 DX-760 DX-765 DX-770 DX-775 DX-780 what was sealed comes out of quarantine, octet for octet', async () => {
    for (const length of [4, 7, 8, 9, 20, 28, 4096, 100_000]) {
      const container = seeded(`container ${length}`)(length);
      const { caller, callee, quarantine } = await transfer({ transfer: seal(container) });
      expect(caller).toMatchObject({ kind: 'sent' });
      expect(callee).toMatchObject({ kind: 'received', peer: alice, files: [{ size: length }] });
      expect(quarantine.state).toBe('released');
      expect(quarantine.content).toEqual(Buffer.from(container));
    }
  });

  test('DX-745 DX-760 progress grows to the size on both sides', async () => {
    const sent: number[][] = [];
    const received: number[] = [];
    const sealed = seal(seeded('long')(50_000));
    await transfer({
      transfer: sealed,
      callerOptions: { onProgress: (...figures) => sent.push(figures) },
      calleeOptions: { onProgress: (figure) => received.push(figure) },
    });
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.at(-1)).toEqual([sealed.size, sealed.size]);
    expect(received.at(-1)).toBe(sealed.size);
    expect(received).toEqual([...received].sort((a, b) => a - b));
  });

  test('DX-760 DX-765 the end of the line is not the end of the file before a slow disk has taken every octet', async () => {
    const container = seeded('slow')(20_000);
    const quarantine = new MemoryQuarantine();
    const write = quarantine.write.bind(quarantine);
    let isWriting = false;
    let overlaps = 0;
    quarantine.write = async (octets) => {
      if (isWriting) overlaps++;
      isWriting = true;
      for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => process.nextTick(resolve));
      await write(octets);
      isWriting = false;
    };
    const { callee } = await transfer({ transfer: seal(container), quarantine });
    expect([callee.kind, overlaps]).toEqual(['received', 0]);
    expect(quarantine.content).toEqual(Buffer.from(container));
  });

  test('DX-760 a slow disk holds the line back, not the memory', async () => {
    let taken = 0;
    const quarantine = new MemoryQuarantine();
    const stuck = new Promise<void>(() => {});
    quarantine.write = () => stuck;
    const sealed = {
      ...seal(Buffer.from('x')),
      read: async function* () {
        for (let piece = 0; piece < 100; piece++) {
          taken += 65_536;
          yield Buffer.alloc(65_536);
        }
      },
    };
    const { caller, callee } = await transfer({ transfer: sealed, quarantine });
    expect(caller).toMatchObject({ step: 'DX-745', outcome: 'timed-out' });
    expect(callee).toMatchObject({ step: 'DX-760', outcome: 'timed-out' });
    expect(taken).toBeLessThan(4 * 65_536);
  });
});

describe('a sender that is refused', () => {
  test('DX-645 DX-650 NAK after A1: hangs up, and the Send Log says why', async () => {
    const puppet = callingPuppet();
    await puppet.say(NAK);
    expect(await puppet.failure()).toMatchObject({ step: 'DX-650', outcome: 'refused', peer: bob });
    expect(puppet.lineIsReleased).toBe(true);
    expect(puppet.log.with('session failed')).toMatchObject([
      {
        session: 'data exchange, sender',
        step: 'DX-650',
        outcome: 'refused',
        octetsSent: 36,
        octetsReceived: 1,
      },
    ]);
  });

  test('DX-730 DX-735 NAK after A2: hangs up, sends no file', async () => {
    const puppet = callingPuppet();
    await puppet.say(encode(run.b));
    await puppet.say(NAK);
    expect(await puppet.failure()).toMatchObject({ step: 'DX-735', outcome: 'refused' });
    expect((await puppet.heard()).length).toBe(36 + 94);
    expect(puppet.lineIsReleased).toBe(true);
  });

  test('DX-615 G2: a session with the same peer is open already', async () => {
    const openSessions = new SessionRegistry();
    openSessions.enter(bob);
    const puppet = callingPuppet({ openSessions });
    expect(await puppet.failure()).toMatchObject({ step: 'DX-615', outcome: 'busy' });
    expect([(await puppet.heard()).length, puppet.lineIsReleased]).toEqual([0, true]);
  });

  test('DX-745 a spool that cannot be read ends the call', async () => {
    const read = async function* () {
      yield Buffer.alloc(8);
      throw new Error('EIO');
    };
    const { caller, callee, quarantine } = await transfer({ transfer: { ...seal(Buffer.from('x')), read } });
    expect(caller).toMatchObject({ step: 'DX-745', outcome: 'local-error' });
    expect(callee).toMatchObject({ step: 'DX-785', outcome: 'file-refused' });
    expect(quarantine.state).toBe('discarded');
  });
});

describe('a sender that refuses', () => {
  const wrong = {
    'another version': { packet: { ...run.b, version: 2 }, outcome: 'no-common-version' },
    'another account': { packet: { ...run.b, accountB: run.mallory }, outcome: 'not-authentic' },
    'a proof under another key': {
      packet: { ...run.b, proofB: run.flipped(run.b.proofB) },
      outcome: 'not-authentic',
    },
  };
  for (const [what, { packet, outcome }] of Object.entries(wrong)) {
    test(`DX-670 DX-675 DX-680 DX-700 packet B with ${what}: NAK, hang-up, no A2`, async () => {
      const puppet = callingPuppet();
      await puppet.say(encode(packet));
      expect(await puppet.failure()).toMatchObject({ step: 'DX-675', outcome });
      expect(await puppet.heard()).toEqual(Buffer.concat([encode(run.a1), Buffer.of(NAK)]));
      expect(puppet.lineIsReleased).toBe(true);
    });
  }
});

describe('a recipient that refuses', () => {
  const knowsNobody = { longTermKeyOf: () => undefined };
  const reflecting = new SessionRegistry();
  reflecting.enter(run.mallory, run.call.challengeA);
  const busy = new SessionRegistry();
  busy.enter(alice);
  const wrong = {
    'an unknown account': { outcome: 'unpaired', packet: encode(run.a1), own: knowsNobody },
    'no version that is spoken here': {
      outcome: 'no-common-version',
      packet: encode({ ...run.a1, lowVersion: 2, highVersion: 9 }),
      own: {},
    },
    'the own account': { outcome: 'not-authentic', packet: encode({ ...run.a1, accountA: bob }), own: {} },
    'a range that is upside down': {
      outcome: 'not-authentic',
      packet: encode({ ...run.a1, lowVersion: 2, highVersion: 1 }),
      own: {},
    },
    'the own Challenge_A of an open session (G1)': {
      outcome: 'not-authentic',
      packet: encode(run.a1),
      own: { openSessions: reflecting },
    },
    'an account with a session open (G2)': {
      outcome: 'busy',
      packet: encode(run.a1),
      own: { openSessions: busy },
    },
  };
  for (const [what, { outcome, packet, own }] of Object.entries(wrong)) {
    test(`DX-630 DX-635 DX-640 G5 packet A1 with ${what}: NAK exactly 1.0 s later, hang-up, Receive Log`, async () => {
      const { puppet } = calledByPuppet(own);
      await puppet.say(packet);
      await puppet.passes(999);
      expect((await puppet.heard()).length).toBe(0);
      await puppet.passes(1);
      expect(await puppet.heard()).toEqual(Buffer.of(NAK));
      expect(await puppet.failure()).toMatchObject({ step: 'DX-635', outcome });
      expect(puppet.lineIsReleased).toBe(true);
      expect(puppet.log.with('session failed')).toMatchObject([
        { step: 'DX-635', outcome, octetsReceived: 36 },
      ]);
    });
  }

  test('DX-685 DX-690 NAK after B: hangs up', async () => {
    const { puppet } = calledByPuppet();
    await puppet.say(encode(run.a1));
    await puppet.say(NAK);
    expect(await puppet.failure()).toMatchObject({ step: 'DX-690', outcome: 'refused', peer: alice });
    expect([(await puppet.heard()).length, puppet.lineIsReleased]).toEqual([55, true]);
  });

  const wrongA2 = {
    'Account_B of another': { ...run.a2, accountB: run.mallory },
    'a bit of Proof_A turned': { ...run.a2, proofA: run.flipped(run.a2.proofA, 19) },
    'a bit of DeltaKey_A turned': { ...run.a2, deltaKeyA: run.flipped(run.a2.deltaKeyA, 3) },
    'a bit of KeyProof_A turned': { ...run.a2, keyProofA: run.flipped(run.a2.keyProofA, 11) },
  };
  for (const [what, packet] of Object.entries(wrongA2)) {
    test(`fault 15: DX-710 DX-715 DX-720 DX-725 packet A2 with ${what}: NAK, hang-up, no quarantine`, async () => {
      let wasOpened = false;
      const { puppet } = calledByPuppet({
        openQuarantine: async () => {
          wasOpened = true;
          return new MemoryQuarantine();
        },
      });
      await puppet.say(encode(run.a1));
      await puppet.say(encode(packet));
      expect(await puppet.failure()).toMatchObject({ step: 'DX-720', outcome: 'not-authentic' });
      expect((await puppet.heard()).subarray(55)).toEqual(Buffer.of(NAK));
      expect([puppet.lineIsReleased, wasOpened]).toEqual([true, false]);
    });
  }

  test('DX-720 DX-725 no quarantine can be opened: NAK and not a lost file', async () => {
    const { caller, callee } = await transfer({
      calleeOptions: { openQuarantine: () => Promise.reject(new Error('ENOSPC')) },
    });
    expect(caller).toMatchObject({ step: 'DX-735', outcome: 'refused' });
    expect(callee).toMatchObject({ step: 'DX-720', outcome: 'local-error' });
  });
});

describe('time and hang-up', () => {
  test('DX-760 a file that stops ends after 60 s without an octet, not before', async () => {
    const { puppet, quarantine } = calledByPuppet();
    await puppet.say(encode(run.a1));
    await puppet.say(encode(run.a2));
    for (let minute = 0; minute < 5; minute++) {
      await puppet.say(Buffer.alloc(8));
      await puppet.passes(59_999);
      expect(puppet.lineIsReleased).toBe(false);
    }
    await puppet.passes(1);
    expect(await puppet.failure()).toMatchObject({ step: 'DX-760', outcome: 'timed-out' });
    expect([puppet.lineIsReleased, quarantine.state]).toEqual([true, 'discarded']);
    expect((await puppet.heard()).at(-1), 'no NAK: the sender awaits none').toBe(ACK);
  });

  test('DX-730 silence after A2 ends with NAK after 30 s', async () => {
    const puppet = callingPuppet();
    await puppet.say(encode(run.b));
    await puppet.passes(30_000);
    expect((await puppet.heard()).at(-1)).toBe(NAK);
    expect(await puppet.failure()).toMatchObject({ step: 'DX-730', outcome: 'timed-out' });
  });

  test('DX-745 the operator gives up in the middle of the file: release without NAK', async () => {
    const never = new Promise<never>(() => {});
    const puppet = callingPuppet({
      transfer: {
        ...recorded,
        read: async function* () {
          yield Buffer.alloc(8);
          await never;
        },
      },
    });
    await puppet.say(encode(run.b));
    await puppet.say(ACK);
    puppet.abort.abort();
    expect(await puppet.failure()).toMatchObject({ step: 'DX-745', outcome: 'cancelled' });
    expect((await puppet.heard()).length).toBe(36 + 94 + 8);
  });
});

test('fault 13: DX-630 attack 15: Mallory calls the sender back and returns its own packets: refused, nothing is filed', async () => {
  const openSessions = new SessionRegistry();
  const sender = callingPuppet({ openSessions });
  const a1 = await sender.heard();
  // The victim's own Challenge_A under the name of the peer that it is calling, or of another that it knows.
  for (const account of [bob, run.mallory]) {
    const { puppet, quarantine } = calledByPuppet({
      own: alice,
      openSessions,
      longTermKeyOf: () => run.longTermKey,
    });
    await puppet.say(encode({ ...run.a1, accountA: account }));
    expect(await puppet.failure()).toMatchObject({ step: 'DX-635', outcome: 'not-authentic' });
    expect((await puppet.heard()).length).toBe(1);
    expect(quarantine.state).toBe('open');
  }
  expect(a1.length).toBe(36);
  await sender.hangUp();
});

test('sessions leave the registry however they end, and no log holds a secret', async () => {
  const good = await transfer();
  const bad = await transfer({ toCallee: flip(36 + 60) });
  expect(bad.callee.kind).toBe('failed');
  for (const call of [good, bad]) {
    expect([call.sessions.caller.enter(bob), call.sessions.callee.enter(alice)]).toEqual([true, true]);
  }
  const text = good.logs.caller.text() + good.logs.callee.text();
  for (const secret of [longTermKey, seeded('key')(20)]) {
    expect(text).not.toContain(Buffer.from(secret).toString('hex'));
  }
});

describe('defects', () => {
  const broken = () => {
    throw new TypeError('not a function');
  };

  test('a defect while the file comes: the line is released and the quarantine emptied', async () => {
    const { callee, quarantine, line, logs } = await transfer({ calleeOptions: { onProgress: broken } });
    expect(callee).toMatchObject({ kind: 'failed', outcome: 'local-error' });
    expect([quarantine.state, line.callee.isOnHook]).toEqual(['discarded', true]);
    expect(logs.callee.with('session ended by a defect')).toEqual([
      { session: 'data exchange, recipient', defect: 'TypeError: not a function' },
    ]);
  });

  test('a defect while the file goes ends the call', async () => {
    const { caller, line } = await transfer({ callerOptions: { onProgress: broken } });
    expect(caller).toMatchObject({ kind: 'failed', step: 'DX-745', outcome: 'local-error' });
    expect(line.caller.isOnHook).toBe(true);
  });

  test('a line that fails ends the session as interrupted', async () => {
    const puppet = callingPuppet();
    await puppet.say(encode(run.b));
    puppet.line.caller.destroy(new Error('EIO'));
    expect(await puppet.failure()).toMatchObject({ step: 'DX-730', outcome: 'interrupted' });
    expect(puppet.lineIsReleased).toBe(true);
  });
});
