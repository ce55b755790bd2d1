import { rm } from 'node:fs/promises';
import type { Command } from 'commander';
import type { AccountNumber } from '../bytes/account-number.js';
import { systemRandom } from '../crypto/random.js';
import { x25519 } from '../crypto/x25519.js';
import { type Subscription, subscriptionText } from '../protocol/identity/subscription.js';
import { openIdentity } from '../server/identity-files.js';
import { writeNewSecretFile } from '../server/secret-file.js';
import type { RootedIdentity } from '../server/server-identity.js';
import type { Subscriber, Subscribers } from '../store/subscribers.js';
import { accountOperand } from './arguments.js';
import { configSource, sectionMissing } from './config.js';
import { CommandFailed } from './exit-codes.js';
import { withKeyFiles, wordsLine } from './server-keys.js';
import { addStoreOptions, configFor, type StoreCommandOptions, withStore } from './with-store.js';

export function addIssueCommand(parent: Command): void {
  addStoreOptions(parent.command('issue').addArgument(accountOperand('account')))
    .description("make an account's keys of version 2, and the file that its endpoint reads them from")
    .requiredOption('--out <file>', 'the subscription file to write; never one that is there already')
    .action(issue);
}

async function issue(
  account: AccountNumber,
  options: StoreCommandOptions & { readonly out: string },
): Promise<void> {
  const { server, data_dir } = configFor(options);
  if (!server) throw sectionMissing(configSource(options.config), '[server]');
  await withStore(options, async ({ subscribers }) => {
    const subscriber = await issuable(subscribers, account);
    const identity = await withKeyFiles(() => openIdentity(data_dir, systemRandom));
    await issueSubscription(subscribers, subscriber, { serverNumber: server.number, identity }, options.out);
    process.stdout.write(
      `The subscription of ${account} is in ${options.out}. Hand it over in person or encrypted; whoever has it can be ${account}.
${wordsLine(identity)}
${subscriber.hasKey ? `The keys that ${account} had before are good for nothing now.\n` : ''}`,
    );
  });
}

async function issuable(subscribers: Subscribers, account: AccountNumber): Promise<Subscriber> {
  const found = await subscribers.find(account);
  if (!found) {
    throw new CommandFailed(
      'failed',
      `There is no account ${account}. Open it first with \`cordboard subscriber add\`.`,
    );
  }
  if (found.state === 'closed') throw new CommandFailed('failed', `Account ${account} is closed for ever.`);
  if (!found.versions.includes(2)) {
    throw new CommandFailed(
      'failed',
      `Account ${account} may use version 1 alone, which knows no keys. Open another account for version 2.`,
    );
  }
  return found;
}

/**
 * Makes fresh keys for the account: their public half and the psk go into the database, the secret into the file. The file comes
 * first, and goes again when the database does not take the keys.
 * @throws CommandFailed when the file is there already or cannot be written; nothing is changed then
 */
export async function issueSubscription(
  subscribers: Subscribers,
  { account, name }: Subscriber,
  server: { readonly serverNumber: string; readonly identity: RootedIdentity },
  path: string,
): Promise<void> {
  const { serverNumber, identity } = server;
  const { rootKey, keyList } = identity;
  const [staticSecret, psk] = [systemRandom(32), systemRandom(32)];
  const subscription: Subscription = {
    ...{ account, name, serverNumber, rootKey, keyList, staticSecret, psk },
  };
  const isNew = await withKeyFiles(() => writeNewSecretFile(path, subscriptionText(subscription)));
  if (!isNew) {
    throw new CommandFailed(
      'usage',
      `${path} is there already; nothing was changed. Name another file, or take it away first.`,
    );
  }
  try {
    const issued = await subscribers.issue(account, { staticKey: x25519(staticSecret).publicKey, psk });
    if (!issued) throw new CommandFailed('failed', `Account ${account} was closed meanwhile.`);
  } catch (cause) {
    await rm(path, { force: true });
    throw cause;
  }
}
