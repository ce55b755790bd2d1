import { describe, expect, test } from 'vitest';
import { account } from '../protocol/call-manager/subscribers.js';
import { answer, bridgedCall, endCall, heardOn, place } from './endpoints.js';
import { LineTap } from './line-tap.js';
import { answerNext, network, serverNumber } from './network.js';
import { endpointIdentity, subscribersOfVersion2 } from './subscriptions.js';

const subscribers = subscribersOfVersion2();

/** A network whose server's legs are listened in on. */
async function tappedNetwork() {
  const taps = new Map<string, LineTap>();
  let nowMs = () => 0;
  const net = await network({
    subscribers,
    tap: (modem, number) => {
      const tap = new LineTap(() => nowMs());
      tap.listen(modem);
      taps.set(number, tap);
    },
  });
  nowMs = () => net.clock.monotonicMs();
  const tapOf = (number: string) => {
    const tap = taps.get(number);
    if (!tap) throw new Error(`no trunk ${number}`);
    return tap;
  };
  return { net, callerLeg: tapOf(serverNumber), calleeLeg: tapOf('5550191') };
}

describe('a call of version 2 through the server', () => {
  test('CM-A4 CM-A5 CM-A6 CM-A7 CM-330 CM-335 from ring to record, with a channel both ways', async () => {
    const net = await network({ subscribers });
    const { alice, bob } = await bridgedCall(net);
    expect(alice).toMatchObject({ role: 'caller', peer: account('2'), purpose: 'data' });
    expect(bob).toMatchObject({ role: 'callee', peer: account('1'), purpose: 'data' });
    expect(bob.callKey).toEqual(alice.callKey);
    expect(bob.callId).toEqual(alice.callId);

    const [atAlice, atBob] = [heardOn(alice), heardOn(bob)];
    const file = 'every octet '.repeat(2_000);
    alice.channel.sendRecord(50, Buffer.from('to Bob;'));
    await net.inTime(alice.channel.sendBulk(Buffer.from(file)));
    bob.channel.sendRecord(50, Buffer.from('to Alice'));
    await net.runUntil(() => atBob.text === `to Bob;${file}` && atAlice.text === 'to Alice');
    await net.inTime(alice.channel.hangUp());
    await net.runUntil(() => atBob.isOver);
    await net.inTime(bob.channel.hangUp());

    const record = await net.closedRecord();
    expect(record).toMatchObject({
      port: `sim:${serverNumber}`,
      ani: '5550101',
      callerAccount: account('1'),
      calleeAccount: account('2'),
      calledNumber: '5550102',
      protocolVersion: 2,
      outcome: 'completed',
      releaseCause: 16,
    });
    expect(record.trackingId.replaceAll('-', '')).toBe(Buffer.from(alice.callId).toString('hex'));
    expect(record.octetsFromCaller).toBeGreaterThan(file.length);
    expect(record.octetsFromCallee).toBeGreaterThan(0);
    expect(record.billableSeconds).toBeGreaterThan(0);
    await net.runUntil(net.isIdle);
  });

  test('CM-A4 CM-A5 neither leg carries an account number, as tones or as octets', async () => {
    const { net, callerLeg, calleeLeg } = await tappedNetwork();
    const aliceModem = await net.modem('5550101');
    const atAlice = new LineTap(net.clock.monotonicMs);
    atAlice.listen(aliceModem);
    await endCall(net, await bridgedCall(net, { alice: aliceModem }));
    const passed = [callerLeg, calleeLeg].flatMap((leg) => [leg.from('line'), leg.from('program')]);
    for (const octets of passed) {
      expect(octets.length).toBeGreaterThan(1_000);
      for (const digits of ['1', '2']) expect(octets.includes(account(digits))).toBe(false);
    }
    expect(atAlice.dialled).toEqual([`${serverNumber}W#`]);
    expect(calleeLeg.dialled).toEqual(['5550102']);
  });

  test('CM-A7 what one end sends after BRIDGED is what the other gets, octet for octet', async () => {
    const { net, callerLeg, calleeLeg } = await tappedNetwork();
    const { alice, bob } = await bridgedCall(net);
    // Acknowledgements of the handshakes have passed by then.
    await net.runFor(3_000);
    const bridgedMs = net.clock.monotonicMs();
    const [atAlice, atBob] = [heardOn(alice), heardOn(bob)];
    for (let piece = 0; piece < 20; piece++) {
      alice.channel.sendRecord(50, Buffer.alloc(300, 'a'));
      bob.channel.sendRecord(50, Buffer.alloc(300, 'b'));
      await net.runFor(200);
    }
    await net.runUntil(() => atAlice.text.length === 6_000 && atBob.text.length === 6_000);
    await net.runFor(3_000);
    for (const [from, to] of [
      [callerLeg, calleeLeg],
      [calleeLeg, callerLeg],
    ] as const) {
      const read = from.from('line', bridgedMs);
      expect(read.length).toBeGreaterThan(6_000);
      expect(to.from('program', bridgedMs).equals(read)).toBe(true);
    }
    await endCall(net, { alice, bob });
  });

  test('CM-A7 nothing that an end has is in what the server keeps of the call, or in its log', async () => {
    const net = await network({ subscribers });
    const { alice, bob } = await bridgedCall(net);
    await endCall(net, { alice, bob });
    const kept = JSON.stringify([net.records(), net.log.text()]);
    const { psk, staticKey } = endpointIdentity(account('1'));
    for (const secret of [alice.callKey, psk, staticKey.publicKey]) {
      for (const form of ['hex', 'base64'] as const)
        expect(kept).not.toContain(Buffer.from(secret).toString(form));
    }
  });

  test('CM-A5 the purpose that the caller told reaches the callee before it answers', async () => {
    const net = await network({ subscribers });
    const [aliceModem, bobModem] = [await net.modem('5550101'), await net.modem('5550102')];
    const invites: string[] = [];
    const answered = answer(net, bobModem, '2', {
      decide: async ({ caller, purpose }) => {
        invites.push(`${caller} ${purpose}`);
        return 'refuse';
      },
    });
    const placed = await net.inTime(place(net, aliceModem, '1', '2', { purpose: 'pairing' }));
    expect(placed).toMatchObject({ kind: 'failed', step: 'CM-A3', outcome: 'refused' });
    expect(await net.inTime(answered)).toMatchObject({ kind: 'declined' });
    expect(invites).toEqual([`${account('1')} pairing`]);
    expect(await net.closedRecord()).toMatchObject({
      outcome: 'refused',
      releaseCause: 21,
      reason: 'the callee refused the call',
    });
  });

  test('CM-A4 the calling number is recorded and proves nothing: a call from any line passes', async () => {
    const net = await network({ subscribers, lines: { '5550177': { callerId: 'withheld' } } });
    const record = await endCall(net, await bridgedCall(net, { alice: await net.modem('5550177') }));
    expect(record).toMatchObject({ callerAccount: account('1'), outcome: 'completed' });
    expect(record.ani).toBeUndefined();
  });

  test('CM-A2 the same server serves version 1 beside it', async () => {
    const both = subscribersOfVersion2({ '1': { versions: [1, 2] }, '2': { versions: [1, 2] } });
    const net = await network({ subscribers: both });
    const [aliceModem, bobModem] = [await net.modem('5550101'), await net.modem('5550102')];
    const answered = answerNext(bobModem);
    const placed = await net.inTime(net.place(aliceModem, '1', '2'));
    if (placed.kind !== 'connected') throw new Error(placed.reason);
    await net.inTime(answered);
    await net.inTime(placed.connection.hangUp());
    expect(await net.closedRecord()).toMatchObject({ protocolVersion: 1, outcome: 'completed' });
  });
});
