import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { CommandFailed } from '../../exit-codes.js';
import { untilStopped } from '../../until-stopped.js';
import { WaitingLine } from '../../waiting-line.js';
import { benchReport } from '../report.js';
import type { Row } from '../row.js';
import { writeContent } from './contents.js';
import { lineRows } from './figures.js';
import { officeFolderContent } from './office-folder.js';
import { ourMeasurements } from './our-measurements.js';
import { installedPeers, longCases, PeerMeasurements, peers, shortCases } from './peer-measurements.js';
import { isInstalled } from './peers.js';
import { caseNames } from './plan.js';

export function lineBenchCommand(): Command {
  return new Command('line')
    .description('files over simulated lines, beside sz/rz, C-Kermit and UUCP; takes five minutes')
    .option('--json', 'one JSON document')
    .action(run);
}

async function run({ json }: { json?: true }): Promise<void> {
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  const scratch = mkdtempSync(join(tmpdir(), 'cordboard-bench-'));
  try {
    const { rows, problems } = await measureAll(scratch, stop);
    const peers = installedPeers().map(({ name }) => name);
    process.stdout.write(benchReport(rows, [...conditions(), ...problems], { json, peers }));
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measureAll(
  scratch: string,
  stop: AbortController,
): Promise<{ rows: Row[]; problems: string[] }> {
  const { signal } = stop;
  chmodSync(scratch, 0o755);
  let folders = 0;
  const makeFolder = () => {
    const folder = join(scratch, String(folders++));
    mkdirSync(folder);
    return folder;
  };
  const present = installedPeers();
  const waiting = new WaitingLine();
  let left = caseNames.length + present.length * (shortCases.length + longCases.length);
  const tell = () => waiting.begin(`${left} deliveries are still measured; about five minutes in all`);
  const onMeasured = () => {
    left--;
    tell();
  };
  const problems: string[] = [];
  const onProblem = (problem: string) => void problems.push(problem);
  const others = new PeerMeasurements(present, { makeFolder, onMeasured, onProblem, signal });
  tell();
  await others.takeShort();
  const long = others.takeLong();
  try {
    const [ours, xzOctets] = await Promise.all([
      ourMeasurements(makeFolder(), { onMeasured, signal }),
      isInstalled('xz') ? octetsByXz(makeFolder()) : undefined,
    ]);
    await long;
    signal.throwIfAborted();
    return { rows: lineRows({ ours, peers: others.all, xzOctets }), problems };
  } catch (cause) {
    if (signal.aborted) throw new CommandFailed('cancelled', 'Stopped; nothing was measured to its end.');
    stop.abort();
    throw cause;
  } finally {
    // Nobody writes to the scratch folder any more when it is removed.
    await long;
    waiting.end();
  }
}

/** @returns octets of the office folder after `tar | xz -9e` */
async function octetsByXz(folder: string): Promise<number> {
  writeContent('office folder', 0, folder);
  const packing = spawn('sh', ['-c', 'tar -c . | xz -9e'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let octets = 0;
  for await (const piece of packing.stdout) octets += (piece as Buffer).length;
  return octets;
}

/** What a reader must know to judge the figures. */
function conditions(): string[] {
  const missing = peers.filter((peer) => !installedPeers().includes(peer)).map(({ name }) => name);
  return [
    'Lines of 33,600 bit/s and 60 ms one way from end to end (the last two rows: 28,800 bit/s, 0 and 300 ms), simulated, the same for all.',
    "Cordboard: version 2 of its protocols, both handshakes with a server of two trunks and the one between the ends in every figure; the others have a plain line. Its own endpoints, server and modem driver in one process on a standing clock: its waits are exact, and what the processor and the disk take counts nothing. It ends when A keeps B's signed receipt.",
    "A is connected before the server dials B, which no other's call does: that call and those modems' training are taken out, but in the rows \"with the dialling of B\". The bridge is there when A has the server's word of it.",
    'The others: the installed programs, on pseudo-terminals of the same simulated office, in real time, the short ones first and the others all at once. A quicker clock would not be true of them, because their own pauses stay real: at four times the speed C-Kermit came out 3 % lower, at ten times 9 %.',
    'With bit errors they send 512, 256 and 96 KiB, Cordboard always 1 MiB. 0 of the line: no right file within 280 s.',
    `The office folder: ${officeFolderContent}; mixed so that tar, xz and ssh bring it to the 2.42 of the goal.`,
    'Sent twice: octets at B in both calls less those of one whole call, each without what came before the content (of the others in the second call with it, a few hundred). Cordboard dials again by itself.',
    'A wrong file is neither what A had at first nor what it has. Cordboard delivers what it took in before the first call.',
    ...(missing.length > 0 ? [`Not installed here: ${missing.join(', ')}.`] : []),
  ];
}
