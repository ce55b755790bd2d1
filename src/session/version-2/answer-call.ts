import { createActor } from 'xstate';
import { identityCallee } from '../../protocol/identity/callee.js';
import type { Answer, Invite } from '../../protocol/identity/packets.js';
import { runFramed } from '../frame.js';
import { MachineRun } from '../machine-run.js';
import type { SessionFailure, SessionWorld } from '../session.js';
import type { BridgedCall } from './bridged-call.js';
import { bridgedCallOver, callEndOf } from './call-channel.js';
import { type EndpointIdentity, endpointEntropy } from './identity.js';
import { LegLine, legLinkOptions } from './leg-line.js';

export interface AnswerBridgedCallOptions extends SessionWorld {
  /** What was read from the connection to find that it speaks version 2. */
  readonly opening: Uint8Array;
  readonly identity: EndpointIdentity;
  /** The server is told before it says who calls, and nobody is asked. */
  readonly doNotDisturb: boolean;
  /** Has 20 s; then the call is refused. Must not reject. */
  decide(invite: Invite): Promise<Answer>;
}

export type AnsweredCall =
  | { readonly kind: 'bridged'; readonly call: BridgedCall }
  /** On-hook. `invite`: who called, where the server said it. */
  | { readonly kind: 'declined'; readonly answer: Answer; readonly invite: Invite | undefined }
  | SessionFailure;

/** The callee's leg over a call that was answered: proves who it is, learns who calls, and takes the call or does not. */
export async function answerBridgedCall(options: AnswerBridgedCallOptions): Promise<AnsweredCall> {
  const { connection, clock, random, log, opening, identity, doNotDisturb, decide } = options;
  const run = new MachineRun<typeof identityCallee>();
  const linkOptions = { ...legLinkOptions(random), waits: true };
  const line = new LegLine(connection, clock, linkOptions, run.report);
  const machine = identityCallee.provide({
    actions: {
      sendMessage: (_, message) => line.send(message),
      awaitMessage: (_, { kind }) => line.expect(kind),
      askAnswer: (_, { invite }) =>
        void run.answer(decide(invite).then((answer) => ({ type: 'answer.given', answer }))),
      keepKeyList: (_, { keyList }) => identity.keepKeyList(keyList),
      hangUp: () => void run.answer(line.hangUp()),
      noteUnexpected: ({ event }) => log.warn({ event: event.type }, 'event that the callee does not await'),
    },
  });
  const { staticKey, psk, server } = identity;
  const { ephemeral, kemSeed } = endpointEntropy(random);
  const own = { staticKey, psk, server, ephemeral, kemSeed };
  const result = await runFramed({
    name: 'identity, callee',
    world: options,
    line,
    opening,
    outcome: run.outcome,
    start: () =>
      run.start(createActor(machine, { clock, input: { ...own, doNotDisturb, utcMs: clock.utcMs() } })),
    cancel: () => run.report({ type: 'operator.cancelled' }),
  });
  if (result.kind !== 'bridged') return result;
  const { caller: peer, purpose, callId, callKey } = result.invite;
  const facts = { peer, role: 'callee', purpose, callId, callKey } as const;
  const end = callEndOf(facts);
  return { kind: 'bridged', call: bridgedCallOver(line.link, connection, facts, end, result.early) };
}
