import { createActor } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { known } from '../../bytes/known.js';
import { type ApprovedCall, identityCallerLeg } from '../../protocol/identity/caller-leg.js';
import type { CallTerms, Request } from '../../protocol/identity/packets.js';
import type { DataConnection } from '../../pstn/modem/modem.js';
import { runFramed } from '../frame.js';
import { MachineRun } from '../machine-run.js';
import type { SessionFailure, SessionWorld } from '../session.js';
import { type ServerIdentity, serverEntropy } from './identity.js';
import { LegLine, legLinkOptions } from './leg-line.js';

/** The account of a static key. */
export interface CallerAccount {
  readonly account: AccountNumber;
  /** 32 octets. */
  readonly psk: Uint8Array;
}

/** What a caller wants that has proved who it is. */
export interface IncomingRequest extends Omit<Request, 'kind'> {
  readonly caller: AccountNumber;
  /** 32 octets; the callee is told its fingerprint. */
  readonly callerKey: Uint8Array;
}

export type CallDecision =
  | { readonly kind: 'approved'; readonly call: ApprovedCall }
  /** To a request for a quote; no call is made. */
  | { readonly kind: 'quoted'; readonly terms: CallTerms }
  /** For the log; the caller does not learn it. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface ServeCallerOptions extends SessionWorld {
  readonly identity: ServerIdentity;
  /** Has 5 s. A suspended account is none. */
  findAccount(staticKey: Uint8Array): Promise<CallerAccount | undefined>;
  /** Steps 310 and 320, and whether this request is under way already. Has 5 s; all refusals are told at the same moment. */
  authorise(request: IncomingRequest): Promise<CallDecision>;
}

export type CallerLegResult =
  /** The caller has acknowledged that it is put through: the connection is the bridge's, with whatever it has sent since. */
  | { readonly kind: 'bridged'; readonly connection: DataConnection }
  /** The caller has its quote; on-hook. */
  | { readonly kind: 'quoted' }
  /** The caller was told why; on-hook. */
  | { readonly kind: 'not-bridged'; readonly cause: number }
  /** On-hook. */
  | SessionFailure;

/** The caller's leg of a call, as the server's code holds it. */
export interface CallerLeg {
  readonly over: Promise<CallerLegResult>;
  /** EARLY's body, for the callee. Never settles where the caller leaves before it has come. */
  readonly early: Promise<Uint8Array>;
  /** After an approval: the callee has accepted. `over` then gives the connection. */
  bridge(): void;
  /** After an approval: the callee's leg came to nothing, by this cause of Q.850 (not 0). The line is released. */
  decline(cause: number): void;
}

/** CM-A4, the server's side: who calls, and whom it wants. Bounded in time; abort `signal` to let the caller go. */
export function serveCaller(options: ServeCallerOptions): CallerLeg {
  return new ServedCaller(options);
}

class ServedCaller implements CallerLeg {
  readonly over: Promise<CallerLegResult>;
  readonly early: Promise<Uint8Array>;
  #passEarly: (body: Uint8Array) => void = () => {};
  readonly #options: ServeCallerOptions;
  readonly #run = new MachineRun<typeof identityCallerLeg>();
  readonly #line: LegLine;
  #caller: { readonly caller: AccountNumber; readonly callerKey: Uint8Array } | undefined;

  /** One machine for all legs: to give a machine its bodies is to build it. A body finds its leg by the actor that it runs in. */
  static readonly #machine = identityCallerLeg.provide({
    actions: {
      sendMessage: ({ self }, message) => ServedCaller.#of(self).#line.send(message),
      awaitMessage: ({ self }, { kind }) => ServedCaller.#of(self).#line.expect(kind),
      findAccount: ({ self }, { staticKey }) => ServedCaller.#of(self).#findAccount(staticKey),
      authorise: ({ self }, { request }) => ServedCaller.#of(self).#authorise(request),
      passEarly: ({ self }, { body }) => ServedCaller.#of(self).#passEarly(body),
      awaitDrain: ({ self }) => ServedCaller.#of(self).#awaitDrain(),
      hangUp: ({ self }) => ServedCaller.#of(self).#hangUp(),
      noteUnexpected: ({ self, event }) =>
        ServedCaller.#of(self).#options.log.debug({ event: event.type }, 'event that the leg does not await'),
    },
  });
  static readonly #legs = new WeakMap<object, ServedCaller>();

  static #of(actor: object): ServedCaller {
    return known(ServedCaller.#legs.get(actor));
  }

  constructor(options: ServeCallerOptions) {
    const { connection, clock, random, identity } = options;
    this.#options = options;
    this.#line = new LegLine(connection, clock, legLinkOptions(random), this.#run.report);
    this.early = new Promise((resolve) => {
      this.#passEarly = resolve;
    });
    const input = { ...identity, ...serverEntropy(random), utcMs: clock.utcMs() };
    const actor = createActor(ServedCaller.#machine, { clock, input });
    ServedCaller.#legs.set(actor, this);
    this.over = runFramed({
      name: "identity, caller's leg",
      world: options,
      line: this.#line,
      outcome: this.#run.outcome,
      start: () => this.#run.start(actor),
      cancel: () => this.#run.report({ type: 'operator.cancelled' }),
    }).then((ended) =>
      ended.kind === 'bridged' ? { kind: 'bridged', connection: this.#line.link.handOver() } : ended,
    );
  }

  bridge(): void {
    this.#run.report({ type: 'callee.bridged' });
  }

  decline(cause: number): void {
    this.#run.report({ type: 'callee.failed', cause });
  }

  #findAccount(staticKey: Uint8Array): void {
    const find = async () => {
      const found = await this.#options.findAccount(staticKey);
      if (!found) return { type: 'account.unknown' } as const;
      this.#caller = { caller: found.account, callerKey: staticKey };
      return { type: 'account.found', psk: found.psk } as const;
    };
    void find()
      .catch((cause) => ({ type: 'account.failed', fault: String(cause) }) as const)
      .then(this.#run.report);
  }

  #authorise({ kind: _, ...request }: Request): void {
    const decide = async () => {
      if (!this.#caller) throw new TypeError('a caller without an account was identified');
      const decision = await this.#options.authorise({ ...request, ...this.#caller });
      switch (decision.kind) {
        case 'approved':
          return { type: 'call.approved', call: decision.call } as const;
        case 'quoted':
          return { type: 'call.quoted', terms: decision.terms } as const;
        case 'refused':
          return { type: 'call.refused', fault: decision.reason } as const;
      }
    };
    void decide()
      .catch((cause) => ({ type: 'call.refused', fault: String(cause) }) as const)
      .then(this.#run.report);
  }

  #awaitDrain(): void {
    const { link } = this.#line;
    link.keep();
    void link.drained().then((isDrained) => isDrained && this.#run.report({ type: 'line.drained' }));
  }

  #hangUp(): void {
    void this.#run.answer(this.#line.hangUp());
  }
}
