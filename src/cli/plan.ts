import { Command, InvalidArgumentError } from 'commander';
import { blocking, linesFor, offeredTraffic, trafficFor } from '../pstn/traffic/erlang-b.js';
import { CommandFailed } from './exit-codes.js';
import { textTable } from './table.js';

interface PlanOptions {
  readonly traffic?: number;
  readonly callsPerHour?: number;
  readonly holding?: number;
  readonly lines?: number;
  readonly blocking?: number;
  readonly json?: true;
}

/** Two of lines, traffic and blocking are asked about: the third is what to find. */
type Question =
  | { readonly find: 'lines'; readonly erlangs: number; readonly limit: number }
  | { readonly find: 'traffic'; readonly lines: number; readonly limit: number }
  | { readonly find: 'blocking'; readonly lines: number; readonly erlangs: number };

/** A group of lines under an offered traffic, in the names that `--json` prints. */
interface Group {
  readonly lines: number;
  readonly offeredErlangs: number;
  /** Share of the calls that find no line free. */
  readonly blocking: number;
  readonly carriedErlangs: number;
  /** Share of the time in which a line is in use, the average of the group. */
  readonly occupancy: number;
}

/** Larger than any exchange. */
const mostLines = 100_000;
/** One call in a million million: less is nobody's aim. */
const leastShare = 1e-12;
const most = mostLines.toLocaleString('en');
/** A smaller share is written with an exponent. */
const leastInPlaces = 1e-4;
/** Shown on either side of the answer. */
const neighbours = 2;

export function planCommand(): Command {
  return new Command('plan')
    .description('how many lines for how much traffic at what blocking (Erlang B)')
    .option('--traffic <erlangs>', 'offered traffic', trafficArgument)
    .option('--calls-per-hour <count>', 'with --holding, in place of --traffic', positiveArgument)
    .option(
      '--holding <seconds>',
      'how long a call holds a line on average, ringing included',
      positiveArgument,
    )
    .option('--lines <count>', 'lines of the group', linesArgument)
    .option('--blocking <share>', 'calls that may find no line free: 0.01 is one in a hundred', shareArgument)
    .option('--json', 'one JSON document')
    .addHelpText('after', examples)
    .action(plan);
}

const examples = `
Two of traffic, lines and blocking are given; the third is the answer:
  cordboard plan --traffic 18 --blocking 0.01
  cordboard plan --calls-per-hour 360 --holding 180 --lines 24
  cordboard plan --lines 24 --blocking 0.01

It holds for calls that come at random and are not repeated when they find no line free. Where callers redial, more
are blocked.`;

function plan(options: PlanOptions): void {
  const question = questionOf(options);
  const group = answerTo(question);
  const { callsPerHour } = options;
  const calls =
    callsPerHour === undefined ? {} : { callsPerHour, blockedPerHour: callsPerHour * group.blocking };
  const text = options.json
    ? JSON.stringify({ ...group, ...calls }, null, 1)
    : `${sentence(group, callsPerHour)}\n\n${table(question, group)}`;
  process.stdout.write(`${text}\n`);
}

function questionOf(options: PlanOptions): Question {
  const { lines, blocking: limit } = options;
  const erlangs = offeredOf(options);
  if (lines === undefined && erlangs !== undefined && limit !== undefined)
    return { find: 'lines', erlangs, limit };
  if (erlangs === undefined && lines !== undefined && limit !== undefined)
    return { find: 'traffic', lines, limit };
  if (limit === undefined && lines !== undefined && erlangs !== undefined)
    return { find: 'blocking', lines, erlangs };
  throw new CommandFailed(
    'usage',
    'Give two of traffic (--traffic, or --calls-per-hour with --holding), --lines and --blocking; the third is found.',
  );
}

function offeredOf({ traffic, callsPerHour, holding }: PlanOptions): number | undefined {
  if (callsPerHour === undefined && holding === undefined) return traffic;
  if (traffic !== undefined || callsPerHour === undefined || holding === undefined) {
    throw new CommandFailed(
      'usage',
      'Traffic is either --traffic, or --calls-per-hour and --holding together.',
    );
  }
  const erlangs = offeredTraffic(callsPerHour, holding);
  if (erlangs === 0 || erlangs > mostLines) {
    throw new CommandFailed(
      'usage',
      `${callsPerHour} calls an hour of ${holding} s are ${erlangs === 0 ? 'no traffic' : `${erlangs.toPrecision(4)} E`}; it must be above 0 and at most ${most} E. Is the holding time in seconds?`,
    );
  }
  return erlangs;
}

function answerTo(question: Question): Group {
  switch (question.find) {
    case 'lines':
      return groupOf(linesFor(question.erlangs, question.limit), question.erlangs);
    case 'traffic':
      return groupOf(question.lines, trafficFor(question.lines, question.limit));
    case 'blocking':
      return groupOf(question.lines, question.erlangs);
  }
}

function groupOf(lines: number, offeredErlangs: number): Group {
  const blocked = blocking(lines, offeredErlangs);
  const carriedErlangs = offeredErlangs * (1 - blocked);
  return { lines, offeredErlangs, blocking: blocked, carriedErlangs, occupancy: carriedErlangs / lines };
}

function sentence({ lines, offeredErlangs, blocking: blocked }: Group, callsPerHour?: number): string {
  const group = `${number(offeredErlangs, 3)} E offered to ${number(lines, 0)} ${lines === 1 ? 'line' : 'lines'}`;
  const share = `${Number((100 * blocked).toPrecision(4))} % of the calls find none free`;
  if (callsPerHour === undefined) return `${group}: ${share}.`;
  return `${group}: ${share}, ${number(callsPerHour * blocked, 1)} of ${number(callsPerHour, 1)} an hour.`;
}

/** The answer among its neighbours: fewer and more lines for the same traffic or, where traffic is the answer, at the same blocking. */
function table(question: Question, answer: Group): string {
  const counts = Array.from({ length: 2 * neighbours + 1 }, (_, index) => answer.lines - neighbours + index);
  const { offeredErlangs } = answer;
  const rows = counts
    .filter((lines) => lines >= 1)
    .map((lines) =>
      groupOf(lines, question.find === 'traffic' ? trafficFor(lines, question.limit) : offeredErlangs),
    )
    .map((group) => [
      String(group.lines),
      group.offeredErlangs.toFixed(3),
      group.blocking >= leastInPlaces ? group.blocking.toFixed(6) : group.blocking.toExponential(3),
      group.carriedErlangs.toFixed(3),
      group.occupancy.toFixed(3),
      group.lines === answer.lines ? '<' : '',
    ]);
  return textTable(['lines', 'offered E', 'blocking', 'carried E', 'occupancy', 'answer'], rows);
}

function number(value: number, places: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: places });
}

function positiveArgument(text: string): number {
  const value = numberOf(text);
  if (!(value > 0)) throw new InvalidArgumentError('Not a number above 0.');
  return value;
}

function trafficArgument(text: string): number {
  const erlangs = numberOf(text);
  if (!(erlangs > 0 && erlangs <= mostLines))
    throw new InvalidArgumentError(`Traffic is a number of erlangs above 0 and at most ${most}.`);
  return erlangs;
}

function linesArgument(text: string): number {
  const lines = /^\d+$/.test(text) ? Number(text) : 0;
  if (lines < 1 || lines > mostLines)
    throw new InvalidArgumentError(`A group has a whole number of lines from 1 to ${most}.`);
  return lines;
}

function shareArgument(text: string): number {
  const share = numberOf(text);
  if (!(share >= leastShare && share < 1)) {
    throw new InvalidArgumentError(
      `Blocking is a share above 0 and below 1, for example 0.01 for one call in a hundred; at least ${leastShare}.`,
    );
  }
  return share;
}

/** NaN for what is no decimal number, or too large for one. */
function numberOf(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}
