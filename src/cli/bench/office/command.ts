import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { CommandFailed } from '../../exit-codes.js';
import { untilStopped } from '../../until-stopped.js';
import { WaitingLine } from '../../waiting-line.js';
import { benchReport } from '../report.js';
import { officeRows } from './figures.js';
import { measureOffice } from './measure.js';

export function officeBenchCommand(): Command {
  return new Command('office')
    .description('the simulated telephone network: its traffic, its speed, what it costs; takes two minutes')
    .option('--json', 'one JSON document')
    .action(run);
}

async function run({ json }: { json?: true }): Promise<void> {
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  const waiting = new WaitingLine();
  const place = mkdtempSync(join(tmpdir(), 'cordboard-bench-'));
  try {
    const results = await measureOffice({
      place,
      onStep: (what) => waiting.begin(`${what}; two minutes in all`),
      signal: stop.signal,
    });
    waiting.end();
    process.stdout.write(benchReport(officeRows(results), conditions, { json }));
  } catch (cause) {
    if (stop.signal.aborted)
      throw new CommandFailed('cancelled', 'Stopped; nothing was measured to its end.');
    throw cause;
  } finally {
    waiting.end();
    rmSync(place, { recursive: true, force: true });
  }
}

const conditions = [
  'Circuits: calls at random (Poisson) between two simulated central offices, blocked ones cleared, holding times of 180 s on average by three laws (short and long: nine of 90 s, one of 990 s, each exponential). 100,000 offered calls each after a warm-up of ten holding times, a seed for each; the standard error (s.e.) by the means of 25 batches, and below it the least that it could be if calls did not depend on each other. Off by more than 2.8 of them a right network would be once in a hundred times. Redialled: after 60 s, until there is a circuit; it must come out above.',
  'Busy hour: 1,000 subscribers at two central offices, 0.1 E each, 180 s a conversation, three calls in ten to a hunt group of 36 lines, the others to each other, over 45 circuits where the called one is at the other office. One called subscriber in seven does not answer, the others after one to four rings; callers give up after 20 to 50 s. Modems dial, answer, train and send 32 KiB each way. The clock stands still but for its timers; the factor is of the processor time, all threads of the process.',
  'Voice: ten calls between modems, a minute in which both ends play and record noise in mu-law (+VTR), on a clock that stands still but for its timers; processor time of one end for a second of it. DTMF and call progress: both detectors on the same noise.',
  'Ptys: an office in a process of its own in real time, 100 pseudo-terminals held open by a program that writes all that the lines take, reads all and looks at every octet. Processor time of the office alone, user and system, without the kernel threads that carry octets through a pty; the median of five stretches of 3 s.',
];
