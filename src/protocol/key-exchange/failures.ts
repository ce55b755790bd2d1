/** Figure 5's steps, and 6A and 6B. */
export type KeyExchangeStep = `KX-${number}${'' | 'A' | 'B'}`;

/** One way to fail. The peer learns at most a NAK; the reason is for the own log and the own people. */
export interface KeyExchangeFailure {
  /** The steps that this way takes; the first is reported. */
  readonly steps: readonly [KeyExchangeStep, ...KeyExchangeStep[]];
  /** NAK and release, release alone, or nothing because the line is down. */
  readonly answer: 'NAK' | 'release' | 'none';
  readonly outcome:
    | 'refused'
    | 'not-authentic'
    | 'no-common-version'
    | 'busy'
    | 'not-confirmed'
    | 'timed-out'
    | 'interrupted'
    | 'local-error'
    | 'cancelled';
  readonly reason: string;
}

function row(
  steps: KeyExchangeFailure['steps'],
  answer: KeyExchangeFailure['answer'],
  outcome: KeyExchangeFailure['outcome'],
  reason: string,
): KeyExchangeFailure {
  return { steps, answer, outcome, reason };
}

export const senderFailures = {
  peerBusy: row(['KX-355'], 'release', 'busy', 'another session with this peer is open; try when it is over'),
  notClaimed: row(['KX-355'], 'release', 'local-error', 'this endpoint did not say whether the peer is free'),
  notConnected: row(['KX-355'], 'release', 'timed-out', 'the recipient did not answer the call'),
  lostBeforeA1: row(['KX-355'], 'release', 'interrupted', 'the line was released before packet A1'),
  cancelledBeforeA1: row(['KX-355'], 'release', 'cancelled', 'given up here before packet A1'),

  refusedA1: row(
    ['KX-390', 'KX-385'],
    'release',
    'refused',
    'the recipient refused packet A1: version, or account',
  ),
  silentAfterA1: row(['KX-385'], 'NAK', 'timed-out', 'the recipient did not answer packet A1'),
  lostAfterA1: row(['KX-385'], 'release', 'interrupted', 'the line was released before packet B'),
  cancelledAfterA1: row(['KX-385'], 'NAK', 'cancelled', 'given up here while waiting for packet B'),

  malformedB: row(['KX-410', 'KX-415'], 'NAK', 'not-authentic', 'packet B is malformed'),
  versionOfB: row(
    ['KX-410', 'KX-415'],
    'NAK',
    'no-common-version',
    'packet B speaks a version that was not offered',
  ),
  accountOfB: row(['KX-410', 'KX-415'], 'NAK', 'not-authentic', 'packet B comes from another account'),
  valueOfB: row(
    ['KX-410', 'KX-415'],
    'NAK',
    'not-authentic',
    'packet B holds an unsafe Diffie-Hellman value',
  ),
  proofOfB: row(['KX-410', 'KX-415'], 'NAK', 'not-authentic', 'ProofB does not match'),

  refusedA2: row(['KX-465', 'KX-460'], 'release', 'refused', 'the recipient refused packet A2'),
  malformedVerdict: row(['KX-460'], 'NAK', 'not-authentic', 'neither ACK nor NAK came after packet A2'),
  silentAfterA2: row(['KX-460'], 'NAK', 'timed-out', 'the recipient did not answer packet A2'),
  lostAfterA2: row(
    ['KX-460'],
    'release',
    'interrupted',
    'the line was released before the answer to packet A2',
  ),
  cancelledAfterA2: row(
    ['KX-460'],
    'NAK',
    'cancelled',
    'given up here while waiting for the answer to packet A2',
  ),
  notReleased: row(['KX-460'], 'none', 'local-error', 'the line could not be released'),

  refusedByHuman: row(
    ['KX-485'],
    'none',
    'not-confirmed',
    'the check string was not confirmed; nothing is stored',
  ),
  humanSilent: row(
    ['KX-485'],
    'none',
    'not-confirmed',
    'nobody confirmed the check string in 600 s; nothing is stored',
  ),
  cancelledByHuman: row(['KX-485'], 'none', 'cancelled', 'given up at the check string; nothing is stored'),
  keyNotSaved: row(['KX-495'], 'none', 'local-error', 'the long-term key could not be stored; pair again'),
} as const satisfies Record<string, KeyExchangeFailure>;

export const recipientFailures = {
  notAnswered: row(['KX-360'], 'release', 'timed-out', 'the call was not answered'),
  lostBeforeA1: row(['KX-360'], 'release', 'interrupted', 'the line was released before packet A1'),
  cancelledBeforeA1: row(['KX-360'], 'NAK', 'cancelled', 'given up here before packet A1'),
  silentBeforeA1: row(['KX-360'], 'NAK', 'timed-out', 'the sender did not send the whole of packet A1'),

  malformedA1: row(['KX-375', 'KX-380'], 'NAK', 'not-authentic', 'packet A1 is malformed'),
  nakForA1: row(['KX-380'], 'release', 'refused', 'the sender sent NAK in place of packet A1'),
  versionOfA1: row(
    ['KX-375', 'KX-380'],
    'NAK',
    'no-common-version',
    'the sender offers no version that is spoken here',
  ),
  accountOfA1: row(
    ['KX-375', 'KX-380'],
    'NAK',
    'not-authentic',
    'packet A1 names the own account: a reflection',
  ),
  valueOfA1: row(
    ['KX-375', 'KX-380'],
    'NAK',
    'not-authentic',
    'packet A1 holds an unsafe Diffie-Hellman value',
  ),
  peerBusy: row(['KX-375', 'KX-380'], 'NAK', 'busy', 'another session with this peer is open'),
  notClaimed: row(
    ['KX-375', 'KX-380'],
    'NAK',
    'local-error',
    'this endpoint did not say whether the peer is free',
  ),
  lostAtA1: row(['KX-370'], 'release', 'interrupted', 'the line was released before packet B'),
  cancelledAtA1: row(['KX-375', 'KX-380'], 'NAK', 'cancelled', 'given up here before packet B'),

  refusedB: row(['KX-440', 'KX-435'], 'release', 'refused', 'the sender refused packet B'),
  malformedA2: row(['KX-450', 'KX-455'], 'NAK', 'not-authentic', 'packet A2 is malformed'),
  silentAfterB: row(['KX-435'], 'NAK', 'timed-out', 'the sender did not answer packet B'),
  lostAfterB: row(['KX-435'], 'release', 'interrupted', 'the line was released before packet A2'),
  cancelledAfterB: row(['KX-435'], 'NAK', 'cancelled', 'given up here while waiting for packet A2'),
  randomADiffers: row(
    ['KX-450', 'KX-455'],
    'NAK',
    'not-authentic',
    'RandomA is not the one that A1 committed to',
  ),

  refusedAck: row(['KX-470B'], 'release', 'refused', 'the sender gave up after the ACK'),
  octetsAfterAck: row(['KX-470B'], 'NAK', 'not-authentic', 'the sender went on sending after the ACK'),
  cancelledAfterAck: row(['KX-470B'], 'release', 'cancelled', 'given up here after the ACK'),
  notReleased: row(['KX-470B'], 'none', 'local-error', 'the line could not be released'),

  letterNotUsed: row(
    ['KX-490'],
    'none',
    'not-confirmed',
    'letter not used: a check string never holds I, O, 0 or 1',
  ),
  checkStringDiffers: row(
    ['KX-490'],
    'none',
    'not-confirmed',
    'the typed string differs; pair again from the start',
  ),
  humanSilent: row(
    ['KX-480'],
    'none',
    'not-confirmed',
    'nobody typed the check string in 600 s; nothing is stored',
  ),
  cancelledByHuman: row(['KX-480'], 'none', 'cancelled', 'given up at the check string; nothing is stored'),
  keyNotSaved: row(['KX-500'], 'none', 'local-error', 'the long-term key could not be stored; pair again'),
} as const satisfies Record<string, KeyExchangeFailure>;
