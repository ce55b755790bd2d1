import { Command } from 'commander';
import { lineBenchCommand } from './line/command.js';
import { officeBenchCommand } from './office/command.js';

export function benchCommand(): Command {
  return new Command('bench')
    .description('measurements, each beside what people would use instead')
    .addCommand(lineBenchCommand())
    .addCommand(officeBenchCommand());
}
