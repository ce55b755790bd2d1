import type { KeyExchangeStep } from '../failures.js';

/** One way to fail. The line is released, whatever the cause; the reason is for the own log and the own people. */
export interface KeyExchangeFailure {
  /** The steps that this way takes; the first is reported. */
  readonly steps: readonly [KeyExchangeStep, ...KeyExchangeStep[]];
  readonly outcome:
    | 'not-authentic'
    | 'no-common-version'
    | 'busy'
    | 'not-confirmed'
    | 'pairing-locked'
    | 'timed-out'
    | 'interrupted'
    | 'local-error'
    | 'cancelled';
  readonly reason: string;
}

function row(
  steps: KeyExchangeFailure['steps'],
  outcome: KeyExchangeFailure['outcome'],
  reason: string,
): KeyExchangeFailure {
  return { steps, outcome, reason };
}

const busy = 'another session with this peer is open; try when it is over';
const locked =
  'three pairings with this peer were broken off before a person answered; somebody on the line may be guessing. ' +
  'None begins for a day';
const notClaimed = 'this endpoint did not say whether the peer is free';
const runNotNoted = 'the attempt could not be written down; nothing is stored';
const pendingNotSaved = 'the long-term key could not be stored; pair again';

export const senderFailures = {
  peerBusy: row(['KX-355'], 'busy', busy),
  peerLocked: row(['KX-355'], 'pairing-locked', locked),
  notClaimed: row(['KX-355'], 'local-error', notClaimed),
  cancelledBeforeKx1: row(['KX-355'], 'cancelled', 'given up here before KX1'),

  silentAfterKx1: row(['KX-385'], 'timed-out', 'the recipient did not answer KX1'),
  lostAfterKx1: row(
    ['KX-385', 'KX-390'],
    'interrupted',
    'the line was released before KX2: the call broke, or the recipient refused; it does not say why',
  ),
  cancelledAfterKx1: row(['KX-385'], 'cancelled', 'given up here while waiting for KX2'),

  malformedKx2: row(
    ['KX-410', 'KX-415'],
    'not-authentic',
    'another message than KX2 came, or it is malformed',
  ),
  suiteOfKx2: row(['KX-410', 'KX-415'], 'no-common-version', 'KX2 speaks a suite that was not offered'),
  accountOfKx2: row(['KX-410', 'KX-415'], 'not-authentic', 'KX2 comes from or is meant for another account'),
  keyOfKx2: row(
    ['KX-410', 'KX-415'],
    'not-authentic',
    'KX2 holds a key that is unsafe or this endpoint’s own',
  ),
  proofOfKx2: row(['KX-410', 'KX-415'], 'not-authentic', 'macR does not match'),

  runNotNoted: row(['KX-355'], 'local-error', runNotNoted),
  pendingNotSaved: row(['KX-470A'], 'local-error', pendingNotSaved),
} as const satisfies Record<string, KeyExchangeFailure>;

export const recipientFailures = {
  silentBeforeKx1: row(['KX-360'], 'timed-out', 'the sender did not send KX1'),
  lostBeforeKx1: row(['KX-360'], 'interrupted', 'the line was released before KX1'),
  cancelledBeforeKx1: row(['KX-360'], 'cancelled', 'given up here before KX1'),

  malformedKx1: row(
    ['KX-375', 'KX-380'],
    'not-authentic',
    'another message than KX1 came, or it is malformed',
  ),
  suiteOfKx1: row(['KX-375', 'KX-380'], 'no-common-version', 'KX1 offers a suite that is not spoken here'),
  accountOfKx1: row(
    ['KX-375', 'KX-380'],
    'not-authentic',
    'KX1 names another caller than the server did, or is meant for another account',
  ),
  keyOfKx1: row(
    ['KX-375', 'KX-380'],
    'not-authentic',
    'KX1 holds a key that is unsafe or this endpoint’s own',
  ),
  peerBusy: row(['KX-375', 'KX-380'], 'busy', busy),
  peerLocked: row(['KX-375', 'KX-380'], 'pairing-locked', locked),
  notClaimed: row(['KX-375', 'KX-380'], 'local-error', notClaimed),
  cancelledAtKx1: row(['KX-375', 'KX-380'], 'cancelled', 'given up here before KX2'),
  runNotNoted: row(['KX-375', 'KX-380'], 'local-error', runNotNoted),

  silentAfterKx2: row(['KX-435'], 'timed-out', 'the sender did not answer KX2'),
  lostAfterKx2: row(
    ['KX-435', 'KX-440'],
    'interrupted',
    'the line was released before KX3: the call broke, or the sender refused; it does not say why',
  ),
  cancelledAfterKx2: row(['KX-435'], 'cancelled', 'given up here while waiting for KX3'),
  malformedKx3: row(
    ['KX-450', 'KX-455'],
    'not-authentic',
    'another message than KX3 came, or it is malformed',
  ),
  commitOfKx3: row(['KX-450', 'KX-455'], 'not-authentic', 'nI is not the one that KX1 committed to'),
  proofOfKx3: row(['KX-450', 'KX-455'], 'not-authentic', 'macI does not match'),
  pendingNotSaved: row(['KX-470B'], 'local-error', pendingNotSaved),
} as const satisfies Record<string, KeyExchangeFailure>;

/** While the people compare. Of these, all but the last two are this side's no, and the peer hears of it. */
export const confirmationFailures = {
  refusedByHuman: row(
    ['KX-485'],
    'not-confirmed',
    'the check string was not confirmed; the key is dropped on both sides',
  ),
  letterNotUsed: row(['KX-490'], 'not-confirmed', 'letter not used: a check string never holds I, O, 0 or 1'),
  stringDiffers: row(['KX-490'], 'not-confirmed', 'the typed string differs; pair again from the start'),
  humanSilent: row(
    ['KX-475', 'KX-480'],
    'not-confirmed',
    'nobody answered about the check string in 600 s; the key is dropped on both sides',
  ),
  cancelledByHuman: row(
    ['KX-475', 'KX-480'],
    'cancelled',
    'given up at the check string; the key is dropped on both sides',
  ),
  refusedBefore: row(
    ['KX-495'],
    'not-confirmed',
    'while this was asked, the peer called another program of this endpoint and was told no; pair again',
  ),
  refusedByPeer: row(
    ['KX-500'],
    'not-confirmed',
    'the peer’s people did not confirm; the key is dropped on both sides',
  ),
  notNoted: row(['KX-495'], 'local-error', 'the answer could not be stored; pair again'),
} as const satisfies Record<string, KeyExchangeFailure>;
