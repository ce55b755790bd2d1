import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../../bytes/account-number.js';
import { known } from '../../../bytes/known.js';
import { equalOctets } from '../../../crypto/mac.js';
import { xWingDecapsulate, xWingPublicKey } from '../../../crypto/x-wing.js';
import type { StepMeta } from '../events.js';
import type { Agreement, AgreementOutcome, KeyExchangeEvent } from './events.js';
import { senderFailures } from './failures.js';
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

export interface SenderInput {
  readonly own: AccountNumber;
  /** The account that was called. */
  readonly peer: AccountNumber;
  readonly identity: Identity;
  /** 32 random octets. */
  readonly nI: Uint8Array;
  /** 32 random octets: X-Wing's secret key. */
  readonly xWingSeed: Uint8Array;
  /** K_call. */
  readonly callKey: Uint8Array;
  readonly wantsBothStrings: boolean;
}

interface SenderContext {
  readonly input: SenderInput;
  readonly kx1: Kx1;
  readonly kx2: Kx2 | undefined;
  /** ss; none when the ciphertext is unsafe. */
  readonly secret: Uint8Array | undefined;
  readonly agreement: Agreement | undefined;
  readonly failure: SenderFailureName | undefined;
  readonly detail: string | undefined;
}

type SenderFailureName = keyof typeof senderFailures;

function fail<const Name extends SenderFailureName>(failure: Name) {
  return {
    target: 'abandoning',
    actions: { type: 'recordFailure', params: { failure } },
    meta: { steps: senderFailures[failure].steps },
  } as const;
}

/** Figure 5, left column, up to the check string. */
export const keyExchange2Sender = setup({
  types: {} as {
    context: SenderContext;
    input: SenderInput;
    events: KeyExchangeEvent;
    output: AgreementOutcome;
    meta: StepMeta;
  },
  actions: {
    /** G2 and the limit on unfinished runs: answered by `peer.claimed`, `peer.busy` or `peer.locked`. */
    claimPeer: (_, _params: { peer: AccountNumber }) => {},
    /** The next message, or the end of the line, may be reported. */
    awaitMessage: () => {},
    sendMessage: (_, _params: { message: KeyExchangeMessage }) => {},
    /** Answered by `run.noted` or `run.notNoted`. */
    noteRun: (_, _params: { peer: AccountNumber }) => {},
    /** Answered by `pending.saved` or `pending.notSaved`. */
    savePending: (_, _params: { agreement: Agreement }) => {},
    /** Answered by `line.released`. */
    hangUp: () => {},
    noteUnexpected: () => {},
    keepKx2: assign((_, { message }: { message: KeyExchangeMessage }) =>
      message.kind === 'KX2' ? { kx2: message } : {},
    ),
    decapsulate: assign(({ context }) => ({
      secret: xWingDecapsulate(known(context.kx2).ciphertext, context.input.xWingSeed),
    })),
    agree: assign(({ context }) => ({ agreement: agreementOf(context) })),
    recordFailure: assign(({ event }, { failure }: { failure: SenderFailureName }) => ({
      failure,
      detail: 'fault' in event ? event.fault : undefined,
    })),
  },
  guards: {
    isKx2: (_, { message }: { message: KeyExchangeMessage }) => message.kind === 'KX2',
    isAnotherSuite: ({ context }) => known(context.kx2).suite !== suite,
    isAnotherAccount: ({ context: { input, kx2 } }) =>
      known(kx2).accountR !== input.peer || known(kx2).accountI !== input.own,
    isAnUnsafeKey: ({ context: { input, kx2 } }) =>
      !isUsableX25519(known(kx2).x25519) || holdsAKeyOf(known(kx2), input.identity),
    proofMatches: ({ context: { secret, kx1, kx2 } }) =>
      secret !== undefined && equalOctets(macROf(secret, transcriptOf(kx1, known(kx2))), known(kx2).macR),
  },
  delays: timers,
}).createMachine({
  id: 'keyExchange2Sender',
  context: ({ input }) => ({
    input,
    kx1: kx1Of(input),
    kx2: undefined,
    secret: undefined,
    agreement: undefined,
    failure: undefined,
    detail: undefined,
  }),
  output: ({ context: { failure, detail, agreement, input } }) =>
    failure
      ? { kind: 'failed', failure: senderFailures[failure], detail, peer: input.peer }
      : { kind: 'agreed', agreement: known(agreement) },
  initial: 'claiming',
  on: { '*': { actions: 'noteUnexpected' } },
  states: {
    /** The secrets of 350 are in the input, what they make public in KX1. */
    claiming: {
      meta: { steps: ['KX-350', 'KX-355'] },
      entry: { type: 'claimPeer', params: ({ context }) => ({ peer: context.input.peer }) },
      on: {
        'peer.claimed': {
          target: 'awaitingKx2',
          actions: { type: 'sendMessage', params: ({ context }) => ({ message: context.kx1 }) },
          meta: { steps: ['KX-365'] },
        },
        'peer.busy': fail('peerBusy'),
        'peer.locked': fail('peerLocked'),
        'run.notNoted': fail('runNotNoted'),
        'operator.cancelled': fail('cancelledBeforeKx1'),
      },
      after: { local: fail('notClaimed') },
    },

    awaitingKx2: {
      meta: { steps: ['KX-385'] },
      entry: 'awaitMessage',
      on: {
        'message.received': [
          {
            guard: { type: 'isKx2', params: ({ event }) => ({ message: event.message }) },
            target: 'checkingKx2',
            actions: { type: 'keepKx2', params: ({ event }) => ({ message: event.message }) },
          },
          fail('malformedKx2'),
        ],
        'message.malformed': fail('malformedKx2'),
        'carrier.lost': fail('lostAfterKx1'),
        'operator.cancelled': fail('cancelledAfterKx1'),
      },
      after: { message: fail('silentAfterKx1') },
    },

    checkingKx2: {
      meta: { steps: ['KX-405'] },
      always: [
        { guard: 'isAnotherSuite', ...fail('suiteOfKx2') },
        { guard: 'isAnotherAccount', ...fail('accountOfKx2') },
        { guard: 'isAnUnsafeKey', ...fail('keyOfKx2') },
        { target: 'provingKx2', actions: 'decapsulate', meta: { steps: ['KX-420'] } },
      ],
    },

    provingKx2: {
      meta: { steps: ['KX-425'] },
      always: [{ guard: 'proofMatches', target: 'notingRun' }, fail('proofOfKx2')],
    },

    /** Before nI is told: an attacker that has it may know X, and hang up unless it pleases. */
    notingRun: {
      entry: { type: 'noteRun', params: ({ context }) => ({ peer: context.input.peer }) },
      on: {
        'run.noted': {
          target: 'saving',
          actions: ['agree', { type: 'sendMessage', params: ({ context }) => ({ message: kx3Of(context) }) }],
          meta: { steps: ['KX-430'] },
        },
        'run.notNoted': fail('runNotNoted'),
        'operator.cancelled': fail('cancelledAfterKx1'),
      },
      after: { local: fail('runNotNoted') },
    },

    saving: {
      meta: { steps: ['KX-470A'] },
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

function kx1Of({ own, peer, identity, nI, xWingSeed, wantsBothStrings }: SenderInput): Kx1 {
  const open: Kx1 = {
    kind: 'KX1',
    suite,
    wantsBothStrings,
    accountI: own,
    accountR: peer,
    ed25519: identity.ed25519,
    x25519: identity.x25519,
    xWingKey: xWingPublicKey(xWingSeed),
    commit: new Uint8Array(32),
  };
  return { ...open, commit: commitOf(open, nI) };
}

function agreementOf({ input, kx1, kx2, secret }: SenderContext): Agreement {
  const { accountR, ed25519, x25519, macR, wantsBothStrings } = known(kx2);
  const values = { th2: transcriptOf(kx1, known(kx2)), macR, nI: input.nI };
  return {
    role: 'i',
    peer: accountR,
    peerIdentity: { ed25519, x25519 },
    keys: agreedKeysOf(values, known(secret), input.callKey),
    wantsBothStrings: input.wantsBothStrings || wantsBothStrings,
  };
}

function kx3Of({ input, agreement }: SenderContext): Kx3 {
  return { kind: 'KX3', nI: input.nI, macI: known(agreement).keys.macI };
}
