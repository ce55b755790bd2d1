import { createActor } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import type { RandomSource } from '../../crypto/random.js';
import { entropyLength, seedLength } from '../../crypto/x-wing.js';
import { keyExchange2Confirmation } from '../../protocol/key-exchange/version-2/confirmation.js';
import type {
  Agreement,
  AgreementOutcome,
  ChannelReport,
  ConfirmationEvent,
  ConfirmationOutcome,
  KeyExchangeEvent,
} from '../../protocol/key-exchange/version-2/events.js';
import type { KeyExchangeMessage } from '../../protocol/key-exchange/version-2/packets.js';
import type { PairingEvent } from '../../protocol/key-exchange/version-2/pairing.js';
import { keyExchange2Recipient } from '../../protocol/key-exchange/version-2/recipient.js';
import { type Identity, lockedUntil } from '../../protocol/key-exchange/version-2/rules.js';
import { keyExchange2Sender } from '../../protocol/key-exchange/version-2/sender.js';
import { runFramed } from '../frame.js';
import { MachineRun } from '../machine-run.js';
import type { PairingScreen, SessionFailure } from '../session.js';
import type { BridgedCall } from './bridged-call.js';
import { ConfirmationAnswers, type ConfirmationOptions, isVerdict, tellOwed } from './confirm-pairing.js';
import { MessageLine } from './message-line.js';

export interface PairingOptions extends ConfirmationOptions {
  readonly own: AccountNumber;
  /** This endpoint's public keys, for the peer. */
  readonly identity: Identity;
  readonly random: RandomSource;
  readonly screen: PairingScreen;
  /** The address book's wish that each side types a string. The peer may have it too. */
  readonly wantsBothStrings: boolean;
}

export type PairingResult =
  /** Both sides' people said yes: the key is live. */
  | { readonly kind: 'paired'; readonly peer: AccountNumber }
  /** Yes here; the peer's answer is not here. It is asked for at each later contact (`confirmPairing`). */
  | { readonly kind: 'pending'; readonly peer: AccountNumber }
  | SessionFailure;

/** Figure 5, left column, over a call of purpose pairing. Ends with the line released. */
export async function pairAsCaller(call: BridgedCall, options: PairingOptions): Promise<PairingResult> {
  const line = new MessageLine(call.channel, options.clock);
  // What is owed of an earlier run goes first: the new one takes its place on both sides.
  const told = await tellOwed(line, call.peer, options);
  if (told.kind === 'failed') return told;

  const { own, identity, clock, random, wantsBothStrings } = options;
  const { peer, callKey } = call;
  return runPairing('key exchange 2, sender', line, peer, options, (deeds) => {
    const run = new MachineRun<typeof keyExchange2Sender>();
    const machine = keyExchange2Sender.provide({
      actions: { ...deeds, awaitMessage: () => void run.answer(line.next()) },
    });
    const input = {
      own,
      peer,
      identity,
      callKey,
      wantsBothStrings,
      nI: random(32),
      xWingSeed: random(seedLength),
    };
    return { run, start: () => run.start(createActor(machine, { clock, input })) };
  });
}

/** Figure 5, right column, over a call of purpose pairing that was answered. Ends with the line released. */
export async function pairAsCallee(call: BridgedCall, options: PairingOptions): Promise<PairingResult> {
  const line = new MessageLine(call.channel, options.clock);
  const answers = new ConfirmationAnswers(call.peer, options, (message) => line.send(message));
  /** The first message that is no CONF of an earlier run. */
  const firstOfRun = async (): Promise<ChannelReport> => {
    for (;;) {
      const report = await line.next();
      if (report.type !== 'message.received' || !isVerdict(report.message)) return report;
      const fault = await answers.take(report.message);
      if (fault !== undefined) return { type: 'message.malformed', fault };
    }
  };
  let next = () => {
    next = () => line.next();
    return firstOfRun();
  };

  const { own, identity, clock, random, wantsBothStrings } = options;
  const { peer, callKey } = call;
  return runPairing('key exchange 2, recipient', line, peer, options, (deeds) => {
    const run = new MachineRun<typeof keyExchange2Recipient>();
    const machine = keyExchange2Recipient.provide({
      actions: { ...deeds, awaitMessage: () => void run.answer(next()) },
    });
    const input = {
      own,
      peer,
      identity,
      callKey,
      wantsBothStrings,
      nR: random(32),
      xWingEntropy: random(entropyLength),
    };
    return { run, start: () => run.start(createActor(machine, { clock, input })) };
  });
}

/** The machine of one side, before it has begun. */
interface Agreeing {
  readonly run: { readonly outcome: Promise<AgreementOutcome>; report(event: KeyExchangeEvent): void };
  start(): void;
}

/** What sender and recipient order alike. */
type Deeds = ReturnType<typeof deedsOf>;

/** The machine of one side, then the one of the people. */
async function runPairing(
  name: string,
  line: MessageLine,
  peer: AccountNumber,
  options: PairingOptions,
  agreeingWith: (deeds: Deeds) => Agreeing,
): Promise<PairingResult> {
  const { signal, openSessions } = options;
  const place: Place = { line, peer, options, isClaimed: false, runAtMs: 0, report: () => {} };
  const agreeing = agreeingWith(deedsOf(place));
  place.report = agreeing.run.report;
  let cancel = () => agreeing.run.report({ type: 'operator.cancelled' });
  const confirm = (agreement: Agreement): Promise<ConfirmationOutcome> => {
    const confirming = confirmationOf(place, agreement);
    cancel = () => confirming.report({ type: 'operator.cancelled' });
    if (signal?.aborted) cancel();
    return confirming.outcome;
  };

  const result = await runFramed({
    name,
    world: options,
    line: {
      get sent() {
        return line.sent;
      },
      get received() {
        return line.received;
      },
      begin: () => {},
      hangUp: () => line.hangUp(),
    },
    outcome: agreeing.run.outcome.then((ended) =>
      ended.kind === 'failed' ? ended : confirm(ended.agreement),
    ),
    start: () => agreeing.start(),
    cancel: () => cancel(),
  });
  if (place.isClaimed) openSessions.leave(peer);
  return result;
}

/** Where a run happens, and what is known of it. */
interface Place {
  readonly line: MessageLine;
  readonly peer: AccountNumber;
  readonly options: PairingOptions;
  isClaimed: boolean;
  /** UTC milliseconds: by what the store knows the run. */
  runAtMs: number;
  report(event: KeyExchangeEvent): void;
}

function deedsOf(place: Place) {
  const { line, peer, options } = place;
  const { openSessions, store, clock, log } = options;
  const claim = async (): Promise<KeyExchangeEvent> => {
    if (!openSessions.enter(peer)) return { type: 'peer.busy' };
    place.isClaimed = true;
    const until = lockedUntil(await store.unfinishedRuns(peer), clock.utcMs());
    return { type: until === undefined ? 'peer.claimed' : 'peer.locked' };
  };
  const noteRun = async (): Promise<KeyExchangeEvent> => {
    place.runAtMs = clock.utcMs();
    await store.noteRun(peer, place.runAtMs);
    return { type: 'run.noted' };
  };
  const savePending = async ({ role, peerIdentity, keys }: Agreement): Promise<KeyExchangeEvent> => {
    const { kxid, confirmKeys, longTermKey } = keys;
    await store.savePending(peer, { role, peerIdentity, kxid, confirmKeys, longTermKey });
    return { type: 'pending.saved' };
  };
  const reportOf = (work: Promise<KeyExchangeEvent>, otherwise: (fault: string) => KeyExchangeEvent) =>
    void work.catch((error) => otherwise(String(error))).then((event) => place.report(event));
  return {
    claimPeer: () => reportOf(claim(), (fault) => ({ type: 'run.notNoted', fault })),
    noteRun: () => reportOf(noteRun(), (fault) => ({ type: 'run.notNoted', fault })),
    savePending: (_: unknown, { agreement }: { agreement: Agreement }) =>
      reportOf(savePending(agreement), (fault) => ({ type: 'pending.notSaved', fault })),
    sendMessage: (_: unknown, { message }: { message: KeyExchangeMessage }) => line.send(message),
    hangUp: () => void line.hangUp().then(place.report),
    noteUnexpected: ({ event }: { event: { type: string } }) =>
      log.warn({ event: event.type }, 'event that the key exchange does not await'),
  };
}

/** Begins the machine of the people. */
function confirmationOf(place: Place, agreement: Agreement): MachineRun<typeof keyExchange2Confirmation> {
  const { line, peer, options } = place;
  const { screen, store, clock, log } = options;
  const run = new MachineRun<typeof keyExchange2Confirmation>();
  const asking = new AbortController();
  const ask = <Answer>(
    question: Promise<Answer> | undefined,
    event: (answer: Answer) => ConfirmationEvent,
  ) => {
    const asked = question ?? Promise.reject(new Error('this screen does not ask for a second string'));
    void run.answer(asked.then(event, () => ({ type: 'operator.cancelled' }) as const));
  };
  const confirmed = (answer: boolean): ConfirmationEvent => ({
    type: answer ? 'human.confirmed' : 'human.refused',
  });
  const typed = (text: string): ConfirmationEvent => ({ type: 'human.typed', text });
  const note = async (event: PairingEvent): Promise<ConfirmationEvent> => {
    try {
      return { type: 'pairing.noted', event, pairing: await store.note(peer, agreement.keys.kxid, event) };
    } catch (error) {
      log.error({ peer, error: String(error) }, 'an answer to a pairing was not stored');
      return { type: 'pairing.notNoted', event, fault: String(error) };
    }
  };
  const finish = () =>
    store
      .finishRun(peer, place.runAtMs)
      .catch((error) => log.error({ peer, error: String(error) }, 'a run that was answered still counts'));

  const machine = keyExchange2Confirmation.provide({
    actions: {
      awaitMessage: () => void run.answer(line.next()),
      showCheckString: (_, { checkString }) =>
        ask(screen.confirmCheckString(peer, checkString, asking.signal), confirmed),
      askCheckString: () => ask(screen.typeCheckString(peer, asking.signal), typed),
      showSecondString: (_, { secondString }) =>
        ask(screen.confirmSecondString?.(peer, secondString, asking.signal), confirmed),
      askSecondString: () => ask(screen.typeSecondString?.(peer, asking.signal), typed),
      showTaken: (_, { isTypedHere }) => isTypedHere && screen.showTaken?.(peer),
      withdrawQuestion: () => asking.abort(),
      notePairing: (_, { event }) => void run.answer(note(event)),
      finishRun: () => void finish(),
      sendMessage: (_, { message }) => line.send(message),
      dropLine: () => void line.hangUp(),
      hangUp: () => void run.answer(line.hangUp()),
      noteUnexpected: ({ event }) =>
        log.warn({ event: event.type }, 'event that the people’s part does not await'),
    },
  });
  run.start(createActor(machine, { clock, input: { agreement } }));
  return run;
}
