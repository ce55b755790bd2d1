import { describe, expect, test } from 'vitest';
import { encodeMessage } from '../../../src/bytes/message-reader.js';
import { Link } from '../../../src/link/link.js';
import { answerBridgedCall } from '../../../src/session/version-2/answer-call.js';
import { LineLink } from '../../../src/session/version-2/line-link.js';
import { serveCaller } from '../../../src/session/version-2/serve-caller.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { randomOctets } from '../../link/simulated-line.js';
import {
  alice,
  aliceSecrets,
  bobSecrets,
  keyList,
  knownServer,
  serverKeys,
} from '../../protocol/identity/messages-of-a-run.js';
import { LogBook } from '../../support/log-book.js';
import { runFor, runUntil } from '../../support/office.js';
import { seeded } from '../../support/seeded.js';
import { Stage } from './stage.js';
import { TimedLine } from './timed-line.js';

/** A server on one line, with whatever is at its other end. */
function served(clock = new SimulatedClock()) {
  const line = new TimedLine(clock);
  const log = new LogBook();
  const random = seeded('served');
  const leg = serveCaller({
    connection: line.right,
    clock,
    random,
    log,
    identity: { keys: serverKeys, keyList },
    findAccount: async () => ({ account: alice, psk: aliceSecrets.psk }),
    authorise: async () => ({ kind: 'refused', reason: 'never' }),
  });
  let over: Awaited<typeof leg.over> | undefined;
  void leg.over.then((result) => {
    over = result;
  });
  const end = async (limitMs = 120_000) => {
    await runUntil(clock, () => over !== undefined, limitMs);
    expect(line.right.isOnHook).toBe(true);
    return { over, log, atMs: clock.monotonicMs() };
  };
  return { clock, line, end };
}

/** A peer that speaks the link, and then what it is told to. */
function peerOn(line: TimedLine, clock: SimulatedClock): LineLink {
  const peer = new LineLink(line.left, clock, { incarnation: 77 });
  peer.use({ deliver: (octets) => peer.release(octets.length), ended: () => {} });
  peer.begin();
  return peer;
}

describe('what a server sees of a caller that is none', () => {
  test.each([
    ['a header that announces 65,535 octets', Uint8Array.of(21, 0xff, 0xff)],
    ['a header that announces none', Uint8Array.of(21, 0, 0)],
    ['another message', Uint8Array.of(23, 1, 64)],
    ['HELLO without ML-KEM, of suite 0202', encodeMessage(21, new Uint8Array(48))],
  ])('fault 20 fault 31: %s: released at once, without an octet', async (_, octets) => {
    const { clock, line, end } = served();
    peerOn(line, clock).send(octets);
    const { over, atMs } = await end();
    expect(over).toMatchObject({ kind: 'failed', outcome: 'not-authentic' });
    expect(atMs).toBeLessThan(2_000);
  });

  test('fault 20: less than was announced, and then silence: released after 30 s', async () => {
    const { clock, line, end } = served();
    peerOn(line, clock).send(encodeMessage(21, new Uint8Array(1_248)).subarray(0, 1_250));
    const { over, atMs } = await end();
    expect(over).toMatchObject({ kind: 'failed', outcome: 'timed-out' });
    expect(atMs).toBeGreaterThan(29_000);
  });

  test('fault 86: octets without end that are no frames: released after 30 s, and nothing of them is kept', async () => {
    const { clock, line, end } = served();
    const noise = randomOctets(4_096, 5);
    const send = () => line.left.write(noise, () => clock.setTimeout(send, 1));
    send();
    const { over } = await end();
    expect(over).toMatchObject({ kind: 'failed', outcome: 'timed-out' });
  });

  test('fault 86: 1,000 lines with an octet every 29 s are on-hook within 40 s, and leave no timer', async () => {
    const clock = new SimulatedClock();
    const lines = Array.from({ length: 1_000 }, () => served(clock));
    for (const { line } of lines) {
      const drip = () => {
        if (line.right.isOnHook) return;
        line.left.write(Uint8Array.of(21));
        clock.setTimeout(drip, 29_000);
      };
      drip();
    }
    for (const { end } of lines) {
      const { over, atMs } = await end();
      expect(over).toMatchObject({ kind: 'failed', outcome: 'timed-out' });
      expect(atMs).toBeLessThan(40_000);
    }
    await runFor(clock, 60_000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('fault 86: 10,000 handshakes that are begun and left open are all given up within 40 s', {
    timeout: 120_000,
  }, async () => {
    const clock = new SimulatedClock();
    const begun = encodeMessage(21, new Uint8Array(1_248)).subarray(0, 3);
    const lines = Array.from({ length: 10_000 }, () => served(clock));
    const peer = new Link({ incarnation: 77 });
    peer.send(begun);
    const frames = peer.poll(clock.monotonicMs());
    for (const { line } of lines) for (const frame of frames) line.left.write(frame);
    for (const { end } of lines) {
      const { over, atMs } = await end();
      expect(over).toMatchObject({ kind: 'failed', outcome: 'timed-out' });
      expect(atMs).toBeLessThan(40_000);
    }
    await runFor(clock, 60_000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });

  test('fault 86: a peer that never acknowledges what it is told is not waited for', async () => {
    const { line, end, clock } = served();
    const link = new Link({ incarnation: 77 });
    link.send(encodeMessage(21, new Uint8Array(1_248)));
    line.left.on('data', (octets: Uint8Array) => link.receive(octets, clock.monotonicMs()));
    for (let turn = 0; turn < 40; turn++) {
      for (const frame of link.poll(clock.monotonicMs())) line.left.write(frame);
      await runFor(clock, 50);
    }
    const { over } = await end();
    expect(over).toMatchObject({ outcome: 'not-authentic' });
  });

  test('fault 40: a line that takes no octets is given up', async () => {
    const clock = new SimulatedClock();
    const line = new TimedLine(clock);
    line.left.write = () => false;
    const link = new LineLink(line.left, clock, { incarnation: 77 });
    let ended: unknown;
    link.use({
      deliver: () => {},
      ended: (end) => {
        ended = end;
      },
    });
    link.begin();
    link.send(new Uint8Array(1_000));
    await runUntil(clock, () => ended !== undefined, 600_000);
    expect(ended).toEqual({ kind: 'failed', reason: 'the line takes no octets' });
    expect(clock.monotonicMs()).toBeLessThan(130_000);
  });
});

describe('what a callee sees of a server that is none', () => {
  test('CM-A5 fault 23: its own octets come back: an echo is no server', async () => {
    const clock = new SimulatedClock();
    const line = new TimedLine(clock);
    line.left.on('data', (octets: Uint8Array) => line.left.write(octets));
    const answered = answerBridgedCall({
      connection: line.right,
      clock,
      random: seeded('callee'),
      log: new LogBook(),
      opening: Buffer.from('!SCS2'),
      identity: {
        staticKey: bobSecrets.staticKey,
        psk: bobSecrets.psk,
        server: knownServer,
        keepKeyList: () => {},
      },
      doNotDisturb: false,
      decide: async () => 'accept',
    });
    let result: Awaited<typeof answered> | undefined;
    void answered.then((value) => {
      result = value;
    });
    await runUntil(clock, () => result !== undefined);
    expect(result).toMatchObject({ kind: 'failed', outcome: 'timed-out' });
    expect(line.right.isOnHook).toBe(true);
  });
});

describe('fault 17 fault 40: the line drops after any number of octets', () => {
  /** Octets of a whole set-up on either leg, to know where to cut. */
  const whole = async () => {
    const stage = await new Stage().setUp();
    return [stage.callerLine.octets, stage.calleeLine.octets] as const;
  };

  test("on the caller's leg both sides end, on-hook, and so does the callee", async () => {
    const [octets] = await whole();
    for (let cutAfter = 0; cutAfter < octets; cutAfter += cutAfter < octets - 300 ? 97 : 1) {
      const stage = new Stage({ callerLine: { cutAfter } });
      await stage.setUp();
      await runFor(stage.clock, 70_000);
      if (stage.caller?.kind === 'bridged') {
        // Cut in its acknowledgement of BRIDGED: the caller finds out at once that nobody is there.
        expect(cutAfter).toBeGreaterThan(octets - 200);
        const heard: string[] = [];
        stage.caller.call.channel.listen(({ type }) => void heard.push(type));
        expect(heard).toEqual(['lost']);
        await stage.caller.call.channel.hangUp();
      }
      if (cutAfter <= octets - 200) expect(stage.callerLeg?.kind).toBe('failed');
      const lines = [stage.callerLine.left, stage.callerLine.right];
      expect(lines.map((end) => end.isOnHook)).toEqual([true, true]);
      expect(stage.clock.nextDeadlineMs(), `a timer is left, cut after ${cutAfter}`).toBeUndefined();
    }
  });

  test("on the callee's leg the caller learns that no line came to stand", async () => {
    const [, octets] = await whole();
    for (let cutAfter = 1; cutAfter < octets - 200; cutAfter += 97) {
      const stage = new Stage({ calleeLine: { cutAfter } });
      await stage.setUp();
      await runFor(stage.clock, 70_000);
      expect(stage.caller, `cut after ${cutAfter}`).toMatchObject({ kind: 'failed', outcome: 'no-carrier' });
      expect(stage.callerLine.left.isOnHook).toBe(true);
      expect(stage.calleeLine.left.isOnHook).toBe(true);
    }
  });
});

describe('fault 23: a line on which somebody turns bits over with intent', () => {
  test("every octet of the caller's leg may be altered: the call fails or is repaired, and no octet reaches a wrong end", async () => {
    for (let place = 30; place < 4_000; place += 331) {
      let at = 0;
      const alter = (from: 'left' | 'right', octets: Uint8Array) => {
        if (from === 'right') return octets;
        const start = at;
        at += octets.length;
        return octets.map((octet, index) => (start + index === place ? octet ^ 0x20 : octet));
      };
      const stage = await new Stage({ callerLine: { alter } }).setUp();
      expect(stage.caller?.kind, `octet ${place}`).toBe('bridged');
    }
  });
});
