import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../../bytes/account-number.js';
import { known } from '../../../bytes/known.js';
import { equalOctets } from '../../../crypto/mac.js';
import type { Encapsulation } from '../../../crypto/ml-kem.js';
import { xWingEncapsulate } from '../../../crypto/x-wing.js';
import type { StepMeta } from '../events.js';
import type { Agreement, AgreementOutcome, KeyExchangeEvent } from './events.js';
import { recipientFailures } from './failures.js';
import { type KeyExchangeMessage, type Kx1, type Kx2, type Kx3, suite } from './packets.js';
import {
  agreedKeysOf,
  commitOf,
  holdsAKeyOf,
  type Identity,
  isUsableX25519,
  macROf,
  timers,
  transcriptOf,
} from './rules.js';

export interface RecipientInput {
  readonly own: AccountNumber;
  /** The caller, as the server named it. */
  readonly peer: AccountNumber;
  readonly identity: Identity;
  /** 32 random octets. */
  readonly nR: Uint8Array;
  /** 64 random octets. */
  readonly xWingEntropy: Uint8Array;
  /** K_call. */
  readonly callKey: Uint8Array;
  readonly wantsBothStrings: boolean;
}

interface RecipientContext {
  readonly input: RecipientInput;
  readonly kx1: Kx1 | undefined;
  /** None when KX1's key is no X-Wing key. */
  readonly encapsulation: Encapsulation | undefined;
  readonly kx2: Kx2 | undefined;
  readonly kx3: Kx3 | undefined;
  readonly agreement: Agreement | undefined;
  readonly failure: RecipientFailureName | undefined;
  readonly detail: string | undefined;
}

type RecipientFailureName = keyof typeof recipientFailures;

function fail<const Name extends RecipientFailureName>(failure: Name) {
  return {
    target: 'abandoning',
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps: recipientFailures[failure].steps },
  } as const;
}

/** Figure 5, right column, up to the check string. */
export const keyExchange2Recipient = setup({
  types: {} as {
    context: RecipientContext;
    input: RecipientInput;
    events: KeyExchangeEvent;
    output: AgreementOutcome;
    meta: StepMeta;
  },
  actions: {
    /** The next message, or the end of the line, may be reported. */
    awaitMessage: () => {},
    /** G2 and the limit on unfinished runs: answered by `peer.claimed`, `peer.busy` or `peer.locked`. */
    claimPeer: (_, _params: { peer: AccountNumber }) => {},
    /** Answered by `run.noted` or `run.notNoted`. */
    noteRun: (_, _params: { peer: AccountNumber }) => {},
    sendMessage: (_, _params: { message: KeyExchangeMessage }) => {},
    /** Answered by `pending.saved` or `pending.notSaved`. */
    savePending: (_, _params: { agreement: Agreement }) => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    keepKx1: assign((_, { message }: { message: KeyExchangeMessage }) =>
      message.kind === 'KX1' ? { kx1: message } : {},
    ),
    keepKx3: assign((_, { message }: { message: KeyExchangeMessage }) =>
      message.kind === 'KX3' ? { kx3: message } : {},
    ),
    encapsulate: assign(({ context: { kx1, input } }) => ({
      encapsulation: xWingEncapsulate(known(kx1).xWingKey, input.xWingEntropy),
    })),
    answer: assign(({ context }) => ({ kx2: kx2Of(context) })),
    agree: assign(({ context }) => ({ agreement: agreementOf(context) })),
    recordFailure: assign(({ event }, { failure }: { failure: RecipientFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : undefined,
    })),
  },
  guards: {
    isKx1: (_, { message }: { message: KeyExchangeMessage }) => message.kind === 'KX1',
    isKx3: (_, { message }: { message: KeyExchangeMessage }) => message.kind === 'KX3',
    isAnotherSuite: ({ context }) => known(context.kx1).suite !== suite,
    isAnotherAccount: ({ context: { input, kx1 } }) =>
      known(kx1).accountI !== input.peer || known(kx1).accountR !== input.own,
    isAnUnsafeKey: ({ context: { input, kx1, encapsulation } }) =>
      encapsulation === undefined ||
      !isUsableX25519(known(kx1).x25519) ||
      holdsAKeyOf(known(kx1), input.identity),
    commitOpens: ({ context: { kx1, kx3 } }) =>
      equalOctets(commitOf(known(kx1), known(kx3).nI), known(kx1).commit),
    proofMatches: ({ context: { agreement, kx3 } }) =>
      equalOctets(known(agreement).keys.macI, known(kx3).macI),
  },
  delays: timers,
}).createMachine({
  id: 'keyExchange2Recipient',
  context: ({ input }) => ({
    input,
    kx1: undefined,
    encapsulation: undefined,
    kx2: undefined,
    kx3: undefined,
    agreement: undefined,
    failure: undefined,
    detail: undefined,
  }),
  output: ({ context: { failure, detail, agreement, input } }) =>
    failure
      ? { kind: 'failed', failure: recipientFailures[failure], detail, peer: input.peer }
      : { kind: 'agreed', agreement: known(agreement) },
  initial: 'awaitingKx1',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    awaitingKx1: {
      meta: { steps: ['KX-360'] },
      entry: 'awaitMessage',
      on: {
        'message.received': [
          {
            guard: { type: 'isKx1', params: ({ event }) => ({ message: event.message }) },
            target: 'checkingKx1',
            actions: [
              { type: 'keepKx1', params: ({ event }) => ({ message: event.message }) },
              'encapsulate',
            ],
          },
          fail('malformedKx1'),
        ],
        'message.malformed': fail('malformedKx1'),
        'carrier.lost': fail('lostBeforeKx1'),
        'operator.cancelled': fail('cancelledBeforeKx1'),
      },
      after: { message: fail('silentBeforeKx1') },
    },

    checkingKx1: {
      meta: { steps: ['KX-370'] },
      always: [
        { guard: 'isAnotherSuite', ...fail('suiteOfKx1') },
        { guard: 'isAnotherAccount', ...fail('accountOfKx1') },
        { guard: 'isAnUnsafeKey', ...fail('keyOfKx1') },
        { target: 'claiming' },
      ],
    },

    claiming: {
      meta: { steps: ['KX-370'] },
      entry: { type: 'claimPeer', params: ({ context }) => ({ peer: context.input.peer }) },
      on: {
        'peer.claimed': 'notingRun',
        'peer.busy': fail('peerBusy'),
        'peer.locked': fail('peerLocked'),
        'run.notNoted': fail('runNotNoted'),
        'operator.cancelled': fail('cancelledAtKx1'),
      },
      after: { local: fail('notClaimed') },
    },

    /** Before KX2 is sent: whoever has it may know X, and hang up unless it pleases. */
    notingRun: {
      entry: { type: 'noteRun', params: ({ context }) => ({ peer: context.input.peer }) },
      on: {
        'run.noted': {
          target: 'awaitingKx3',
          actions: [
            'answer',
            { type: 'sendMessage', params: ({ context }) => ({ message: known(context.kx2) }) },
          ],
          meta: { steps: ['KX-395', 'KX-400'] },
        },
        'run.notNoted': fail('runNotNoted'),
        'operator.cancelled': fail('cancelledAtKx1'),
      },
      after: { local: fail('runNotNoted') },
    },

    awaitingKx3: {
      meta: { steps: ['KX-435'] },
      entry: 'awaitMessage',
      on: {
        'message.received': [
          {
            guard: { type: 'isKx3', params: ({ event }) => ({ message: event.message }) },
            target: 'checkingKx3',
            actions: [{ type: 'keepKx3', params: ({ event }) => ({ message: event.message }) }, 'agree'],
          },
          fail('malformedKx3'),
        ],
        'message.malformed': fail('malformedKx3'),
        'carrier.lost': fail('lostAfterKx2'),
        'operator.cancelled': fail('cancelledAfterKx2'),
      },
      after: { message: fail('silentAfterKx2') },
    },

    checkingKx3: {
      meta: { steps: ['KX-445'] },
      always: [{ guard: 'commitOpens', target: 'provingKx3' }, fail('commitOfKx3')],
    },

    provingKx3: {
      meta: { steps: ['KX-460'] },
      always: [{ guard: 'proofMatches', target: 'saving' }, fail('proofOfKx3')],
    },

    saving: {
      meta: { steps: ['KX-470B'] },
      entry: {
        type: 'savePending',
        params: ({ context }) => ({ agreement: known(context.agreement) }),
      },
      on: { 'pending.saved': 'agreed', 'pending.notSaved': fail('pendingNotSaved') },
      after: { local: fail('pendingNotSaved') },
    },

    abandoning: {
      entry: 'hangUp',
      on: { 'line.released': 'failed' },
      after: { release: 'failed' },
    },
    agreed: { type: 'final' },
    failed: { type: 'final' },
  },
});

function kx2Of({ input, kx1, encapsulation }: RecipientContext): Kx2 {
  const { ciphertext, sharedSecret } = known(encapsulation);
  const open: Kx2 = {
    kind: 'KX2',
    suite,
    wantsBothStrings: input.wantsBothStrings,
    accountI: input.peer,
    accountR: input.own,
    ed25519: input.identity.ed25519,
    x25519: input.identity.x25519,
    nR: input.nR,
    ciphertext,
    macR: new Uint8Array(32),
  };
  return { ...open, macR: macROf(sharedSecret, transcriptOf(known(kx1), open)) };
}

function agreementOf({ input, kx1, encapsulation, kx2, kx3 }: RecipientContext): Agreement {
  const { accountI, ed25519, x25519, wantsBothStrings } = known(kx1);
  const values = { th2: transcriptOf(known(kx1), known(kx2)), macR: known(kx2).macR, nI: known(kx3).nI };
  return {
    role: 'r',
    peer: accountI,
    peerIdentity: { ed25519, x25519 },
    keys: agreedKeysOf(values, known(encapsulation).sharedSecret, input.callKey),
    wantsBothStrings: input.wantsBothStrings || wantsBothStrings,
  };
}
