import { Command } from 'commander';
import { listen } from '../endpoint/actions/listen.js';
import { actOnLine, type LineOptions } from './act-on-line.js';
import { addHomeOptions } from './open-endpoint.js';

export function listenCommand(): Command {
  return addHomeOptions(new Command('listen'))
    .description('answer calls: receive files, and pair with those who ask')
    .option('--once', 'end after one call')
    .option('--json', 'one event a line on standard output; answers are read from standard input')
    .action((options: LineOptions & { once?: true }) =>
      actOnLine(
        options,
        async () => {},
        ({ endpoint, action }) => listen(endpoint, { ...action, once: options.once === true }),
      ),
    );
}
