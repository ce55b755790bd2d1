import { Argument, InvalidArgumentError, Option } from 'commander';
import { type AccountNumber, parseAccountNumber } from '../bytes/account-number.js';
import { parseLineUrl } from '../pstn/modem/line-url.js';
import { knownInstant } from './zone.js';

export function accountArgument(text: string): AccountNumber {
  const account = parseAccountNumber(text);
  if (!account) throw new InvalidArgumentError('Not an account number (1 to 12 digits).');
  return account;
}

/** An account, or `*` for anyone's. */
export function callerArgument(text: string): AccountNumber | '*' {
  return text === '*' ? '*' : accountArgument(text);
}

/** A positional account number, checked before the command runs. */
export function accountOperand(name: string): Argument {
  return new Argument(`<${name}>`, 'account number, 1 to 12 digits').argParser(accountArgument);
}

/** A positional account, or `*`. */
export function callerOperand(name: string): Argument {
  return new Argument(`<${name}>`, "account number, or '*' for anyone").argParser(callerArgument);
}

export function lineArgument(text: string): string {
  const parsed = parseLineUrl(text);
  if (parsed.kind === 'invalid') throw new InvalidArgumentError(parsed.problem);
  return text;
}

/** UTC where it says no offset; a date alone is midnight. */
export function timeArgument(text: string): Date {
  const time = knownInstant('UTC', text);
  if (!time) throw new InvalidArgumentError('Not a date or time of ISO 8601, e.g. 2026-11-01T08:00Z.');
  return time;
}

/** `--month 2026-10`, as the first day of that month: `2026-10-01`. */
export function monthOption(): Option {
  return new Option('--month <month>', 'for example 2026-10').argParser((text) => {
    if (!/^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$/.test(text))
      throw new InvalidArgumentError('Not a month; write year and month, for example 2026-10.');
    return `${text}-01`;
  });
}

/** Q.850. */
export function causeArgument(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 127)
    throw new InvalidArgumentError('Not a release cause from 1 to 127.');
  return Number(text);
}

/** What people call something, as it is printed. */
export function nameArgument(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > 80) throw new InvalidArgumentError('Write 1 to 80 characters.');
  return name;
}

/** Of a file or folder. A script's empty variable is none. */
export function pathArgument(text: string): string {
  if (text === '') throw new InvalidArgumentError('The name is empty.');
  return text;
}

export function countArgument(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Not a whole number from 1 to 999999.');
  return Number(text);
}

/** Whole. */
export function trackingIdArgument(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new InvalidArgumentError('Not a tracking ID; `cordboard calls --wide` shows them.');
  return text.toLowerCase();
}
