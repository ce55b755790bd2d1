import { createActor } from 'xstate';
import type { AccountNumber } from '../bytes/account-number.js';
import type { DataRecipientEvent } from '../protocol/data-exchange/events.js';
import { type DataExchangePacket, encode, parse } from '../protocol/data-exchange/packets.js';
import { dataExchangeRecipient } from '../protocol/data-exchange/recipient.js';
import { dataExchangeSender } from '../protocol/data-exchange/sender.js';
import { FileIntake } from './file-intake.js';
import { runFramed } from './frame.js';
import { MachineRun } from './machine-run.js';
import { type Codec, PacketLine } from './packet-line.js';
import type { OpenSessions, ReceiveOptions, ReceiveResult, SendOptions, SendResult } from './session.js';

const codec: Codec<DataExchangePacket['kind'], DataExchangePacket> = { encode, parse };

/** Figure 7, left column, over a call that stands. "Sent" is not "delivered": version 1 has no report. */
export async function sendTransfer(options: SendOptions): Promise<SendResult> {
  const { own, peer, longTermKey, transfer, connection, clock, random, log, openSessions } = options;
  const run = new MachineRun<typeof dataExchangeSender>();
  const line = new PacketLine(connection, codec, run.report);
  let claimed = false;
  let taken = 0;

  const progress = (octets: number) => {
    taken += octets;
    options.onProgress(taken, transfer.size);
    run.report({ type: 'file.progress' });
  };
  /** A line that is lost meanwhile reports that itself. */
  const sendFile = async () => {
    try {
      if (await line.sendAll(transfer.read(), progress)) run.report({ type: 'file.sent' });
    } catch (error) {
      run.report({ type: 'file.unreadable', fault: String(error) });
    }
  };

  const machine = dataExchangeSender.provide({
    actions: {
      claimPeer: (_, { peer, challenge }) => {
        claimed = openSessions.enter(peer, challenge);
        run.report({ type: claimed ? 'peer.claimed' : 'peer.busy' });
      },
      awaitOctets: (_, awaited) => line.expect(awaited),
      sendPacket: (_, { packet }) => line.sendPacket(packet),
      sendNak: () => line.sendNak(),
      sendFile: () => void sendFile(),
      hangUp: () => void run.answer(line.hangUp()),
      noteUnexpected: ({ event }) => log.warn({ event: event.type }, 'event that the sender does not await'),
    },
  });

  const input = { own, peer, longTermKey, challengeA: random(20) };
  const result = await runFramed({
    name: 'data exchange, sender',
    world: options,
    line,
    outcome: run.outcome,
    start: () => {
      run.start(createActor(machine, { clock, input }));
      run.report({
        type: 'transfer.sealed',
        sessionKey: transfer.sessionKey,
        fileHash: transfer.fileHash,
      });
    },
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  if (claimed) openSessions.leave(peer);
  return result.kind === 'sent' ? { kind: 'sent', octets: taken } : result;
}

/**
 * Figure 7, right column, over a call that was answered. Content goes to the quarantine while it comes, and
 * leaves it only after the file's proof matched.
 * @param options.opening what `identifyInbound` has read
 * @param lengthMax octets of C that are accepted: 256 MiB unless a test says less
 */
export async function receiveTransfer(
  options: ReceiveOptions & { readonly opening: Uint8Array },
  lengthMax?: number,
): Promise<ReceiveResult> {
  const { own, connection, clock, random, log, openSessions, opening } = options;
  const run = new MachineRun<typeof dataExchangeRecipient>();
  const line = new PacketLine(connection, codec, run.report);
  const intake = new FileIntake((peer) => options.openQuarantine(peer), lengthMax);
  let claimed: AccountNumber | undefined;
  const take = async (octets: Uint8Array): Promise<DataRecipientEvent> => {
    const event = await intake.take(octets);
    options.onProgress(intake.length);
    return event;
  };
  const discard = async (): Promise<DataRecipientEvent> => {
    await intake.discard().catch((error) => log.error({ error: String(error) }, 'quarantine not discarded'));
    return { type: 'quarantine.discarded' };
  };

  const machine = dataExchangeRecipient.provide({
    actions: {
      awaitOctets: (_, awaited) => line.expect(awaited),
      lookUpAccount: (_, { account, challenge }) => {
        const answer = admit(options, account, challenge);
        if (answer.type === 'account.known') claimed = account;
        run.report(answer);
      },
      sendPacket: (_, { packet }) => line.sendPacket(packet),
      sendAck: () => line.sendAck(),
      sendNak: () => line.sendNak(),
      openQuarantine: (_, { peer }) => void run.answer(intake.open(peer)),
      receiveFile: (_, { sessionKey }) => {
        intake.start(sessionKey);
        line.receiveInto((octets) => run.answer(take(octets)));
      },
      finishFile: () => void run.answer(intake.finish()),
      releaseQuarantine: () => void run.answer(intake.release()),
      discardQuarantine: () => void run.answer(discard()),
      hangUp: () => void run.answer(line.hangUp()),
      noteUnexpected: ({ event }) =>
        log.warn({ event: event.type }, 'event that the recipient does not await'),
    },
  });

  const result = await runFramed({
    name: 'data exchange, recipient',
    world: options,
    line,
    opening,
    outcome: run.outcome,
    start: () => run.start(createActor(machine, { clock, input: { own, challengeB: random(20) } })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
    letGo: discard,
  });
  if (claimed) openSessions.leave(claimed);
  return result.kind === 'received' ? { ...result, files: intake.files } : result;
}

/** 630 and 655. Every look-up is made, whatever the others say; only a known account is entered as open. */
function admit(
  { longTermKeyOf, openSessions }: { openSessions: OpenSessions } & Pick<ReceiveOptions, 'longTermKeyOf'>,
  account: AccountNumber,
  challenge: Uint8Array,
): DataRecipientEvent {
  const longTermKey = longTermKeyOf(account);
  const isReflected = openSessions.ownsChallenge(challenge);
  if (!longTermKey) return { type: 'account.refused', cause: 'unknownAccount' };
  if (isReflected) return { type: 'account.refused', cause: 'reflectedChallenge' };
  if (!openSessions.enter(account)) return { type: 'account.refused', cause: 'peerBusy' };
  return { type: 'account.known', longTermKey };
}
