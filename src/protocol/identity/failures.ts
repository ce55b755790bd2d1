/** Figure 4's steps that the seed leaves to encryption, and the time-outs. */
export type IdentityStep = `CM-${number}` | `CM-A${number}`;

/** One way to fail. What the other side sees is the release of the line, or what every refusal looks like; the reason is for the own log. */
export interface IdentityFailure {
  /** The steps that this way takes; the first is reported. */
  readonly steps: readonly [IdentityStep, ...IdentityStep[]];
  readonly outcome: 'refused' | 'not-authentic' | 'timed-out' | 'interrupted' | 'local-error' | 'cancelled';
  readonly reason: string;
}

function row(
  steps: IdentityFailure['steps'],
  outcome: IdentityFailure['outcome'],
  reason: string,
): IdentityFailure {
  return { steps, outcome, reason };
}

const notTheServer =
  'the server did not prove its key: another server, or somebody on the line. Compare its six words by telephone';
const keyListForged = "the server's list of keys is not signed by its operator; the call was ended";

export const callerFailures = {
  badServerKey: row(['CM-A4'], 'local-error', "the server's key in the subscription is none"),
  notConnected: row(['CM-A8'], 'timed-out', 'there is no line to speak on'),
  lost: row(['CM-A8'], 'interrupted', 'the line was released while the server was being called'),
  cancelled: row(['CM-A8'], 'cancelled', 'given up here'),
  silentBeforeReply: row(
    ['CM-A8', 'CM-A4'],
    'timed-out',
    'the server did not answer; does it speak version 2?',
  ),
  notTheServer: row(['CM-A4'], 'not-authentic', notTheServer),
  silentBeforeApproval: row(
    ['CM-A8', 'CM-A4'],
    'timed-out',
    'the server did not say whether it puts the call through',
  ),
  notIdentified: row(
    ['CM-A4'],
    'refused',
    "the server does not know this endpoint by its key and its account's secret. Ask the operator whether the account is open",
  ),
  refused: row(
    ['CM-315'],
    'refused',
    'the server refused the call and does not say why: the account called, its list of callers, this account or its limits. Ask the operator',
  ),
  keyListForged: row(['CM-A4'], 'not-authentic', keyListForged),
  anotherAnswer: row(
    ['CM-A4'],
    'not-authentic',
    'the server answers a quote with a call, or a call with a quote; the call was ended',
  ),
  silentBeforeBridged: row(['CM-A8', 'CM-A7'], 'timed-out', 'the server did not put the call through'),
  malformedBridged: row(['CM-A7'], 'not-authentic', 'what should say that the call is put through does not'),
} as const satisfies Record<string, IdentityFailure>;

export const calleeFailures = {
  badServerKey: row(['CM-A5'], 'local-error', "the server's key in the subscription is none"),
  notConnected: row(['CM-A8'], 'timed-out', 'there is no line to speak on'),
  lost: row(['CM-A8'], 'interrupted', 'the line was released before the call was put through'),
  cancelled: row(['CM-A8'], 'cancelled', 'given up here'),
  silentBeforeReply: row(
    ['CM-A8', 'CM-A5'],
    'timed-out',
    'who called did not answer; it was no server of version 2',
  ),
  notTheServer: row(['CM-A5'], 'not-authentic', notTheServer),
  silentBeforeInvite: row(['CM-A8', 'CM-A5'], 'timed-out', 'the server did not say who calls'),
  malformedInvite: row(['CM-A5'], 'not-authentic', 'what should say who calls does not'),
  keyListForged: row(['CM-A5'], 'not-authentic', keyListForged),
} as const satisfies Record<string, IdentityFailure>;

export const callerLegFailures = {
  notConnected: row(['CM-A8'], 'timed-out', 'there is no line to speak on'),
  lost: row(['CM-A8'], 'interrupted', 'the caller hung up'),
  cancelled: row(['CM-A8'], 'cancelled', 'given up by the server'),
  silentBeforeHello: row(['CM-A8', 'CM-A4'], 'timed-out', 'the caller sent no HELLO'),
  unknownHello: row(['CM-A4'], 'not-authentic', "HELLO opens under none of the server's keys"),
  silentBeforeRequest: row(['CM-A8', 'CM-A4'], 'timed-out', 'the caller sent no REQUEST'),
  octetsUnasked: row(['CM-A4'], 'not-authentic', 'octets that the protocol has no place for'),
  lookUpFailed: row(['CM-310'], 'local-error', 'the account database did not reply'),
  notIdentified: row(['CM-A4', 'CM-315'], 'not-authentic', 'the caller is not identified'),
  refused: row(['CM-315'], 'refused', 'the call is refused'),
  undecided: row(['CM-A8', 'CM-315'], 'local-error', 'the server did not decide on the call'),
  silentBeforeEarly: row(['CM-A8', 'CM-A6'], 'timed-out', 'the caller sent nothing after its approval'),
  notDrained: row(['CM-A8', 'CM-A7'], 'timed-out', 'the caller did not acknowledge that it is put through'),
} as const satisfies Record<string, IdentityFailure>;

export const calleeLegFailures = {
  notConnected: row(['CM-A8'], 'timed-out', 'there is no line to speak on'),
  lost: row(['CM-A8'], 'interrupted', 'the callee hung up'),
  cancelled: row(['CM-A8'], 'cancelled', 'given up by the server, or the caller hung up'),
  silentBeforeHello: row(['CM-A8', 'CM-A5'], 'timed-out', 'the callee sent no HELLO'),
  unknownHello: row(['CM-A5'], 'not-authentic', "HELLO opens under none of the server's keys"),
  silentBeforeReady: row(['CM-A8', 'CM-A5'], 'timed-out', 'the callee sent no READY'),
  octetsUnasked: row(['CM-A5'], 'not-authentic', 'octets that the protocol has no place for'),
  notIdentified: row(['CM-A5'], 'not-authentic', 'who answered is not the account that was called'),
  silentBeforeAnswer: row(['CM-A8', 'CM-A5'], 'timed-out', 'the callee did not answer the invitation'),
  malformedAnswer: row(
    ['CM-A5'],
    'not-authentic',
    "the callee's answer does not open, or is to another call",
  ),
} as const satisfies Record<string, IdentityFailure>;

/** What a caller is told whose call was let pass and not answered. */
export interface NotBridged {
  readonly step: IdentityStep;
  readonly outcome: 'busy' | 'no-answer' | 'refused' | 'no-carrier';
  readonly reason: string;
}

/** @param cause of BRIDGED, by Q.850; one without a row of its own means that no line came to stand */
export function notBridged(cause: number): NotBridged {
  return { step: 'CM-A3', ...(byCause[cause] ?? noLine) };
}

const noLine = {
  outcome: 'no-carrier',
  reason:
    'The server could not reach the recipient: no free line, or the modems did not agree. Try again later.',
} as const;

const byCause: Partial<Record<number, Omit<NotBridged, 'step'>>> = {
  17: { outcome: 'busy', reason: "The recipient's line is busy. Try again later." },
  19: { outcome: 'no-answer', reason: 'The recipient did not answer. Try again later.' },
  21: {
    outcome: 'refused',
    reason: 'The recipient does not take the call: it was refused there, or it takes none at present.',
  },
};
