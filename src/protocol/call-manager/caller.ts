import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import { callerDialString, isDirectoryNumber, unnamedDialString } from './digits.js';
import { type CallerFailure, callerFailures } from './failures.js';

export interface CallerInput {
  readonly serverNumber: string;
  /** CM-A1: the one number that may be dialled; `undefined` when the endpoint is not locked. */
  readonly lockedTo: string | undefined;
  /** Sent as tones in version 1; without them the call is one of version 2, which names nobody in tones. */
  readonly own: AccountNumber | undefined;
  readonly peer: AccountNumber | undefined;
}

/** The modem's final result code for the call, and what else may end the wait. */
export type CallerEvent =
  | {
      readonly type: `result.${'connected' | 'busy' | 'no-answer' | 'no-carrier' | 'no-dial-tone' | 'refused-by-modem' | 'silent'}`;
    }
  | { readonly type: 'line.lost' }
  | { readonly type: 'operator.cancelled' }
  | { readonly type: 'line.onHook' };

export type CallerOutput = { readonly kind: 'connected' } | ({ readonly kind: 'failed' } & CallerFailure);

/**
 * S7 for the whole set-up as the caller's modem sees it: step 310 (1 s), the recipient's dialling and ringing
 * (60 s), two trainings (10 s each) and a margin.
 */
const carrierWaitSeconds = 120;

/** Figure 4, the caller's column: steps 300 to 330 from the far end of the line. */
export const callerMachine = setup({
  types: {
    input: {} as CallerInput,
    context: {} as CallerInput & { readonly failure: CallerFailure | undefined },
    events: {} as CallerEvent,
    output: {} as CallerOutput,
    meta: {} as { readonly steps: readonly string[] },
  },
  actions: {
    /** Dials with X4, so that BUSY and NO DIALTONE are told apart. */
    dial: (_, _params: { readonly number: string; readonly carrierWaitSeconds: number }) => {},
    /** Aborts a dial that is under way and puts the line on-hook. */
    hangUp: () => {},
    noteUnexpected: (_, _params: { readonly event: string }) => {},
    keepFailure: assign((_, failure: CallerFailure) => ({ failure })),
  },
  guards: {
    isLockedElsewhere: ({ context }) =>
      context.lockedTo !== undefined && context.lockedTo !== context.serverNumber,
    isNotDialable: ({ context }) => !isDirectoryNumber(context.serverNumber),
  },
  delays: {
    /** Twice S7 (the modem waits so long for the second dial tone too), the dialling and the modem's own slack. */
    dialLimit: 270_000,
    /** DTR, then the escape, each with its tries: the modem reports itself lost before. */
    hangUpLimit: 120_000,
  },
}).createMachine({
  id: 'caller',
  context: ({ input }) => ({ ...input, failure: undefined }),
  initial: 'checkingNumber',
  on: {
    '*': { actions: { type: 'noteUnexpected', params: ({ event }) => ({ event: event.type }) } },
  },
  states: {
    checkingNumber: {
      meta: { steps: ['CM-A1'] },
      always: [
        {
          guard: 'isNotDialable',
          target: 'failed',
          actions: { type: 'keepFailure', params: callerFailures['not-dialable'] },
        },
        {
          guard: 'isLockedElsewhere',
          target: 'failed',
          actions: { type: 'keepFailure', params: callerFailures.locked },
        },
        { target: 'awaitingCarrier' },
      ],
    },
    awaitingCarrier: {
      meta: { steps: ['CM-305', 'CM-A8'] },
      entry: {
        type: 'dial',
        params: ({ context }) => ({
          number: dialStringFor(context),
          carrierWaitSeconds,
        }),
      },
      on: {
        'result.connected': { target: 'connected', meta: { steps: ['CM-325', 'CM-330'] } },
        'result.busy': {
          target: 'awaitingOnHook',
          actions: { type: 'keepFailure', params: callerFailures.busy },
          meta: { steps: ['CM-315', 'CM-A3'] },
        },
        'result.*': {
          target: 'awaitingOnHook',
          actions: { type: 'keepFailure', params: ({ event }) => failureFor(event.type) },
          meta: { steps: ['CM-A3'] },
        },
        'operator.cancelled': {
          target: 'awaitingOnHook',
          actions: { type: 'keepFailure', params: callerFailures.cancelled },
        },
        'line.lost': {
          target: 'failed',
          actions: { type: 'keepFailure', params: callerFailures.lost },
        },
      },
      after: {
        dialLimit: {
          target: 'awaitingOnHook',
          actions: { type: 'keepFailure', params: callerFailures.silent },
        },
      },
    },
    /** Also after a result code: no failure may leave the line off-hook. */
    awaitingOnHook: {
      meta: { steps: ['CM-A8'] },
      entry: 'hangUp',
      on: {
        'line.onHook': 'failed',
        'line.lost': 'failed',
        // The abort makes the modem report; what it says changes nothing now.
        'result.*': {},
        'operator.cancelled': {},
      },
      after: { hangUpLimit: 'failed' },
    },
    connected: { type: 'final' },
    failed: { type: 'final' },
  },
  output: ({ context }) => (context.failure ? { kind: 'failed', ...context.failure } : { kind: 'connected' }),
});

function dialStringFor({ serverNumber, own, peer }: CallerInput): string {
  return own && peer ? callerDialString(serverNumber, own, peer) : unnamedDialString(serverNumber);
}

function failureFor(event: CallerEvent['type']): CallerFailure {
  const result = event.slice('result.'.length);
  return result in callerFailures
    ? callerFailures[result as keyof typeof callerFailures]
    : callerFailures.silent;
}
