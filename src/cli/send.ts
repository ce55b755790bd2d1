import { Command, Option } from 'commander';
import { resume, send } from '../endpoint/actions/send.js';
import { discard } from '../endpoint/actions/version-2/discard.js';
import { quote } from '../endpoint/actions/version-2/quote.js';
import type { Source } from '../endpoint/container/sources.js';
import { actOnLine, type LineOptions } from './act-on-line.js';
import { CommandFailed } from './exit-codes.js';
import { addHomeOptions, withEndpoint } from './open-endpoint.js';
import { printable } from './table.js';

type SendOptions = LineOptions & {
  readonly stdinName: string;
  readonly resume?: true;
  readonly discard?: true;
  readonly dryRun?: true;
  readonly collect?: true;
};

export function sendCommand(): Command {
  return addHomeOptions(new Command('send'))
    .argument('<peer>', 'account or name of the address book')
    .argument('[files...]', 'files and folders; - is standard input, sent as it comes')
    .description('call someone and send files, dates kept')
    .option('--resume', 'go on with what is unfinished for this peer, without files')
    .addOption(
      new Option('--discard', 'give up what is unfinished for this peer, without a call').conflicts('resume'),
    )
    .addOption(
      new Option('--dry-run', 'ask the server for time and price, and send nothing').conflicts([
        'resume',
        'discard',
      ]),
    )
    .addOption(
      new Option(
        '--collect',
        'ask them to pay for the call; they must have agreed to pay for your calls',
      ).conflicts('discard'),
    )
    .option('--stdin-name <name>', 'what to call the content of standard input', 'stdin')
    .option('--json', 'one event a line on standard output')
    .action((text: string, files: string[], options: SendOptions) => {
      checkFiles(files, options);
      if (options.discard) return discardUnfinished(text, options);
      const sources = sourcesOf(files, options.stdinName);
      if (files.includes('-')) refusePassphraseFromContent(options);
      return actOnLine(
        options,
        ({ addressBook }) => addressBook.named(text),
        ({ endpoint, action: onLine }, peer) => {
          const action = { ...onLine, isCollect: options.collect ?? false };
          if (options.dryRun) return quote(endpoint, peer, sources, action);
          return options.resume ? resume(endpoint, peer, action) : send(endpoint, peer, sources, action);
        },
      );
    });
}

async function discardUnfinished(peer: string, options: SendOptions): Promise<void> {
  await withEndpoint(
    options,
    async (endpoint) => {
      const given = await discard(endpoint, await endpoint.addressBook.named(peer));
      for (const { peer: account, begunAt, names, mayHaveArrived } of given) {
        const line = options.json
          ? JSON.stringify({ v: 1, event: 'discarded', peer: account, begunAt, names, mayHaveArrived })
          : `Given up: ${printable(names.join(', '))}${mayHaveArrived ? ' (it may have arrived)' : ''}`;
        process.stdout.write(`${line}\n`);
      }
    },
    options.json === true,
  );
}

function checkFiles(files: readonly string[], { resume, discard: isGivenUp }: SendOptions): void {
  if (isGivenUp && files.length > 0)
    throw new CommandFailed('usage', '--discard gives up what was begun before; leave the files out.');
  if (isGivenUp) return;
  if (resume && files.length > 0)
    throw new CommandFailed('usage', '--resume goes on with what was begun before; leave the files out.');
  if (!resume && files.length === 0)
    throw new CommandFailed('usage', 'Name the files to send, or --resume to go on with what is unfinished.');
}

/** Its first line would otherwise be taken for the passphrase, and be missing in what is sent. */
function refusePassphraseFromContent({ passphraseFile }: SendOptions): void {
  const isGiven = passphraseFile !== undefined || process.env.CORDBOARD_PASSPHRASE !== undefined;
  if (isGiven || process.stdin.isTTY) return;
  throw new CommandFailed(
    'usage',
    'Standard input is what is sent, so the passphrase cannot come from it. Add --passphrase-file FILE or set $CORDBOARD_PASSPHRASE.',
  );
}

function sourcesOf(files: readonly string[], stdinName: string): Source[] {
  if (files.filter((file) => file === '-').length > 1) {
    throw new CommandFailed('usage', 'Standard input (-) can be sent once only.');
  }
  return files.map((file) => (file === '-' ? { name: stdinName, content: process.stdin } : file));
}
