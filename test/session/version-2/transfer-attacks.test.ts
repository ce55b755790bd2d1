import { describe, expect, test } from 'vitest';
import { ed25519 } from '../../../src/crypto/ed25519.js';
import {
  maskKey,
  proofOfFile,
  proofOfKey,
  proofOfRecipient,
  proofOfSender,
} from '../../../src/protocol/data-exchange/rules.js';
import { recordTypes } from '../../../src/protocol/data-exchange/version-2/packets.js';
import { flipped } from '../../protocol/data-exchange/version-2/messages-of-a-run.js';
import type { Item } from '../../support/bulk-channel-pair.js';
import { seeded } from '../../support/seeded.js';
import { MemoryInbox } from '../../support/transfer-stores.js';
import {
  alice,
  aliceForBob,
  bob,
  bobForAlice,
  content,
  epoch,
  longTermKey,
  mallory,
  newMemorySpool,
  ofAlice,
  ofBob,
  ofMallory,
  transferCall,
} from './transfer-parties.js';

/** What a caller who must learn nothing sees: each record of the callee, and when the line was released. */
type Seen = Awaited<ReturnType<typeof transferCall>>;
const seen = ({ pair }: Seen) => ({
  records: pair.sent.filter(({ from }) => from === 'callee'),
  released: pair.released[0],
});

const otherKey = { epoch, longTermKey: seeded('another pairing')(32) };

describe('correspondent oracle (attack 7)', () => {
  test('DX-635 DX-640 DX-645 DX-650 unpaired, wrong key, wrong static, wrong epoch, other account, locked and malformed: no octet, and the line is released at the same moment', async () => {
    const callers = {
      'not in the address book': await transferCall({ recipient: { keysOf: () => undefined } }),
      'another long-term key': await transferCall({
        sender: { peer: { ...bobForAlice, present: otherKey } },
      }),
      'another static key': await transferCall({ sender: { staticKey: ofMallory.staticKey } }),
      'another epoch number': await transferCall({
        sender: { peer: { ...bobForAlice, present: { epoch: epoch + 1, longTermKey } } },
      }),
      'another account in the prologue': await transferCall({ sender: { own: mallory } }),
      'altered on the line': await transferCall({ pair: { toCallee: altering('DX1', 700) } }),
      'of another length': await transferCall({ pair: { toCallee: resizing('DX1', 176) } }),
      'another message': await transferCall({ pair: { toCallee: retyping('DX1', 43) } }),
    };
    for (const [name, call] of Object.entries(callers)) {
      expect(seen(call), name).toEqual({ records: [], released: { by: 'callee', atMs: 2_000 } });
      expect(call.sent, name).toMatchObject({ outcome: 'interrupted', step: 'DX-645' });
      expect(call.received, name).toMatchObject({ step: 'DX-635' });
      expect(call.inbox.claims.size, name).toBe(0);
    }
  });

  test('DX-655 the next epoch opens beside the present one', async () => {
    const peer = { ...aliceForBob, present: otherKey, next: { epoch, longTermKey } };
    const { sent } = await transferCall({ recipient: { keysOf: () => peer } });
    expect(sent.kind).toBe('sent');
  });
});

describe('suite (attack 22)', () => {
  test('fault 31: DX1 as suite 0202 would have it, without ML-KEM, is refused like any other', async () => {
    const call = await transferCall({ pair: { toCallee: resizing('DX1', 48 + 128) } });
    expect(seen(call)).toEqual({ records: [], released: { by: 'callee', atMs: 2_000 } });
    expect(call.received).toMatchObject({ outcome: 'not-authentic' });
  });

  test('fault 102: each way to make DX1 and DX2 other than they are ends the call before KEY', async () => {
    for (const place of [0, 31, 32, 700, 1_247, 1_248, 1_279]) {
      const call = await transferCall({ pair: { toCallee: altering('DX1', place) } });
      expect(recordsOf(call), `DX1 ${place}`).toEqual([41]);
    }
    for (const place of [0, 31, 32, 1_135, 1_136, 1_215]) {
      const call = await transferCall({ pair: { toCaller: altering('DX2', place) } });
      expect(call.sent, `DX2 ${place}`).toMatchObject({ outcome: 'not-authentic', step: 'DX-675' });
      expect(recordsOf(call), `DX2 ${place}`).toEqual([41, 42]);
    }
  });
});

describe('reflection and parallel sessions (attack 15)', () => {
  test('version 1: the formulas let Mallory answer Alice with what Alice says in a second call, without a key', () => {
    const longTermKey1 = seeded('v1')(20);
    const sessionKey = seeded('v1 session')(20);
    const fileHash = seeded('v1 file')(20);
    // Call 1: Alice calls "Bob", who is Mallory. Call 2: Mallory calls Alice back as "Bob" with Alice's own challenge.
    const challengeA = seeded('alice 1')(20);
    const challengeOfAliceAsRecipient = seeded('alice 2')(20);
    const proofBOfCall2 = proofOfRecipient(longTermKey1, {
      challengeA,
      challengeB: challengeOfAliceAsRecipient,
    });
    // Mallory hands on Challenge_B and Proof_B of call 2 as those of call 1. Alice checks them:
    const call1 = { challengeA, challengeB: challengeOfAliceAsRecipient };
    expect(proofBOfCall2).toEqual(proofOfRecipient(longTermKey1, call1));
    // Alice's packet A2 of call 1, handed on as that of call 2. Alice checks it as the recipient, and files her own file:
    const a2 = {
      proofA: proofOfSender(longTermKey1, call1),
      deltaKey: maskKey(longTermKey1, call1, sessionKey),
      keyProof: proofOfKey(sessionKey, call1),
      fileProof: proofOfFile(sessionKey, call1, fileHash),
    };
    const call2 = call1;
    expect(a2.proofA).toEqual(proofOfSender(longTermKey1, call2));
    const sessionKeyOfCall2 = maskKey(longTermKey1, call2, a2.deltaKey);
    expect(a2.keyProof).toEqual(proofOfKey(sessionKeyOfCall2, call2));
    expect(a2.fileProof).toEqual(proofOfFile(sessionKeyOfCall2, call2, fileHash));
  });

  test('fault 25: version 2: what Alice says opens nothing when she hears it as a recipient, in this call or another', async () => {
    const dx1 = (await transferCall({ callId: new Uint8Array(16) })).pair.sent[0]?.item as {
      body: Uint8Array;
    };
    // Mallory calls Alice as "Bob" and says Alice's own DX1; Alice has the keys of her pairing with Bob.
    const bobForAliceAsRecipient = {
      remoteStatic: ofBob.staticKey.publicKey,
      present: { epoch, longTermKey },
      next: undefined,
    };
    const reflected = await transferCall({
      callId: new Uint8Array(16),
      pair: { toCallee: replacing('DX1', dx1.body) },
      recipient: { own: alice, ...ofAlice, keysOf: () => bobForAliceAsRecipient },
    });
    expect(seen(reflected)).toEqual({ records: [], released: { by: 'callee', atMs: 2_000 } });
  });

  test('fault 25: accounts swapped on one side only, all keys right, open nothing', async () => {
    const swapped = await transferCall({ sender: { own: bob } });
    expect(seen(swapped).records).toEqual([]);
  });

  test('fault 23: records of another call of the same pair open nothing, at every place', async () => {
    const before = await transferCall();
    const said = (name: keyof typeof recordTypes) =>
      before.pair.sent.find(({ item }) => item.kind === 'record' && item.type === recordTypes[name])
        ?.item as {
        body: Uint8Array;
      };
    for (const [name, direction] of [
      ['DX1', 'toCallee'],
      ['DX2', 'toCaller'],
      ['KEY', 'toCallee'],
      ['RECEIPT', 'toCaller'],
    ] as const) {
      const inbox = new MemoryInbox();
      const call = await transferCall({ inbox, pair: { [direction]: replacing(name, said(name).body) } });
      expect(call.sent.kind, name).toBe('failed');
      expect(inbox.disk.inbox.length, name).toBe(name === 'RECEIPT' ? 1 : 0);
    }
  });
});

describe('key compromise (attack 19)', () => {
  test("DX-700 who has the long-term key alone is neither sender nor recipient; who has Bob's static key too is no Alice", async () => {
    const asAlice = await transferCall({ sender: { staticKey: ofMallory.staticKey } });
    expect(seen(asAlice).records).toEqual([]);
    const asBob = await transferCall({ recipient: { staticKey: ofMallory.staticKey } });
    expect(asBob.sent).toMatchObject({ kind: 'failed', step: 'DX-645' });
    // Bob's own static key is stolen: the thief still cannot be Alice towards Bob.
    const towardsBob = await transferCall({
      sender: {
        staticKey: ofBob.staticKey,
        peer: { ...bobForAlice, remoteStatic: ofBob.staticKey.publicKey },
      },
    });
    expect(seen(towardsBob).records).toEqual([]);
  });

  test('DX-700 static keys alone, without the long-term key, are not enough either', async () => {
    const call = await transferCall({ recipient: { keysOf: () => ({ ...aliceForBob, present: otherKey }) } });
    expect(seen(call).records).toEqual([]);
  });
});

describe('records lost, doubled and out of order (attack 20)', () => {
  const names = ['DX1', 'DX2', 'KEY', 'RECEIPT', 'RECEIPT_ACK'] as const;
  const directionOf = (name: (typeof names)[number]) =>
    name === 'DX2' || name === 'RECEIPT' ? ('toCaller' as const) : ('toCallee' as const);

  test.each(names)(
    'DX-745 fault 23: %s missing, doubled or altered: never two deliveries, never a receipt without one',
    async (name) => {
      for (const [how, alteration] of Object.entries({
        missing: (item: Item) => (isNamed(item, name) ? [] : [item]),
        doubled: (item: Item) => (isNamed(item, name) ? [item, item] : [item]),
        altered: altering(name, 3),
      })) {
        const spool = newMemorySpool();
        const inbox = new MemoryInbox();
        const call = await transferCall({ spool, inbox, pair: { [directionOf(name)]: alteration } });
        if (call.sent.kind === 'sent') expect(inbox.disk.inbox.length, how).toBe(1);
        else expect(call.sent.transfer, how).toBe('resumes');
        if (!spool.disk.isDeleted) await transferCall({ spool, inbox });
        expect(inbox.disk.inbox, how).toEqual([Buffer.from(content)]);
        expect(spool.disk.isDeleted, how).toBe(true);
      }
    },
  );

  test.each([
    ['missing', (pieces: Uint8Array[]) => pieces.toSpliced(1, 1)],
    ['doubled', (pieces: Uint8Array[]) => pieces.toSpliced(1, 0, pieces[1] as Uint8Array)],
    [
      'exchanged',
      (pieces: Uint8Array[]) => pieces.toSpliced(1, 2, pieces[2] as Uint8Array, pieces[1] as Uint8Array),
    ],
    ['altered', (pieces: Uint8Array[]) => pieces.with(2, flipped(pieces[2] as Uint8Array, 50))],
    ['without the last', (pieces: Uint8Array[]) => pieces.slice(0, -1)],
  ] as const)(
    'DX-770 DX-785 fault 28: chunks %s deliver nothing; the next call goes on behind the last good one',
    async (_how, change) => {
      const spool = newMemorySpool();
      const inbox = new MemoryInbox();
      const altered = changingChunks(spool.disk.chunks, change);
      const first = await transferCall({ spool, inbox, pair: { toCallee: altered } });
      expect(first.sent).toMatchObject({ kind: 'failed', transfer: 'resumes' });
      expect(first.received).toMatchObject({ kind: 'failed', transfer: 'resumes' });
      expect(inbox.disk.inbox).toEqual([]);
      const second = await transferCall({ spool, inbox });
      expect(second.sent.kind).toBe('sent');
      expect(inbox.disk.inbox).toEqual([Buffer.from(content)]);
    },
  );

  test('DX-770 fault 28: octets above those that DX1 announced are dropped: nobody who means it has sent them', async () => {
    const spool = newMemorySpool();
    const altered = changingChunks(spool.disk.chunks, (chunks) => [
      Buffer.concat([...chunks, Uint8Array.of(0)]),
    ]);
    const { sent, inbox } = await transferCall({ spool, pair: { toCallee: altered } });
    expect(sent.kind).toBe('sent');
    expect(inbox.disk.inbox).toEqual([Buffer.from(content)]);
  });

  test('DX-770 fault 28: octets that come after the last chunk was opened are dropped: everything is here', async () => {
    const octets = seeded('last')(9_000);
    const spool = newMemorySpool({ chunkLength: 4_500 }, octets);
    let isLast = false;
    const doubled = (item: Item): Item[] => {
      isLast ||= isNamed(item, 'KEY');
      return isLast && item.kind === 'bulk' ? [item, item] : [item];
    };
    const { sent, inbox } = await transferCall({ spool, pair: { toCallee: doubled } });
    expect(sent.kind).toBe('sent');
    expect(inbox.asked).toEqual(['write', 'write', 'file']);
    expect(inbox.disk.inbox).toEqual([Buffer.from(octets)]);
  });

  test('fault 32: more bulk before KEY than a head start, and a record in the middle of the content, end the call', async () => {
    const early = (item: Item): Item[] =>
      isNamed(item, 'KEY') ? [{ kind: 'bulk', octets: new Uint8Array(4_096) }, item] : [item];
    expect((await transferCall({ pair: { toCallee: early } })).received).toMatchObject({ step: 'DX-760' });
    const between = (item: Item): Item[] =>
      isNamed(item, 'KEY') ? [item, { kind: 'record', type: 43, body: new Uint8Array(72) }] : [item];
    const spool = newMemorySpool({}, seeded('between')(9_000));
    const call = await transferCall({ spool, pair: { toCallee: between } });
    expect(call.received).toMatchObject({ step: 'DX-760' });
    const backwards = (item: Item): Item[] =>
      isNamed(item, 'DX2') ? [item, { kind: 'bulk', octets: Uint8Array.of(1) }] : [item];
    expect((await transferCall({ pair: { toCaller: backwards } })).sent).toMatchObject({ kind: 'failed' });
  });
});

describe('receipts (fault 30)', () => {
  test('fault 30: signed by another key: counts as none, and the spool stays', async () => {
    const stranger = ed25519.key(seeded('stranger')(32));
    const spool = newMemorySpool();
    const { sent } = await transferCall({ spool, recipient: { signing: stranger } });
    expect(sent).toMatchObject({ outcome: 'not-authentic', step: 'DX-750', transfer: 'resumes' });
    expect([spool.disk.isDeleted, spool.disk.receipt]).toEqual([false, undefined]);
  });

  test('fault 30: twice: the second is dropped', async () => {
    const twice = (item: Item) => (isNamed(item, 'RECEIPT') ? [item, item] : [item]);
    expect((await transferCall({ pair: { toCaller: twice } })).sent.kind).toBe('sent');
  });
});

const recordsOf = ({ pair }: Awaited<ReturnType<typeof transferCall>>) =>
  pair.sent.flatMap(({ item }) => (item.kind === 'record' ? [item.type] : []));

const isNamed = (item: Item, name: keyof typeof recordTypes) =>
  item.kind === 'record' && item.type === recordTypes[name];

function changed(name: keyof typeof recordTypes, change: (item: Extract<Item, { kind: 'record' }>) => Item) {
  return (item: Item): Item[] => [isNamed(item, name) && item.kind === 'record' ? change(item) : item];
}

function altering(name: keyof typeof recordTypes, place: number) {
  return changed(name, (item) => ({ ...item, body: flipped(item.body, place) }));
}

function resizing(name: keyof typeof recordTypes, length: number) {
  return changed(name, (item) => ({ ...item, body: item.body.slice(0, length) }));
}

function retyping(name: keyof typeof recordTypes, type: number) {
  return changed(name, (item) => ({ ...item, type }));
}

function replacing(name: keyof typeof recordTypes, body: Uint8Array) {
  return changed(name, (item) => ({ ...item, body }));
}

/** The sealed stream with its chunks changed, in the place of what is sent. */
function changingChunks(
  chunks: readonly Uint8Array[],
  change: (chunks: Uint8Array[]) => readonly Uint8Array[],
) {
  let isDone = false;
  return (item: Item): Item[] => {
    if (item.kind === 'record') return [item];
    if (isDone) return [];
    isDone = true;
    return change([...chunks]).map((octets) => ({ kind: 'bulk', octets }));
  };
}
