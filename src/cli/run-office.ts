import { systemRandom } from '../crypto/random.js';
import type { Log } from '../log/log.js';
import { Office } from '../pstn/central-office/office.js';
import type { OfficeOptions } from '../pstn/central-office/options.js';
import { realClock } from '../time/real-clock.js';
import type { Config } from './config.js';
import { CommandFailed } from './exit-codes.js';
import { textTable } from './table.js';

type OfficeSection = NonNullable<Config['office']>;

/** Puts the simulated telephone network of `[office]` in service: its ptys and TCP ports are there when it resolves. */
export async function runOffice(section: OfficeSection, log: Log): Promise<Office> {
  let office: Office;
  try {
    office = new Office(officeOptions(section), { clock: realClock, log, random: systemRandom });
    await office.open();
  } catch (cause) {
    throw new CommandFailed(
      'failed',
      `The simulated telephone network cannot start: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  return office;
}

function officeOptions(section: OfficeSection): OfficeOptions {
  return {
    timeScale: section.time_scale,
    ...(section.seed !== undefined && { seed: section.seed }),
    lines: section.line.map((line) => ({
      number: line.number,
      rate: line.rate,
      delayMs: line.delay_ms,
      bitErrorRate: line.bit_error_rate,
      modem: line.modem,
      ...(line.ring && { ring: line.ring }),
      ...(line.pin !== undefined && { pin: line.pin }),
      callerId: line.caller_id === 'shown' ? 'number' : line.caller_id,
      ...(line.hunt !== undefined && { hunt: line.hunt }),
      ...(line.expose !== undefined && { expose: line.expose }),
    })),
  };
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
