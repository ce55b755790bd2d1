import { InvalidArgumentError } from 'commander';
import type { CallLedger } from '../store/calls.js';
import { CommandFailed } from './exit-codes.js';

/** A tracking ID as a person gives it: whole, or its last twelve digits, as the tables show them. */
export function callArgument(text: string): string {
  if (!/^([0-9a-f]{8}(-[0-9a-f]{4}){3}-)?[0-9a-f]{12}$/i.test(text))
    throw new InvalidArgumentError('Not a tracking ID, nor the last twelve digits of one.');
  return text.toLowerCase();
}

/** The whole of it. @throws CommandFailed where no call, or more than one, has these digits */
export async function wholeTrackingId(
  calls: Pick<CallLedger, 'endingWith'>,
  argument: string,
): Promise<string> {
  if (argument.includes('-')) return argument;
  const [found, another] = await calls.endingWith(argument);
  if (!found) throw new CommandFailed('failed', `No tracking ID ends with ${argument}.`);
  if (another)
    throw new CommandFailed('failed', `${found} and ${another} both end with ${argument}: name it whole.`);
  return found;
}
