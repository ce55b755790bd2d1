import { describe, expect, test } from 'vitest';
import { encode, shapes } from '../../../src/protocol/key-exchange/version-2/packets.js';
import { confOf } from '../../../src/protocol/key-exchange/version-2/rules.js';
import type { ChannelEvent } from '../../../src/session/version-2/bridged-call.js';
import { confirmPairing } from '../../../src/session/version-2/confirm-pairing.js';
import { pairAsCaller } from '../../../src/session/version-2/key-exchange.js';
import type { RecordAlteration } from '../../support/channel-pair.js';
import { idle, settle } from '../../support/pair.js';
import { alice, bob, bridge, confirmOver, pairOver, two } from './pairing-parties.js';

const { CONF, CONF_ACK } = shapes;

/** Drops records of this type from this side. */
function losing(from: 'caller' | 'callee', ...types: readonly number[]): RecordAlteration {
  return (record) => (record.from === from && types.includes(record.recordType) ? [] : [record]);
}

/** Two endpoints whose people said yes, where the line took what `alter` says. */
async function paired(alter: RecordAlteration) {
  const ends = two();
  await pairOver(ends, { alter });
  return ends;
}

function standings({ caller, callee }: ReturnType<typeof two>) {
  return [caller.store.standings(bob)[0], callee.store.standings(alice)[0]];
}

const lost: Record<string, RecordAlteration> = {
  'the caller’s CONF': losing('caller', CONF.type),
  'the callee’s CONF': losing('callee', CONF.type),
  'every CONF': (record) => (record.recordType === CONF.type ? [] : [record]),
  'the caller’s CONF_ACK': losing('caller', CONF_ACK.type),
  'the callee’s CONF_ACK': losing('callee', CONF_ACK.type),
  'all after KX3': (record) => (record.recordType >= CONF.type ? [] : [record]),
};

describe('KX-500 what a later call makes of answers that were lost', () => {
  test.each(Object.entries(lost))(
    '%s: a call by either side makes the key live on both',
    async (_, alter) => {
      const ends = await paired(alter);
      const { asked } = await confirmOver(ends, bridge({ clock: ends.clock }));
      expect(asked).toMatchObject({ result: { kind: 'confirmed', unknownToPeer: 0 } });
      expect(standings(ends)).toEqual(['live', 'live']);

      const others = await paired(alter);
      const back = { ...others, caller: others.callee, callee: others.caller };
      await confirmOver(back, bridge({ clock: back.clock, caller: bob, callee: alice }));
      expect(standings(others)).toEqual(['live', 'live']);
      expect(others.caller.store.liveKey(bob)).toBe(others.callee.store.liveKey(alice));
    },
  );

  test('fault 49: a no that was lost is told at the next call, and ends the key there', async () => {
    const ends = two();
    ends.callee.types = async () => 'AAAAA';
    await pairOver(ends, { alter: lost['every CONF'] as RecordAlteration });
    expect(standings(ends)).toEqual(['pending', 'gone']);
    await confirmOver(ends, bridge({ clock: ends.clock }));
    expect(standings(ends)).toEqual(['gone', 'gone']);
  });

  test('fault 69: a question that died with its process is a no', async () => {
    const ends = two();
    ends.callee.store.beforeWrite = async (name) => {
      if (name === 'own.answered') throw new Error('killed');
    };
    await pairOver(ends);
    ends.callee.store.beforeWrite = async () => {};
    await confirmOver(ends, bridge({ clock: ends.clock }));
    expect(standings(ends)).toEqual(['gone', 'gone']);
  });

  test('what is settled costs no record', async () => {
    const ends = two();
    await pairOver(ends);
    const call = bridge({ clock: ends.clock });
    await confirmOver(ends, call);
    expect(call.channels.wire).toEqual([]);
  });

  test('KX-500 a new pairing settles the old one first, so that none is live on one side only', async () => {
    // Bob is live under the first run, Alice does not know it yet.
    const ends = await paired(losing('callee', CONF.type));
    expect(standings(ends)).toEqual(['pending', 'live']);
    ends.caller.confirms = async () => false;
    const { channels } = await pairOver(ends);
    expect(channels.wire.map(({ recordType }) => recordType).slice(0, 4)).toEqual([34, 34, 35, 35]);
    expect(ends.caller.store.liveKey(bob)).toBe(ends.callee.store.liveKey(alice));
    expect(ends.caller.store.liveKey(bob)).toBeDefined();
  });
});

describe('what follows the CONFs', () => {
  test('goes to the next listener on either side, and nothing is lost in between', async () => {
    const ends = await paired(losing('callee', CONF.type));
    const call = bridge({ clock: ends.clock });
    const { asked, answering, heard } = await confirmOver(ends, call);
    if ('kind' in asked) throw new Error(asked.reason);
    asked.call.channel.sendRecord(41, Uint8Array.of(1));
    await idle();
    expect(heard).toEqual([{ type: 'record', recordType: 41, body: Uint8Array.of(1) }]);
    // The answer, and the end of the line, before anybody listens.
    answering.channel.sendRecord(42, Uint8Array.of(2));
    await idle();
    await answering.channel.hangUp();
    await idle();
    const later: ChannelEvent['type'][] = [];
    asked.call.channel.listen((event) => void later.push(event.type));
    await idle();
    expect(later).toEqual(['record', 'lost']);
  });

  test('KX-500 a CONF behind the first record of another protocol is that protocol’s', async () => {
    const ends = await paired(losing('callee', CONF.type));
    const call = bridge({ clock: ends.clock });
    const { heard } = await confirmOver(ends, call);
    call.caller.channel.sendRecord(41, new Uint8Array());
    call.caller.channel.sendRecord(CONF.type, new Uint8Array(49));
    await idle();
    expect(heard.map((event) => event.type === 'record' && event.recordType)).toEqual([41, 34]);
  });
});

describe('a run that the peer does not know', () => {
  test('KX-500 is said so without a proof, counted, and changes nothing', async () => {
    const ends = await paired(losing('callee', CONF.type));
    ends.callee.store.entries = [];
    const { asked } = await confirmOver(ends, bridge({ clock: ends.clock }));
    expect(asked).toMatchObject({ result: { unknownToPeer: 1 } });
    expect(standings(ends)[0]).toBe('pending');
  });

  test('fault 98: the server’s word for it takes no live key away', async () => {
    const ends = await paired(losing('callee', CONF_ACK.type));
    expect(standings(ends)).toEqual(['live', 'live']);
    const key = ends.caller.store.liveKey(bob);
    const call = bridge({
      clock: ends.clock,
      alter: (record) =>
        record.from === 'callee'
          ? [
              {
                ...record,
                recordType: CONF_ACK.type,
                body: record.body.map((octet, at) => (at < 16 ? octet : 0)),
              },
            ]
          : [record],
    });
    await confirmOver(ends, call);
    expect(ends.caller.store.liveKey(bob)).toBe(key);
  });
});

describe('a disturbed call', () => {
  test('fault 23: a CONF under another key ends it on the callee’s side, and notes nothing', async () => {
    const ends = await paired(losing('caller', CONF.type));
    const before = ends.callee.store.entries;
    const call = bridge({
      clock: ends.clock,
      alter: (record) => [
        { ...record, body: record.body.map((octet, at) => (at === 48 ? octet ^ 1 : octet)) },
      ],
    });
    const { heard, asked } = await confirmOver(ends, call);
    expect(heard[0]).toMatchObject({ type: 'broken' });
    expect(asked).toMatchObject({ kind: 'failed', outcome: 'timed-out' });
    expect(ends.callee.store.entries).toEqual(before);
  });

  test.each([
    ['silence', () => [], 'timed-out'],
    ['another record', () => [{ recordType: 41, body: new Uint8Array() }], 'not-authentic'],
    ['a KX message', () => [{ recordType: 33, body: new Uint8Array(64) }], 'not-authentic'],
  ] as const)(
    'KX-500 %s in place of the acknowledgement: the line is released',
    async (_, answer, outcome) => {
      const ends = await paired(losing('callee', CONF.type));
      const call = bridge({
        clock: ends.clock,
        alter: (record) =>
          record.from === 'callee' ? answer().map((other) => ({ ...record, ...other })) : [record],
      });
      const { asked } = await confirmOver(ends, call);
      expect(asked).toMatchObject({ kind: 'failed', step: 'KX-500', outcome, peer: bob });
      expect(call.channels.caller.isOnHook).toBe(true);
      expect(ends.caller.openSessions.enter(bob), 'the peer is free again').toBe(true);
    },
  );

  test('KX-500 the operator gives up, or the line is lost: the line is released', async () => {
    for (const outcome of ['cancelled', 'interrupted'] as const) {
      const ends = await paired(losing('callee', CONF.type));
      const call = bridge({ clock: ends.clock });
      const abort = new AbortController();
      const asking = confirmPairing(call.caller, ends.caller.options(ends.clock, abort.signal));
      await idle();
      if (outcome === 'cancelled') abort.abort();
      else call.channels.release();
      expect(await settle(ends.clock, asking)).toMatchObject({ kind: 'failed', outcome });
      expect(call.channels.caller.isOnHook).toBe(true);
    }
  });

  test('KX-370 G2: while a person is at the string of a run, a CONF of it is not taken in another call', async () => {
    const ends = await paired(losing('caller', CONF.type));
    ends.callee.openSessions.enter(alice);
    const { heard } = await confirmOver(ends, bridge({ clock: ends.clock }));
    expect(heard[0]).toEqual({ type: 'broken', reason: 'another session with this peer is open' });
  });

  test('fault 61: a store that fails is a local error, on either side', async () => {
    const ends = await paired(losing('callee', CONF.type));
    ends.caller.store.runsWith = () => Promise.reject(new Error('EIO'));
    const call = bridge({ clock: ends.clock });
    const result = await settle(ends.clock, pairAsCaller(call.caller, ends.caller.options(ends.clock)));
    expect(result).toMatchObject({ kind: 'failed', outcome: 'local-error' });

    const others = await paired(losing('caller', CONF.type));
    others.callee.store.runsWith = () => Promise.reject(new Error('EIO'));
    const { heard } = await confirmOver(others, bridge({ clock: others.clock }));
    expect(heard[0]).toMatchObject({ type: 'broken' });
  });

  test('KX-500 a CONF of a third run, that nobody here knows, is answered and forgotten', async () => {
    const ends = two();
    const call = bridge({ clock: ends.clock });
    const { heard } = await confirmOver(ends, call);
    const conf = confOf(new Uint8Array(32), new Uint8Array(16).fill(7), 'yes');
    call.caller.channel.sendRecord(CONF.type, encode(conf));
    await idle();
    expect(heard).toEqual([]);
    const answer = call.channels.wire.at(-1);
    expect([answer?.recordType, answer?.body]).toEqual([
      35,
      Uint8Array.of(...new Uint8Array(16).fill(7), ...new Uint8Array(33)),
    ]);
    expect(ends.callee.store.entries).toEqual([]);
  });
});
