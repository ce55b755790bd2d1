import { createActor } from 'xstate';
import { known } from '../../bytes/known.js';
import type { Log } from '../../log/log.js';
import { type CalleeLegInput, identityCalleeLeg } from '../../protocol/identity/callee-leg.js';
import type { Answer } from '../../protocol/identity/packets.js';
import type { DataConnection } from '../../pstn/modem/modem.js';
import { runFramed } from '../frame.js';
import { MachineRun } from '../machine-run.js';
import type { SessionFailure, SessionWorld } from '../session.js';
import { type ServerIdentity, serverEntropy } from './identity.js';
import { LegLine, legLinkOptions } from './leg-line.js';

export type ServeCalleeOptions = SessionWorld &
  Pick<CalleeLegInput, 'callee' | 'caller' | 'callId' | 'callKey' | 'purpose' | 'isCollect' | 'early'> & {
    readonly identity: ServerIdentity;
  };

export type CalleeLegResult =
  | { readonly kind: 'accepted'; readonly leg: AcceptedLeg }
  /** On-hook. */
  | { readonly kind: 'declined'; readonly answer: Exclude<Answer, 'accept'> }
  /** On-hook. */
  | SessionFailure;

/** A callee that waits for the caller's octets. Until it is handed over it is told again, as often as it asks, that its answer is here. */
export interface AcceptedLeg {
  /** For the bridge, with whatever the callee has sent since its answer. A line that was released meanwhile has ended. */
  handOver(): DataConnection;
  hangUp(): Promise<void>;
}

/** CM-A5, the server's side, over the line that it has dialled: who answered must be who was called. Abort `signal` when the caller is gone. */
export async function serveCallee(options: ServeCalleeOptions): Promise<CalleeLegResult> {
  const { connection, clock, random, log, identity } = options;
  const { callee, caller, callId, callKey, purpose, isCollect, early } = options;
  const run = new MachineRun<typeof identityCalleeLeg>();
  const line = new LegLine(connection, clock, legLinkOptions(random), run.report);
  const named = { callee, caller, callId, callKey, purpose, isCollect, early };
  const input = { ...identity, ...serverEntropy(random), ...named, utcMs: clock.utcMs() };
  const actor = createActor(machine, { clock, input });
  legs.set(actor, { line, log, hangUp: () => void run.answer(line.hangUp()) });
  const result = await runFramed({
    name: "identity, callee's leg",
    world: options,
    line,
    outcome: run.outcome,
    start: () => run.start(actor),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  if (result.kind !== 'accepted') return result;
  const leg = { handOver: () => line.link.handOver(), hangUp: () => line.link.hangUp() };
  return { kind: 'accepted', leg };
}

interface Leg {
  readonly line: LegLine;
  readonly log: Log;
  hangUp(): void;
}

/** By the actor of the leg's machine. */
const legs = new WeakMap<object, Leg>();

function legOf(actor: object): Leg {
  return known(legs.get(actor));
}

/** One machine for all legs: to give a machine its bodies is to build it. */
const machine = identityCalleeLeg.provide({
  actions: {
    sendMessage: ({ self }, message) => legOf(self).line.send(message),
    awaitMessage: ({ self }, { kind }) => {
      const { line } = legOf(self);
      // What stands behind ANSWER is for the caller, and may come in one piece with it.
      if (kind === 'ANSWER') line.link.keep();
      line.expect(kind);
    },
    hangUp: ({ self }) => legOf(self).hangUp(),
    noteUnexpected: ({ self, event }) =>
      legOf(self).log.debug({ event: event.type }, 'event that the leg does not await'),
  },
});
