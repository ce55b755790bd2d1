import { systemRandom } from '../crypto/random.js';
import type { Log } from '../log/log.js';
import type { Observer } from '../pstn/central-office/events.js';
import { Office } from '../pstn/central-office/office.js';
import { realClock } from '../time/real-clock.js';
import { CommandFailed } from './exit-codes.js';
import { type OfficeSection, officeOptions } from './office-config.js';
import { textTable } from './table.js';

/**
 * Puts the simulated telephone network of `[office]` in service: its ptys and TCP ports are there when it resolves.
 * @param observe is told whatever happens in it
 */
export async function runOffice(section: OfficeSection, log: Log, observe?: Observer): Promise<Office> {
  const options = officeOptions(section);
  let office: Office;
  try {
    office = new Office(options, {
      ...{ clock: realClock, log, random: systemRandom },
      ...(observe && { observe }),
    });
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
