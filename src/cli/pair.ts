import { Command } from 'commander';
import { pair } from '../endpoint/actions/pair.js';
import { actOnLine, type LineOptions } from './act-on-line.js';
import { addHomeOptions } from './open-endpoint.js';

export function pairCommand(): Command {
  return addHomeOptions(new Command('pair'))
    .argument('<peer>', 'account or name of the address book')
    .description('agree on a key with someone new, confirmed by voice; the other side runs `listen`')
    .option('--json', 'one event a line on standard output; answers are read from standard input')
    .action((text: string, options: LineOptions) =>
      actOnLine(
        options,
        ({ addressBook }) => addressBook.named(text),
        ({ endpoint, action }, peer) => pair(endpoint, peer, action),
      ),
    );
}
