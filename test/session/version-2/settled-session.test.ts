import { describe, expect, test } from 'vitest';
import type { ChannelReport } from '../../../src/protocol/key-exchange/version-2/events.js';
import { encode, shapes } from '../../../src/protocol/key-exchange/version-2/packets.js';
import { unknownRun } from '../../../src/protocol/key-exchange/version-2/rules.js';
import type { SettledSession } from '../../../src/session/version-2/settled-session.js';
import type { ItemAlteration } from '../../support/bulk-channel-pair.js';
import { seeded } from '../../support/seeded.js';
import { longTermKey, transferCall } from './transfer-parties.js';

const message = unknownRun(seeded('a run')(16));
const { type } = shapes[message.kind];

/** The sender says one message behind RECEIPT_ACK. */
async function said(toCallee: ItemAlteration = (item) => [item]) {
  const heard: ChannelReport[] = [];
  const keys: Uint8Array[] = [];
  const call = await transferCall({
    pair: { toCallee },
    sender: {
      whenSettled: async ({ key, carrier }: SettledSession) => {
        keys.push(key.longTermKey);
        carrier.send(message);
      },
    },
    recipient: {
      whenSettled: async ({ key, carrier }: SettledSession) => {
        keys.push(key.longTermKey);
        heard.push(await carrier.receive());
      },
    },
  });
  expect([call.sent.kind, call.received?.kind]).toEqual(['sent', 'received']);
  return { ...call, heard, keys };
}

describe('what follows a settled transfer in its session', () => {
  test('KX-500 passes under the keys of the session, and is no message for who has K_call', async () => {
    const { heard, keys, pair } = await said();
    expect(heard).toEqual([{ type: 'message.received', message }]);
    expect(keys).toEqual([longTermKey, longTermKey]);
    const last = pair.sent.at(-1)?.item;
    expect(last).toMatchObject({ kind: 'record', type });
    if (last?.kind !== 'record') throw new Error('no record');
    expect(Buffer.from(last.body).includes(Buffer.from(encode(message)))).toBe(false);
  });

  test.each<[string, ItemAlteration]>([
    ['a message in the clear, of who has K_call', (item) => [{ ...item, body: encode(message) } as never]],
    [
      'one that was said as another type',
      (item) => [item.kind === 'record' ? { ...item, type: shapes.CONF.type } : item],
    ],
    [
      'one with a bit turned',
      (item) => [
        item.kind === 'record'
          ? { ...item, body: item.body.map((octet, at) => (at ? octet : octet ^ 1)) }
          : item,
      ],
    ],
  ])('fault 23: %s does not open, and the transfer stays what it is', async (_, alter) => {
    const { heard } = await said((item) =>
      item.kind === 'record' && item.type === type ? alter(item) : [item],
    );
    expect(heard).toEqual([{ type: 'message.malformed', fault: expect.stringContaining('does not open') }]);
  });

  test('fault 69: a defect in it is logged, and the transfer stays what it is', async () => {
    const { sent, received, log } = await transferCall({
      sender: { whenSettled: () => Promise.reject(new Error('EIO')) },
      recipient: { whenSettled: () => Promise.reject(new Error('EIO')) },
    });
    expect([sent.kind, received?.kind]).toEqual(['sent', 'received']);
    expect(JSON.stringify(log)).toContain('EIO');
  });

  test('DX-780 it ends with the operator’s patience, and after two minutes', async () => {
    const stopping = new AbortController();
    const reports: ChannelReport[] = [];
    const { sent, received, clock } = await transferCall({
      sender: { whenSettled: () => new Promise(() => {}) },
      recipient: {
        signal: stopping.signal,
        whenSettled: async ({ carrier }) => {
          stopping.abort();
          reports.push(await carrier.receive());
          await new Promise(() => {});
        },
      },
    });
    expect([sent.kind, received?.kind, reports]).toEqual(['sent', 'received', [{ type: 'carrier.lost' }]]);
    expect(clock.monotonicMs()).toBe(120_000);
  });
});
