import { describe, expect, test } from 'vitest';
import * as dataPackets from '../../src/protocol/data-exchange/packets.js';
import * as keyPackets from '../../src/protocol/key-exchange/packets.js';
import { receiveTransfer, sendTransfer } from '../../src/session/data-exchange.js';
import { exchangeKeysAsRecipient, exchangeKeysAsSender } from '../../src/session/key-exchange.js';
import { SessionRegistry } from '../../src/session/open-sessions.js';
import type { SessionWorld } from '../../src/session/session.js';
import * as data from '../protocol/data-exchange/packets-of-a-run.js';
import * as keys from '../protocol/key-exchange/packets-of-a-run.js';
import { alice, bob, longTermKey, MemoryQuarantine, pairing, pairUp, seal, transfer } from './parties.js';
import { Puppet } from './puppet.js';

const NAK = 0x15;

describe('fault 14: a recorded call, replayed packet by packet', () => {
  /** Says what was recorded to a session with fresh random values; then hangs up. */
  async function replay(
    says: readonly Uint8Array[],
    plays: 'caller' | 'callee',
    start: (world: SessionWorld) => Promise<unknown>,
  ) {
    const puppet = new Puppet(plays, start);
    for (const octets of says) await puppet.say(octets);
    await puppet.hangUp();
    return { heard: await puppet.heard(), result: await puppet.result() };
  }

  test('fault 14: to a recipient of files: Challenge_B is new, the old A2 is NAK', async () => {
    const recorded = await transfer();
    const says = recorded.line.wire.filter(({ from }) => from === 'caller').map(({ octets }) => octets);
    const { heard, result } = await replay(says, 'caller', (world) =>
      receiveTransfer({
        ...world,
        own: bob,
        longTermKeyOf: () => longTermKey,
        openSessions: new SessionRegistry(),
        openQuarantine: async () => new MemoryQuarantine(),
        onProgress: () => {},
        opening: new Uint8Array(),
      }),
    );
    expect(result).toMatchObject({ kind: 'failed', step: 'DX-720', outcome: 'not-authentic' });
    expect([heard.length, heard.at(-1)]).toEqual([56, NAK]);
  });

  test('fault 14: to a sender of files: Challenge_A is new, the old B is NAK', async () => {
    const { heard, result } = await replay([dataPackets.encode(data.b)], 'callee', (world) =>
      sendTransfer({
        ...world,
        own: alice,
        peer: bob,
        longTermKey: data.longTermKey,
        transfer: seal(Buffer.from('content')),
        openSessions: new SessionRegistry(),
        onProgress: () => {},
      }),
    );
    expect(result).toMatchObject({ kind: 'failed', step: 'DX-675', outcome: 'not-authentic' });
    expect([heard.length, heard.at(-1)]).toEqual([37, NAK]);
  });

  test('fault 14: to the sender of a pairing: its value is new, the old B is NAK', async () => {
    const { result } = await replay([keyPackets.encode(keys.b)], 'callee', (world) =>
      exchangeKeysAsSender({ ...world, ...pairing(alice, keys.checkString), peer: bob }),
    );
    expect(result).toMatchObject({ kind: 'failed', step: 'KX-410', outcome: 'not-authentic' });
  });

  test('fault 14: to the recipient of a pairing: X is new, the old string is wrong', async () => {
    const says = [keyPackets.encode(keys.a1), keyPackets.encode(keys.a2)];
    const { result } = await replay(says, 'caller', (world) =>
      exchangeKeysAsRecipient({ ...world, ...pairing(bob, keys.checkString), opening: new Uint8Array() }),
    );
    expect(result).toMatchObject({ kind: 'failed', step: 'KX-490', outcome: 'not-confirmed' });
  });
});

describe('fault 17: hang-up at every octet of a call', () => {
  test('fault 17: of a Key Exchange: both sides end, both lines are released, no half pairing', async () => {
    const octetsOfACall = 164 + 163 + 22 + 1;
    for (let octets = 0; octets < octetsOfACall; octets++) {
      const { caller, callee, desks, line } = await pairUp({ hangUpAfter: octets });
      expect([octets, caller.kind]).toEqual([octets, 'failed']);
      expect([octets, line.caller.isOnHook, line.callee.isOnHook]).toEqual([octets, true, true]);
      expect(desks.caller.keys.size).toBe(0);
      // Only the ACK may be lost after the recipient sent it: then nobody reads X out, and its person never types it.
      expect(callee.kind).toBe('failed');
      expect(desks.callee.keys.size).toBe(0);
    }
  });

  test('fault 17: of a Data Exchange: the file is whole or not delivered', async () => {
    const content = Buffer.from('content');
    const whole = 36 + 55 + 94 + 1 + 32;
    for (let octets = 0; octets <= whole; octets++) {
      const { callee, quarantine, wasOpened, line } = await transfer({
        transfer: seal(content),
        hangUpAfter: octets,
      });
      const isDelivered = octets === whole;
      expect([octets, callee.kind]).toEqual([octets, isDelivered ? 'received' : 'failed']);
      expect([octets, line.caller.isOnHook, line.callee.isOnHook]).toEqual([octets, true, true]);
      if (wasOpened) expect(quarantine.state).toBe(isDelivered ? 'released' : 'discarded');
    }
  });
});
