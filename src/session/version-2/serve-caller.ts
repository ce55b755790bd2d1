import { createActor } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { type ApprovedCall, identityCallerLeg } from '../../protocol/identity/caller-leg.js';
import type { Request } from '../../protocol/identity/packets.js';
import type { DataConnection } from '../../pstn/modem/modem.js';
import { runFramed } from '../frame.js';
import { MachineRun } from '../machine-run.js';
import type { SessionFailure, SessionWorld } from '../session.js';
import { freshIncarnation, type ServerIdentity, serverEntropy } from './identity.js';
import { LegLine } from './leg-line.js';

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
  /** The caller was told why; on-hook. */
  | { readonly kind: 'not-bridged'; readonly cause: number }
  /** On-hook. */
  | SessionFailure;

/** The caller's leg of a call, as the server's code holds it. */
export interface CallerLeg {
  readonly over: Promise<CallerLegResult>;
  /** After an approval: the callee has accepted. `over` then gives the connection. */
  bridge(): void;
  /** After an approval: the callee's leg came to nothing, by this cause of Q.850 (not 0). The line is released. */
  decline(cause: number): void;
}

/** CM-A4, the server's side: who calls, and whom it wants. Bounded in time; abort `signal` to let the caller go. */
export function serveCaller(options: ServeCallerOptions): CallerLeg {
  const { connection, clock, random, log, identity } = options;
  const run = new MachineRun<typeof identityCallerLeg>();
  const line = new LegLine(connection, clock, { incarnation: freshIncarnation(random) }, run.report);
  let caller: { readonly caller: AccountNumber; readonly callerKey: Uint8Array } | undefined;

  const find = async (staticKey: Uint8Array) => {
    const found = await options.findAccount(staticKey);
    if (!found) return { type: 'account.unknown' } as const;
    caller = { caller: found.account, callerKey: staticKey };
    return { type: 'account.found', psk: found.psk } as const;
  };
  const authorise = async ({ kind: _, ...request }: Request) => {
    if (!caller) throw new TypeError('a caller without an account was identified');
    const decision = await options.authorise({ ...request, ...caller });
    return decision.kind === 'approved'
      ? ({ type: 'call.approved', call: decision.call } as const)
      : ({ type: 'call.refused', fault: decision.reason } as const);
  };
  const machine = identityCallerLeg.provide({
    actions: {
      sendMessage: (_, message) => line.send(message),
      awaitMessage: (_, { kind }) => line.expect(kind),
      findAccount: (_, { staticKey }) =>
        void find(staticKey)
          .catch((cause) => ({ type: 'account.failed', fault: String(cause) }) as const)
          .then(run.report),
      authorise: (_, { request }) =>
        void authorise(request)
          .catch((cause) => ({ type: 'call.refused', fault: String(cause) }) as const)
          .then(run.report),
      awaitDrain: () => {
        line.link.keep();
        void line.link.drained().then((isDrained) => isDrained && run.report({ type: 'line.drained' }));
      },
      hangUp: () => void run.answer(line.hangUp()),
      noteUnexpected: ({ event }) => log.debug({ event: event.type }, 'event that the leg does not await'),
    },
  });
  const input = { ...identity, ...serverEntropy(random), utcMs: clock.utcMs() };
  const framed = runFramed({
    name: "identity, caller's leg",
    world: options,
    line,
    outcome: run.outcome,
    start: () => run.start(createActor(machine, { clock, input })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  return {
    over: framed.then((ended) =>
      ended.kind === 'bridged' ? { kind: 'bridged', connection: line.link.handOver() } : ended,
    ),
    bridge: () => run.report({ type: 'callee.bridged' }),
    decline: (cause) => run.report({ type: 'callee.failed', cause }),
  };
}
