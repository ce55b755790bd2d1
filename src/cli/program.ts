import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { exitCodeHelp } from './exit-codes.js';
import { refuseMisplacedWords, takesSubcommandsAlone } from './misplaced-words.js';

const packageFile = new URL('../../package.json', import.meta.url);

/** In the order of the help. What a command needs is read when it is wanted: all of it together takes half a second. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo.js')).demoCommand(),
  up: async () => (await import('./up.js')).upCommand(),
  office: async () => (await import('./office.js')).officeCommand(),
  subscriber: async () => (await import('./subscriber.js')).subscriberCommand(),
  'server-keys': async () => (await import('./server-keys.js')).serverKeysCommand(),
  calls: async () => (await import('./calls.js')).callsCommand(),
  tariff: async () => (await import('./tariff.js')).tariffCommand(),
  rate: async () => (await import('./rate.js')).rateCommand(),
  bill: async () => (await import('./bill.js')).billCommand(),
  line: async () => (await import('./line-check.js')).lineCommand(),
  endpoint: async () => (await import('./endpoint.js')).endpointCommand(),
  peers: async () => (await import('./peers.js')).peersCommand(),
  pair: async () => (await import('./pair.js')).pairCommand(),
  listen: async () => (await import('./listen.js')).listenCommand(),
  send: async () => (await import('./send.js')).sendCommand(),
  inbox: async () => (await import('./logs.js')).inboxCommand(),
  sent: async () => (await import('./logs.js')).sentCommand(),
  received: async () => (await import('./logs.js')).receivedCommand(),
  plan: async () => (await import('./plan.js')).planCommand(),
  bench: async () => (await import('./bench/bench.js')).benchCommand(),
};

/**
 * The command tree. It throws CommanderError in place of ending the process.
 * @param wanted the only command that is needed; all of them for a name that there is not
 */
export async function createProgram(wanted = ''): Promise<Command> {
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
    .hook('preAction', (_, command) => refuseMisplacedWords(command))
    .exitOverride();
  const only = Object.hasOwn(commands, wanted) ? commands[wanted] : undefined;
  for (const load of only ? [only] : Object.values(commands)) addCommand(program, await load());
  return program;
}

/** `addCommand` does not hand the parent's settings down; `command()` does. */
function addCommand(parent: Command, command: Command): void {
  inherit(parent, command);
  parent.addCommand(command);
}

function inherit(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent);
  if (takesSubcommandsAlone(command)) command.allowExcessArguments();
  for (const each of command.commands) inherit(parent, each);
}
