// A process of its own: what it takes of the processor is the network's alone.
import { silentLog } from '../../../log/log.js';
import { Office } from '../../../pstn/central-office/office.js';
import type { OfficeOptions } from '../../../pstn/central-office/options.js';
import { realClock } from '../../../time/real-clock.js';

const [options = ''] = process.argv.slice(2);
const office = new Office(JSON.parse(options) as OfficeOptions, { clock: realClock, log: silentLog });
try {
  await office.open();
} catch (cause) {
  process.stderr.write((cause as Error).message);
  process.exit(1);
}
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1_000);
});
process.on('disconnect', () => void office.close());
process.send?.('open');
