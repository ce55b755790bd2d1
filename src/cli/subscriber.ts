import { Command, InvalidArgumentError, Option } from 'commander';
import type { AccountNumber } from '../bytes/account-number.js';
import type { Store } from '../store/store.js';
import type { Subscriber } from '../store/subscribers.js';
import { accountOperand, callerArgument, callerOperand, nameArgument } from './arguments.js';
import { CommandFailed } from './exit-codes.js';
import { addIssueCommand } from './issue-subscription.js';
import { noSuchAccount } from './known-account.js';
import { addPayerCommands } from './payers.js';
import { addLimitCommand } from './spending-limit.js';
import { showSubscriber } from './subscriber-show.js';
import { printable, textTable } from './table.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';

interface AddOptions extends StoreCommandOptions {
  readonly name: string;
  readonly number: string;
  readonly callingNumber: string[];
  readonly allowWithheldAni?: true;
  readonly protocol: (1 | 2)[];
  readonly accepts: (AccountNumber | '*')[];
}

type ShowOptions = StoreCommandOptions & { readonly json?: true };

export function subscriberCommand(): Command {
  const command = new Command('subscriber').description('the accounts that the server knows');
  addStoreOptions(command.command('add').addArgument(accountOperand('account')))
    .description('open an account')
    .requiredOption('--name <name>', 'who it is, for records and bills', nameArgument)
    .requiredOption('--number <digits>', 'where the server calls it, and where it calls from', numberArgument)
    .option(
      '--calling-number <digits>',
      'a further number it may call from; repeatable',
      repeatable(numberArgument),
      [],
    )
    .option('--allow-withheld-ani', 'take its calls when the line does not tell the caller')
    .addOption(
      new Option('--protocol <version>', 'a protocol version it may use; repeatable')
        .argParser(repeatable(versionArgument))
        .default([], '2'),
    )
    .option(
      '--accepts <account>',
      "whose calls it takes, or '*' for anyone's; repeatable",
      repeatable(callerArgument),
      [],
    )
    .action(add);
  addStoreOptions(command.command('list'))
    .description('every account')
    .option('--json', 'one JSON document')
    .action(list);
  addStoreOptions(command.command('show').addArgument(accountOperand('account')))
    .description('one account')
    .option('--json', 'one JSON document')
    .action(showSubscriber);
  addIssueCommand(command);
  addStateCommand(command, 'suspend', 'suspended', 'refuse its calls, in and out, until it is resumed');
  addStateCommand(command, 'resume', 'active', 'take its calls again');
  addStateCommand(command, 'remove', 'closed', 'close the account for ever; its call records stay');
  addStoreOptions(
    command.command('authorise').addArgument(accountOperand('callee')).addArgument(callerOperand('caller')),
  )
    .description("let CALLER call CALLEE; '*' for anyone")
    .action(authorise);
  addPayerCommands(command);
  addLimitCommand(command);
  return command;
}

function addStateCommand(
  parent: Command,
  name: string,
  state: Subscriber['state'],
  description: string,
): void {
  addStoreOptions(parent.command(name).addArgument(accountOperand('account')))
    .description(description)
    .action((account: AccountNumber, options: StoreCommandOptions) =>
      withStore(options, async ({ subscribers }) => {
        if (!(await subscribers.setState(account, state))) {
          throw await whyNotSet(subscribers, account);
        }
        process.stdout.write(`${account} is ${state}.\n`);
      }),
    );
}

async function whyNotSet(subscribers: Store['subscribers'], account: AccountNumber): Promise<CommandFailed> {
  const found = await subscribers.find(account);
  return found
    ? new CommandFailed(
        'failed',
        `Account ${account} is ${found.state}; a closed account stays closed. Open a new one with \`cordboard subscriber add\`.`,
      )
    : noSuchAccount(account);
}

async function add(account: AccountNumber, options: AddOptions): Promise<void> {
  const open = async ({ subscribers }: Store) => {
    const isNew = await subscribers.add({
      account,
      name: options.name,
      number: options.number,
      callingNumbers: options.callingNumber,
      allowsWithheldAni: options.allowWithheldAni ?? false,
      versions: options.protocol.length > 0 ? options.protocol : [2],
      accepts: options.accepts,
    });
    if (!isNew) {
      const isClosed = (await subscribers.find(account))?.state === 'closed';
      const why = isClosed ? 'was closed for ever, and its number is not given again' : 'exists already';
      throw new CommandFailed('failed', `Account ${account} ${why}; nothing was changed.`);
    }
    process.stdout.write(`${account} is open.\n`);
  };
  await withStore(options, open, { mayMake: true });
}

async function list(options: ShowOptions): Promise<void> {
  await withStore(options, async ({ subscribers }) => {
    const all = await subscribers.list();
    if (options.json) return printJson(all);
    if (all.length === 0) {
      process.stdout.write('No accounts yet. Open one: `cordboard subscriber add`.\n');
      return;
    }
    const rows = all.map((each) => [
      each.account,
      printable(each.name),
      each.number,
      each.state,
      each.versions.join(' '),
      each.accepts.join(' ') || '-',
    ]);
    process.stdout.write(
      `${textTable(['account', 'name', 'number', 'state', 'versions', 'accepts'], rows)}\n`,
    );
  });
}

async function authorise(
  callee: AccountNumber,
  caller: AccountNumber | '*',
  options: StoreCommandOptions,
): Promise<void> {
  await withStore(options, async ({ subscribers }) => {
    if (!(await subscribers.authorise(callee, caller))) throw noSuchAccount(callee);
    process.stdout.write(`${callee} takes calls of ${caller === '*' ? 'anyone' : caller}.\n`);
  });
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 1)}\n`);
}

function numberArgument(text: string): string {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError('Not a telephone number (1 to 15 digits).');
  return text;
}

function versionArgument(text: string): 1 | 2 {
  if (text !== '1' && text !== '2') throw new InvalidArgumentError('The protocol versions are 1 and 2.');
  return text === '1' ? 1 : 2;
}

function repeatable<T>(parse: (text: string) => T): (text: string, sofar: T[]) => T[] {
  return (text, sofar) => [...sofar, parse(text)];
}
