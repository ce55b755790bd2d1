import { type Actor, createActor } from 'xstate';
import type { AccountNumber } from '../bytes/account-number.js';
import { known } from '../bytes/known.js';
import { trackingId } from '../bytes/tracking-id.js';
import type { RandomSource } from '../crypto/random.js';
import { type Log, logWith } from '../log/log.js';
import { recordedAni } from '../protocol/call-manager/rules.js';
import { trunkMachine } from '../protocol/call-manager/trunk.js';
import type {
  CallFacts,
  TransferMethod,
  TrunkContext,
  TrunkEvent,
  TrunkSignal,
} from '../protocol/call-manager/trunk-setup.js';
import type { DataConnection, Modem } from '../pstn/modem/modem.js';
import type { CallerId, DtmfSymbol } from '../pstn/signals.js';
import type { ServerIdentity } from '../session/version-2/identity.js';
import type { AcceptedLeg } from '../session/version-2/serve-callee.js';
import type { CallClass, RecordedClass } from '../store/call-kinds.js';
import type { ClosedCall } from '../store/calls.js';
import type { Credentials, Subscribers } from '../store/subscribers.js';
import type { Clock, Timer } from '../time/clock.js';
import { type Bridge, startBridge } from './bridge.js';
import { CallTimes } from './call-times.js';
import { CalleeLeg } from './callee-leg.js';
import { IdentifiedCaller } from './identified-caller.js';
import { inviteCallee } from './invite-callee.js';
import type { OpenRequests } from './open-requests.js';
import type { Held, Priced, Pricing } from './pricing.js';
import type { RecordKeeper } from './record-keeper.js';
import { TonePlayer } from './tone-player.js';
import type { TrunkCall } from './trunk.js';
import type { TrunkPool } from './trunk-pool.js';

/** For the callee's answer to a call that is transferred by hook-flash. */
const answerWaitSeconds = 60;

/** S7 for the caller's leg, from the moment the callee's modem has connected. */
const carrierWaitSeconds = 60;

/** Room for a timer that is late. */
const withinLastSecondMs = 500;

export interface CallOptions {
  readonly port: string;
  readonly modem: Modem;
  readonly serverNumber: string;
  readonly transfer: TransferMethod;
  readonly identity: ServerIdentity;
  readonly pool: TrunkPool;
  readonly requests: OpenRequests;
  readonly subscribers: Subscribers;
  readonly pricing: Pricing;
  readonly records: RecordKeeper;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  /** The modem of this port did not confirm its hang-up. */
  takeOutOfService(): void;
}

/** One call on one trunk: the machine of Figure 4, and the bodies of its orders. */
export class Call implements TrunkCall {
  readonly trackingId: string;
  /** Resolves when both lines are on-hook and the record is on its way to the database. */
  readonly over: Promise<void>;
  readonly #options: CallOptions;
  readonly #times: CallTimes;
  readonly #tones: TonePlayer;
  readonly #actor: Actor<typeof trunkMachine>;
  /** A bug in the machine or in a body ends this call, not the server. */
  readonly #defect: (bug: unknown) => void;
  #callee: CalleeLeg | undefined;
  #calleePort: string | undefined;
  #callerConnection: DataConnection | undefined;
  #calleeConnection: DataConnection | undefined;
  #isAbandoned = false;
  /** In version 2. */
  #identifiedCaller: IdentifiedCaller | undefined;
  #calleeCredentials: Credentials | undefined;
  #callKey: Uint8Array | undefined;
  #acceptedLeg: AcceptedLeg | undefined;
  #priced: Extract<Priced, { kind: 'priced' }> | undefined;
  #held: Extract<Held, { kind: 'held' }> | undefined;
  #bridge: Bridge | undefined;
  #limitTimer: Timer | undefined;

  /**
   * One machine for all calls: to give a machine its bodies is to build it, at a fifth of all that a set-up costs. A body finds its call
   * by the actor that it runs in.
   */
  static readonly #machine = trunkMachine.provide({
    actions: {
      openRecord: ({ self }) => Call.#of(self).#openRecord(),
      answerVoice: ({ self }) => Call.#of(self).#answerVoice(),
      playSignal: ({ self }, signal) => Call.#of(self).#tell(signal),
      stopSignal: ({ self }) => Call.#of(self).#tones.stop(),
      lookUp: ({ self, context }, { caller, callee }) =>
        Call.#of(self).#lookUp(caller, callee, context.protocolVersion === 2),
      holdFunds: ({ self }) => Call.#of(self).#holdFunds(),
      reserveTrunk: ({ self }) => Call.#of(self).#reserveTrunk(),
      dialCallee: ({ self, context }, { number }) => {
        Call.#of(self).#dialCallee(number);
        Call.#of(self).#noteProgress(context);
      },
      handOver: ({ self, context }, { number }) => {
        Call.#of(self).#handOver(number);
        Call.#of(self).#noteProgress(context);
      },
      answerData: ({ self }) => Call.#of(self).#answerData(),
      identifyCaller: ({ self }) => Call.#of(self).#soon((call) => call.#identifyCaller()),
      inviteCallee: ({ self, context }) =>
        Call.#of(self).#soon((call) => call.#inviteCallee(known(context.calleeAccount))),
      tellBridged: ({ self }) => Call.#of(self).#soon((call) => known(call.#identifiedCaller).bridge()),
      startBridge: ({ self, context }) => {
        Call.#of(self).#startBridge();
        Call.#of(self).#noteProgress(context);
      },
      endBridge: ({ self }) => Call.#of(self).#endBridge(),
      releaseCallee: ({ self }) => Call.#of(self).#releaseCallee(),
      hangUpCaller: ({ self }) => Call.#of(self).#hangUpCaller(),
      closeRecord: ({ self }, facts) => Call.#of(self).#closeRecord(facts),
      takeOutOfService: ({ self }) => Call.#of(self).#options.takeOutOfService(),
      noteUnheeded: ({ self }, { event }) => Call.#of(self).#debug(event),
    },
  });
  static readonly #calls = new WeakMap<object, Call>();

  static #of(actor: object): Call {
    return known(Call.#calls.get(actor));
  }

  /** Steps 275 to 285: the time of the ring and the tracking ID are taken before anything else. */
  constructor(options: CallOptions) {
    const { clock, random, modem, log, serverNumber, transfer } = options;
    this.#options = options;
    this.#times = new CallTimes(clock);
    this.trackingId = trackingId(this.#times.ringAt.getTime(), random(10));
    this.#tones = new TonePlayer(modem, clock, log);
    this.#actor = createActor(Call.#machine, { clock, input: { serverNumber, transfer } });
    Call.#calls.set(this.#actor, this);
    let over = () => {};
    this.over = new Promise((resolve) => {
      over = resolve;
    });
    this.#defect = (bug) => void this.#abandon(bug).then(over);
    this.#actor.subscribe({
      complete: () => this.#isAbandoned || over(),
      error: this.#defect,
    });
    this.#info('ring');
    this.#actor.start();
  }

  rang = (): void => this.#send({ type: 'ring' });
  callerId = (id: CallerId): void => this.#send({ type: 'callerId', id });
  digit = (symbol: DtmfSymbol): void => this.#send({ type: 'digit', symbol });
  callerGone = (): void => this.#send({ type: 'caller.gone' });
  callerLost = (): void => this.#send({ type: 'caller.lost' });
  stop = (): void => this.#send({ type: 'server.stopped' });

  #reserveTrunk(): void {
    const { pool, log } = this.#options;
    this.#callee = CalleeLeg.reserve(pool, log, {
      connected: (connection) => {
        this.#calleeConnection = connection;
        this.#send({ type: 'callee.connected' });
      },
      failed: (result) => this.#send({ type: 'callee.failed', result }),
      lost: () => this.#send({ type: 'callee.lost' }),
    });
    this.#send({ type: this.#callee ? 'trunk.reserved' : 'trunk.none' });
  }

  #dialCallee(number: string): void {
    this.#calleePort = this.#callee?.port;
    this.#callee?.dial(number);
  }

  #hangUpCaller(): void {
    this.#times.ended();
    this.#soon(() => this.#identifiedCaller?.abandon());
    void this.#options.modem.hangUp().then(() => this.#send({ type: 'caller.onHook' }));
  }

  #endBridge(): void {
    this.#times.ended();
    void this.#bridge?.end().then(() => this.#send({ type: 'bridge.released' }));
  }

  #openRecord(): void {
    const { records, port } = this.#options;
    records
      .open({ trackingId: this.trackingId, port, ani: undefined, ringAt: this.#times.ringAt })
      .then(() => this.#send({ type: 'record.opened' }))
      .catch((cause) => this.#send({ type: 'record.failed', reason: `not answered: ${messageOf(cause)}` }));
  }

  #answerVoice(): void {
    this.#options.modem
      .answerVoice()
      .then((result) => {
        if (result.kind === 'answered') {
          this.#times.answered();
          this.#send({ type: 'caller.answered' });
        } else this.#send({ type: 'caller.failed', reason: `answering in voice mode: ${result.kind}` });
      })
      .catch((cause) => this.#send({ type: 'caller.failed', reason: messageOf(cause) }));
  }

  /** Steps 300, 325 and 315: tones, or what they are in version 2. */
  #tell(signal: TrunkSignal): void {
    const caller = this.#identifiedCaller;
    if (signal.signal === 'quote') this.#soon(() => known(caller).quote(known(this.#priced).terms));
    else if (!caller) this.#tones.start(signal.signal);
    else if (signal.signal === 'refusal') this.#soon(() => caller.refuse(signal.release));
    else this.#approve(caller);
  }

  /** CM-310: all look-ups are always made, and awaited, so that none shows in the time. */
  #lookUp(caller: AccountNumber, callee: AccountNumber, isVersionTwo: boolean): void {
    const { subscribers, pricing, clock } = this.#options;
    const { isCollect = false, estimatedSeconds = 0 } = this.#identifiedCaller?.request ?? {};
    const callClass = this.#callClass ?? 'delivery';
    const [ringAt, at] = [this.#times.ringAt, new Date(clock.utcMs())];
    void Promise.allSettled([
      subscribers.find(caller),
      subscribers.find(callee),
      isVersionTwo ? subscribers.credentials(callee) : undefined,
      pricing.price({ caller, callee, callClass, isCollect, estimatedSeconds, ringAt, at }),
    ]).then(([callerFound, calleeFound, credentials, priced]) => {
      if (callerFound.status === 'rejected') this.#lookUpFailed(callerFound.reason);
      else if (calleeFound.status === 'rejected') this.#lookUpFailed(calleeFound.reason);
      else if (credentials.status === 'rejected') this.#lookUpFailed(credentials.reason);
      else if (priced.status === 'rejected') this.#lookUpFailed(priced.reason);
      else {
        this.#calleeCredentials = credentials.value;
        if (priced.value.kind === 'priced') this.#priced = priced.value;
        const payerRefusal = priced.value.kind === 'refused' ? priced.value.reason : undefined;
        this.#send({
          type: 'accounts.found',
          caller: callerFound.value,
          callee: calleeFound.value,
          payerRefusal,
        });
      }
    });
  }

  /** BL-A2. */
  #holdFunds(): void {
    known(this.#priced)
      .hold(this.trackingId)
      .then((held) => {
        if (held.kind === 'held') this.#held = held;
        this.#send(
          held.kind === 'held' ? { type: 'funds.held' } : { type: 'funds.short', reason: held.reason },
        );
      })
      .catch((cause) =>
        this.#send({ type: 'funds.failed', reason: `account database: ${messageOf(cause)}` }),
      );
  }

  get #callClass(): CallClass | undefined {
    const purpose = this.#identifiedCaller?.request?.purpose;
    return purpose && (purpose === 'pairing' ? 'pairing' : 'delivery');
  }

  get #recordedClass(): RecordedClass | undefined {
    return this.#identifiedCaller?.request?.isQuote ? 'inquiry' : this.#callClass;
  }

  get #isCollect(): boolean {
    return this.#identifiedCaller?.request?.isCollect ?? false;
  }

  #lookUpFailed(cause: unknown): void {
    this.#send({ type: 'accounts.failed', reason: `account database: ${messageOf(cause)}` });
  }

  /** CM-330, by the exchange: what the line told is all that the record will know. */
  #handOver(number: string): void {
    this.#options.modem
      .transfer(number, { answerWaitSeconds })
      .then(({ kind }) => {
        if (kind === 'caller-gone') this.#send({ type: 'transfer.alone' });
        else if (kind !== 'joined') this.#send({ type: 'transfer.failed', result: kind });
        else {
          this.#times.bridged();
          this.#send({ type: 'transfer.joined' });
        }
      })
      .catch((cause) => {
        this.#debug(messageOf(cause));
        this.#send({ type: 'transfer.failed', result: 'silent' });
      });
  }

  #answerData(): void {
    this.#options.modem
      .answerData({ carrierWaitSeconds })
      .then((result) => {
        if (result.kind === 'connected') {
          this.#callerConnection = result.connection;
          this.#send({ type: 'caller.connected' });
        } else this.#send({ type: 'caller.failed', reason: `caller's data carrier: ${result.kind}` });
      })
      .catch((cause) => this.#send({ type: 'caller.failed', reason: messageOf(cause) }));
  }

  /** CM-A4. */
  #identifyCaller(): void {
    const { identity, subscribers, requests, clock, random } = this.#options;
    const connection = known(this.#callerConnection);
    this.#identifiedCaller = new IdentifiedCaller({
      ...{ connection, identity, subscribers, requests, clock, random, log: this.#log() },
      requested: ({ caller, callee, isQuote }, isRepeated) =>
        this.#send({ type: 'caller.requested', caller, callee, isRepeated, isQuote }),
      bridged: (bridged) => {
        this.#callerConnection = bridged;
        this.#send({ type: 'caller.bridged' });
      },
      left: (release) => this.#send({ type: 'caller.left', release }),
    });
  }

  /** CM-A6: the same key material goes to both ends. */
  #approve(caller: IdentifiedCaller): void {
    this.#callKey = this.#options.random(32);
    const { longestSeconds } = known(this.#held);
    const terms = { ...known(this.#priced).terms, longestSeconds };
    caller.approve({ callId: octetsOf(this.trackingId), callKey: this.#callKey, ...terms });
  }

  /** CM-A5. The caller's first record was on its way before the callee was dialled. */
  async #inviteCallee(account: AccountNumber): Promise<void> {
    const { identity, clock, random } = this.#options;
    const identifiedCaller = known(this.#identifiedCaller);
    const { caller, callerKey, purpose, isCollect } = known(identifiedCaller.request);
    const { signal } = known(this.#callee);
    const early = await identifiedCaller.early;
    const invitation = await inviteCallee({
      ...{ connection: known(this.#calleeConnection), identity, clock, random, log: this.#log(), signal },
      callee: { account, ...known(this.#calleeCredentials) },
      caller: { account: caller, staticKey: callerKey },
      ...{ callId: octetsOf(this.trackingId), callKey: known(this.#callKey), purpose, isCollect, early },
    });
    if (invitation.kind === 'accepted') {
      this.#acceptedLeg = invitation.leg;
      this.#send({ type: 'callee.accepted' });
    } else this.#send({ type: 'callee.declined', release: invitation.release });
  }

  #releaseCallee(): void {
    void this.#acceptedLeg?.hangUp();
    this.#acceptedLeg = undefined;
    const callee = this.#callee;
    this.#callee = undefined;
    this.#soon(() => callee?.release());
  }

  #startBridge(): void {
    if (this.#acceptedLeg) this.#calleeConnection = this.#acceptedLeg.handOver();
    this.#acceptedLeg = undefined;
    if (!this.#callerConnection || !this.#calleeConnection) throw new Error('a bridge needs two connections');
    this.#times.bridged();
    this.#info('bridged', { calleePort: this.#callee?.port });
    this.#bridge = startBridge(this.#callerConnection, this.#calleeConnection, this.#options.clock, {
      released: () => this.#send({ type: 'bridge.ending' }),
      stalled: () => this.#send({ type: 'bridge.stalled' }),
    });
    this.#limitBridge();
  }

  /** A second that was begun counts, so the line is released within the last one. */
  #limitBridge(): void {
    const { bridgeAt } = this.#times.soFar();
    if (!bridgeAt || !this.#held || this.#held.longestSeconds === 0) return;
    const seconds = this.#held.longestFrom(bridgeAt);
    const reason = `released after ${seconds} s: ${this.#held.limit}`;
    const expire = () => this.#send({ type: 'bridge.limit', reason });
    this.#limitTimer = this.#options.clock.setTimeout(expire, 1_000 * seconds - withinLastSecondMs);
  }

  /** Should the server die during the call, its record tells who called whom, and that they were joined. */
  #noteProgress(context: TrunkContext): void {
    this.#options.records.note(this.trackingId, {
      ...factsSoFar(context),
      calleePort: this.#calleePort,
      callClass: this.#recordedClass,
      isCollect: this.#isCollect,
      ...this.#times.soFar(),
    });
  }

  /** CM-335. The log says which check failed; the caller never learns it (CM-315). */
  #closeRecord(facts: CallFacts): void {
    this.#identifiedCaller?.end();
    if (this.#limitTimer) this.#options.clock.clearTimeout(this.#limitTimer);
    const { release, ...rest } = facts;
    const closed = {
      ...rest,
      calleePort: this.#calleePort,
      callClass: this.#recordedClass,
      isCollect: this.#isCollect,
      ...this.#times.summary(),
      ...(release.outcome === 'transferred' ? unmeasured : this.#measured()),
      outcome: release.outcome,
      releaseCause: release.cause,
      reason: release.reason,
    };
    this.#options.records.close(this.trackingId, closed);
    void this.#held?.settle(closed.bridgeAt, closed.billableSeconds);
    this.#info('call over', {
      outcome: release.outcome,
      releaseCause: release.cause,
      reason: release.reason,
      durationSeconds: closed.durationSeconds,
      octetsFromCaller: closed.octetsFromCaller,
      octetsFromCallee: closed.octetsFromCallee,
    });
  }

  #measured(): Pick<ClosedCall, 'octetsFromCaller' | 'octetsFromCallee'> {
    return {
      octetsFromCaller: this.#bridge?.octetsFromCaller ?? 0,
      octetsFromCallee: this.#bridge?.octetsFromCallee ?? 0,
    };
  }

  /** Behind the action that orders it: actions of two machines must not nest. */
  #soon(body: (call: Call) => void | Promise<void>): void {
    void Promise.resolve()
      .then(() => body(this))
      .catch((bug) => {
        this.#isAbandoned = true;
        this.#actor.stop();
        this.#defect(bug);
      });
  }

  async #abandon(bug: unknown): Promise<void> {
    const { log, port, modem } = this.#options;
    log.error({ trackingId: this.trackingId, port, error: messageOf(bug) }, 'BUG: the call is abandoned');
    this.#tones.stop();
    this.#identifiedCaller?.abandon();
    this.#releaseCallee();
    this.#closeRecord({
      ...factsSoFar(this.#actor.getSnapshot().context),
      release: { outcome: 'failed', cause: 41, reason: `internal error: ${messageOf(bug)}` },
    });
    await modem.hangUp();
  }

  /** What is told after the call is over changes nothing. */
  #send(event: TrunkEvent): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send(event);
  }

  #info(message: string, fields: Parameters<Log['info']>[0] = {}): void {
    const { log, port } = this.#options;
    log.info({ trackingId: this.trackingId, port, ...fields }, message);
  }

  /** For those who know nothing of the call around them. */
  #log(): Log {
    const { log, port } = this.#options;
    return logWith(log, { trackingId: this.trackingId, port });
  }

  #debug(event: string): void {
    const { log, port } = this.#options;
    log.debug({ trackingId: this.trackingId, port, event }, 'event without effect');
  }
}

/** What happens on a line that the server has left is not known to it, so it bills nothing by the second. */
const unmeasured = { billableSeconds: 0, octetsFromCaller: undefined, octetsFromCallee: undefined } as const;

function factsSoFar(context: TrunkContext): Omit<CallFacts, 'release'> {
  const { ani, callerAccount, calleeAccount, calledNumber, protocolVersion } = context;
  return { ani: recordedAni(ani), callerAccount, calleeAccount, calledNumber, protocolVersion };
}

/** The call's name in version 2's messages: 16 octets. */
function octetsOf(uuid: string): Uint8Array {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
