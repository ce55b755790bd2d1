import type { RandomSource } from '../../../src/crypto/random.js';
import type { Answer, Invite } from '../../../src/protocol/identity/packets.js';
import { type Bridge, startBridge } from '../../../src/server/bridge.js';
import { type AnsweredCall, answerBridgedCall } from '../../../src/session/version-2/answer-call.js';
import type { BridgedCall } from '../../../src/session/version-2/bridged-call.js';
import type { EndpointIdentity } from '../../../src/session/version-2/identity.js';
import {
  type BridgedCallResult,
  callOverLine,
  type PlaceBridgedCallOptions,
} from '../../../src/session/version-2/place-call.js';
import { type CalleeLegResult, serveCallee } from '../../../src/session/version-2/serve-callee.js';
import {
  type CallDecision,
  type CallerLegResult,
  type IncomingRequest,
  serveCaller,
} from '../../../src/session/version-2/serve-caller.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import {
  alice,
  aliceSecrets,
  approvedCall,
  bob,
  bobSecrets,
  keyList,
  knownServer,
  requestId,
  serverKeys,
} from '../../protocol/identity/messages-of-a-run.js';
import { LogBook } from '../../support/log-book.js';
import { runUntil } from '../../support/office.js';
import { seeded } from '../../support/seeded.js';
import { TimedLine, type TimedLineOptions } from './timed-line.js';

export interface StageOptions {
  readonly callerLine?: TimedLineOptions;
  readonly calleeLine?: TimedLineOptions;
  readonly caller?: Partial<EndpointIdentity>;
  readonly callee?: Partial<EndpointIdentity>;
  readonly doNotDisturb?: boolean;
  readonly decide?: (invite: Invite) => Promise<Answer>;
  readonly early?: PlaceBridgedCallOptions['early'];
  /** What the server makes of EARLY. */
  readonly alterEarly?: (body: Uint8Array) => Uint8Array;
  /** Called at the moment at which an end is put through. */
  readonly onBridged?: (call: BridgedCall) => void;
  readonly authorise?: (request: IncomingRequest) => Promise<CallDecision>;
}

/** A caller, a server and a callee, with a line on each leg, until both legs have an end. */
export class Stage {
  readonly clock = new SimulatedClock();
  readonly callerLine: TimedLine;
  readonly calleeLine: TimedLine;
  readonly log = new LogBook();
  readonly requests: IncomingRequest[] = [];
  readonly keptLists: number[] = [];
  readonly cancelCaller = new AbortController();
  bridge: Bridge | undefined;
  caller: BridgedCallResult | undefined;
  callee: AnsweredCall | undefined;
  callerLeg: CallerLegResult | undefined;
  calleeLeg: CalleeLegResult | undefined;
  readonly #options: StageOptions;
  readonly #random: RandomSource = seeded('stage');

  constructor(options: StageOptions = {}) {
    this.#options = options;
    this.callerLine = new TimedLine(this.clock, options.callerLine);
    this.calleeLine = new TimedLine(this.clock, options.calleeLine);
  }

  get world() {
    return { clock: this.clock, random: this.#random, log: this.log };
  }

  /** Runs the clock until the caller has an end, and the callee, if one was called. */
  async setUp(limitMs = 400_000): Promise<this> {
    this.#place();
    this.#serve();
    const isOver = () =>
      this.caller !== undefined &&
      this.callerLeg !== undefined &&
      (this.callerLeg.kind !== 'bridged' || this.callee !== undefined);
    await runUntil(this.clock, isOver, limitMs);
    return this;
  }

  #identity(secrets: typeof aliceSecrets, changes?: Partial<EndpointIdentity>): EndpointIdentity {
    const { staticKey, psk } = secrets;
    const keepKeyList = (list: { readonly sequence: number }) => void this.keptLists.push(list.sequence);
    return { staticKey, psk, server: knownServer, keepKeyList, ...changes };
  }

  #place(): void {
    void callOverLine({
      ...this.world,
      connection: this.callerLine.left,
      signal: this.cancelCaller.signal,
      identity: this.#identity(aliceSecrets, this.#options.caller),
      peer: bob,
      purpose: 'data',
      requestId,
      ...(this.#options.early && { early: this.#options.early }),
    }).then((result) => {
      this.caller = result;
      if (result.kind === 'bridged') this.#options.onBridged?.(result.call);
    });
  }

  #serve(): void {
    const identity = { keys: serverKeys, keyList };
    const isAlice = (key: Uint8Array) => Buffer.compare(key, aliceSecrets.staticKey.publicKey) === 0;
    const leg = serveCaller({
      ...this.world,
      connection: this.callerLine.right,
      identity,
      findAccount: async (key) => (isAlice(key) ? { account: alice, psk: aliceSecrets.psk } : undefined),
      authorise: async (request) => {
        this.requests.push(request);
        const decision = (await this.#options.authorise?.(request)) ?? {
          kind: 'approved',
          call: approvedCall,
        };
        if (decision.kind === 'approved') void callee(request);
        return decision as CallDecision;
      },
    });
    const { alterEarly = (body) => body } = this.#options;
    const callee = async (request: IncomingRequest) => {
      this.#answer();
      const result = await serveCallee({
        ...this.world,
        connection: this.calleeLine.left,
        identity,
        callee: { account: bob, staticKey: bobSecrets.staticKey.publicKey, psk: bobSecrets.psk },
        caller: { account: request.caller, staticKey: request.callerKey },
        callId: approvedCall.callId,
        callKey: approvedCall.callKey,
        isCollect: request.isCollect,
        purpose: request.purpose,
        early: alterEarly(await leg.early),
      });
      this.calleeLeg = result;
      if (result.kind !== 'accepted') {
        leg.decline(result.kind === 'declined' ? 21 : 31);
        return;
      }
      leg.bridge();
      const over = await leg.over;
      if (over.kind !== 'bridged') return result.leg.hangUp();
      const bridge = startBridge(over.connection, result.leg.handOver(), this.clock, {
        released: () => void bridge.end(),
        stalled: () => void bridge.end(),
      });
      this.bridge = bridge;
    };
    void leg.over.then((result) => {
      this.callerLeg = result;
    });
  }

  /** The callee's telephone was answered; the first octets tell that this is version 2. */
  #answer(): void {
    const { right } = this.calleeLine;
    right.once('data', (opening: Uint8Array) => {
      right.pause();
      void answerBridgedCall({
        ...this.world,
        connection: right,
        opening,
        identity: this.#identity(bobSecrets, this.#options.callee),
        doNotDisturb: this.#options.doNotDisturb ?? false,
        decide: this.#options.decide ?? (async () => 'accept'),
      }).then((result) => {
        this.callee = result;
        if (result.kind === 'bridged') this.#options.onBridged?.(result.call);
      });
    });
  }
}
