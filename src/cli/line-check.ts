import { Argument, Command } from 'commander';
import { checkLine } from '../pstn/modem/line-check/line-check.js';
import { type LineReport, type Step, stepNames } from '../pstn/modem/line-check/line-report.js';
import { realClock } from '../time/real-clock.js';
import { lineArgument } from './arguments.js';
import { exitCodes } from './exit-codes.js';
import { printable, textTable } from './table.js';
import { untilStopped } from './until-stopped.js';

export function lineCommand(): Command {
  return new Command('line').description('what is at the end of a line').addCommand(checkCommand());
}

interface CheckOptions {
  readonly offHook?: true;
  readonly json?: true;
}

function checkCommand(): Command {
  return new Command('check')
    .description(
      'ask a modem what it can do: voice, DTMF, caller ID, error control, SMS; and which profile fits',
    )
    .addArgument(
      new Argument('<url>', 'serial:/dev/ttyUSB0, pty:path, tcp://host:port, rfc2217://host:port').argParser(
        lineArgument,
      ),
    )
    .option('--off-hook', 'go off-hook and listen for a dial tone; the line must not be in use')
    .option('--json', 'one event a line: each step, then the report')
    .action(check);
}

async function check(url: string, options: CheckOptions): Promise<void> {
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  const isScreen = !options.json && process.stderr.isTTY;
  const report = await checkLine(url, {
    clock: realClock,
    offHook: options.offHook === true,
    signal: stop.signal,
    onStep: (step) => {
      if (options.json) print({ event: 'step', ...step });
      else if (isScreen) process.stderr.write(`${stepNames[step.step]}: ${printable(step.told)}\n`);
    },
  });
  if (options.json) print({ event: 'report', ...report });
  else process.stdout.write(`${isScreen ? '\n' : ''}${reportText(report)}\n`);
  process.exitCode = stop.signal.aborted ? exitCodes.cancelled : exitCodes[exitNames[report.verdict]];
}

const exitNames = { modem: 'done', 'no-modem': 'no-modem', unavailable: 'line-unavailable' } as const;

function print(event: object): void {
  process.stdout.write(`${JSON.stringify({ v: 1, ...event })}\n`);
}

const knownWords: Readonly<Record<Step['known'], string>> = { yes: 'yes', no: 'no', unknown: '?' };

/** For people: what was found, one thing a line, and what to make of it. */
export function reportText({ line, steps, advice }: LineReport): string {
  const rows = steps.map(({ step, known, told }) => [stepNames[step], knownWords[known], printable(told)]);
  return [line, textTable(['what', 'found', 'as told'], rows), ...advice].join('\n');
}
