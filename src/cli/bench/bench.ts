import { Command } from 'commander';
import { ledgerBenchCommand } from './ledger/command.js';
import { lineBenchCommand } from './line/command.js';
import { officeBenchCommand } from './office/command.js';

export function benchCommand(): Command {
  return new Command('bench')
    .description('measurements, each beside what people would use instead')
    .addCommand(lineBenchCommand())
    .addCommand(officeBenchCommand())
    .addCommand(ledgerBenchCommand());
}
