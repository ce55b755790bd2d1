import type { DataExchangeStep } from '../failures.js';

/** One way to fail. The peer learns nothing but the release of the line; the reason is for the own log and the own people. */
export interface DataExchangeFailure {
  /** The steps that this way takes; the first is reported. */
  readonly steps: readonly [DataExchangeStep, ...DataExchangeStep[]];
  readonly outcome:
    | 'refused'
    | 'not-authentic'
    | 'unpaired'
    | 'busy'
    | 'timed-out'
    | 'interrupted'
    | 'file-refused'
    | 'local-error'
    | 'cancelled';
  /** `resumes`: another call goes on where this one ended. `final`: it would end in the same way. */
  readonly transfer: 'resumes' | 'final';
  readonly reason: string;
}

function row(
  steps: DataExchangeFailure['steps'],
  outcome: DataExchangeFailure['outcome'],
  transfer: DataExchangeFailure['transfer'],
  reason: string,
): DataExchangeFailure {
  return { steps, outcome, transfer, reason };
}

export const senderFailures = {
  lostBeforeDx2: row(
    ['DX-645', 'DX-650'],
    'interrupted',
    'resumes',
    'the line was released before DX2: it dropped, or the recipient has no key of this pairing. Call again; if it stays so, pair again',
  ),
  silentAfterDx1: row(['DX-645'], 'timed-out', 'resumes', 'the recipient did not answer DX1'),
  notAuthenticDx2: row(
    ['DX-675', 'DX-680'],
    'not-authentic',
    'resumes',
    'DX2 is not what the recipient would send',
  ),
  notNow: row(
    ['DX-670'],
    'busy',
    'resumes',
    'the recipient has no room now, or takes this transfer on another line; call again later',
  ),
  tooLarge: row(
    ['DX-670'],
    'file-refused',
    'final',
    'the content is larger than the recipient takes; send less at once',
  ),
  lostBeforeKey: row(['DX-705'], 'interrupted', 'resumes', 'the line was released before the content'),
  spoolFailed: row(['DX-705'], 'local-error', 'resumes', 'the spool did not do what it was asked for'),
  notRenewed: row(
    ['DX-705'],
    'local-error',
    'final',
    'the recipient holds what is not in the spool any more, and the content cannot be read again; send it anew',
  ),

  lostInContent: row(
    ['DX-745'],
    'interrupted',
    'resumes',
    'the line was released before the end of the content',
  ),
  contentStalled: row(['DX-745'], 'timed-out', 'resumes', 'the line took no octet of content for 60 s'),
  contentUnreadable: row(['DX-745'], 'local-error', 'resumes', 'the content could not be read or sealed'),
  tooLargeInContent: row(
    ['DX-745'],
    'file-refused',
    'final',
    'the content grew larger than the recipient takes; send less at once',
  ),

  lostBeforeReceipt: row(
    ['DX-750'],
    'interrupted',
    'resumes',
    'the line was released before the receipt; the next call fetches it',
  ),
  silentBeforeReceipt: row(
    ['DX-750'],
    'timed-out',
    'resumes',
    'no receipt came for 120 s; the next call asks for it',
  ),
  wrongReceipt: row(
    ['DX-750'],
    'not-authentic',
    'resumes',
    'the receipt is not the one for this transfer, so it counts as none',
  ),
  contentRefused: row(
    ['DX-785'],
    'file-refused',
    'final',
    'the recipient refused the content and says so over its signature; nothing was delivered',
  ),
  receiptNotKept: row(
    ['DX-750'],
    'local-error',
    'resumes',
    'delivered, but the receipt could not be stored here',
  ),

  unexpected: row(['DX-745'], 'not-authentic', 'resumes', 'the recipient sent what was not awaited'),
  channelBroken: row(['DX-615'], 'interrupted', 'resumes', 'the channel of the call broke'),
  cancelled: row(['DX-615'], 'cancelled', 'resumes', 'given up here'),
} as const satisfies Record<string, DataExchangeFailure>;

export const recipientFailures = {
  lostBeforeDx1: row(['DX-630'], 'interrupted', 'resumes', 'the line was released before DX1'),
  silentBeforeDx1: row(['DX-630'], 'timed-out', 'resumes', 'no DX1 came'),
  unpaired: row(
    ['DX-635', 'DX-640'],
    'unpaired',
    'resumes',
    'no long-term key is shared with this account, or it is locked',
  ),
  notAuthenticDx1: row(
    ['DX-635', 'DX-640'],
    'not-authentic',
    'resumes',
    'DX1 does not open: another long-term key, another call, or altered octets; if it stays so, pair again',
  ),
  lostInScreening: row(['DX-640'], 'interrupted', 'resumes', 'the line was released before DX2'),
  storeFailed: row(
    ['DX-655'],
    'local-error',
    'resumes',
    'this endpoint could not say what it holds of the transfer',
  ),
  notNow: row(
    ['DX-655'],
    'busy',
    'resumes',
    'no room for the transfer, or another line has it; the sender was told',
  ),
  tooLarge: row(
    ['DX-655'],
    'file-refused',
    'final',
    'the transfer is larger than the limit; the sender was told',
  ),

  lostBeforeKey: row(['DX-685'], 'interrupted', 'resumes', 'the line was released before KEY'),
  silentBeforeKey: row(['DX-685'], 'timed-out', 'resumes', 'the sender did not answer DX2'),
  notAuthenticKey: row(
    ['DX-720', 'DX-725'],
    'not-authentic',
    'resumes',
    'KEY is not what the sender would send',
  ),
  wrongStart: row(
    ['DX-720', 'DX-725'],
    'not-authentic',
    'resumes',
    'KEY would go on where that cannot be: at another octet, under another key or in a session that is filed',
  ),
  notOpened: row(['DX-720', 'DX-725'], 'local-error', 'resumes', 'the transfer could not be opened here'),

  lostInContent: row(
    ['DX-760'],
    'interrupted',
    'resumes',
    'the line was released before the end of the content; what came is kept',
  ),
  contentStalled: row(
    ['DX-760'],
    'timed-out',
    'resumes',
    'no octet of the content came for 60 s; what came is kept',
  ),
  senderSilent: row(
    ['DX-760'],
    'interrupted',
    'resumes',
    'for five minutes no sign of life came from the sender, whose program may have been stopped; what came is kept',
  ),
  contentBroken: row(
    ['DX-770', 'DX-785'],
    'not-authentic',
    'resumes',
    'content was altered on its way; what came before it is kept',
  ),
  notStored: row(
    ['DX-760'],
    'local-error',
    'resumes',
    'the content could not be stored; what is stored is kept',
  ),
  notFiled: row(
    ['DX-780'],
    'local-error',
    'resumes',
    'the content came, but could not be filed; the next call tries again',
  ),
  contentRefused: row(
    ['DX-785', 'DX-780'],
    'file-refused',
    'final',
    'the content must not be unpacked; nothing is delivered, and the sender was told',
  ),
  refusalNotKept: row(
    ['DX-785'],
    'local-error',
    'resumes',
    'the content must not be unpacked, and that could not be stored; nothing is delivered',
  ),

  unexpected: row(['DX-760'], 'not-authentic', 'resumes', 'the sender sent what was not awaited'),
  channelBroken: row(['DX-625'], 'interrupted', 'resumes', 'the channel of the call broke'),
  cancelled: row(['DX-625'], 'cancelled', 'resumes', 'given up here'),
} as const satisfies Record<string, DataExchangeFailure>;
