import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AccountNumber } from '../bytes/account-number.js';
import { type CallFilter, callTimes, type NumberPattern } from '../store/call-filter.js';
import { callOutcomes, type RecordedClass, recordedClasses } from '../store/call-kinds.js';
import { accountArgument, causeArgument } from './arguments.js';
import { instantIn, zoneArgument } from './zone.js';

/** As the command line has it: times are read in the zone, which may come after them. */
export interface CallFilterOptions {
  readonly zone?: string;
  readonly by?: CallFilter['by'];
  readonly from?: string;
  readonly to?: string;
  readonly account?: AccountNumber;
  readonly caller?: AccountNumber;
  readonly callee?: AccountNumber;
  readonly callingNumber?: NumberPattern;
  readonly calledNumber?: NumberPattern;
  readonly port?: string;
  readonly calleePort?: string;
  readonly outcome?: CallFilter['outcome'];
  readonly cause?: number;
  readonly minDuration?: number;
  readonly maxDuration?: number;
  readonly answered?: true;
  readonly unanswered?: true;
  readonly rated?: true;
  readonly unrated?: true;
  readonly minCost?: string;
  readonly maxCost?: string;
  readonly currency?: string;
  readonly payer?: AccountNumber;
  readonly class?: RecordedClass;
}

/** The questions of billing staff (telephony.md 7.7), for every command that takes calls. */
export function addCallFilter(command: Command): Command {
  return command
    .option('--account <number>', 'as caller or as callee', accountArgument)
    .option('--caller <number>', 'account of the caller', accountArgument)
    .option('--callee <number>', 'account of the callee', accountArgument)
    .option('--from <time>', 'from this time on: 2026-11-01, 2026-11-01T08:00, 2026-11-01T08:00Z')
    .option('--to <time>', 'before this time')
    .addOption(
      new Option(
        '--by <time>',
        'by which time: of the ring, of the bridge (connect), of the end (disconnect)',
      ).choices(callTimes),
    )
    .option('--zone <zone>', 'times are read and shown in this time zone, e.g. Europe/Prague', zoneArgument)
    .option('--calling-number <digits>', 'the caller calls from; 555* for all that begin so', numbersArgument)
    .option(
      '--called-number <digits>',
      'the server dials for the callee; 555* for all that begin so',
      numbersArgument,
    )
    .option('--port <line>', 'the trunk that rang')
    .option('--callee-port <line>', 'the trunk on which the callee was called')
    .addOption(
      new Option('--outcome <outcome>', 'how the call ended, or open').choices([...callOutcomes, 'open']),
    )
    .option('--cause <number>', 'release cause of Q.850: 16 normal, 17 busy, 19 no answer ...', causeArgument)
    .option('--min-duration <seconds>', 'from ring to end, at least', countArgument)
    .option('--max-duration <seconds>', 'from ring to end, at most', countArgument)
    .addOption(new Option('--answered', 'joined to their callee').conflicts('unanswered'))
    .option('--unanswered', 'never joined')
    .addOption(new Option('--rated', 'with a charge').conflicts('unrated'))
    .option('--unrated', 'joined and over, without a charge')
    .option('--min-cost <amount>', 'charge, in units of the currency, at least', amountArgument)
    .option('--max-cost <amount>', 'charge, at most', amountArgument)
    .option('--currency <code>', 'charged in it', currencyArgument)
    .option('--payer <number>', 'account that pays', accountArgument)
    .addOption(new Option('--class <class>', 'what the call was for').choices(recordedClasses));
}

export function callFilterOf(options: CallFilterOptions): CallFilter {
  const { zone, from, to, answered, unanswered, rated, unrated, class: callClass } = options;
  const { by, account, caller, callee, callingNumber, calledNumber, port, calleePort, outcome, cause } =
    options;
  const { minDuration, maxDuration, minCost, maxCost, currency, payer } = options;
  const told = {
    ...{ by, account, caller, callee, callingNumber, calledNumber, port, calleePort, outcome, cause },
    ...{ minDuration, maxDuration, minCost, maxCost, currency, payer, callClass },
    from: from === undefined ? undefined : instantIn(zone, from),
    to: to === undefined ? undefined : instantIn(zone, to),
    isAnswered: answered ?? (unanswered ? false : undefined),
    isRated: rated ?? (unrated ? false : undefined),
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

function numbersArgument(text: string): NumberPattern {
  const found = /^(\d+)(\*?)$/.exec(text);
  if (!found?.[1]) throw new InvalidArgumentError("Not a number: digits, or their beginning and '*'.");
  return { digits: found[1], isPrefix: found[2] === '*' };
}

function countArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Not a whole number.');
  return Number(text);
}

function amountArgument(text: string): string {
  if (!/^\d{1,12}(\.\d{1,8})?$/.test(text)) throw new InvalidArgumentError('Not an amount, e.g. 12.50.');
  return text;
}

function currencyArgument(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('Not a currency of ISO 4217, e.g. EUR.');
  return text;
}
