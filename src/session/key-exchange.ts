import { createActor } from 'xstate';
import type { AccountNumber } from '../bytes/account-number.js';
import { exponentFrom, exponentLength } from '../crypto/group.js';
import { encode, type KeyExchangePacket, parse } from '../protocol/key-exchange/packets.js';
import { keyExchangeRecipient } from '../protocol/key-exchange/recipient.js';
import { keyExchangeSender } from '../protocol/key-exchange/sender.js';
import { runFramed } from './frame.js';
import { MachineRun } from './machine-run.js';
import { type Codec, PacketLine } from './packet-line.js';
import type { KeyExchangeOptions, KeyExchangeResult } from './session.js';

const codec: Codec<KeyExchangePacket['kind'], KeyExchangePacket> = { encode, parse };

/** Figure 5, left column, over a call that stands; ends when the people have answered and the key is stored. */
export async function exchangeKeysAsSender(
  options: KeyExchangeOptions & { readonly peer: AccountNumber },
): Promise<KeyExchangeResult> {
  const { own, peer, connection, clock, random, log, screen, openSessions } = options;
  const run = new MachineRun<typeof keyExchangeSender>();
  const line = new PacketLine(connection, codec, run.report);
  const asking = new AbortController();
  let claimed: AccountNumber | undefined;

  const machine = keyExchangeSender.provide({
    actions: {
      claimPeer: (_, { peer }) => {
        if (openSessions.enter(peer)) claimed = peer;
        run.report({ type: claimed ? 'peer.claimed' : 'peer.busy' });
      },
      awaitOctets: (_, awaited) => line.expect(awaited),
      sendPacket: (_, { packet }) => line.sendPacket(packet),
      sendNak: () => line.sendNak(),
      hangUp: () => void run.answer(line.hangUp()),
      showCheckString: (_, { peer, checkString }) =>
        void run.answer(
          screen.confirmCheckString(peer, checkString, asking.signal).then(
            (confirmed) => ({ type: confirmed ? 'human.confirmed' : 'human.refused' }),
            () => ({ type: 'operator.cancelled' }),
          ),
        ),
      saveLongTermKey: (_, { peer, longTermKey }) => void run.answer(save(options, peer, longTermKey)),
      noteUnexpected: ({ event }) => log.warn({ event: event.type }, 'event that the sender does not await'),
    },
  });

  const input = { own, peer, exponent: exponentFrom(random(exponentLength)), randomA: random(20) };
  const result = await runFramed({
    name: 'key exchange, sender',
    world: options,
    line,
    outcome: run.outcome,
    start: () => run.start(createActor(machine, { clock, input })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  asking.abort();
  if (claimed) openSessions.leave(claimed);
  return result;
}

/**
 * Figure 5, right column, over a call that was answered.
 * @param options.opening what `identifyInbound` has read
 */
export async function exchangeKeysAsRecipient(
  options: KeyExchangeOptions & { readonly opening: Uint8Array },
): Promise<KeyExchangeResult> {
  const { own, connection, clock, random, log, screen, openSessions, opening } = options;
  const run = new MachineRun<typeof keyExchangeRecipient>();
  const line = new PacketLine(connection, codec, run.report);
  const asking = new AbortController();
  let claimed: AccountNumber | undefined;

  const machine = keyExchangeRecipient.provide({
    actions: {
      awaitOctets: (_, awaited) => line.expect(awaited),
      claimPeer: (_, { peer }) => {
        if (openSessions.enter(peer)) claimed = peer;
        run.report({ type: claimed ? 'peer.claimed' : 'peer.busy' });
      },
      sendPacket: (_, { packet }) => line.sendPacket(packet),
      sendAck: () => line.sendAck(),
      sendNak: () => line.sendNak(),
      hangUp: () => void run.answer(line.hangUp()),
      askCheckString: (_, { peer }) =>
        void run.answer(
          screen.typeCheckString(peer, asking.signal).then(
            (text) => ({ type: 'human.typed', text }),
            () => ({ type: 'operator.cancelled' }),
          ),
        ),
      saveLongTermKey: (_, { peer, longTermKey }) => void run.answer(save(options, peer, longTermKey)),
      noteUnexpected: ({ event }) =>
        log.warn({ event: event.type }, 'event that the recipient does not await'),
    },
  });

  const input = { own, exponent: exponentFrom(random(exponentLength)) };
  const result = await runFramed({
    name: 'key exchange, recipient',
    world: options,
    line,
    opening,
    outcome: run.outcome,
    start: () => run.start(createActor(machine, { clock, input })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  asking.abort();
  if (claimed) openSessions.leave(claimed);
  return result;
}

async function save({ saveLongTermKey }: KeyExchangeOptions, peer: AccountNumber, longTermKey: Uint8Array) {
  try {
    await saveLongTermKey(peer, longTermKey);
    return { type: 'key.saved' } as const;
  } catch (error) {
    return { type: 'key.notSaved', fault: String(error) } as const;
  }
}
