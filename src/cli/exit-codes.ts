/** Process exit codes. 0 to 2 are everybody's; the named ones let a script tell what to do next. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  busy: 3,
  'no-answer': 4,
  'no-carrier': 5,
  'no-dial-tone': 6,
  refused: 7,
  unpaired: 8,
  'not-confirmed': 9,
  'not-authentic': 10,
  interrupted: 11,
  'timed-out': 12,
  'file-refused': 13,
  'line-unavailable': 14,
  locked: 15,
  'wrong-passphrase': 16,
  'store-unavailable': 17,
  damaged: 18,
  'version-not-allowed': 19,
  'local-error': 20,
  'no-common-version': 21,
  'no-subscription': 22,
  'pairing-locked': 23,
  'no-modem': 24,
  cancelled: 130,
} as const;

export type ExitName = keyof typeof exitCodes;

/** The code of a named outcome; an outcome without a code of its own is a plain failure. */
export function exitCodeOf(outcome: string): number {
  return outcome in exitCodes ? exitCodes[outcome as ExitName] : exitCodes.failed;
}

export const exitCodeHelp = [
  'Exit codes:',
  ...Object.entries(exitCodes).map(([name, code]) => `  ${String(code).padStart(3)}  ${name}`),
].join('\n');

/** What a person gets to read, and how the process ends: the message says what happened and what to do. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly outcome: ExitName;
  readonly exitCode: number;

  constructor(outcome: ExitName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
    this.exitCode = exitCodes[outcome];
  }
}
