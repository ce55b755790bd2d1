import { Command } from 'commander';
import type { AccountNumber } from '../bytes/account-number.js';
import { initEndpoint } from '../endpoint/endpoint.js';
import { accountArgument, lineArgument } from './arguments.js';
import { addHomeOptions, endpointWorld, type HomeOptions, homeOf, withEndpoint } from './open-endpoint.js';
import { Prompt } from './prompt.js';
import { printable } from './table.js';

interface InitOptions extends HomeOptions {
  readonly account: AccountNumber;
  readonly name: string;
  readonly line: string;
  readonly server: string;
  readonly unlocked?: true;
  readonly inbox?: string;
}

export function endpointCommand(): Command {
  const command = new Command('endpoint').description(
    'an endpoint: its account, line, server number and folders',
  );
  addHomeOptions(command.command('init'))
    .description('make an endpoint and its key ring')
    .requiredOption('--account <number>', 'its account number', accountArgument)
    .requiredOption('--name <name>', 'who it is')
    .requiredOption(
      '--line <url>',
      'its modem: serial:/dev/ttyUSB0?baud=115200, pty:PATH, tcp://HOST:PORT',
      lineArgument,
    )
    .requiredOption('--server <number>', "the server's telephone number")
    .option('--unlocked', "let it dial other numbers than the server's")
    .option('--inbox <folder>', 'where received files go (default: inbox in its folder)')
    .action(init);
  addHomeOptions(command.command('show'))
    .description('what the endpoint is')
    .option('--json', 'one JSON document')
    .action(show);
  return command;
}

async function init(options: InitOptions): Promise<void> {
  const prompt = new Prompt(true);
  try {
    const settings = await initEndpoint(
      homeOf(options),
      {
        account: options.account,
        name: options.name,
        line: options.line,
        server_number: options.server,
        locked_to_server: !options.unlocked,
        ...(options.inbox !== undefined && { inbox: options.inbox }),
      },
      endpointWorld(options, prompt),
    );
    process.stdout.write(
      `Endpoint ${settings.account} (${printable(settings.name)}) is in ${homeOf(options)}.\n` +
        'Next: `cordboard peers add ACCOUNT --name NAME`, then `cordboard pair NAME`.\n',
    );
  } finally {
    prompt.close();
  }
}

async function show(options: HomeOptions & { json?: true }): Promise<void> {
  await withEndpoint(options, async ({ settings, paths, inbox }) => {
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ v: 1, home: paths.home, ...settings, inbox }, null, 1)}\n`);
      return;
    }
    const rows = [
      ['account', settings.account],
      ['name', printable(settings.name)],
      ['line', settings.line],
      ['server', settings.server_number],
      ['dials', settings.locked_to_server ? "the server's number only" : 'any number'],
      ['folder', paths.home],
      ['inbox', inbox],
    ];
    process.stdout.write(`${rows.map(([name = '', value]) => `${name.padEnd(10)}${value}`).join('\n')}\n`);
  });
}
