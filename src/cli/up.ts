import { Command } from 'commander';
import { stringify } from 'smol-toml';
import { CallPricing } from '../billing/call-pricing.js';
import { LedgerRater } from '../billing/rate-ledger.js';
import { RatingService } from '../billing/rating-service.js';
import { TariffBook } from '../billing/tariff-book.js';
import { systemRandom } from '../crypto/random.js';
import type { Log } from '../log/log.js';
import type { Office } from '../pstn/central-office/office.js';
import { simBinding } from '../pstn/central-office/ports/sim-port.js';
import { openModem } from '../pstn/modem/open-modem.js';
import { openIdentity } from '../server/identity-files.js';
import type { RootedIdentity } from '../server/server-identity.js';
import { type Server, startServer } from '../server/start-server.js';
import { openStore } from '../store/open-store.js';
import type { Store } from '../store/store.js';
import { realClock } from '../time/real-clock.js';
import { type Config, configSource, printableConfig, sectionMissing } from './config.js';
import { enrol } from './enrol.js';
import { CommandFailed } from './exit-codes.js';
import { createLogger } from './logger.js';
import { ratingOptions } from './rating-options.js';
import { officeSummary, runOffice } from './run-office.js';
import { withKeyFiles, wordsLine } from './server-keys.js';
import { untilStopped } from './until-stopped.js';
import { addStoreOptions, configFor, type StoreCommandOptions, storeOptions } from './with-store.js';
import { wrapFor } from './wrap.js';

/** Calls in progress may go on for so long after a request to stop. */
const graceMs = 30_000;

export function upCommand(): Command {
  return addStoreOptions(new Command('up'))
    .description('the server, with the lines that the configuration names')
    .option('--print-config', 'show what is in force, and end')
    .action(run);
}

async function run(options: StoreCommandOptions & { printConfig?: true }): Promise<void> {
  const config = configFor(options);
  if (options.printConfig) {
    process.stdout.write(`${stringify(printableConfig(config))}\n`);
    return;
  }
  const running = await bringUp(config, configSource(options.config), createLogger(config.log_level));
  const stopped = untilStopped();
  for (const warning of running.warnings) process.stderr.write(`cordboard: ${warning}\n`);
  process.stdout.write(
    `${wrapFor(process.stdout, running.summary)}\nCtrl-C stops it; calls in progress may finish first.\n`,
  );
  await stopped;
  process.stdout.write('Stopping ...\n');
  await running.stop();
  process.stdout.write('Stopped.\n');
}

export interface Running {
  readonly summary: string;
  /** What a person should know of the configuration, a sentence each. */
  readonly warnings: readonly string[];
  readonly store: Store;
  readonly identity: RootedIdentity;
  readonly server: Server;
  readonly office: Office | undefined;
  stop(): Promise<void>;
}

/**
 * Network, database and server in this order; whatever is up is taken down again when a later one fails.
 * @param source names the file of the configuration
 */
export async function bringUp(config: Config, source: string, log: Log): Promise<Running> {
  const { server: section, office: officeSection } = config;
  if (!section) throw sectionMissing(source, '[server]');
  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async () => {
    for (const each of opened.reverse()) await each.close();
  };
  try {
    const office = officeSection && (await runOffice(officeSection, source, log));
    if (office) opened.push(office);
    const store = await openStore(storeOptions(config, log));
    opened.push(store);
    const warnings = await enrol(store.subscribers, config.subscriber);
    const identity = await withKeyFiles(() => openIdentity(config.data_dir, systemRandom));
    const server = await startTrunks(section, { store, identity, office, log });
    opened.push({ close: () => server.stop(graceMs) });
    const rating = new RatingService({ rater: new LedgerRater(ratingOptions(store)), clock: realClock, log });
    opened.push({ close: () => rating.stop() });
    const summary = [
      `Server ${section.number} on ${section.trunks.join(', ')}.`,
      `Accounts and call records: ${store.description}.`,
      wordsLine(identity),
      ...(officeSection ? [officeSummary(officeSection)] : []),
    ].join('\n');
    return { summary, warnings, store, identity, server, office, stop: closeAll };
  } catch (cause) {
    await closeAll();
    throw cause;
  }
}

async function startTrunks(
  section: NonNullable<Config['server']>,
  { store, identity, office, log }: Pick<Running, 'store' | 'identity' | 'office'> & { readonly log: Log },
): Promise<Server> {
  const modemOptions = { clock: realClock, log, ...(office && { simBinding: simBinding(office) }) };
  try {
    return await startServer({
      store,
      number: section.number,
      ...(section.transfer && { transfer: section.transfer }),
      pricing: new CallPricing({ payers: store.payers, book: new TariffBook(store.tariffs), log }),
      identity,
      trunks: section.trunks.map((url) => ({ url, open: () => openModem(url, modemOptions) })),
      clock: realClock,
      random: systemRandom,
      log,
    });
  } catch (cause) {
    if (!(cause instanceof AggregateError)) throw cause;
    const reasons = cause.errors.map((error: Error) => `  ${error.message}`);
    throw new CommandFailed('line-unavailable', `No trunk could be opened:\n${reasons.join('\n')}`, {
      cause,
    });
  }
}
