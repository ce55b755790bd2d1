import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { AccountNumber } from '../bytes/account-number.js';
import { initEndpoint } from '../endpoint/endpoint.js';
import { homePaths } from '../endpoint/home.js';
import type { SettingsInput } from '../endpoint/settings.js';
import { readSubscriptionFile } from '../endpoint/subscription.js';
import type { Subscription } from '../protocol/identity/subscription.js';
import { wordsOf } from '../protocol/identity/words.js';
import { accountArgument, lineArgument } from './arguments.js';
import { CommandFailed } from './exit-codes.js';
import { addHomeOptions, endpointWorld, type HomeOptions, homeOf, withEndpoint } from './open-endpoint.js';
import { Prompt } from './prompt.js';
import { printable } from './table.js';
import { wrapFor } from './wrap.js';

interface InitOptions extends HomeOptions {
  readonly subscription?: string;
  readonly account?: AccountNumber;
  readonly name?: string;
  readonly line?: string;
  readonly server?: string;
  readonly unlocked?: true;
  readonly inbox?: string;
}

export function endpointCommand(): Command {
  const command = new Command('endpoint').description(
    'an endpoint: its account, line, server number and folders',
  );
  addHomeOptions(command.command('init'))
    .description('make an endpoint and its key ring, or read a subscription into one that is there')
    .option(
      '--subscription <file>',
      "from the server's operator: account, name, server, and the keys of version 2",
    )
    .option(
      '--line <url>',
      'its modem: serial:/dev/ttyUSB0?baud=115200, pty:PATH, tcp://HOST:PORT, rfc2217://HOST:PORT',
      lineArgument,
    )
    .option('--account <number>', 'its account number, for version 1 alone', accountArgument)
    .option('--name <name>', 'who it is')
    .option('--server <number>', "the server's telephone number, for version 1 alone")
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
  const subscription =
    options.subscription === undefined ? undefined : await readSubscriptionFile(options.subscription);
  if (subscription && existsSync(homePaths(homeOf(options)).keyRing)) await subscribe(options, subscription);
  else await make(options, subscription);
  if (subscription) {
    const said =
      `The server's words, to be compared by telephone with its operator: ${words(subscription.rootKey)}.\n` +
      `${options.subscription} holds the same secrets as the key ring now: delete it.`;
    process.stdout.write(`${wrapFor(process.stdout, said)}\n`);
  }
}

async function make(options: InitOptions, subscription: Subscription | undefined): Promise<void> {
  const prompt = new Prompt(true);
  try {
    const settings = await initEndpoint(homeOf(options), settingsFrom(options, subscription), {
      ...endpointWorld(options, prompt),
      ...(subscription && { subscription }),
    });
    process.stdout.write(
      `Endpoint ${settings.account} (${printable(settings.name)}) is in ${homeOf(options)}.\n` +
        `${subscription ? '' : 'It speaks version 1 alone, for which each peer must be switched on.\n'}` +
        'Next: `cordboard peers add ACCOUNT --name NAME`, then `cordboard pair NAME`.\n',
    );
  } finally {
    prompt.close();
  }
}

function settingsFrom(options: InitOptions, subscription: Subscription | undefined): SettingsInput {
  const given = {
    account: subscription?.account ?? options.account,
    name: options.name ?? subscription?.name,
    line: options.line,
    server_number: subscription?.serverNumber ?? options.server,
  };
  const { account, name, line, server_number } = given;
  if (account === undefined || name === undefined || line === undefined || server_number === undefined) {
    const missing = Object.entries(given).flatMap(([key, value]) =>
      value === undefined ? [flags[key]] : [],
    );
    throw new CommandFailed(
      'usage',
      `Missing: ${missing.join(', ')}. With \`--subscription FILE\` from the server's operator only \`--line\` is needed; an endpoint ` +
        'without one speaks version 1 alone.',
    );
  }
  const { unlocked, inbox } = options;
  const usual = { account, name, line, server_number, locked_to_server: !unlocked };
  return inbox === undefined ? usual : { ...usual, inbox };
}

const flags: Readonly<Record<string, string>> = {
  account: '--account',
  name: '--name',
  line: '--line',
  server_number: '--server',
};

async function subscribe(options: InitOptions, subscription: Subscription): Promise<void> {
  await withEndpoint(options, async (endpoint) => {
    await endpoint.subscribe(subscription);
    process.stdout.write(`Endpoint ${endpoint.settings.account} speaks version 2 from now on.\n`);
  });
}

async function show(options: HomeOptions & { json?: true }): Promise<void> {
  await withEndpoint(options, async (endpoint) => {
    const { settings, paths, inbox } = endpoint;
    const rootKey = await endpoint.rootKey();
    const serverWords = rootKey ? words(rootKey) : null;
    if (options.json) {
      const document = {
        v: 1,
        home: paths.home,
        ...settings,
        inbox,
        versions: rootKey ? [1, 2] : [1],
        serverWords,
      };
      process.stdout.write(`${JSON.stringify(document, null, 1)}\n`);
      return;
    }
    const rows = [
      ['account', settings.account],
      ['name', printable(settings.name)],
      ['line', settings.line],
      ['server', settings.server_number],
      ['words', serverWords ?? '-'],
      ['dials', settings.locked_to_server ? "the server's number only" : 'any number'],
      ['version', rootKey ? '2, and 1 with peers for whom it is on' : '1 alone: there is no subscription'],
      ['takes', `transfers of up to ${settings.largest_transfer_mib.toLocaleString('en')} MiB (version 2)`],
      ['pads', settings.pad_transfers ? 'what it sends, by up to 12 % (version 2)' : 'nothing'],
      ['folder', paths.home],
      ['inbox', inbox],
    ];
    process.stdout.write(`${rows.map(([name = '', value]) => `${name.padEnd(10)}${value}`).join('\n')}\n`);
  });
}

/** CM-A10. */
function words(rootKey: Uint8Array): string {
  return wordsOf(rootKey).join(' ');
}
