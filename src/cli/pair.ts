import { Command, Option } from 'commander';
import type { Version } from '../endpoint/actions/events.js';
import { pair } from '../endpoint/actions/pair.js';
import { actOnLine, type LineOptions } from './act-on-line.js';
import { addHomeOptions } from './open-endpoint.js';

export function pairCommand(): Command {
  return addHomeOptions(new Command('pair'))
    .argument('<peer>', 'account or name of the address book')
    .description('agree on a key with someone new, confirmed by voice; the other side runs `listen`')
    .addOption(
      new Option('--protocol-version <number>', '1 only where it is allowed for the peer')
        .choices(['1', '2'])
        .default(undefined, '2, or 1 without a subscription'),
    )
    .option('--json', 'one event a line on standard output; answers are read from standard input')
    .action((text: string, options: LineOptions & { protocolVersion?: '1' | '2' }) =>
      actOnLine(
        options,
        ({ addressBook }) => addressBook.named(text),
        ({ endpoint, action }, peer) =>
          pair(endpoint, peer, { ...action, version: versionOf(options.protocolVersion) }),
      ),
    );
}

function versionOf(text: '1' | '2' | undefined): Version | undefined {
  return text === undefined ? undefined : text === '1' ? 1 : 2;
}
