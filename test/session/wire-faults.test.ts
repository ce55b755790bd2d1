import { describe, expect, test } from 'vitest';
import * as dataPackets from '../../src/protocol/data-exchange/packets.js';
import * as keyPackets from '../../src/protocol/key-exchange/packets.js';
import { receiveTransfer, sendTransfer } from '../../src/session/data-exchange.js';
import { exchangeKeysAsRecipient, exchangeKeysAsSender } from '../../src/session/key-exchange.js';
import { SessionRegistry } from '../../src/session/open-sessions.js';
import type { SessionWorld } from '../../src/session/session.js';
import * as data from '../protocol/data-exchange/packets-of-a-run.js';
import * as keys from '../protocol/key-exchange/packets-of-a-run.js';
import { type Alteration, oneByOne } from '../support/pair.js';
import { given, seeded } from '../support/seeded.js';
import { alice, bob, MemoryQuarantine, pairing, pairUp, seal, transfer } from './parties.js';
import { Puppet } from './puppet.js';

const ACK = 0x06;
const NAK = 0x15;

/** One side under test, and what an honest peer says to it, packet by packet. */
interface Side {
  readonly name: string;
  readonly plays: 'caller' | 'callee';
  readonly says: readonly Uint8Array[];
  start(world: SessionWorld): Promise<{ readonly kind: string }>;
}

const sides: readonly Side[] = [
  {
    name: 'key exchange, sender',
    plays: 'callee',
    says: [keyPackets.encode(keys.b), Uint8Array.of(ACK)],
    start: (world) =>
      exchangeKeysAsSender({
        ...world,
        ...pairing(alice, keys.checkString),
        random: given(keys.exponentA, keys.randomA),
        peer: bob,
      }),
  },
  {
    name: 'key exchange, recipient',
    plays: 'caller',
    says: [keyPackets.encode(keys.a1), keyPackets.encode(keys.a2)],
    start: (world) =>
      exchangeKeysAsRecipient({
        ...world,
        ...pairing(bob, keys.checkString),
        random: given(keys.exponentB),
        opening: new Uint8Array(),
      }),
  },
  {
    name: 'data exchange, sender',
    plays: 'callee',
    says: [dataPackets.encode(data.b), Uint8Array.of(ACK)],
    start: (world) =>
      sendTransfer({
        ...world,
        random: given(data.call.challengeA),
        own: alice,
        peer: bob,
        longTermKey: data.longTermKey,
        transfer: {
          sessionKey: data.sessionKey,
          fileHash: data.fileHash,
          size: 32,
          read: async function* () {
            yield Buffer.alloc(32);
          },
        },
        openSessions: new SessionRegistry(),
        onProgress: () => {},
      }),
  },
  {
    name: 'data exchange, recipient',
    plays: 'caller',
    says: [dataPackets.encode(data.a1), dataPackets.encode(data.a2)],
    start: (world) =>
      receiveTransfer({
        ...world,
        random: given(data.call.challengeB),
        own: bob,
        longTermKeyOf: () => data.longTermKey,
        openSessions: new SessionRegistry(),
        openQuarantine: async () => new MemoryQuarantine(),
        onProgress: () => {},
        opening: new Uint8Array(),
      }),
  },
];

/** A side that has heard the first `packets` of what an honest peer says, and then `rest`. */
async function thatHeard(
  side: Side,
  packets: number,
  rest: Uint8Array,
): Promise<Puppet<{ readonly kind: string }>> {
  const puppet = new Puppet(side.plays, (world) => side.start(world));
  for (const packet of side.says.slice(0, packets)) await puppet.say(packet);
  if (rest.length > 0) await puppet.say(rest);
  return puppet;
}

describe.each(sides)('$name', (side) => {
  test('fault 1: every truncation of each packet, then silence: NAK after 30 s, line released', async () => {
    for (const [index, packet] of side.says.entries()) {
      for (let length = 0; length < packet.length; length++) {
        const puppet = await thatHeard(side, index, packet.subarray(0, length));
        const before = (await puppet.heard()).length;
        expect(await puppet.failure()).toMatchObject({ outcome: 'timed-out' });
        expect((await puppet.heard()).subarray(before)).toEqual(Buffer.of(NAK));
        expect([puppet.lineIsReleased, puppet.clock.monotonicMs()]).toEqual([true, 30_000]);
      }
    }
  });

  test('fault 1: every truncation of each packet, then hang-up: interrupted, line released, nothing said', async () => {
    for (const [index, packet] of side.says.entries()) {
      for (let length = 0; length < packet.length; length++) {
        const puppet = await thatHeard(side, index, packet.subarray(0, length));
        const before = (await puppet.heard()).length;
        await puppet.hangUp();
        expect(await puppet.failure()).toMatchObject({ outcome: 'interrupted' });
        expect([(await puppet.heard()).length - before, puppet.lineIsReleased]).toEqual([0, true]);
      }
    }
  });

  test('fault 5: NAK where a packet or ACK is awaited, once and twice: refused, line released, nothing said', async () => {
    for (const index of side.says.keys()) {
      for (const naks of [Uint8Array.of(NAK), Uint8Array.of(NAK, NAK)]) {
        const puppet = await thatHeard(side, index, naks);
        expect(await puppet.failure()).toMatchObject({ outcome: 'refused' });
        expect([(await puppet.heard()).includes(NAK, -1), puppet.lineIsReleased]).toEqual([false, true]);
      }
    }
  });

  test('fault 5: ACK where a packet is awaited: NAK, line released', async () => {
    for (const [index, packet] of side.says.entries()) {
      if (packet[0] === ACK) continue;
      const puppet = await thatHeard(side, index, Uint8Array.of(ACK));
      expect(await puppet.failure()).toMatchObject({ outcome: 'not-authentic' });
      expect([(await puppet.heard()).at(-1), puppet.lineIsReleased]).toEqual([NAK, true]);
    }
  });

  test('fault 5: ACK twice in one write is no ACK', async () => {
    for (const [index, packet] of side.says.entries()) {
      if (packet[0] !== ACK) continue;
      const puppet = await thatHeard(side, index, Uint8Array.of(ACK, ACK));
      expect(await puppet.failure()).toMatchObject({ outcome: 'not-authentic' });
    }
  });

  test('fault 5: NAK and ACK in the middle of a packet are octets of the packet', async () => {
    for (const [index, packet] of side.says.entries()) {
      if (packet[0] === ACK) continue;
      for (const octet of [NAK, ACK]) {
        const puppet = await thatHeard(side, index, packet.subarray(0, packet.length - 2));
        const before = (await puppet.heard()).length;
        await puppet.say(octet);
        expect([(await puppet.heard()).length - before, puppet.lineIsReleased]).toEqual([0, false]);
        await puppet.hangUp();
        await puppet.result();
      }
    }
  });
});

/** Everything the caller says goes through at once up to `place`, and the rest later. */
function splitAt(place: number): Alteration {
  return (octets, at) => [
    octets.subarray(0, Math.max(0, place - at)),
    octets.subarray(Math.max(0, place - at)),
  ];
}

describe('fault 2: any split', () => {
  test('fault 2: one octet at a time, both ways', async () => {
    const call = { toCallee: oneByOne, toCaller: oneByOne };
    const { caller, callee } = await pairUp(call);
    expect([caller.kind, callee.kind]).toEqual(['paired', 'paired']);
    const sent = await transfer(call);
    expect([sent.caller.kind, sent.callee.kind]).toEqual(['sent', 'received']);
  });

  test('fault 2: a Key Exchange split at each octet', async () => {
    for (let place = 1; place < 164 + 22; place++) {
      const { caller, callee } = await pairUp({ toCallee: splitAt(place), toCaller: splitAt(place) });
      expect([place, caller.kind, callee.kind]).toEqual([place, 'paired', 'paired']);
    }
  });

  test('fault 2: a Data Exchange split at each octet', async () => {
    const content = Buffer.from('content');
    for (let place = 1; place < 36 + 94 + 32; place++) {
      const { caller, callee } = await transfer({
        transfer: seal(content),
        toCallee: splitAt(place),
        toCaller: splitAt(place),
      });
      expect([place, caller.kind, callee.kind]).toEqual([place, 'sent', 'received']);
    }
  });
});

test('fault 4: challenges and RandomA that are full of framing octets', async () => {
  for (const octet of [0x02, 0x03, 0x06, 0x15, 0x17, 0x19]) {
    const full = Buffer.alloc(20, octet);
    const sent = await transfer({
      transfer: seal(Buffer.alloc(100, octet), full),
      callerRandom: given(full),
      calleeRandom: given(full),
    });
    expect([sent.caller.kind, sent.callee.kind]).toEqual(['sent', 'received']);
    const paired = await pairUp({ callerRandom: given(seeded('e')(32), full) });
    expect([paired.caller.kind, paired.callee.kind]).toEqual(['paired', 'paired']);
  }
});

describe('fault 6: too early', () => {
  const recipient = sides[3] as Side;
  const [a1, a2] = recipient.says as [Uint8Array, Uint8Array];

  test('fault 6: file octets before the ACK, while the quarantine is being opened: NAK, nothing is taken in', async () => {
    const quarantine = new MemoryQuarantine();
    let open = () => {};
    const puppet = new Puppet('caller', (world) =>
      receiveTransfer({
        ...world,
        random: given(data.call.challengeB),
        own: bob,
        longTermKeyOf: () => data.longTermKey,
        openSessions: new SessionRegistry(),
        openQuarantine: () =>
          new Promise((resolve) => {
            open = () => resolve(quarantine);
          }),
        onProgress: () => {},
        opening: new Uint8Array(),
      }),
    );
    await puppet.say(a1);
    await puppet.say(a2);
    await puppet.say(Buffer.alloc(8));
    expect((await puppet.heard()).at(-1)).toBe(NAK);
    open();
    expect(await puppet.failure()).toMatchObject({ step: 'DX-720', outcome: 'not-authentic' });
    expect([quarantine.state, quarantine.content.length]).toEqual(['discarded', 0]);
  });

  test('fault 6: octets while the account is being refused do not hasten the NAK', async () => {
    const puppet = new Puppet('caller', (world) =>
      receiveTransfer({
        ...world,
        own: bob,
        longTermKeyOf: () => undefined,
        openSessions: new SessionRegistry(),
        openQuarantine: async () => new MemoryQuarantine(),
        onProgress: () => {},
        opening: new Uint8Array(),
      }),
    );
    await puppet.say(a1);
    await puppet.passes(500);
    await puppet.say(a2);
    await puppet.passes(499);
    expect((await puppet.heard()).length).toBe(0);
    await puppet.passes(1);
    expect(await puppet.heard()).toEqual(Buffer.of(NAK));
    await puppet.result();
  });

  test('fault 6: a recipient that speaks while the file comes ends the call', async () => {
    const never = new Promise<never>(() => {});
    const puppet = new Puppet('callee', (world) =>
      sendTransfer({
        ...world,
        random: given(data.call.challengeA),
        own: alice,
        peer: bob,
        longTermKey: data.longTermKey,
        transfer: {
          sessionKey: data.sessionKey,
          fileHash: data.fileHash,
          size: 32,
          read: async function* () {
            yield Buffer.alloc(8);
            await never;
          },
        },
        openSessions: new SessionRegistry(),
        onProgress: () => {},
      }),
    );
    await puppet.say(dataPackets.encode(data.b));
    await puppet.say(ACK);
    await puppet.say(ACK);
    expect(await puppet.failure()).toMatchObject({ step: 'DX-745', outcome: 'not-authentic' });
    expect(puppet.lineIsReleased).toBe(true);
  });
});

describe('fault 19: the two versions', () => {
  test('fault 19: a sender whose peer speaks version 2 alone gets its NAK', async () => {
    for (const side of [sides[0], sides[2]] as Side[]) {
      const puppet = await thatHeard(side, 0, Uint8Array.of(NAK));
      await puppet.hangUp();
      expect(await puppet.failure()).toMatchObject({ outcome: 'refused' });
    }
  });

  test('fault 19: a sender that is answered with a frame of version 2 sends NAK', async () => {
    for (const side of [sides[0], sides[2]] as Side[]) {
      const puppet = await thatHeard(side, 0, Uint8Array.of(0x21, 0x00, 0x10));
      expect(await puppet.failure()).toMatchObject({ outcome: 'not-authentic' });
      expect((await puppet.heard()).at(-1)).toBe(NAK);
    }
  });
});
