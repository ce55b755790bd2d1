import { describe, expect, test } from 'vitest';
import { alice, bob, pairOver, two } from './pairing-parties.js';

const names: Record<number, string> = { 31: 'KX1', 32: 'KX2', 33: 'KX3', 34: 'CONF', 35: 'CONF_ACK' };

describe('a pairing that succeeds', () => {
  test('KX-350 to KX-500: three messages, two answers, two acknowledgements, and one live key of 32 octets', async () => {
    const ends = two();
    const { caller, callee, channels } = await pairOver(ends);
    expect(caller).toEqual({ kind: 'paired', peer: bob });
    expect(callee).toEqual({ kind: 'paired', peer: alice });
    expect(
      channels.wire.slice(0, 3).map(({ from, recordType, body }) => [from, names[recordType], body.length]),
    ).toEqual([
      ['caller', 'KX1', 1339],
      ['callee', 'KX2', 1275],
      ['caller', 'KX3', 64],
    ]);
    const rest = channels.wire.slice(3).map(({ from, recordType }) => `${from} ${names[recordType]}`);
    expect(rest.sort()).toEqual(['callee CONF', 'callee CONF_ACK', 'caller CONF', 'caller CONF_ACK']);
    expect(ends.caller.store.liveKey(bob)).toMatch(/^[0-9a-f]{64}$/);
    expect(ends.caller.store.liveKey(bob)).toBe(ends.callee.store.liveKey(alice));
    expect([channels.caller.isOnHook, channels.callee.isOnHook]).toEqual([true, true]);
    expect([ends.caller.store.runs, ends.callee.store.runs]).toEqual([[], []]);
  });
});
