import type { AccountNumber } from '../../bytes/account-number.js';
import type { Log } from '../../log/log.js';
import type { ChannelReport } from '../../protocol/key-exchange/version-2/events.js';
import {
  type Conf,
  type ConfAck,
  encode,
  parse,
  shapes,
} from '../../protocol/key-exchange/version-2/packets.js';
import { heard, owedVerdict, ownConf, ownConfAck } from '../../protocol/key-exchange/version-2/pairing.js';
import { timers, unknownRun } from '../../protocol/key-exchange/version-2/rules.js';
import type { Clock } from '../../time/clock.js';
import type { OpenSessions, SessionFailure, SessionFailureOutcome } from '../session.js';
import { type BridgedCall, heardThrough } from './bridged-call.js';
import { MessageLine } from './message-line.js';
import type { KeptRun, PairingStore } from './pairing-store.js';

export interface ConfirmationOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal;
  /** G2: while a session with the peer is open, a person may be at the check string of the very run. */
  readonly openSessions: OpenSessions;
  readonly store: PairingStore;
}

export type Confirmed = {
  readonly kind: 'confirmed';
  /** Runs that the peer does not know. Nothing was changed for it: anybody on the call could say so. A person may pair again. */
  readonly unknownToPeer: number;
};

/**
 * The caller's first records of a later call: each verdict that is owed, and the peer's where it has one (KX-500).
 * @returns the call, for the protocol that follows, on a failure none: the line is released then
 */
export async function confirmPairing(
  call: BridgedCall,
  options: ConfirmationOptions,
): Promise<{ readonly result: Confirmed; readonly call: BridgedCall } | SessionFailure> {
  const line = new MessageLine(call.channel, options.clock);
  const result = await tellOwed(line, call.peer, options);
  if (result.kind === 'failed') return result;
  return { result, call: { ...call, channel: line.handOver() } };
}

/** Whether `confirmPairing` would say anything: otherwise a protocol may begin ahead of the bridge. */
export async function owesConfirmation(store: PairingStore, peer: AccountNumber): Promise<boolean> {
  const runs = await store.runsWith(peer);
  return runs.some(({ pairing }) => pairing.own === undefined || owedVerdict(pairing) !== undefined);
}

/** As `confirmPairing`, over a line that somebody goes on to use. */
export async function tellOwed(
  line: MessageLine,
  peer: AccountNumber,
  options: ConfirmationOptions,
): Promise<Confirmed | SessionFailure> {
  const { openSessions, store, log } = options;
  if (!openSessions.enter(peer))
    return fail('busy', 'another session with this peer is open; try when it is over');
  try {
    let unknownToPeer = 0;
    for (const run of await store.runsWith(peer)) {
      const told = await tell(await answeredForGood(run, peer, store));
      if (told === 'unknown run') unknownToPeer++;
      else if (told) return told;
    }
    return { kind: 'confirmed', unknownToPeer };
  } catch (error) {
    return fail('local-error', `the store of pairings failed: ${error}`);
  } finally {
    openSessions.leave(peer);
  }

  async function tell(run: KeptRun): Promise<'unknown run' | SessionFailure | undefined> {
    const verdict = owedVerdict(run.pairing);
    if (verdict === undefined) return undefined;
    line.send(ownConf(run, verdict));
    for (;;) {
      const report = await nextWithin(line, options);
      if (typeof report === 'string')
        return fail(report, 'the peer did not acknowledge the answer to a pairing');
      if (report.type === 'carrier.lost')
        return fail('interrupted', 'the line was released while a pairing was confirmed');
      if (report.type !== 'message.received')
        return fail('not-authentic', 'no answer to a pairing came, but something else');
      const { message } = report;
      const told = isVerdict(message) ? heard(run, message) : undefined;
      if (told === 'unknown run') return told;
      if (told === undefined)
        return fail('not-authentic', 'an answer to a pairing that does not come from the peer');
      await store.note(peer, run.kxid, told);
      if (told.type === 'own.acknowledged') return undefined;
      line.send(ownConfAck(run, told.verdict));
    }
  }

  async function fail(outcome: SessionFailureOutcome, reason: string): Promise<SessionFailure> {
    log.info({ session: 'confirming a pairing', step: 'KX-500', outcome, reason, peer }, 'session failed');
    await line.hangUp();
    return { kind: 'failed', step: 'KX-500', outcome, reason, peer };
  }
}

/** The callee's side: answers the CONFs that the caller sends before anything else. */
export class ConfirmationAnswers {
  readonly #peer: AccountNumber;
  readonly #options: ConfirmationOptions;
  readonly #send: (message: Conf | ConfAck) => void;

  constructor(peer: AccountNumber, options: ConfirmationOptions, send: (message: Conf | ConfAck) => void) {
    this.#peer = peer;
    this.#options = options;
    this.#send = send;
  }

  /** @returns why the line must be released, where it must */
  async take(message: Conf | ConfAck): Promise<string | undefined> {
    const { openSessions } = this.#options;
    if (!openSessions.enter(this.#peer)) return 'another session with this peer is open';
    try {
      return await this.#take(message);
    } catch (error) {
      return `the store of pairings failed: ${error}`;
    } finally {
      openSessions.leave(this.#peer);
    }
  }

  async #take(message: Conf | ConfAck): Promise<string | undefined> {
    const { store } = this.#options;
    const kept = await store.runsWith(this.#peer);
    const found = kept.find(({ kxid }) => Buffer.compare(kxid, message.kxid) === 0);
    if (!found) {
      if (message.kind === 'CONF') this.#send(unknownRun(message.kxid));
      return undefined;
    }
    const run = await answeredForGood(found, this.#peer, store);
    const told = heard(run, message);
    if (told === undefined) return 'an answer to a pairing that does not come from the peer';
    if (told === 'unknown run') return undefined;
    const { own } = await store.note(this.#peer, run.kxid, told);
    if (told.type === 'own.acknowledged') return undefined;
    // Before the acknowledgement: when that is there the caller waits for no more.
    if (own && told.verdict === 'yes') this.#send(ownConf(run, own));
    this.#send(ownConfAck(run, told.verdict));
    return undefined;
  }
}

/** The call as the callee's protocol sees it: the CONFs before the first record of its own are answered, and not reported. */
export function answeringConfirmations(call: BridgedCall, options: ConfirmationOptions): BridgedCall {
  const { channel } = call;
  const answers = new ConfirmationAnswers(call.peer, options, (message) =>
    channel.sendRecord(shapes[message.kind].type, encode(message)),
  );
  let isBegun = false;
  const filtered = heardThrough(channel, (listener) =>
    channel.listen(async (event) => {
      const message = event.type === 'record' && !isBegun ? parse(event.recordType, event.body) : undefined;
      if (!message || !isVerdict(message)) {
        isBegun = true;
        return listener(event);
      }
      const reason = await answers.take(message);
      if (reason !== undefined) return listener({ type: 'broken', reason });
    }),
  );
  return { ...call, channel: filtered };
}

/** A run whose person is not asked any more, since X lives in one session alone: no answer is no. */
async function answeredForGood(run: KeptRun, peer: AccountNumber, store: PairingStore): Promise<KeptRun> {
  if (run.pairing.own !== undefined) return run;
  return { ...run, pairing: await store.note(peer, run.kxid, { type: 'own.answered', verdict: 'no' }) };
}

export function isVerdict(message: { readonly kind: string }): message is Conf | ConfAck {
  return message.kind === 'CONF' || message.kind === 'CONF_ACK';
}

function nextWithin(
  line: MessageLine,
  { clock, signal }: ConfirmationOptions,
): Promise<ChannelReport | 'timed-out' | 'cancelled'> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => settle('timed-out'), timers.message);
    const cancel = () => settle('cancelled');
    const settle = (value: ChannelReport | 'timed-out' | 'cancelled') => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      resolve(value);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    else void line.next().then(settle);
  });
}
