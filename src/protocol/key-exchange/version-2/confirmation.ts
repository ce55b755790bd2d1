import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../../bytes/account-number.js';
import { equalOctets } from '../../../crypto/mac.js';
import type { StepMeta } from '../events.js';
import { normaliseTyped, usesOnlyItsLetters } from '../rules.js';
import type { Agreement, ConfirmationEvent, ConfirmationOutcome } from './events.js';
import { confirmationFailures } from './failures.js';
import type { KeyExchangeMessage, Verdict } from './packets.js';
import {
  heard,
  owedVerdict,
  ownConf,
  ownConfAck,
  type Pairing,
  type PairingEvent,
  type PairingRun,
  standingOf,
  unanswered,
} from './pairing.js';
import { timers } from './rules.js';

export interface ConfirmationInput {
  readonly agreement: Agreement;
}

interface ConfirmationContext {
  readonly agreement: Agreement;
  readonly run: PairingRun;
  /** What is durable. */
  readonly pairing: Pairing;
  /** As it is compared. */
  readonly typed: string;
  /** This side's, before it is durable. */
  readonly verdict: Verdict;
  readonly lineIsUp: boolean;
  readonly failure: ConfirmationFailureName | undefined;
  readonly detail: string | undefined;
}

type ConfirmationFailureName = keyof typeof confirmationFailures;

/** This side's no. */
function refuse<const Name extends ConfirmationFailureName>(failure: Name) {
  return {
    target: '#deciding',
    actions: ['finishRun', { type: 'recordNo', params: { failure } }],
    meta: { steps: confirmationFailures[failure].steps },
  } as const;
}

const sayYes = { target: '#deciding', actions: ['finishRun', 'recordYes'] } as const;

/**
 * Figures 6A and 6B, and what the two answers make of the key. The line is wanted, not needed: where it is lost the people still
 * answer, and the CONFs pass at a later contact.
 */
export const keyExchange2Confirmation = setup({
  types: {} as {
    context: ConfirmationContext;
    input: ConfirmationInput;
    events: ConfirmationEvent;
    output: ConfirmationOutcome;
    meta: StepMeta;
  },
  actions: {
    /** The next message, or the end of the line, may be reported. */
    awaitMessage: () => {},
    /** Answered by `human.confirmed` or `human.refused`. */
    showCheckString: (_, _params: { peer: AccountNumber; checkString: string }) => {},
    /** Answered by `human.typed`. */
    askCheckString: (_, _params: { peer: AccountNumber }) => {},
    /** As `showCheckString`, of X2. */
    showSecondString: (_, _params: { peer: AccountNumber; secondString: string }) => {},
    /** As `askCheckString`, of X2. */
    askSecondString: (_, _params: { peer: AccountNumber }) => {},
    /** What this side's person typed last was right, and its yes is durable: now the other one may say yes. */
    showTaken: (_, _params: { peer: AccountNumber; isTypedHere: boolean }) => {},
    /** No answer is wanted any more. */
    withdrawQuestion: () => {},
    /** Applies the event to what is durable; answered by `pairing.noted` or `pairing.notNoted`. */
    notePairing: (_, _params: { event: PairingEvent }) => {},
    /** A person answered: the run is no guess of somebody on the line. */
    finishRun: () => {},
    sendMessage: (_, _params: { message: KeyExchangeMessage }) => {},
    /** Nothing more is said or heard on this line; not answered. */
    dropLine: () => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    keepTyped: assign((_, { text }: { text: string }) => ({ typed: normaliseTyped(text) })),
    recordYes: assign({ verdict: 'yes' }),
    recordNo: assign((_, { failure }: { failure: ConfirmationFailureName }) => ({
      verdict: 'no',
      failure,
    })),
    recordFailure: assign(({ event }, { failure }: { failure: ConfirmationFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : undefined,
    })),
    keepPairing: assign((_, { pairing }: { pairing: Pairing }) => ({ pairing })),
    loseLine: assign({ lineIsUp: false }),
  },
  guards: {
    isSender: ({ context }) => context.agreement.role === 'i',
    wantsBothStrings: ({ context }) => context.agreement.wantsBothStrings,
    isCheckString: ({ context }) => isTyped(context, context.agreement.keys.checkString),
    isCheckStringOfTwo: ({ context }) =>
      context.agreement.wantsBothStrings && isTyped(context, context.agreement.keys.checkString),
    isSecondString: ({ context }) => isTyped(context, context.agreement.keys.secondString),
    holdsALetterNotUsed: ({ context }) => !usesOnlyItsLetters(context.typed),
    isVerdictOrAck: ({ context }, { message }: { message: KeyExchangeMessage }) =>
      pairingEventOf(context, message) !== undefined,
    isUnknownRun: ({ context }, { message }: { message: KeyExchangeMessage }) =>
      heardOf(context, message) === 'unknown run',
    isOwnAnswer: (_, { event }: { event: PairingEvent }) => event.type === 'own.answered',
    /** The first answer stands: another process may have given it at a later call of the peer's, as that of a run whose question is gone. */
    wasRefusedBefore: ({ context }, { event, pairing }: { event: PairingEvent; pairing: Pairing }) =>
      event.type === 'own.answered' && context.verdict === 'yes' && pairing.own === 'no',
    isPeersAnswer: (_, { event }: { event: PairingEvent }) => event.type === 'peer.answered',
    isYes: ({ context }) => context.verdict === 'yes',
    peerSaidNo: ({ context }) => context.pairing.peer === 'no',
    owesNothing: ({ context }) => owedVerdict(context.pairing) === undefined,
    lineIsDown: ({ context }) => !context.lineIsUp,
  },
  delays: timers,
}).createMachine({
  id: 'keyExchange2Confirmation',
  context: ({ input: { agreement } }) => ({
    agreement,
    run: { kxid: agreement.keys.kxid, role: agreement.role, confirmKeys: agreement.keys.confirmKeys },
    pairing: unanswered,
    typed: '',
    verdict: 'no',
    lineIsUp: true,
    failure: undefined,
    detail: undefined,
  }),
  output: ({ context: { agreement, pairing, failure, detail } }) => {
    const { peer } = agreement;
    if (failure) return { kind: 'failed', failure: confirmationFailures[failure], detail, peer };
    return { kind: standingOf(pairing) === 'live' ? 'paired' : 'pending', peer };
  },
  initial: 'questioning',
  entry: 'awaitMessage',
  on: {
    'message.received': [
      {
        guard: { type: 'isVerdictOrAck', params: ({ event }) => ({ message: event.message }) },
        actions: [
          {
            type: 'notePairing',
            params: ({ context, event }) => ({
              event: pairingEventOf(context, event.message) as PairingEvent,
            }),
          },
          'awaitMessage',
        ],
      },
      {
        guard: { type: 'isUnknownRun', params: ({ event }) => ({ message: event.message }) },
        actions: 'awaitMessage',
      },
      // Who sends this knows K_call alone: no reason to take the question from the person.
      { actions: ['dropLine', 'loseLine'] },
    ],
    'message.malformed': { actions: ['dropLine', 'loseLine'] },
    'carrier.lost': { actions: 'loseLine' },
    'pairing.noted': [
      {
        guard: { type: 'isPeersAnswer', params: ({ event }) => ({ event: event.event }) },
        actions: [
          { type: 'keepPairing', params: ({ event }) => ({ pairing: event.pairing }) },
          {
            type: 'sendMessage',
            params: ({ context, event }) => ({ message: ownConfAck(context.run, event.event.verdict) }),
          },
        ],
        meta: { steps: ['KX-500'] },
      },
      { actions: { type: 'keepPairing', params: ({ event }) => ({ pairing: event.pairing }) } },
    ],
    '*': { actions: 'noteUnexpected' },
  },
  states: {
    questioning: {
      initial: 'asking',
      on: { 'operator.cancelled': refuse('cancelledByHuman') },
      after: {
        // Not finished: nobody answered.
        human: {
          target: '#deciding',
          actions: { type: 'recordNo', params: { failure: 'humanSilent' } },
          meta: { steps: confirmationFailures.humanSilent.steps },
        },
      },
      always: {
        guard: 'peerSaidNo',
        target: 'releasing',
        actions: { type: 'recordFailure', params: { failure: 'refusedByPeer' } },
        meta: { steps: ['KX-500'] },
      },
      exit: 'withdrawQuestion',
      states: {
        asking: { always: [{ guard: 'isSender', target: 'showing' }, { target: 'typing' }] },

        showing: {
          meta: { steps: ['KX-475'] },
          entry: {
            type: 'showCheckString',
            params: ({ context: { agreement } }) => ({
              peer: agreement.peer,
              checkString: agreement.keys.checkString,
            }),
          },
          on: {
            'human.confirmed': [
              { guard: 'wantsBothStrings', target: 'typingSecond', meta: { steps: ['KX-485'] } },
              { ...sayYes, meta: { steps: ['KX-485'] } },
            ],
            'human.refused': refuse('refusedByHuman'),
          },
        },
        typingSecond: {
          entry: {
            type: 'askSecondString',
            params: ({ context }) => ({ peer: context.agreement.peer }),
          },
          on: {
            'human.typed': {
              target: 'comparingSecond',
              actions: { type: 'keepTyped', params: ({ event }) => ({ text: event.text }) },
            },
          },
        },
        comparingSecond: {
          always: [
            { guard: 'isSecondString', ...sayYes },
            { guard: 'holdsALetterNotUsed', ...refuse('letterNotUsed') },
            refuse('stringDiffers'),
          ],
        },

        typing: {
          meta: { steps: ['KX-480'] },
          entry: {
            type: 'askCheckString',
            params: ({ context }) => ({ peer: context.agreement.peer }),
          },
          on: {
            'human.typed': {
              target: 'comparing',
              actions: { type: 'keepTyped', params: ({ event }) => ({ text: event.text }) },
            },
          },
        },
        comparing: {
          meta: { steps: ['KX-490'] },
          always: [
            { guard: 'isCheckStringOfTwo', target: 'showingSecond' },
            { guard: 'isCheckString', ...sayYes },
            { guard: 'holdsALetterNotUsed', ...refuse('letterNotUsed') },
            refuse('stringDiffers'),
          ],
        },
        showingSecond: {
          entry: {
            type: 'showSecondString',
            params: ({ context: { agreement } }) => ({
              peer: agreement.peer,
              secondString: agreement.keys.secondString,
            }),
          },
          on: { 'human.confirmed': sayYes, 'human.refused': refuse('refusedByHuman') },
        },
      },
    },

    /** This side's answer is made durable before it is sent. */
    deciding: {
      id: 'deciding',
      meta: { steps: ['KX-495', 'KX-500'] },
      entry: {
        type: 'notePairing',
        params: ({ context }) => ({ event: { type: 'own.answered', verdict: context.verdict } }),
      },
      on: {
        'pairing.noted': [
          {
            guard: { type: 'wasRefusedBefore', params: ({ event }) => event },
            target: 'told',
            actions: [
              { type: 'keepPairing', params: ({ event }) => ({ pairing: event.pairing }) },
              { type: 'recordNo', params: { failure: 'refusedBefore' } },
              {
                type: 'sendMessage',
                params: ({ context }) => ({ message: ownConf(context.run, 'no') }),
              },
            ],
            meta: { steps: confirmationFailures.refusedBefore.steps },
          },
          {
            guard: { type: 'isOwnAnswer', params: ({ event }) => ({ event: event.event }) },
            target: 'told',
            actions: [
              { type: 'keepPairing', params: ({ event }) => ({ pairing: event.pairing }) },
              {
                type: 'sendMessage',
                params: ({ context }) => ({ message: ownConf(context.run, context.verdict) }),
              },
            ],
          },
        ],
        'pairing.notNoted': {
          guard: { type: 'isOwnAnswer', params: ({ event }) => ({ event: event.event }) },
          target: 'releasing',
          actions: { type: 'recordFailure', params: { failure: 'notNoted' } },
        },
        'operator.cancelled': { actions: 'loseLine' },
      },
      after: {
        local: { target: 'releasing', actions: { type: 'recordFailure', params: { failure: 'notNoted' } } },
      },
    },

    told: { always: [{ guard: 'isYes', target: 'awaitingPeer' }, { target: 'awaitingAck' }] },

    awaitingPeer: {
      entry: {
        type: 'showTaken',
        params: ({ context: { agreement } }) => ({
          peer: agreement.peer,
          isTypedHere: (agreement.role === 'r') !== agreement.wantsBothStrings,
        }),
      },
      always: [
        {
          guard: 'peerSaidNo',
          target: 'releasing',
          actions: { type: 'recordFailure', params: { failure: 'refusedByPeer' } },
          meta: { steps: ['KX-500'] },
        },
        { guard: 'owesNothing', target: 'releasing' },
        { guard: 'lineIsDown', target: 'releasing' },
      ],
      on: { 'operator.cancelled': 'releasing' },
      after: { peer: 'releasing' },
    },

    /** After this side's no. */
    awaitingAck: {
      always: [
        { guard: 'owesNothing', target: 'releasing' },
        { guard: 'lineIsDown', target: 'releasing' },
      ],
      on: { 'operator.cancelled': 'releasing' },
      after: { message: 'releasing' },
    },

    releasing: {
      entry: 'hangUp',
      on: { 'line.released': 'ended' },
      after: { release: 'ended' },
    },
    ended: { type: 'final' },
  },
});

function isTyped({ typed }: ConfirmationContext, expected: string): boolean {
  return equalOctets(Buffer.from(typed), Buffer.from(expected));
}

function heardOf({ run }: ConfirmationContext, message: KeyExchangeMessage) {
  return message.kind === 'CONF' || message.kind === 'CONF_ACK' ? heard(run, message) : undefined;
}

function pairingEventOf(context: ConfirmationContext, message: KeyExchangeMessage): PairingEvent | undefined {
  const told = heardOf(context, message);
  return told === 'unknown run' ? undefined : told;
}
