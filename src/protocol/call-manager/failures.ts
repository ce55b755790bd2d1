/** Names for scripts and exit codes; the reason beside it says more. */
export type CallerOutcome =
  | 'busy'
  | 'no-answer'
  | 'no-carrier'
  | 'no-dial-tone'
  /** CM-A1: the endpoint is locked to another number. */
  | 'locked'
  /** The modem, the adapter or the number to dial is at fault; no call was made or it could not be followed. */
  | 'line-unavailable'
  | 'cancelled';

/** How the caller's side failed: the figure's step, a name, and what it means and what to do. */
export interface CallerFailure {
  readonly step: string;
  readonly outcome: CallerOutcome;
  readonly reason: string;
}

/** Everything but a data carrier that the caller's modem can report of the call, and what it means in version 1. */
export const callerFailures = {
  busy: {
    step: 'CM-315',
    outcome: 'busy',
    reason:
      'The line reported BUSY: the server refused the call or is busy, or the recipient is busy or did not answer; version 1 does not tell which. Check both account numbers and that you call from your registered line, or try again later.',
  },
  'no-answer': {
    step: 'CM-295',
    outcome: 'no-answer',
    reason: 'The server did not answer. Check its number, or try again later.',
  },
  'no-carrier': {
    step: 'CM-330',
    outcome: 'no-carrier',
    reason:
      'The call ended without a data connection: the recipient or the line gave up, or the modems did not agree. Try again.',
  },
  'no-dial-tone': {
    step: 'CM-300',
    outcome: 'no-dial-tone',
    reason:
      'No dial tone: the telephone line is dead or in use, or the server did not give its ready signal. Check the cable, then try again.',
  },
  'refused-by-modem': {
    step: 'CM-305',
    outcome: 'line-unavailable',
    reason:
      'The modem rejected the dial command; it must know W (wait for the second dial tone) and X4. Check its manual and its settings.',
  },
  silent: {
    step: 'CM-A8',
    outcome: 'line-unavailable',
    reason:
      'The modem reported no result within the time allowed and the line was released. Switch the modem off and on if it happens again.',
  },
  lost: {
    step: 'CM-A8',
    outcome: 'line-unavailable',
    reason: 'The modem is gone: its cable, adapter or socket was closed. Connect it again, then try again.',
  },
  cancelled: { step: 'CM-A8', outcome: 'cancelled', reason: 'The call was cancelled and the line released.' },
  locked: {
    step: 'CM-A1',
    outcome: 'locked',
    reason:
      'Nothing was dialled: this endpoint is locked to another number. Change the lock or the server number in its configuration.',
  },
  'not-dialable': {
    step: 'CM-A1',
    outcome: 'line-unavailable',
    reason: 'Nothing was dialled: the server number must be 1 to 15 digits. Correct it in the configuration.',
  },
} as const satisfies Record<string, CallerFailure>;

/** How the server ends a call: for the record and the log. The caller hears one reorder tone for every refusal (CM-315). */
export interface Release {
  readonly outcome:
    | 'completed'
    | 'transferred'
    | 'busy'
    | 'no-answer'
    | 'no-carrier'
    | 'refused'
    | 'abandoned'
    | 'failed'
    | 'interrupted';
  /** Q.850. */
  readonly cause: number;
  readonly reason: string | undefined;
}

export const releases = {
  completed: { outcome: 'completed', cause: 16, reason: undefined },
  transferred: {
    outcome: 'transferred',
    cause: 16,
    reason: 'handed over by hook-flash; how long the call lasted and what passed, the line does not tell',
  },
  nobodyToJoin: {
    outcome: 'abandoned',
    cause: 16,
    reason:
      'dial tone in place of the two joined: the caller hung up while the callee was called, or the line has no transfer service',
  },
  transferSlow: { outcome: 'failed', cause: 27, reason: 'nothing became of the transfer within 120 s' },
  callerGone: { outcome: 'abandoned', cause: 16, reason: 'the caller hung up' },
  quoted: {
    outcome: 'abandoned',
    cause: 16,
    reason: 'the caller asked for the price alone; nobody was called',
  },
  noFirstDigit: { outcome: 'abandoned', cause: 31, reason: 'no digit within 10 s of the ready signal' },
  noNextDigit: { outcome: 'abandoned', cause: 31, reason: 'no digit for 5 s' },
  digitsTooSlow: { outcome: 'abandoned', cause: 31, reason: 'account numbers not complete within 30 s' },
  recordSlow: { outcome: 'failed', cause: 41, reason: 'the record was not written within 5 s; not answered' },
  answerSlow: { outcome: 'failed', cause: 27, reason: 'the modem did not answer within 10 s' },
  lookUpSlow: { outcome: 'failed', cause: 41, reason: 'the account database did not reply within 5 s' },
  noTrunk: { outcome: 'failed', cause: 34, reason: 'no free trunk for the callee' },
  calleeSlow: { outcome: 'no-answer', cause: 19, reason: 'the callee did not answer within 90 s' },
  callerSlow: { outcome: 'no-carrier', cause: 31, reason: "no carrier on the caller's line within 75 s" },
  requestSlow: { outcome: 'abandoned', cause: 31, reason: 'the caller was not identified within 130 s' },
  invitationSlow: {
    outcome: 'no-answer',
    cause: 19,
    reason: 'the callee did not answer the invitation within 160 s',
  },
  calleeUndecided: {
    outcome: 'no-answer',
    cause: 102,
    reason: "nothing became of the callee's leg within 170 s",
  },
  declined: { outcome: 'refused', cause: 21, reason: 'the callee refused the call' },
  declinedToPay: {
    outcome: 'refused',
    cause: 21,
    reason: 'the callee refused the call, for which it was to pay',
  },
  doNotDisturb: { outcome: 'refused', cause: 21, reason: 'the callee does not want to be disturbed' },
  trunkLost: { outcome: 'failed', cause: 27, reason: "the modem of the caller's trunk was lost" },
  calleeTrunkLost: { outcome: 'failed', cause: 27, reason: "the modem of the callee's trunk was lost" },
  stalled: { outcome: 'completed', cause: 31, reason: 'one side took no octets for 10 minutes' },
  stopped: { outcome: 'interrupted', cause: 41, reason: 'the server was stopped' },
} as const satisfies Record<string, Release>;

/** Why the callee's leg did not come to stand: result codes of its modem, and `glare`: the trunk rang while it was to dial. */
export type CalleeFailure =
  | 'busy'
  | 'no-answer'
  | 'no-carrier'
  | 'no-dial-tone'
  | 'refused-by-modem'
  | 'silent'
  | 'glare';

export const calleeReleases = {
  busy: { outcome: 'busy', cause: 17, reason: 'the callee is busy' },
  'no-answer': { outcome: 'no-answer', cause: 19, reason: 'the callee does not answer' },
  'no-carrier': { outcome: 'no-carrier', cause: 31, reason: 'no answer or no carrier from the callee' },
  'no-dial-tone': { outcome: 'failed', cause: 27, reason: "no dial tone on the callee's trunk" },
  'refused-by-modem': {
    outcome: 'failed',
    cause: 27,
    reason: "the modem of the callee's trunk rejected the dial command",
  },
  silent: { outcome: 'failed', cause: 27, reason: "the modem of the callee's trunk fell silent" },
  glare: { outcome: 'failed', cause: 34, reason: 'every free trunk rang as it was about to dial' },
} as const satisfies Record<CalleeFailure, Release>;

/** Why a caller was not handed over by hook-flash: what the modem and the line told. */
export type TransferFailure =
  | 'busy'
  | 'no-answer'
  | 'no-carrier'
  | 'no-dial-tone'
  | 'refused-by-modem'
  | 'silent';

export const transferReleases = {
  busy: calleeReleases.busy,
  'no-answer': calleeReleases['no-answer'],
  'no-carrier': {
    outcome: 'no-carrier',
    cause: 31,
    reason: 'the callee was not reached: it did not even ring',
  },
  'no-dial-tone': {
    outcome: 'failed',
    cause: 27,
    reason: 'no dial tone after the hook-flash: the line of this trunk has no transfer service',
  },
  'refused-by-modem': {
    outcome: 'failed',
    cause: 27,
    reason: 'the modem of this trunk does not know hook-flash (! in a dial string)',
  },
  silent: { outcome: 'failed', cause: 27, reason: 'the modem of this trunk fell silent during the transfer' },
} as const satisfies Record<TransferFailure, Release>;
