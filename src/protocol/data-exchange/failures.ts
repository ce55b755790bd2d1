/** Figure 7's steps. */
export type DataExchangeStep = `DX-${number}`;

/** One way to fail. The peer learns at most a NAK; the reason is for the own log and the own people. */
export interface DataExchangeFailure {
  /** The steps that this way takes; the first is reported. */
  readonly steps: readonly [DataExchangeStep, ...DataExchangeStep[]];
  /** NAK and release, release alone, or nothing because the line is down. */
  readonly answer: 'NAK' | 'release' | 'none';
  readonly outcome:
    | 'refused'
    | 'not-authentic'
    | 'no-common-version'
    | 'unpaired'
    | 'busy'
    | 'timed-out'
    | 'interrupted'
    | 'file-refused'
    | 'local-error'
    | 'cancelled';
  readonly reason: string;
}

function row(
  steps: DataExchangeFailure['steps'],
  answer: DataExchangeFailure['answer'],
  outcome: DataExchangeFailure['outcome'],
  reason: string,
): DataExchangeFailure {
  return { steps, answer, outcome, reason };
}

export const senderFailures = {
  notSealed: row(['DX-610'], 'release', 'local-error', 'the transfer was not sealed before the call'),
  peerBusy: row(['DX-615'], 'release', 'busy', 'another session with this peer is open; try when it is over'),
  notClaimed: row(['DX-615'], 'release', 'local-error', 'this endpoint did not say whether the peer is free'),
  notConnected: row(['DX-615'], 'release', 'timed-out', 'the recipient did not answer the call'),
  lostBeforeA1: row(['DX-615'], 'release', 'interrupted', 'the line was released before packet A1'),
  cancelledBeforeA1: row(['DX-615'], 'release', 'cancelled', 'given up here before packet A1'),

  refusedA1: row(
    ['DX-650', 'DX-645'],
    'release',
    'refused',
    'the recipient refused packet A1; perhaps it has no key: pair again',
  ),
  silentAfterA1: row(['DX-645'], 'NAK', 'timed-out', 'the recipient did not answer packet A1'),
  lostAfterA1: row(['DX-645'], 'release', 'interrupted', 'the line was released before packet B'),
  cancelledAfterA1: row(['DX-645'], 'NAK', 'cancelled', 'given up here while waiting for packet B'),

  malformedB: row(['DX-675', 'DX-680'], 'NAK', 'not-authentic', 'packet B is malformed'),
  versionOfB: row(
    ['DX-675', 'DX-680'],
    'NAK',
    'no-common-version',
    'packet B speaks a version that was not offered',
  ),
  accountOfB: row(['DX-675', 'DX-680'], 'NAK', 'not-authentic', 'packet B comes from another account'),
  proofOfB: row(
    ['DX-675', 'DX-680'],
    'NAK',
    'not-authentic',
    'Proof_B does not match: another long-term key; pair again',
  ),

  refusedA2: row(['DX-735', 'DX-730'], 'release', 'refused', 'the recipient refused packet A2'),
  malformedVerdict: row(['DX-730'], 'NAK', 'not-authentic', 'neither ACK nor NAK came after packet A2'),
  silentAfterA2: row(['DX-730'], 'NAK', 'timed-out', 'the recipient did not answer packet A2'),
  lostAfterA2: row(
    ['DX-730'],
    'release',
    'interrupted',
    'the line was released before the answer to packet A2',
  ),
  cancelledAfterA2: row(
    ['DX-730'],
    'NAK',
    'cancelled',
    'given up here while waiting for the answer to packet A2',
  ),

  fileUnreadable: row(['DX-745'], 'release', 'local-error', 'the sealed transfer could not be read'),
  octetsInFile: row(
    ['DX-745'],
    'release',
    'not-authentic',
    'the recipient spoke while the file was being sent',
  ),
  fileStalled: row(['DX-745'], 'release', 'timed-out', 'the line took no octet of the file for 60 s'),
  lostInFile: row(['DX-745'], 'release', 'interrupted', 'the line was released before the end of the file'),
  cancelledInFile: row(['DX-745'], 'release', 'cancelled', 'given up here before the end of the file'),
  notReleased: row(
    ['DX-750'],
    'none',
    'local-error',
    'the line did not take the last octets, or was not released',
  ),
} as const satisfies Record<string, DataExchangeFailure>;

export const recipientFailures = {
  notAnswered: row(['DX-625'], 'release', 'timed-out', 'the call was not answered'),
  lostBeforeA1: row(['DX-625'], 'release', 'interrupted', 'the line was released before packet A1'),
  cancelledBeforeA1: row(['DX-625'], 'NAK', 'cancelled', 'given up here before packet A1'),
  silentBeforeA1: row(['DX-625'], 'NAK', 'timed-out', 'the sender did not send the whole of packet A1'),
  nakForA1: row(['DX-630'], 'release', 'refused', 'the sender sent NAK in place of packet A1'),

  malformedA1: row(['DX-635', 'DX-640'], 'NAK', 'not-authentic', 'packet A1 is malformed'),
  versionOfA1: row(
    ['DX-635', 'DX-640'],
    'NAK',
    'no-common-version',
    'the sender offers no version that is spoken here',
  ),
  accountOfA1: row(
    ['DX-635', 'DX-640'],
    'NAK',
    'not-authentic',
    'packet A1 names the own account: a reflection',
  ),
  unknownAccount: row(
    ['DX-635', 'DX-640'],
    'NAK',
    'unpaired',
    'no long-term key is shared with this account, or version 1 is off for it',
  ),
  reflectedChallenge: row(
    ['DX-635', 'DX-640'],
    'NAK',
    'not-authentic',
    'Challenge_A is the own one of an open session: a reflection',
  ),
  peerBusy: row(['DX-635', 'DX-640'], 'NAK', 'busy', 'another session with this peer is open'),
  notLookedUp: row(
    ['DX-635', 'DX-640'],
    'NAK',
    'local-error',
    'the authorisation file did not answer in time',
  ),
  lostAtA1: row(['DX-630'], 'release', 'interrupted', 'the line was released before packet B'),
  cancelledAtA1: row(['DX-635', 'DX-640'], 'NAK', 'cancelled', 'given up here before packet B'),

  refusedB: row(['DX-690', 'DX-685'], 'release', 'refused', 'the sender refused packet B'),
  malformedA2: row(['DX-720', 'DX-725'], 'NAK', 'not-authentic', 'packet A2 is malformed'),
  silentAfterB: row(['DX-685'], 'NAK', 'timed-out', 'the sender did not answer packet B'),
  lostAfterB: row(['DX-685'], 'release', 'interrupted', 'the line was released before packet A2'),
  cancelledAfterB: row(['DX-685'], 'NAK', 'cancelled', 'given up here while waiting for packet A2'),
  proofsOfA2: row(['DX-720', 'DX-725'], 'NAK', 'not-authentic', 'the proofs of packet A2 do not match'),

  noQuarantine: row(['DX-720', 'DX-725'], 'NAK', 'local-error', 'no quarantine could be opened for the file'),
  octetsBeforeAck: row(['DX-720', 'DX-725'], 'NAK', 'not-authentic', 'the sender did not wait for the ACK'),
  refusedInOpening: row(['DX-715'], 'release', 'refused', 'the sender gave up before the ACK'),
  lostInOpening: row(['DX-715'], 'release', 'interrupted', 'the line was released before the ACK'),
  cancelledInOpening: row(['DX-720', 'DX-725'], 'NAK', 'cancelled', 'given up here before the ACK'),

  fileTooLong: row(
    ['DX-785', 'DX-760'],
    'release',
    'file-refused',
    'the file is longer than version 1 may carry (256 MiB)',
  ),
  fileStalled: row(
    ['DX-760'],
    'release',
    'timed-out',
    'no octet of the file came for 60 s; nothing is delivered',
  ),
  cancelledInFile: row(['DX-760'], 'release', 'cancelled', 'given up here before the end of the file'),
  fileRefused: row(
    ['DX-785', 'DX-770'],
    'none',
    'file-refused',
    'the file is cut or does not match its proof; nothing is delivered',
  ),
  contentRefusedInFile: row(
    ['DX-785', 'DX-760'],
    'release',
    'file-refused',
    'the content must not be unpacked; nothing is delivered',
  ),
  contentRefused: row(
    ['DX-785', 'DX-780'],
    'none',
    'file-refused',
    'the content must not be unpacked; nothing is delivered',
  ),
  notStoredInFile: row(
    ['DX-760'],
    'release',
    'local-error',
    'the file could not be stored; nothing is delivered',
  ),
  notStored: row(['DX-780'], 'none', 'local-error', 'the file could not be stored; nothing is delivered'),
} as const satisfies Record<string, DataExchangeFailure>;
