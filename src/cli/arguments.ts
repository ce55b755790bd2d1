import { InvalidArgumentError } from 'commander';
import { type AccountNumber, parseAccountNumber } from '../bytes/account-number.js';

export function accountArgument(text: string): AccountNumber {
  const account = parseAccountNumber(text);
  if (!account) throw new InvalidArgumentError('Not an account number (1 to 12 digits).');
  return account;
}

/** An account, or `*` for anyone's. */
export function callerArgument(text: string): AccountNumber | '*' {
  return text === '*' ? '*' : accountArgument(text);
}
