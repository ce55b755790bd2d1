import { Argument, Command } from 'commander';
import type { AccountNumber } from '../bytes/account-number.js';
import type { Peer } from '../endpoint/address-book.js';
import { accountOperand } from './arguments.js';
import { addHomeOptions, type HomeOptions, withEndpoint } from './open-endpoint.js';
import { shellWord } from './shell-word.js';
import { printable, textTable } from './table.js';
import { wrapFor } from './wrap.js';

interface AddOptions extends HomeOptions {
  readonly name: string;
  readonly allowVersion1?: true;
}

export function peersCommand(): Command {
  const command = addHomeOptions(new Command('peers'))
    .description('the address book: account, name, pairing, version floor, whose collect calls are taken')
    .option('--json', 'one JSON document')
    .action(list);
  addHomeOptions(command.command('add').addArgument(accountOperand('account')))
    .description('add someone to send to or receive from')
    .requiredOption('--name <name>', 'what to call it')
    .option(
      '--allow-version-1',
      'let the 1997 protocols be spoken with this peer too, until it has paired in version 2 (weaker: see the README)',
    )
    .action(add);
  addHomeOptions(command.command('rename <peer> <name>'))
    .description('call it something else')
    .action(rename);
  addHomeOptions(command.command('remove <peer>'))
    .description('forget it, and the key shared with it')
    .action(remove);
  addHomeOptions(
    command.command('both-strings <peer>').addArgument(new Argument('<answer>').choices(['yes', 'no'])),
  )
    .description(
      'whether each side types a string when you pair (version 2), so that a guess succeeds once in 2^50',
    )
    .action(bothStrings);
  addHomeOptions(
    command.command('pay-for <peer>').addArgument(new Argument('<answer>').choices(['yes', 'no'])),
  )
    .description('whether its calls are taken for which you are asked to pay (`send --collect`)')
    .action(payFor);
  addHomeOptions(
    command.command('allow-version-1 <peer>').addArgument(new Argument('<answer>').choices(['yes', 'no'])),
  )
    .description('whether the 1997 protocols may be spoken with this peer')
    .action(allowVersion1);
  return command;
}

async function list(options: HomeOptions & { json?: true }): Promise<void> {
  await withEndpoint(options, async ({ addressBook }) => {
    const peers = await addressBook.list();
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ v: 1, peers: peers.map(peerJson) }, null, 1)}\n`);
      return;
    }
    if (peers.length === 0) {
      process.stdout.write('Nobody yet. Add someone: `cordboard peers add ACCOUNT --name NAME`.\n');
      return;
    }
    const rows = peers.map((peer) => [
      peer.account,
      printable(peer.name),
      peer.pairedAt === undefined ? 'no' : new Date(peer.pairedAt).toISOString().slice(0, 10),
      peer.allowVersion1 ? 'allowed' : 'off',
      String(peer.versionFloor),
      peer.paysFor ? 'taken' : 'refused',
    ]);
    process.stdout.write(
      `${textTable(['account', 'name', 'paired', 'version 1', 'floor', 'collect calls'], rows)}\n`,
    );
  });
}

function peerJson({ pairedAt, ...peer }: Peer) {
  return {
    ...peer,
    paysFor: peer.paysFor ?? false,
    paired: pairedAt !== undefined,
    pairedAt: pairedAt ? new Date(pairedAt).toISOString() : null,
  };
}

async function add(account: AccountNumber, options: AddOptions): Promise<void> {
  await withEndpoint(options, async ({ addressBook }) => {
    const peer = await addressBook.add(account, options.name, options.allowVersion1 ?? false);
    const name = printable(peer.name);
    const next = `Next: \`cordboard pair ${shellWord(name)}\` here, while \`cordboard listen\` runs on the other side.`;
    process.stdout.write(`${name} is ${peer.account}.\n${wrapFor(process.stdout, next)}\n`);
  });
}

async function rename(text: string, name: string, options: HomeOptions): Promise<void> {
  await withEndpoint(options, async ({ addressBook }) => {
    const peer = await addressBook.named(text);
    await addressBook.rename(peer.account, name);
    process.stdout.write(`${peer.account} is called ${printable(name)}.\n`);
  });
}

async function remove(text: string, options: HomeOptions): Promise<void> {
  await withEndpoint(options, async (endpoint) => {
    const peer = await endpoint.addressBook.named(text);
    await endpoint.forget(peer);
    const key = peer.pairedAt === undefined ? '' : ', and the key shared with it';
    process.stdout.write(`${printable(peer.name)} is forgotten${key}.\n`);
  });
}

async function allowVersion1(text: string, answer: string, options: HomeOptions): Promise<void> {
  await withEndpoint(options, async ({ addressBook }) => {
    const peer = await addressBook.named(text);
    const allow = answer === 'yes';
    const { versionFloor } = await addressBook.allowVersion1(peer.account, allow);
    const never = versionFloor > 1 ? ', and never spoken any more: you have paired in version 2' : '';
    process.stdout.write(`Version 1 with ${printable(peer.name)} is ${allow ? 'allowed' : 'off'}${never}.\n`);
  });
}

async function payFor(text: string, answer: string, options: HomeOptions): Promise<void> {
  await withEndpoint(options, async ({ addressBook }) => {
    const peer = await addressBook.named(text);
    const { paysFor = false } = await addressBook.payFor(peer.account, answer === 'yes');
    const what = paysFor ? 'are taken, and charged to you' : 'are refused';
    process.stdout.write(`Collect calls of ${printable(peer.name)} ${what}.\n`);
  });
}

async function bothStrings(text: string, answer: string, options: HomeOptions): Promise<void> {
  await withEndpoint(options, async ({ addressBook }) => {
    const peer = await addressBook.named(text);
    const { bothStrings: wanted = false } = await addressBook.wantBothStrings(peer.account, answer === 'yes');
    const what = wanted ? 'each side types a string' : 'one side types a string, unless they want both';
    process.stdout.write(`At the next pairing with ${printable(peer.name)} ${what}.\n`);
  });
}
