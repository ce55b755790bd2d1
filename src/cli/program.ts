import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { benchCommand } from './bench/bench.js';
import { callsCommand } from './calls.js';
import { demoCommand } from './demo.js';
import { endpointCommand } from './endpoint.js';
import { exitCodeHelp } from './exit-codes.js';
import { lineCommand } from './line-check.js';
import { listenCommand } from './listen.js';
import { inboxCommand, receivedCommand, sentCommand } from './logs.js';
import { officeCommand } from './office.js';
import { pairCommand } from './pair.js';
import { peersCommand } from './peers.js';
import { planCommand } from './plan.js';
import { rateCommand } from './rate.js';
import { sendCommand } from './send.js';
import { serverKeysCommand } from './server-keys.js';
import { subscriberCommand } from './subscriber.js';
import { tariffCommand } from './tariff.js';
import { upCommand } from './up.js';

const packageFile = new URL('../../package.json', import.meta.url);

/** The command tree. It throws CommanderError in place of ending the process. */
export function createProgram(): Command {
  const { version, description } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
    version: string;
    description: string;
  };
  const program = new Command('cordboard')
    .description(description)
    .version(version)
    .showSuggestionAfterError()
    // `peers` and `peers add` both have --home: what follows a subcommand is its own.
    .enablePositionalOptions()
    .helpCommand(true)
    .addHelpText('after', `\n${exitCodeHelp}\n\nThe README has a call from beginning to end.`)
    .addHelpText('afterAll', ({ command }) => (command.parent ? '\nExit codes: see `cordboard --help`.' : ''))
    .exitOverride();
  const commands = [
    demoCommand(),
    upCommand(),
    officeCommand(),
    subscriberCommand(),
    serverKeysCommand(),
    callsCommand(),
    tariffCommand(),
    rateCommand(),
    lineCommand(),
    endpointCommand(),
    peersCommand(),
    pairCommand(),
    listenCommand(),
    sendCommand(),
    inboxCommand(),
    sentCommand(),
    receivedCommand(),
    planCommand(),
    benchCommand(),
  ];
  for (const command of commands) addCommand(program, command);
  return program;
}

/** `addCommand` does not hand the parent's settings down; `command()` does. */
function addCommand(parent: Command, command: Command): void {
  for (const each of [command, ...command.commands]) each.copyInheritedSettings(parent);
  parent.addCommand(command);
}
