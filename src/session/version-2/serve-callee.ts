import { createActor } from 'xstate';
import { type CalleeLegInput, identityCalleeLeg } from '../../protocol/identity/callee-leg.js';
import type { Answer } from '../../protocol/identity/packets.js';
import type { DataConnection } from '../../pstn/modem/modem.js';
import { runFramed } from '../frame.js';
import { MachineRun } from '../machine-run.js';
import type { SessionFailure, SessionWorld } from '../session.js';
import { freshIncarnation, type ServerIdentity, serverEntropy } from './identity.js';
import { LegLine } from './leg-line.js';

export type ServeCalleeOptions = SessionWorld &
  Pick<CalleeLegInput, 'callee' | 'caller' | 'callId' | 'callKey' | 'purpose'> & {
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
  const { connection, clock, random, log, identity, callee, caller, callId, callKey, purpose } = options;
  const run = new MachineRun<typeof identityCalleeLeg>();
  const line = new LegLine(connection, clock, { incarnation: freshIncarnation(random) }, run.report);
  const machine = identityCalleeLeg.provide({
    actions: {
      sendMessage: (_, message) => line.send(message),
      awaitMessage: (_, { kind }) => {
        // What stands behind ANSWER is for the caller, and may come in one piece with it.
        if (kind === 'ANSWER') line.link.keep();
        line.expect(kind);
      },
      hangUp: () => void run.answer(line.hangUp()),
      noteUnexpected: ({ event }) => log.debug({ event: event.type }, 'event that the leg does not await'),
    },
  });
  const named = { callee, caller, callId, callKey, purpose };
  const input = { ...identity, ...serverEntropy(random), ...named, utcMs: clock.utcMs() };
  const result = await runFramed({
    name: "identity, callee's leg",
    world: options,
    line,
    outcome: run.outcome,
    start: () => run.start(createActor(machine, { clock, input })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  if (result.kind !== 'accepted') return result;
  const leg = { handOver: () => line.link.handOver(), hangUp: () => line.link.hangUp() };
  return { kind: 'accepted', leg };
}
