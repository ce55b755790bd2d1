import { Command } from 'commander';
import { resume, send } from '../endpoint/actions/send.js';
import type { Source } from '../endpoint/container/sources.js';
import { actOnLine, type LineOptions } from './act-on-line.js';
import { CommandFailed } from './exit-codes.js';
import { addHomeOptions } from './open-endpoint.js';

type SendOptions = LineOptions & { readonly stdinName: string; readonly resume?: true };

export function sendCommand(): Command {
  return addHomeOptions(new Command('send'))
    .argument('<peer>', 'account or name of the address book')
    .argument('[files...]', 'files and folders; - is standard input, sent as it comes')
    .description('call someone and send files, dates kept')
    .option('--resume', 'go on with what is unfinished for this peer, without files')
    .option('--stdin-name <name>', 'what to call the content of standard input', 'stdin')
    .option('--json', 'one event a line on standard output')
    .action((text: string, files: string[], options: SendOptions) => {
      checkFiles(files, options);
      const sources = sourcesOf(files, options.stdinName);
      if (files.includes('-')) refusePassphraseFromContent(options);
      return actOnLine(
        options,
        ({ addressBook }) => addressBook.named(text),
        ({ endpoint, action }, peer) =>
          options.resume ? resume(endpoint, peer, action) : send(endpoint, peer, sources, action),
      );
    });
}

function checkFiles(files: readonly string[], { resume }: SendOptions): void {
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
