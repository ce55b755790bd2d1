import { createActor } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { equalOctets } from '../../crypto/mac.js';
import type { RandomSource } from '../../crypto/random.js';
import { entropyLength, seedLength } from '../../crypto/x-wing.js';
import type { Log } from '../../log/log.js';
import type {
  AgreementOutcome,
  ChannelReport,
  KeyExchangeEvent,
} from '../../protocol/key-exchange/version-2/events.js';
import type { KeyExchangeMessage } from '../../protocol/key-exchange/version-2/packets.js';
import {
  agreedAtOnce,
  heard,
  owedVerdict,
  ownConf,
  ownConfAck,
  type Pairing,
  type PairingRun,
} from '../../protocol/key-exchange/version-2/pairing.js';
import { keyExchange2Recipient } from '../../protocol/key-exchange/version-2/recipient.js';
import { type Identity, timers } from '../../protocol/key-exchange/version-2/rules.js';
import { keyExchange2Sender } from '../../protocol/key-exchange/version-2/sender.js';
import type { Clock } from '../../time/clock.js';
import { MachineRun } from '../machine-run.js';
import type { SessionFailure, SessionFailureOutcome } from '../session.js';
import { isVerdict } from './confirm-pairing.js';
import type { PairingStore } from './pairing-store.js';

/** Messages inside the session of a live key, one at a time. */
export interface MessageCarrier {
  send(message: KeyExchangeMessage): void;
  /** The next one; `carrier.lost` when the line or the session is over. Asked again only when it has resolved. */
  receive(): Promise<ChannelReport>;
}

export interface RefreshOptions {
  readonly own: AccountNumber;
  readonly peer: AccountNumber;
  readonly identity: Identity;
  /** As it was when people compared the strings: a refresh changes no identity. */
  readonly peerIdentity: Identity;
  /** Of the session that carries the messages, 32 octets. */
  readonly longTermKey: Uint8Array;
  /** Of that key. */
  readonly epoch: number;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  readonly store: PairingStore;
}

/** `failed`: the old key is as it was; the line is for the caller of this function to release. */
export type RefreshResult = { readonly kind: 'refreshed' } | SessionFailure;

/** The calling side of a refresh, after the receipt. The peer's session is claimed (G2), and what was owed of an earlier run was told. */
export function refreshAsCaller(carrier: MessageCarrier, options: RefreshOptions): Promise<RefreshResult> {
  const run = new MachineRun<typeof keyExchange2Sender>();
  const machine = keyExchange2Sender.provide({ actions: deedsOf(run.report, carrier, options) });
  const { random, clock } = options;
  const input = { ...commonInput(options), nI: random(32), xWingSeed: random(seedLength) };
  run.start(createActor(machine, { clock, input }));
  return confirmAtOnce(run.outcome, carrier, options);
}

/** The called side; the caller's KX1 is the carrier's next message. */
export function refreshAsCallee(carrier: MessageCarrier, options: RefreshOptions): Promise<RefreshResult> {
  const run = new MachineRun<typeof keyExchange2Recipient>();
  const machine = keyExchange2Recipient.provide({ actions: deedsOf(run.report, carrier, options) });
  const { random, clock } = options;
  const input = { ...commonInput(options), nR: random(32), xWingEntropy: random(entropyLength) };
  run.start(createActor(machine, { clock, input }));
  return confirmAtOnce(run.outcome, carrier, options);
}

function commonInput({ own, peer, identity, longTermKey }: RefreshOptions) {
  return { own, peer, identity, callKey: longTermKey, wantsBothStrings: false };
}

/** What the machines order, without a line of their own, people, or a limit: both sides have proved the live key. */
function deedsOf(
  report: (event: KeyExchangeEvent) => void,
  carrier: MessageCarrier,
  { log }: RefreshOptions,
) {
  return {
    awaitMessage: () => void carrier.receive().then(report),
    claimPeer: () => report({ type: 'peer.claimed' }),
    noteRun: () => report({ type: 'run.noted' }),
    sendMessage: (_: unknown, { message }: { message: KeyExchangeMessage }) => carrier.send(message),
    // Kept in `confirmAtOnce`, which first looks whose keys came.
    savePending: () => report({ type: 'pending.saved' }),
    hangUp: () => report({ type: 'line.released' }),
    noteUnexpected: ({ event }: { event: { type: string } }) =>
      log.warn({ event: event.type }, 'event that the refresh does not await'),
  };
}

/** Yes from both sides, without asking anybody; what is lost of it is owed at the next call like any answer. */
async function confirmAtOnce(
  outcome: Promise<AgreementOutcome>,
  carrier: MessageCarrier,
  { peer, peerIdentity, store, clock, log, epoch }: RefreshOptions,
): Promise<RefreshResult> {
  const fail = (step: string, failed: SessionFailureOutcome, reason: string): SessionFailure => {
    log.info({ session: 'refreshing a key', step, outcome: failed, reason, peer }, 'session failed');
    return { kind: 'failed', step, outcome: failed, reason, peer };
  };
  try {
    const ended = await outcome;
    if (ended.kind === 'failed') {
      const { steps, outcome: failed, reason } = ended.failure;
      return fail(steps[0], failed, ended.detail ? `${reason} (${ended.detail})` : reason);
    }
    const { role, keys, peerIdentity: told } = ended.agreement;
    if (!equalOctets(told.ed25519, peerIdentity.ed25519) || !equalOctets(told.x25519, peerIdentity.x25519))
      return fail('KX-460', 'not-authentic', 'the peer’s own keys are not those that people confirmed');
    const run: PairingRun = { role, kxid: keys.kxid, confirmKeys: keys.confirmKeys };
    const { longTermKey } = keys;
    await store.savePending(peer, { ...run, peerIdentity, longTermKey, epoch: epoch + 1 });
    let pairing: Pairing = agreedAtOnce;
    carrier.send(ownConf(run, 'yes'));
    while (owedVerdict(pairing) !== undefined) {
      const report = await receivedWithin(clock, carrier);
      if (report === 'timed-out') return fail('KX-500', report, 'the peer did not confirm the refreshed key');
      if (report.type === 'carrier.lost')
        return fail('KX-500', 'interrupted', 'the line was released while a key was refreshed');
      const event =
        report.type === 'message.received' && isVerdict(report.message) && heard(run, report.message);
      if (!event || event === 'unknown run')
        return fail('KX-500', 'not-authentic', 'something else than the peer’s confirmation came');
      pairing = await store.note(peer, run.kxid, event);
      if (event.type === 'peer.answered') carrier.send(ownConfAck(run, event.verdict));
    }
    log.info({ session: 'refreshing a key', peer, epoch: epoch + 1 }, 'session ended');
    return { kind: 'refreshed' };
  } catch (error) {
    return fail('KX-495', 'local-error', `the refreshed key could not be stored (${error})`);
  }
}

function receivedWithin(clock: Clock, carrier: MessageCarrier): Promise<ChannelReport | 'timed-out'> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve('timed-out'), timers.message);
    void carrier.receive().then((report) => {
      clock.clearTimeout(timer);
      resolve(report);
    });
  });
}
