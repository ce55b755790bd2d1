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

const meanings: Readonly<Record<ExitName, string>> = {
  done: 'all went well',
  failed: 'something else failed; the message says what',
  usage: 'the command was not understood, or its files are wrong',
  busy: 'the line at the other end is in use',
  'no-answer': 'nobody answered the call',
  'no-carrier': 'the modems did not agree, or the other end hung up',
  'no-dial-tone': 'the line is dead or in use',
  refused: 'the server or the other side refused; its log says why',
  unpaired: 'no key is shared with this peer: pair first',
  'not-confirmed': 'the check strings were not confirmed; nothing was stored',
  'not-authentic': 'somebody was not who they should be; nothing was delivered',
  interrupted: 'the line dropped; what is unfinished can be resumed',
  'timed-out': 'the other side fell silent',
  'file-refused': 'the recipient could not take the files',
  'line-unavailable': 'the modem or its line cannot be opened',
  locked: 'another process has it',
  'wrong-passphrase': 'the key ring stays closed',
  'store-unavailable': 'the database does not serve',
  damaged: 'a file of this program is damaged; nothing was changed',
  'version-not-allowed': 'version 1 is off for this peer',
  'local-error': 'this machine could not: disk, file, right',
  'no-common-version': 'the programs speak no version in common',
  'no-subscription': 'nothing was issued for this account',
  'pairing-locked': 'too many unfinished pairings today',
  'no-modem': 'nothing that answers as a modem is on the line',
  cancelled: 'given up by Ctrl-C',
};

/** The code of a named outcome; an outcome without a code of its own is a plain failure. */
export function exitCodeOf(outcome: string): number {
  return outcome in exitCodes ? exitCodes[outcome as ExitName] : exitCodes.failed;
}

export const exitCodeHelp = [
  'Exit codes:',
  ...Object.entries(exitCodes).map(
    ([name, code]) => `  ${String(code).padStart(3)}  ${name.padEnd(20)} ${meanings[name as ExitName]}`,
  ),
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
