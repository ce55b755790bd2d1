import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { sha256 } from '../../../src/crypto/hash.js';
import {
  encode,
  type KeyExchangeMessage,
  parse,
  shapes,
} from '../../../src/protocol/key-exchange/version-2/packets.js';
import { keyExchange2Sender } from '../../../src/protocol/key-exchange/version-2/sender.js';
import { pairAsCallee, pairAsCaller } from '../../../src/session/version-2/key-exchange.js';
import { idle, settle } from '../../support/pair.js';
import { seeded } from '../../support/seeded.js';
import {
  alice,
  bob,
  bridge,
  confirmOver,
  Endpoint,
  identityOf,
  mallory,
  pairOver,
  two,
} from './pairing-parties.js';

const names: Record<number, string> = { 31: 'KX1', 32: 'KX2', 33: 'KX3', 34: 'CONF', 35: 'CONF_ACK' };

/** A question that nobody answers. */
const never = () => new Promise<never>(() => {});

function sendMessage(
  end: { sendRecord(type: number, body: Uint8Array): void },
  message: KeyExchangeMessage,
): void {
  end.sendRecord(shapes[message.kind].type, encode(message));
}

describe('a pairing that succeeds', () => {
  test('KX-350 to KX-500: three messages, two answers, two acknowledgements, and one live key of 32 octets', async () => {
    const ends = two();
    const { caller, callee, channels } = await pairOver(ends);
    expect(caller).toEqual({ kind: 'paired', peer: bob });
    expect(callee).toEqual({ kind: 'paired', peer: alice });
    const wire = channels.wire.map(({ from, recordType, body }) => [from, names[recordType], body.length]);
    expect(wire.slice(0, 3)).toEqual([
      ['caller', 'KX1', 1339],
      ['callee', 'KX2', 1275],
      ['caller', 'KX3', 64],
    ]);
    const rest = wire.slice(3).map(([from, name]) => `${from} ${name}`);
    expect(rest.sort()).toEqual(['callee CONF', 'callee CONF_ACK', 'caller CONF', 'caller CONF_ACK']);
    expect(ends.caller.store.liveKey(bob)).toMatch(/^[0-9a-f]{64}$/);
    expect(ends.caller.store.liveKey(bob)).toBe(ends.callee.store.liveKey(alice));
    expect([channels.caller.isOnHook, channels.callee.isOnHook]).toEqual([true, true]);
    expect([ends.caller.store.runs, ends.callee.store.runs]).toEqual([[], []]);
    expect(ends.clock.nextDeadlineMs()).toBeUndefined();
  });

  test('KX-470A KX-470B each side keeps the other’s public keys', async () => {
    const ends = two();
    await pairOver(ends);
    expect(ends.caller.store.entries[0]?.peerIdentity).toEqual(identityOf(bob));
    expect(ends.callee.store.entries[0]?.peerIdentity).toEqual(identityOf(alice));
  });

  test('KX-475 KX-480 the key is pending, durably, before a person is asked', async () => {
    const ends = two();
    const seen: string[][] = [];
    ends.caller.confirms = async () => {
      seen.push(ends.caller.store.standings(bob));
      return true;
    };
    const typed = ends.callee.types;
    ends.callee.types = () => {
      seen.push(ends.callee.store.standings(alice));
      return typed();
    };
    await pairOver(ends);
    expect(seen).toEqual([['pending'], ['pending']]);
  });

  test('KX-490 small letters, blanks and hyphens do not matter', async () => {
    const ends = two();
    const typed = ends.callee.types;
    ends.callee.types = async () => [...(await typed()).toLowerCase()].join(' - ');
    expect((await pairOver(ends)).callee.kind).toBe('paired');
  });

  test('KX-490 X is five characters of an alphabet that the telephone does not confuse', async () => {
    const ends = two();
    await pairOver(ends);
    expect(ends.caller.shown).toEqual([expect.stringMatching(/^[A-HJ-NP-Z2-9]{5}$/)]);
  });

  test('CM-315 the log of both sides holds neither key nor X', async () => {
    const ends = two();
    await pairOver(ends);
    const text = ends.caller.log.text() + ends.callee.log.text();
    expect(text).toContain('key exchange 2, sender');
    expect(text).not.toContain(ends.caller.shown[0]);
    expect(text).not.toContain(ends.caller.store.liveKey(bob));
  });
});

describe('both strings', () => {
  test.each(['caller', 'callee'] as const)(
    'KX-475 KX-480 the wish of the %s alone is enough',
    async (wishing) => {
      const ends = two();
      ends[wishing].wantsBothStrings = true;
      const { caller, callee } = await pairOver(ends);
      expect([caller.kind, callee.kind]).toEqual(['paired', 'paired']);
      expect(ends.callee.shown).toEqual([expect.stringMatching(/^[A-HJ-NP-Z2-9]{5}$/)]);
      expect(ends.callee.shown).not.toEqual(ends.caller.shown);
    },
  );

  test('KX-490 a second string that differs is a no for both', async () => {
    const ends = two();
    ends.callee.wantsBothStrings = true;
    ends.caller.typesSecond = async () => 'AAAAA';
    const { caller, callee } = await pairOver(ends);
    expect(caller).toMatchObject({ step: 'KX-490', outcome: 'not-confirmed' });
    expect(callee).toMatchObject({ step: 'KX-500', outcome: 'not-confirmed' });
    expect([ends.caller.store.standings(bob), ends.callee.store.standings(alice)]).toEqual([
      ['gone'],
      ['gone'],
    ]);
  });

  test('KX-480 a screen that cannot ask for it says no', async () => {
    const ends = two();
    ends.callee.wantsBothStrings = true;
    delete ends.caller.screen.typeSecondString;
    expect((await pairOver(ends)).caller).toMatchObject({ step: 'KX-475', outcome: 'cancelled' });
  });
});

describe('fault 49: what people answer', () => {
  const no: Record<string, (ends: ReturnType<typeof two>) => void> = {
    'KX-485 the sender’s says no': ({ caller }) => (caller.confirms = async () => false),
    'KX-490 the recipient’s types another string': ({ callee }) => (callee.types = async () => 'AAAAA'),
    'KX-490 the recipient’s types a letter that is not used': ({ callee }) =>
      (callee.types = async () => 'HELLO'),
    'KX-490 the recipient’s types nothing': ({ callee }) => (callee.types = async () => ' '),
    'KX-480 the recipient’s screen is gone': ({ callee }) =>
      (callee.types = () => Promise.reject(new Error('closed'))),
    'KX-475 nobody answers the sender’s screen': ({ caller }) => (caller.confirms = never),
    'KX-480 nobody answers the recipient’s screen': ({ callee }) => (callee.types = never),
  };
  test.each(Object.entries(no))('%s: the key is gone on both sides, in one call', async (_, prepare) => {
    const ends = two();
    prepare(ends);
    const { caller, callee } = await pairOver(ends);
    expect([caller.kind, callee.kind]).toEqual(['failed', 'failed']);
    expect([ends.caller.store.standings(bob), ends.callee.store.standings(alice)]).toEqual([
      ['gone'],
      ['gone'],
    ]);
    for (const entry of [...ends.caller.store.entries, ...ends.callee.store.entries]) {
      expect(entry.longTermKey.length, 'erased').toBe(0);
    }
    expect(ends.clock.monotonicMs()).toBeLessThanOrEqual(600_000);
  });

  test('KX-490 the string of another run is a wrong string', async () => {
    const ends = two();
    await pairOver(ends);
    const old = ends.caller.shown[0] ?? '';
    ends.callee.types = async () => old;
    expect((await pairOver(ends)).callee).toMatchObject({ step: 'KX-490', outcome: 'not-confirmed' });
  });

  test('KX-495 what another process has answered for good stands: no yes goes out after it, and no key is live', async () => {
    const ends = two();
    ends.caller.confirms = async () => {
      const [run] = await ends.caller.store.runsWith(bob);
      if (!run) throw new Error('asked before the key is pending');
      // The peer called on another line, and this process knows of no question.
      await ends.caller.store.note(bob, run.kxid, { type: 'own.answered', verdict: 'no' });
      return true;
    };
    const { caller, callee, channels } = await pairOver(ends);
    expect(caller).toMatchObject({ kind: 'failed', step: 'KX-495', outcome: 'not-confirmed' });
    expect(callee).toMatchObject({ kind: 'failed', outcome: 'not-confirmed' });
    const said = channels.wire.filter(({ from, recordType }) => from === 'caller' && recordType === 34);
    expect(said.map(({ body }) => body[16])).toEqual([0]);
    expect([ends.caller.store.standings(bob), ends.callee.store.standings(alice)]).toEqual([
      ['gone'],
      ['gone'],
    ]);
  });

  test('KX-480 a no of the peer’s withdraws the question', async () => {
    const ends = two();
    ends.callee.types = never;
    ends.caller.confirms = async () => false;
    await pairOver(ends);
    expect([ends.callee.questions, ends.callee.questionIsWithdrawn, ends.clock.monotonicMs()]).toEqual([
      1,
      true,
      0,
    ]);
  });

  test('KX-495 a line that is lost at the string takes nothing from the people: they answer, and the key waits', async () => {
    const ends = two();
    const { caller, callee } = await pairOver(ends, { cutAfter: 3 });
    expect([caller.kind, callee.kind]).toEqual(['pending', 'pending']);
    expect([ends.caller.store.liveKey(bob), ends.callee.store.liveKey(alice)]).toEqual([
      undefined,
      undefined,
    ]);
    expect([ends.caller.store.runs, ends.callee.store.runs]).toEqual([[], []]);
  });

  test('KX-500 a record by who has K_call alone takes the line at most, and not the question', async () => {
    const ends = two();
    let injected = false;
    let wasWithdrawn = true;
    const typed = ends.callee.types;
    ends.callee.types = async () => {
      const text = await typed();
      wasWithdrawn = ends.callee.questionIsWithdrawn;
      return text;
    };
    const { caller, callee } = await pairOver(ends, {
      alter: (record) => {
        if (record.recordType !== shapes.KX3.type || injected) return [record];
        injected = true;
        return [record, { ...record, recordType: shapes.CONF.type, body: new Uint8Array(49) }];
      },
    });
    expect([callee.kind, wasWithdrawn]).toEqual(['pending', false]);
    expect(caller.kind).not.toBe('failed');
    const later = bridge({ clock: ends.clock });
    await confirmOver(ends, later);
    expect(ends.callee.store.liveKey(alice)).toBeDefined();
    expect(ends.caller.store.liveKey(bob)).toBe(ends.callee.store.liveKey(alice));
  });
});

describe('fault 26: KX abandoned', () => {
  test('fault 96: KX-370 after KX2, 1,000 times: three answers, then none, and one line in each log', async () => {
    const { clock, callee } = two();
    let answered = 0;
    for (let call = 0; call < 1000; call++) {
      const { caller: end, callee: called } = bridge({ clock });
      const answering = pairAsCallee(called, callee.options(clock));
      end.channel.listen((event) => {
        if (event.type === 'record' && event.recordType === shapes.KX2.type) {
          answered++;
          void end.channel.hangUp();
        }
      });
      sendMessage(end.channel, kx1Of(call));
      await settle(clock, answering);
    }
    expect([answered, callee.questions, callee.store.runs.length]).toEqual([3, 0, 3]);
    const last = callee.log.with('session failed').at(-1);
    expect(last).toMatchObject({ step: 'KX-375', outcome: 'pairing-locked' });
    expect(String(last?.reason)).toContain('None begins for a day');
  }, 60_000);

  test('KX-355 the sender counts too, and calls nobody for a day after the third', async () => {
    const ends = two();
    // Somebody in Bob's place has seen that the strings differ, and says no before Alice's person has spoken.
    ends.caller.confirms = never;
    const typed = ends.callee.types;
    ends.callee.types = async () => 'AAAAA';
    for (let run = 0; run < 3; run++) expect((await pairOver(ends)).caller).toMatchObject({ step: 'KX-500' });
    expect(ends.caller.store.runs.length).toBe(3);
    const fourth = await pairOver(ends);
    expect(fourth.caller).toMatchObject({ step: 'KX-355', outcome: 'pairing-locked' });
    expect(fourth.channels.wire.map(({ recordType }) => names[recordType])).not.toContain('KX1');
    ends.clock.advance(24 * 3_600_000);
    ends.caller.confirms = async () => true;
    ends.callee.types = typed;
    expect((await pairOver(ends)).caller.kind).toBe('paired');
  });

  test('fault 96: a peer that says no before the person answers has used up one of its three guesses', async () => {
    const ends = two();
    ends.callee.types = never;
    ends.caller.confirms = async () => false;
    await pairOver(ends);
    expect([ends.caller.store.runs.length, ends.callee.store.runs.length]).toEqual([0, 1]);
  });

  function kx1Of(call: number): KeyExchangeMessage {
    const random = seeded(`abandoned ${call % 5}`);
    const input = {
      own: alice,
      peer: bob,
      identity: identityOf(alice),
      nI: random(32),
      xWingSeed: random(32),
      callKey: random(32),
      wantsBothStrings: false,
    };
    return createActor(keyExchange2Sender, { input }).getSnapshot().context.kx1;
  }
});

describe('fault 48: a peer with whom a key exists', () => {
  test('KX-500 the old key stays in use until the new one is live, and is then gone', async () => {
    const ends = two();
    await pairOver(ends);
    const old = ends.caller.store.liveKey(bob);
    const during: (string | undefined)[] = [];
    ends.caller.confirms = async () => {
      during.push(ends.caller.store.liveKey(bob), ends.callee.store.liveKey(alice));
      return true;
    };
    await pairOver(ends);
    expect(during).toEqual([old, old]);
    const renewed = ends.caller.store.liveKey(bob);
    expect(renewed).not.toBe(old);
    expect(ends.callee.store.liveKey(alice)).toBe(renewed);
    expect([ends.caller.store.entries.length, ends.callee.store.entries.length]).toEqual([1, 1]);
  });

  test('KX-500 a new pairing that is refused leaves the old key as it was', async () => {
    const ends = two();
    await pairOver(ends);
    const old = ends.caller.store.liveKey(bob);
    ends.caller.confirms = async () => false;
    await pairOver(ends);
    expect([ends.caller.store.liveKey(bob), ends.callee.store.liveKey(alice)]).toEqual([old, old]);
  });

  test('KX-370 G2: both call each other at once: both are told that the other is busy, and no key is half there', async () => {
    const ends = two();
    const [out, back] = [
      bridge({ clock: ends.clock }),
      bridge({ clock: ends.clock, caller: bob, callee: alice }),
    ];
    const results = await settle(
      ends.clock,
      Promise.all([
        pairAsCaller(out.caller, ends.caller.options(ends.clock)),
        pairAsCallee(out.callee, ends.callee.options(ends.clock)),
        pairAsCaller(back.caller, ends.callee.options(ends.clock)),
        pairAsCallee(back.callee, ends.caller.options(ends.clock)),
      ]),
    );
    expect(results.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect([ends.caller.store.entries, ends.callee.store.entries]).toEqual([[], []]);
    expect([ends.caller.openSessions.enter(bob), ends.callee.openSessions.enter(alice)]).toEqual([
      true,
      true,
    ]);
  });
});

describe('fault 98: a server that stands between both ends and knows K_call', () => {
  test('KX-490 it pairs with each of them, and the strings differ: no key on either side', async () => {
    const ends = two();
    const [left, right] = [bridge({ clock: ends.clock }), bridge({ clock: ends.clock })];
    // Towards Alice it is Bob, towards Bob Alice.
    const asBob = new Endpoint(bob, {});
    const asAlice = new Endpoint(alice, {});
    asBob.types = () => Promise.resolve(ends.caller.shown[0] ?? '').then((shown) => shown || never());
    const [first, , , last] = await settle(
      ends.clock,
      Promise.all([
        pairAsCaller(left.caller, ends.caller.options(ends.clock)),
        pairAsCallee(left.callee, asBob.options(ends.clock)),
        pairAsCaller(right.caller, asAlice.options(ends.clock)),
        pairAsCallee(right.callee, ends.callee.options(ends.clock)),
      ]),
    );
    expect(ends.caller.shown).not.toEqual(asAlice.shown);
    expect(last).toMatchObject({ kind: 'failed', step: 'KX-490', outcome: 'not-confirmed' });
    expect(ends.callee.store.liveKey(alice)).toBeUndefined();
    // Bob's person says on the telephone that it was wrong, so Alice's says no; here she was asked first.
    expect(first.kind).not.toBe('failed');
  });

  test('fault 98: KX-370 the wrong caller in INVITE ends the call without an answer', async () => {
    const { clock, caller, callee } = two();
    const call = bridge({ clock, caller: mallory });
    const [, answered] = await settle(
      clock,
      Promise.all([
        pairAsCaller(call.caller, caller.options(clock)),
        pairAsCallee(call.callee, callee.options(clock)),
      ]),
    );
    expect(answered).toMatchObject({ step: 'KX-375', outcome: 'not-authentic' });
    expect(call.channels.wire.map(({ recordType }) => names[recordType])).toEqual(['KX1']);
  });

  test('fault 32: K_call of another call: macI is refused', async () => {
    const { clock, caller, callee } = two();
    const call = bridge({ clock });
    const other = { ...call.callee, callKey: sha256.digest(call.callee.callKey) };
    const [, answered] = await settle(
      clock,
      Promise.all([
        pairAsCaller(call.caller, caller.options(clock)),
        pairAsCallee(other, callee.options(clock)),
      ]),
    );
    expect(answered).toMatchObject({ step: 'KX-450', reason: 'macI does not match' });
  });
});

describe('a record that is dropped, doubled, swapped, shortened or altered by who has K_call', () => {
  const kinds = ['KX1', 'KX2', 'KX3', 'CONF', 'CONF_ACK'] as const;
  const alterations = {
    'fault 17: dropped': () => [],
    'fault 23: doubled': (body: Uint8Array) => [body, body],
    'fault 1: shortened': (body: Uint8Array) => [body.subarray(0, -1)],
    'fault 23: altered': (body: Uint8Array) => [
      body.map((octet, at) => (at === body.length - 1 ? octet ^ 1 : octet)),
    ],
  };
  const cases = Object.entries(alterations).flatMap(([what, alter]) =>
    kinds.flatMap((kind) => (['caller', 'callee'] as const).map((from) => ({ what, alter, kind, from }))),
  );
  test.each(cases)('$what: $kind of the $from', async ({ alter, kind, from }) => {
    const ends = two();
    const { type } = shapes[kind];
    await pairOver(ends, {
      alter: (record) =>
        record.from === from && record.recordType === type
          ? alter(record.body).map((body) => ({ ...record, body: Uint8Array.from(body) }))
          : [record],
    });
    const [here, there] = [ends.caller.store.liveKey(bob), ends.callee.store.liveKey(alice)];
    if (here && there) expect(here).toBe(there);
    const standings = [ends.caller.store.standings(bob)[0], ends.callee.store.standings(alice)[0]];
    expect(standings.includes('live') && standings.includes('gone')).toBe(false);
    // Whatever happened, the next pairing without a disturbance succeeds.
    const { caller, callee } = await pairOver(ends);
    expect([caller.kind, callee.kind]).toEqual(['paired', 'paired']);
    expect(ends.caller.store.liveKey(bob)).toBe(ends.callee.store.liveKey(alice));
  });

  test('fault 23: a message out of order ends the call', async () => {
    for (const kind of ['KX2', 'KX3', 'CONF', 'CONF_ACK'] as const) {
      const { clock, callee } = two();
      const call = bridge({ clock });
      const answering = pairAsCallee(call.callee, callee.options(clock));
      call.caller.channel.sendRecord(shapes[kind].type, new Uint8Array(shapes[kind].length).fill(0x30));
      if (kind.startsWith('CONF')) continue;
      expect((await settle(clock, answering)).kind).toBe('failed');
      expect(call.channels.callee.isOnHook).toBe(true);
    }
  });

  test('fault 17: a line that breaks after any record leaves no key that one side alone may use for ever', async () => {
    for (let cutAfter = 0; cutAfter <= 7; cutAfter++) {
      const ends = two();
      await pairOver(ends, { cutAfter });
      const [here, there] = [ends.caller.store.standings(bob)[0], ends.callee.store.standings(alice)[0]];
      expect([here, there].includes('live') && [here, there].includes('gone'), `cut after ${cutAfter}`).toBe(
        false,
      );
      await pairOver(ends);
      expect(ends.caller.store.liveKey(bob)).toBe(ends.callee.store.liveKey(alice));
      expect(ends.caller.store.liveKey(bob)).toBeDefined();
    }
  });
});

describe('a store that fails', () => {
  test('fault 69: at any write of either side: never live here and gone there, and a later pairing succeeds', async () => {
    for (const side of ['caller', 'callee'] as const) {
      for (let failing = 0; failing < 6; failing++) {
        const ends = two();
        let write = 0;
        ends[side].store.beforeWrite = async () => {
          if (write++ >= failing) throw new Error('EIO');
        };
        await pairOver(ends);
        const [here, there] = [ends.caller.store.standings(bob)[0], ends.callee.store.standings(alice)[0]];
        expect([here, there].includes('live') && [here, there].includes('gone')).toBe(false);
        ends[side].store.beforeWrite = async () => {};
        await pairOver(ends);
        expect(ends.caller.store.liveKey(bob), `${side}, write ${failing}`).toBeDefined();
        expect(ends.caller.store.liveKey(bob)).toBe(ends.callee.store.liveKey(alice));
      }
    }
  });

  test('KX-495 an answer that was not stored is not sent', async () => {
    const ends = two();
    ends.caller.store.beforeWrite = async (name) => {
      if (name === 'own.answered') throw new Error('ENOSPC');
    };
    const { caller, channels } = await pairOver(ends);
    expect(caller).toMatchObject({ step: 'KX-495', outcome: 'local-error' });
    expect(
      channels.wire.filter(({ from, recordType }) => from === 'caller' && names[recordType] === 'CONF'),
    ).toEqual([]);
  });

  test('KX-395 a run that could not be written down is not answered: nobody may guess for nothing', async () => {
    const ends = two();
    ends.callee.store.beforeWrite = async () => {
      throw new Error('EROFS');
    };
    const { callee, channels } = await pairOver(ends);
    expect(callee).toMatchObject({ step: 'KX-375', outcome: 'local-error' });
    expect(channels.wire.map(({ recordType }) => names[recordType])).toEqual(['KX1']);
  });
});

describe('the operator gives up', () => {
  test('KX-355 before the call: nothing is sent', async () => {
    const { clock, caller } = two();
    const call = bridge({ clock });
    const result = await settle(clock, pairAsCaller(call.caller, caller.options(clock, AbortSignal.abort())));
    expect(result).toMatchObject({ step: 'KX-355', outcome: 'cancelled' });
    expect([call.channels.wire.length, call.channels.caller.isOnHook]).toEqual([0, true]);
  });

  test('KX-385 while KX2 is awaited: the line is released', async () => {
    const { clock, caller } = two();
    const call = bridge({ clock });
    const abort = new AbortController();
    const pairing = pairAsCaller(call.caller, caller.options(clock, abort.signal));
    await idle();
    abort.abort();
    expect(await settle(clock, pairing)).toMatchObject({ step: 'KX-385', outcome: 'cancelled' });
    expect(call.channels.caller.isOnHook).toBe(true);
  });

  test('KX-475 at the string: the key is gone on both sides', async () => {
    const ends = two();
    const abort = new AbortController();
    const call = bridge({ clock: ends.clock });
    ends.caller.confirms = async () => {
      abort.abort();
      return never();
    };
    ends.callee.types = never;
    const [caller, callee] = await settle(
      ends.clock,
      Promise.all([
        pairAsCaller(call.caller, ends.caller.options(ends.clock, abort.signal)),
        pairAsCallee(call.callee, ends.callee.options(ends.clock)),
      ]),
    );
    expect(caller).toMatchObject({ step: 'KX-475', outcome: 'cancelled' });
    expect(callee).toMatchObject({ step: 'KX-500', outcome: 'not-confirmed' });
  });
});

test('KX-360 KX-385 KX-435 silence ends the call after 30 s, on either side', async () => {
  const { clock, caller, callee } = two();
  const [out, back] = [bridge({ clock }), bridge({ clock })];
  const results = await settle(
    clock,
    Promise.all([
      pairAsCaller(out.caller, caller.options(clock)),
      pairAsCallee(back.callee, callee.options(clock)),
    ]),
  );
  expect(results).toMatchObject([
    { step: 'KX-385', outcome: 'timed-out' },
    { step: 'KX-360', outcome: 'timed-out' },
  ]);
  expect(clock.monotonicMs()).toBe(30_000);
  expect(parse(31, out.channels.wire[0]?.body ?? new Uint8Array()).kind).toBe('KX1');
});
