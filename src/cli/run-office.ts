import { systemRandom } from '../crypto/random.js';
import type { Log } from '../log/log.js';
import type { Observer } from '../pstn/central-office/events.js';
import { Office, type OfficeWorld } from '../pstn/central-office/office.js';
import { realClock } from '../time/real-clock.js';
import { CommandFailed } from './exit-codes.js';
import { type OfficeSection, officeOptions } from './office-config.js';
import { textTable } from './table.js';

/** Throws where the parts of the section do not fit each other. @param source names the file that it is from */
export function buildOffice(section: OfficeSection, source: string, world: OfficeWorld): Office {
  const options = officeOptions(section);
  try {
    return new Office(options, world);
  } catch (cause) {
    throw new CommandFailed(
      'usage',
      `The section [office] in ${source} cannot be used:\n  ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Puts the simulated telephone network of `[office]` in service: its ptys and TCP ports are there when it resolves.
 * @param source names the file that the section is from
 * @param observe is told whatever happens in it
 */
export async function runOffice(
  section: OfficeSection,
  source: string,
  log: Log,
  observe?: Observer,
): Promise<Office> {
  const office = buildOffice(section, source, {
    ...{ clock: realClock, log, random: systemRandom },
    ...(observe && { observe }),
  });
  try {
    await office.open();
  } catch (cause) {
    throw new CommandFailed(
      'failed',
      `The simulated telephone network cannot start: ${(cause as Error).message}`,
      { cause },
    );
  }
  return office;
}

/** A row for each line: where a program opens it, and what its data carrier is like. Then the clock scale. */
export function officeSummary({ line, time_scale }: OfficeSection): string {
  const rows = line.map(({ number, expose, rate, delay_ms }) => [
    number,
    expose ?? `sim:${number} (in this process)`,
    rate.toLocaleString('en'),
    `${delay_ms} ms`,
  ]);
  const table = textTable(['number', 'link', 'bit/s', 'one way'], rows);
  return [
    'Simulated telephone network:',
    ...table.split('\n').map((row) => `  ${row}`),
    time_scale === 1
      ? 'Clock scale 1: everything takes the time that it takes on real lines.'
      : `Clock scale ${time_scale}: ringing, post-dial delay and training take ${time_scale} of their time.`,
  ].join('\n');
}
