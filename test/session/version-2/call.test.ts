import { describe, expect, test } from 'vitest';
import type { BridgedCall, ChannelEvent } from '../../../src/session/version-2/bridged-call.js';
import { randomOctets } from '../../link/simulated-line.js';
import {
  alice,
  approvedCall,
  bob,
  bobSecrets,
  malloryKey,
  olderKeyList,
  requestId,
  root,
} from '../../protocol/identity/messages-of-a-run.js';
import { runFor, runUntil } from '../../support/office.js';
import { Stage, type StageOptions } from './stage.js';

async function bridged(options: StageOptions = {}) {
  const stage = await new Stage(options).setUp();
  if (stage.caller?.kind !== 'bridged') throw new Error(`caller: ${JSON.stringify(stage.caller)}`);
  if (stage.callee?.kind !== 'bridged') throw new Error(`callee: ${JSON.stringify(stage.callee)}`);
  return { stage, caller: stage.caller.call, callee: stage.callee.call };
}

/** What a call's listener was told, bulk joined. */
class Heard {
  readonly events: ChannelEvent[] = [];
  bulk: Buffer = Buffer.alloc(0);

  constructor({ channel }: BridgedCall) {
    channel.listen((event) => {
      if (event.type === 'bulk') this.bulk = Buffer.concat([this.bulk, event.octets]);
      else this.events.push(event);
    });
  }

  get last(): ChannelEvent | undefined {
    return this.events.at(-1);
  }
}

const errors = { bitErrorRate: 1e-5 };

describe('a call of version 2', () => {
  test('CM-A4 CM-A5 CM-A6 both ends are put through, and know each other as the server named them', async () => {
    const { stage, caller, callee } = await bridged();
    expect(stage.requests).toMatchObject([{ caller: alice, callee: bob, purpose: 'data', requestId }]);
    expect([caller.peer, caller.role, callee.peer, callee.role]).toEqual([bob, 'caller', alice, 'callee']);
    expect(caller.callKey).toEqual(approvedCall.callKey);
    expect(callee.callKey).toEqual(approvedCall.callKey);
    expect(callee.callId).toEqual(caller.callId);
  });

  test.each([
    ['without bit errors', {}, {}],
    ['with bit errors on both legs', errors, errors],
    ['with many', { bitErrorRate: 1e-4 }, { bitErrorRate: 1e-4 }],
  ])('CM-A7 records and 100 kB of bulk pass both ways, %s', async (_, callerLine, calleeLine) => {
    const { stage, caller, callee } = await bridged({ callerLine, calleeLine });
    const [atCaller, atCallee] = [new Heard(caller), new Heard(callee)];
    const content = randomOctets(100_000, 1);
    caller.channel.sendRecord(41, content.subarray(0, 1_376));
    callee.channel.sendRecord(42, content.subarray(0, 1_216));
    const sent = (async () => {
      for (let at = 0; at < content.length; at += 8_192)
        await caller.channel.sendBulk(content.subarray(at, at + 8_192));
      return caller.channel.drained();
    })();
    let isSent: boolean | undefined;
    void sent.then((value) => {
      isSent = value;
    });
    await runUntil(
      stage.clock,
      () => isSent !== undefined && atCallee.bulk.length === content.length,
      200_000,
    );
    expect(isSent).toBe(true);
    expect(Buffer.compare(atCallee.bulk, content)).toBe(0);
    const record = { type: 'record', recordType: 41, body: content.slice(0, 1_376) };
    expect(atCallee.events).toEqual([record]);
    expect(atCaller.events).toMatchObject([{ type: 'record', recordType: 42 }]);
    callee.channel.sendRecord(44, content.subarray(0, 208));
    await runUntil(stage.clock, () => atCaller.events.length === 2);
    void caller.channel.hangUp();
    await runUntil(stage.clock, () => atCallee.last?.type === 'lost');
    await runUntil(stage.clock, () => stage.callerLine.right.isOnHook && stage.calleeLine.left.isOnHook);
    expect(stage.bridge?.octetsFromCaller).toBeGreaterThan(100_000);
  });

  test('CM-A4 CM-A5 calls that are set up at the same time have one machine for each kind of leg, and nothing else in common', async () => {
    const both = [new Stage(), new Stage({ decide: async () => 'refuse' })] as const;
    await Promise.all(both.map((stage) => stage.setUp()));
    expect(both.map((stage) => stage.requests.length)).toEqual([1, 1]);
    expect(both.map((stage) => stage.caller?.kind)).toEqual(['bridged', 'failed']);
    expect(both.map((stage) => stage.callee?.kind)).toEqual(['bridged', 'declined']);
    expect(both.map((stage) => stage.callerLeg?.kind)).toEqual(['bridged', 'not-bridged']);
  });

  test('CM-A7 the server only passes octets: what it bridges holds neither records nor accounts', async () => {
    const { stage, caller, callee } = await bridged();
    const atCallee = new Heard(callee);
    caller.channel.sendRecord(41, Buffer.from('a secret that two ends have'));
    await runUntil(stage.clock, () => atCallee.events.length === 1);
    for (const text of [stage.callerLine.text(), stage.calleeLine.text()]) {
      expect(text).not.toContain(alice);
      expect(text).not.toContain(bob);
      expect(text).not.toContain('a secret');
    }
  });

  test.each(['caller', 'callee'] as const)(
    'CM-A7 what the %s sends as soon as it is put through passes at once: the server keeps it, and it does not go again',
    async (role) => {
      let sentAtMs = 0;
      let sentOctets = 0;
      const stage = new Stage({
        onBridged: (call) => {
          if (call.role !== role) return;
          sentAtMs = stage.clock.monotonicMs();
          sentOctets = call.channel.octetsSent;
          call.channel.sendRecord(41, randomOctets(100, 2));
        },
      });
      await stage.setUp();
      if (stage.caller?.kind !== 'bridged' || stage.callee?.kind !== 'bridged')
        throw new Error('not bridged');
      const [sender, receiver] =
        role === 'caller' ? [stage.caller, stage.callee] : [stage.callee, stage.caller];
      const heard = new Heard(receiver.call);
      await runUntil(stage.clock, () => heard.events.length === 1);
      // Two lines of 60 ms, and for the callee the caller's acknowledgement before them; a link waits 1 s before it sends again.
      expect(stage.clock.monotonicMs() - sentAtMs).toBeLessThan(900);
      expect(sender.call.channel.octetsSent - sentOctets).toBeLessThan(200);
    },
  );

  test('CM-A7 BRIDGED is acknowledged ahead of what the caller sends at once: until then the server keeps that', async () => {
    let begunAt = 0;
    const stage = new Stage({
      onBridged: (call) => {
        if (call.role !== 'caller') return;
        begunAt = stage.callerLine.wire.length;
        call.channel.sendRecord(41, randomOctets(1_376, 2));
      },
    });
    await stage.setUp();
    const written = stage.callerLine.wire.slice(0, begunAt).filter(({ from }) => from === 'left');
    expect(written.at(-1)?.atMs).toBe(stage.callerLine.wire[begunAt]?.atMs);
    expect(written.at(-1)?.octets.length).toBeLessThan(20);
  });

  test('CM-A7 who hangs up tells what has arrived: the other end need not find the line dead to be done', async () => {
    const { stage, caller, callee } = await bridged();
    const heard = new Heard(callee);
    caller.channel.sendRecord(45, randomOctets(32, 2));
    let isDrained: boolean | undefined;
    void caller.channel.drained().then((value) => {
      isDrained = value;
    });
    await runUntil(stage.clock, () => heard.events.length === 1);
    void callee.channel.hangUp();
    await runUntil(stage.clock, () => isDrained !== undefined);
    expect(isDrained).toBe(true);
  });

  test('back-pressure: a listener that takes its time holds the sender back, and nothing is lost', async () => {
    const { stage, caller, callee } = await bridged();
    let free = () => {};
    let taken = 0;
    callee.channel.listen((event) => {
      if (event.type !== 'bulk') return;
      taken += event.octets.length;
      return new Promise<void>((resolve) => {
        free = resolve;
      });
    });
    let isTaken = false;
    void caller.channel.sendBulk(randomOctets(100_000, 3)).then(() => {
      isTaken = true;
    });
    await runFor(stage.clock, 60_000);
    expect(isTaken).toBe(false);
    expect(taken).toBeLessThan(5_000);
    const freeing = async () => {
      free();
      await runFor(stage.clock, 50);
    };
    while (taken < 100_000) await freeing();
    expect(isTaken).toBe(true);
  });

  test('CM-A4 a caller that was away for long is served under its old key, and told the new list', async () => {
    const { stage } = await bridged({
      caller: { server: { rootKey: root.publicKey, keyList: olderKeyList } },
    });
    expect(stage.keptLists).toEqual([7]);
  });

  test('what is sent after the end goes nowhere, and is not waited for', async () => {
    const { stage, caller, callee } = await bridged();
    const heard = new Heard(callee);
    void caller.channel.hangUp();
    await runUntil(stage.clock, () => heard.last?.type === 'lost');
    expect(await callee.channel.sendBulk(randomOctets(10, 1))).toBe(false);
    expect(await callee.channel.drained()).toBe(false);
    await Promise.all([callee.channel.hangUp(), runFor(stage.clock, 1_000)]);
    expect(stage.calleeLine.right.isOnHook).toBe(true);
  });
});

describe('a call that is not put through', () => {
  async function failed(options: StageOptions) {
    const stage = await new Stage(options).setUp();
    await runFor(stage.clock, 70_000);
    if (stage.caller?.kind !== 'failed') throw new Error('the call was put through');
    expect(stage.callerLine.left.isOnHook).toBe(true);
    expect(stage.callerLine.right.isOnHook).toBe(true);
    return { stage, caller: stage.caller };
  }

  test('CM-315 fault 24: unknown key, wrong psk and a refusal: as many octets, on the line at the same moment', async () => {
    const runs = await Promise.all(
      [
        { caller: { staticKey: malloryKey } },
        { caller: { psk: bobSecrets.psk } },
        {
          authorise: async () =>
            ({ kind: 'refused', reason: 'the callee does not accept the caller' }) as const,
        },
      ].map((options) => failed(options)),
    );
    expect(runs.map(({ caller }) => caller.outcome)).toEqual(['refused', 'refused', 'refused']);
    const seen = runs.map(({ stage }) =>
      stage.callerLine.wire
        .filter(({ from }) => from === 'right')
        .map(({ octets, atMs }) => [octets.length, Math.round(atMs)]),
    );
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    const released = runs.map(({ stage }) => Math.round(stage.callerLine.right.onHookAtMs ?? 0));
    expect(new Set(released).size).toBe(1);
  });

  test('CM-315 a refusal that is damaged on its way comes again before the line is released', async () => {
    let damaged = 0;
    const alter = (from: 'left' | 'right', octets: Uint8Array) => {
      const isRefusal = from === 'right' && octets.length > 230 && octets.length < 270 && damaged++ === 0;
      return isRefusal ? octets.map((octet, place) => (place === 100 ? octet ^ 1 : octet)) : octets;
    };
    const { caller } = await failed({
      callerLine: { alter },
      authorise: async () => ({ kind: 'refused', reason: 'over its limit' }),
    });
    expect(damaged).toBeGreaterThan(0);
    expect(caller).toMatchObject({ step: 'CM-315', outcome: 'refused' });
  });

  test('CM-A3 the callee refuses, or does not wish to be disturbed: the caller learns that it is not taken', async () => {
    for (const options of [{ decide: async () => 'refuse' as const }, { doNotDisturb: true }]) {
      const { stage, caller } = await failed(options);
      expect(caller).toMatchObject({ step: 'CM-A3', outcome: 'refused' });
      expect(stage.calleeLeg?.kind).toBe('declined');
      expect(stage.callee?.kind).toBe('declined');
      expect(stage.calleeLine.right.isOnHook).toBe(true);
    }
  });

  test('CM-A5 somebody else answers the telephone: it is told nothing of who calls', async () => {
    const { stage } = await failed({ callee: { staticKey: malloryKey } });
    expect(stage.calleeLeg).toMatchObject({ kind: 'failed', outcome: 'not-authentic' });
    expect(stage.callee?.kind).toBe('failed');
  });

  test('CM-A5 a callee that nobody decides for has refused after 20 s', async () => {
    const { stage } = await failed({ decide: () => new Promise(() => {}) });
    expect(stage.calleeLeg).toEqual({ kind: 'declined', answer: 'refuse' });
  });

  test('CM-A8 cancelled while it waits: on-hook', async () => {
    const stage = new Stage({ decide: () => new Promise(() => {}) });
    const over = stage.setUp();
    await runFor(stage.clock, 3_000);
    stage.cancelCaller.abort();
    await over;
    expect(stage.caller).toMatchObject({ kind: 'failed', outcome: 'cancelled' });
    expect(stage.callerLine.left.isOnHook).toBe(true);
  });

  test('the log says why, and the line does not', async () => {
    const { stage } = await failed({ caller: { psk: bobSecrets.psk } });
    expect(stage.log.text()).toContain('message 3 of the handshake at payload: not authentic');
    expect(stage.log.text()).not.toContain(Buffer.from(bobSecrets.psk).toString('hex'));
  });
});
