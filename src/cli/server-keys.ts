import { Command } from 'commander';
import { systemRandom } from '../crypto/random.js';
import { wordsOf } from '../protocol/identity/words.js';
import { identityPaths, openIdentity, rotateIdentity, ServerKeysUnusable } from '../server/identity-files.js';
import { SecretFileFailed } from '../server/secret-file.js';
import type { RootedIdentity } from '../server/server-identity.js';
import { CommandFailed } from './exit-codes.js';
import { addStoreOptions, configFor, type StoreCommandOptions } from './with-store.js';

export function serverKeysCommand(): Command {
  const command = new Command('server-keys').description('the keys by which endpoints know this server');
  addStoreOptions(command.command('show'))
    .description('the six words that people compare by telephone, and where the keys are')
    .action(show);
  addStoreOptions(command.command('rotate'))
    .description('make the next key the present one; endpoints learn of it at their next call')
    .option('--root-key <file>', "the operator's root key; root-key.toml in the data folder unless told")
    .action(rotate);
  return command;
}

async function show(options: StoreCommandOptions): Promise<void> {
  const { data_dir } = configFor(options);
  const identity = await withKeyFiles(() => openIdentity(data_dir, systemRandom));
  const { serverKeys, rootKey } = identityPaths(data_dir);
  process.stdout.write(
    `${wordsLine(identity)}
Present key: number ${identity.keyList.sequence}; ${identity.keys.length} in use, in ${serverKeys}.
The root key is needed for rotation alone. If it is still in ${rootKey}, move it away from this server.
`,
  );
}

async function rotate(options: StoreCommandOptions & { rootKey?: string }): Promise<void> {
  const { data_dir } = configFor(options);
  const rootKey = options.rootKey ?? identityPaths(data_dir).rootKey;
  const { keyList } = await withKeyFiles(() => rotateIdentity(data_dir, rootKey, systemRandom));
  process.stdout.write(
    `The present key is number ${keyList.sequence} now. Start the server again: it goes on with the old keys until then.\n`,
  );
}

/** CM-A10, for the operator to read out. */
export function wordsLine({ rootKey }: Pick<RootedIdentity, 'rootKey'>): string {
  return `Server's words, to be compared by telephone: ${wordsOf(rootKey).join(' ')}.`;
}

/** Tells of key files that cannot be used as commands do. */
export async function withKeyFiles<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ServerKeysUnusable) throw new CommandFailed('damaged', cause.message, { cause });
    if (cause instanceof SecretFileFailed) throw new CommandFailed('local-error', cause.message, { cause });
    throw cause;
  }
}
