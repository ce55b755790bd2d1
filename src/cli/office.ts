import { Command } from 'commander';
import { systemRandom } from '../crypto/random.js';
import type { NetworkEvent } from '../pstn/central-office/events.js';
import type { ScenarioEvent } from '../pstn/central-office/scenario/scenario.js';
import { realClock } from '../time/real-clock.js';
import { SimulatedClock } from '../time/simulated-clock.js';
import { configOption, configSource, loadConfig, sectionMissing } from './config.js';
import { CommandFailed } from './exit-codes.js';
import { createLogger } from './logger.js';
import { networkEventJson, networkEventText } from './network-log.js';
import type { OfficeSection } from './office-config.js';
import { buildOffice, officeSummary, runOffice } from './run-office.js';
import { readScenario } from './scenario-file.js';
import { untilStopped } from './until-stopped.js';

interface OfficeCommandOptions {
  readonly config?: string;
  readonly scenario?: string;
  readonly atOnce?: true;
  readonly json?: true;
}

export function officeCommand(): Command {
  return new Command('office')
    .description('only the simulated telephone network, its lines as ptys and TCP ports')
    .addOption(configOption())
    .option('--scenario <file>', 'what happens on which line at what time (TOML); prints the event log')
    .option(
      '--at-once',
      'with --scenario: on a clock of its own, without waiting and without programs; then ends',
    )
    .option('--json', 'with --scenario: the event log as one JSON object a line')
    .action(run);
}

async function run(options: OfficeCommandOptions): Promise<void> {
  const { office: section, log_level } = loadConfig(options.config, process.env);
  const source = configSource(options.config);
  if (!section) throw sectionMissing(source, '[office]');
  const { scenario: file, atOnce } = options;
  if (file === undefined && (atOnce || options.json))
    throw new CommandFailed('usage', '--at-once and --json go with --scenario FILE.');
  const scenario = file === undefined ? undefined : readScenario(file, section);
  const text = options.json ? networkEventJson : networkEventText;
  const print = (atMs: number, event: NetworkEvent) => process.stdout.write(`${text(atMs, event)}\n`);
  if (scenario && atOnce) {
    playAtOnce(section, source, scenario, print);
    return;
  }
  const beginMs = realClock.monotonicMs();
  const observe = (event: NetworkEvent) => print(realClock.monotonicMs() - beginMs, event);
  const office = await runOffice(section, source, createLogger(log_level), scenario && observe);
  const stopped = untilStopped();
  const said = `${officeSummary(section)}\nCtrl-C ends it.\n`;
  // A program reads the event log alone.
  (options.json ? process.stderr : process.stdout).write(said);
  const played = scenario && office.play(scenario);
  await stopped;
  played?.stop();
  await office.close();
  if (!options.json) process.stdout.write('Stopped.\n');
}

/** After the last event of the scenario, telephones may still ring and talk for so long. */
const afterwardsMs = 600_000;

/**
 * The whole scenario on a clock that does not wait, until nothing more would happen: the same seed gives the same log, to
 * the last digit of its times.
 */
export function playAtOnce(
  section: OfficeSection,
  source: string,
  scenario: readonly ScenarioEvent[],
  print: (atMs: number, event: NetworkEvent) => void,
): void {
  const clock = new SimulatedClock();
  const observe = (event: NetworkEvent) => print(clock.monotonicMs(), event);
  const office = buildOffice(section, source, {
    clock,
    log: createLogger('error'),
    random: systemRandom,
    observe,
  });
  const run = office.play(scenario);
  const endMs = Math.max(...scenario.map(({ atMs }) => atMs)) + afterwardsMs;
  for (let next = clock.nextDeadlineMs(); next !== undefined && next <= endMs; next = clock.nextDeadlineMs())
    clock.advance(next - clock.monotonicMs());
  run.stop();
}
