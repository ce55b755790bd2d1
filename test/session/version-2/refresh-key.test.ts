import { describe, expect, test } from 'vitest';
import { MessageLine } from '../../../src/session/version-2/message-line.js';
import {
  type MessageCarrier,
  type RefreshOptions,
  refreshAsCallee,
  refreshAsCaller,
} from '../../../src/session/version-2/refresh-key.js';
import type { ChannelPairOptions } from '../../support/channel-pair.js';
import { settle } from '../../support/pair.js';
import {
  alice,
  bob,
  bridge,
  confirmOver,
  type Endpoint,
  identityOf,
  mallory,
  pairOver,
  type Two,
  two,
} from './pairing-parties.js';

function optionsOf({ clock }: Two, end: Endpoint, peer: typeof alice): RefreshOptions {
  const { own, random, log, store } = end;
  const longTermKey = Buffer.from(store.liveKey(peer) ?? '', 'hex');
  const [identity, peerIdentity] = [identityOf(own), identityOf(peer)];
  return { own, peer, identity, peerIdentity, longTermKey, epoch: 0, clock, random, log, store };
}

/** A refresh in a session that both have opened with the live key. */
async function refreshOver(
  ends: Two,
  line: ChannelPairOptions = {},
  changes: { caller?: Partial<RefreshOptions>; callee?: Partial<RefreshOptions> } = {},
) {
  const call = bridge({ ...line, clock: ends.clock });
  const carrierOf = (channel: (typeof call)['caller']['channel']): MessageCarrier => {
    const messages = new MessageLine(channel, ends.clock);
    return { send: (message) => messages.send(message), receive: () => messages.next() };
  };
  return settle(
    ends.clock,
    Promise.all([
      refreshAsCaller(carrierOf(call.caller.channel), {
        ...optionsOf(ends, ends.caller, bob),
        ...changes.caller,
      }),
      refreshAsCallee(carrierOf(call.callee.channel), {
        ...optionsOf(ends, ends.callee, alice),
        ...changes.callee,
      }),
    ]),
  );
}

async function paired(): Promise<Two & { readonly old: string | undefined }> {
  const ends = two();
  await pairOver(ends);
  return { ...ends, old: ends.caller.store.liveKey(bob) };
}

describe('a refresh', () => {
  test('KX-500 gives both sides the key of the next epoch, asks nobody, and counts as no run', async () => {
    const ends = await paired();
    const questions = ends.caller.questions + ends.callee.questions;
    expect(await refreshOver(ends)).toEqual([{ kind: 'refreshed' }, { kind: 'refreshed' }]);
    const renewed = ends.caller.store.liveKey(bob);
    expect(renewed).toMatch(/^[0-9a-f]{64}$/);
    expect([renewed === ends.old, ends.callee.store.liveKey(alice)]).toEqual([false, renewed]);
    expect([ends.caller.store.entries.length, ends.caller.store.entries[0]?.epoch]).toEqual([1, 1]);
    expect(ends.caller.questions + ends.callee.questions).toBe(questions);
    expect([ends.caller.store.runs, ends.callee.store.runs]).toEqual([[], []]);
  });

  test('fault 17: a line that breaks after any record: the next call finds one live key on both sides', async () => {
    for (let cutAfter = 0; cutAfter <= 7; cutAfter++) {
      const ends = await paired();
      await refreshOver(ends, { cutAfter });
      await confirmOver(ends, bridge({ clock: ends.clock }));
      const key = ends.caller.store.liveKey(bob);
      expect(key, `cut after ${cutAfter}`).toBeDefined();
      expect(ends.callee.store.liveKey(alice)).toBe(key);
    }
  });

  test('fault 69: a store that fails at any write: the same', async () => {
    for (const side of ['caller', 'callee'] as const) {
      for (let failing = 0; failing < 3; failing++) {
        const ends = await paired();
        let write = 0;
        ends[side].store.beforeWrite = async () => {
          if (write++ >= failing) throw new Error('EIO');
        };
        const results = await refreshOver(ends);
        expect(results[side === 'caller' ? 0 : 1]).toMatchObject({ kind: 'failed', outcome: 'local-error' });
        ends[side].store.beforeWrite = async () => {};
        await confirmOver(ends, bridge({ clock: ends.clock }));
        expect(ends.caller.store.liveKey(bob), `${side}, write ${failing}`).toBeDefined();
        expect(ends.caller.store.liveKey(bob)).toBe(ends.callee.store.liveKey(alice));
      }
    }
  });
});

describe('a refresh that is refused leaves the old key', () => {
  test('fault 50: sides with other keys of the epoch: macI differs', async () => {
    const ends = await paired();
    const [, callee] = await refreshOver(ends, {}, { callee: { longTermKey: new Uint8Array(32) } });
    expect(callee).toMatchObject({ step: 'KX-450', reason: 'macI does not match' });
    expect([ends.caller.store.liveKey(bob), ends.callee.store.liveKey(alice)]).toEqual([ends.old, ends.old]);
  });

  test('KX-470A KX-470B public keys that people did not confirm', async () => {
    for (const side of ['caller', 'callee'] as const) {
      const ends = await paired();
      const results = await refreshOver(ends, {}, { [side]: { identity: identityOf(mallory) } });
      expect(results[side === 'caller' ? 1 : 0]).toMatchObject({ step: 'KX-460', outcome: 'not-authentic' });
      expect([ends.caller.store.liveKey(bob), ends.callee.store.liveKey(alice)]).toEqual([
        ends.old,
        ends.old,
      ]);
    }
  });

  test('fault 23: a CONF with a bit turned', async () => {
    const ends = await paired();
    const [caller] = await refreshOver(ends, {
      alter: (record) =>
        record.from === 'callee' && record.recordType === 34
          ? [{ ...record, body: record.body.map((octet, at) => (at === 48 ? octet ^ 1 : octet)) }]
          : [record],
    });
    expect(caller).toMatchObject({ step: 'KX-500', outcome: 'not-authentic' });
    expect(ends.caller.store.liveKey(bob)).toBe(ends.old);
  });
});
