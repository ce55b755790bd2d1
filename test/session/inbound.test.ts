import { describe, expect, test } from 'vitest';
import { encode as encodeTransfer } from '../../src/protocol/data-exchange/packets.js';
import { encode as encodeHandshake } from '../../src/protocol/key-exchange/packets.js';
import { identifyInbound } from '../../src/session/inbound.js';
import { a1 as transferA1 } from '../protocol/data-exchange/packets-of-a-run.js';
import { a1 as handshakeA1 } from '../protocol/key-exchange/packets-of-a-run.js';
import { Puppet } from './puppet.js';

const NAK = 0x15;
const handshake = encodeHandshake(handshakeA1);
const transfer = encodeTransfer(transferA1);
/** One Diffie-Hellman value in 256 looks like the end of a Data Exchange's packet. */
const lookalike = handshake.map((octet, index) => (index === 35 ? 0x03 : octet));

function called() {
  return new Puppet('caller', (world) => identifyInbound(world));
}

describe('what an answered call speaks', () => {
  test('DX-625 DX-630 36 octets that end with ETX, and 500 ms of silence, are a Data Exchange', async () => {
    const puppet = called();
    await puppet.say(transfer);
    await puppet.passes(499);
    await puppet.passes(1);
    expect(await puppet.result()).toEqual({ kind: 'data-exchange', opening: Buffer.from(transfer) });
    expect([(await puppet.heard()).length, puppet.lineIsReleased]).toEqual([0, false]);
  });

  test('KX-360 KX-370 anything else after 36 octets is a Key Exchange, at once', async () => {
    const puppet = called();
    await puppet.say(handshake.subarray(0, 36));
    expect(await puppet.result()).toEqual({
      kind: 'key-exchange',
      opening: Buffer.from(handshake.subarray(0, 36)),
    });
    expect(puppet.clock.monotonicMs()).toBe(0);
  });

  test('a Key Exchange with ETX at octet 35 is one when more follows, together or within 500 ms', async () => {
    const together = called();
    await together.say(lookalike);
    expect(await together.result()).toMatchObject({ kind: 'key-exchange' });

    const later = called();
    await later.say(lookalike.subarray(0, 36));
    await later.passes(499);
    await later.say(lookalike.subarray(36, 37));
    expect(await later.result()).toEqual({
      kind: 'key-exchange',
      opening: Buffer.from(lookalike.subarray(0, 37)),
    });
  });

  test('octets one by one are put together, and none is lost to the session', async () => {
    const puppet = called();
    for (const octet of transfer) await puppet.say(octet);
    expect(await puppet.result()).toEqual({ kind: 'data-exchange', opening: Buffer.from(transfer) });
    expect(puppet.line.callee.isPaused()).toBe(true);
    await puppet.say(0x01);
    expect(puppet.line.callee.read()).toEqual(Buffer.of(1));
  });
});

describe('what is no call of version 1', () => {
  const refusals = {
    'fault 19: a frame of version 2': { octets: [0x21, 0x01], outcome: 'no-common-version' },
    'fault 3: a first octet that begins nothing': { octets: [0x41], outcome: 'not-authentic' },
    'fault 5: ACK': { octets: [0x06], outcome: 'not-authentic' },
  };
  for (const [title, { octets, outcome }] of Object.entries(refusals)) {
    test(`${title}: NAK, hang-up`, async () => {
      const puppet = called();
      await puppet.say(Uint8Array.from(octets));
      expect(await puppet.failure()).toMatchObject({ outcome, peer: undefined });
      expect(await puppet.heard()).toEqual(Buffer.of(NAK));
      expect(puppet.lineIsReleased).toBe(true);
      expect(puppet.log.with('session failed')).toMatchObject([{ session: 'inbound', outcome }]);
    });
  }

  test('fault 5: NAK is answered with nothing but the release', async () => {
    const puppet = called();
    await puppet.say(NAK);
    expect(await puppet.failure()).toMatchObject({ outcome: 'refused' });
    expect([(await puppet.heard()).length, puppet.lineIsReleased]).toEqual([0, true]);
  });

  test('fault 1: fewer than 36 octets, then silence: NAK after 30 s; then hang-up: interrupted', async () => {
    for (let length = 0; length < 36; length++) {
      const silent = called();
      if (length > 0) await silent.say(transfer.subarray(0, length));
      expect(await silent.failure()).toMatchObject({ outcome: 'timed-out' });
      expect([await silent.heard(), silent.clock.monotonicMs()]).toEqual([Buffer.of(NAK), 30_000]);

      const gone = called();
      if (length > 0) await gone.say(transfer.subarray(0, length));
      await gone.hangUp();
      expect(await gone.failure()).toMatchObject({ outcome: 'interrupted' });
      expect(gone.lineIsReleased).toBe(true);
    }
  });

  test('a line that fails ends as interrupted, and is released', async () => {
    const puppet = called();
    await puppet.say(0x02);
    puppet.line.callee.destroy(new Error('EIO'));
    expect(await puppet.failure()).toMatchObject({ outcome: 'interrupted' });
    expect(puppet.lineIsReleased).toBe(true);
  });

  test('the operator gives up: NAK, hang-up', async () => {
    const puppet = called();
    puppet.abort.abort();
    expect(await puppet.failure()).toMatchObject({ outcome: 'cancelled' });
    expect([await puppet.heard(), puppet.lineIsReleased]).toEqual([Buffer.of(NAK), true]);
  });
});
