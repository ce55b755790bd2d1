import { Command } from 'commander';
import { configOption, loadConfig } from './config.js';
import { CommandFailed } from './exit-codes.js';
import { createLogger } from './logger.js';
import { officeSummary, runOffice } from './run-office.js';
import { untilStopped } from './until-stopped.js';

export function officeCommand(): Command {
  return new Command('office')
    .description('only the simulated telephone network, its lines as ptys and TCP ports')
    .addOption(configOption())
    .action(run);
}

async function run({ config: path }: { config?: string }): Promise<void> {
  const config = loadConfig(path, process.env);
  if (!config.office) {
    throw new CommandFailed(
      'usage',
      'The configuration has no [office] section, so there is no network to run.',
    );
  }
  const office = await runOffice(config.office, createLogger(config.log_level));
  const stopped = untilStopped();
  process.stdout.write(`${officeSummary(config.office)}\nCtrl-C ends it.\n`);
  await stopped;
  await office.close();
  process.stdout.write('Stopped.\n');
}
