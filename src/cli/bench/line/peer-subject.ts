import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { silentLog } from '../../../log/log.js';
import { Office } from '../../../pstn/central-office/office.js';
import { realClock } from '../../../time/real-clock.js';
import { judgeCopies, readFiles } from './copies.js';
import { LineTap } from './line-tap.js';
import type { Command, Peer, PeerWork } from './peers.js';
import type { CallTimes, Delivery, Errand, Subject } from './subject.js';
import { Terminal } from './terminal.js';

const callerNumber = '5550101';
const calleeNumber = '5550102';
const dialLimitMs = 20_000;
const watchMs = 2;
/** Until both modems are on-hook again. */
const redialMs = 2_000;

/** Makes an empty folder that other users' programs may enter. */
export type MakeFolder = () => string;

/** A program that people use today, on two pseudo-terminals of a simulated office, which a plain dialler connects. */
export class PeerSubject implements Subject {
  readonly name: string;
  readonly #peer: Peer;
  readonly #makeFolder: MakeFolder;

  constructor(peer: Peer, makeFolder: MakeFolder) {
    this.name = peer.name;
    this.#peer = peer;
    this.#makeFolder = makeFolder;
  }

  async deliver(errand: Errand): Promise<Delivery> {
    const place = this.#makeFolder();
    const office = new Office(officeOptions(errand, place), { clock: realClock, log: silentLog });
    await office.open();
    try {
      const taps = {
        caller: new LineTap(office.line(callerNumber), realClock),
        callee: new LineTap(office.line(calleeNumber), realClock, errand.mark),
      };
      const work = workIn(place, errand);
      const atFirst = readFiles(errand.folder);
      const calls = [await this.#call({ office, taps, work, errand, place })];
      if (errand.lostAfterOctets !== undefined) {
        errand.betweenCalls?.();
        await setTimeout(redialMs);
        const { lostAfterOctets: _, ...again } = errand;
        const call = { office, taps, work: { ...work, isAgain: true }, errand: again, place };
        calls.push(await this.#call(call));
      }
      const last = calls.at(-1);
      return {
        calls: calls.map(({ times: told }) => told),
        isSaidDone: last?.isSaidDone ?? false,
        ...judgeCopies(readFiles(work.inbox), { now: readFiles(errand.folder), atFirst }),
      };
    } finally {
      await office.close();
    }
  }

  async #call({
    office,
    taps,
    work,
    errand,
    place,
  }: Call): Promise<{ times: CallTimes; isSaidDone: boolean }> {
    const { sender, receiver } = this.#peer.prepare(work);
    const terminals = await connect(place);
    const connectedMs = taps.caller.carriers.at(-1)?.upMs ?? Number.NaN;
    const since = (ms: number | undefined) => (ms === undefined ? undefined : ms - connectedMs);
    if (errand.lostAfterOctets !== undefined)
      taps.callee.whenCome(errand.lostAfterOctets, () => office.line(callerNumber).dropCarrier());
    const receiving = run(receiver, terminals.callee.fd);
    const sending = run(sender, terminals.caller.fd);
    terminals.caller.close();
    terminals.callee.close();
    const deadlineMs = connectedMs + errand.limitMs;
    let receiptMs: number | undefined;
    const isOver = () => errand.signal?.aborted || realClock.monotonicMs() >= deadlineMs;
    while (isRunning(sending) && !isOver()) {
      if (this.#peer.isReceipted?.(work)) receiptMs ??= realClock.monotonicMs();
      await setTimeout(watchMs);
    }
    const isSaidDone = sending.exitCode === 0 && (this.#peer.isReceipted?.(work) ?? true);
    if (isSaidDone) receiptMs ??= realClock.monotonicMs();
    await end(sending, receiving);
    const [there, back] = [taps.callee.carriers.at(-1), taps.caller.carriers.at(-1)];
    return {
      isSaidDone,
      times: {
        bridgedMs: 0,
        calleeMs: 0,
        calleeLegMs: 0,
        firstContentMs: since(there?.markMs),
        receiptMs: since(receiptMs),
        octetsThere: there?.octets ?? 0,
        octetsBefore: there?.markAt,
        octetsBack: back?.octets ?? 0,
      },
    };
  }
}

interface Call {
  readonly office: Office;
  readonly taps: { readonly caller: LineTap; readonly callee: LineTap };
  readonly work: PeerWork;
  readonly errand: Errand;
  readonly place: string;
}

const linkOf = (place: string, end: 'caller' | 'callee') => join(place, `line-${end}`);

function officeOptions({ line }: Errand, place: string) {
  const each = { rate: line.rate, delayMs: line.delayMs / 2, bitErrorRate: line.bitErrorRate / 2 };
  return {
    timeScale: 0.01,
    seed: line.seed,
    lines: [
      { ...each, number: callerNumber, expose: `pty:${linkOf(place, 'caller')}` },
      { ...each, number: calleeNumber, expose: `pty:${linkOf(place, 'callee')}` },
    ],
  };
}

function workIn(place: string, { folder, line }: Errand): PeerWork {
  const [inbox, spool] = [join(place, 'inbox'), join(place, 'spool')];
  for (const path of [inbox, spool]) mkdirSync(path, { recursive: true });
  return {
    folder,
    names: readdirSync(folder),
    inbox,
    spool,
    isAgain: false,
    isErrorFree: line.bitErrorRate === 0,
  };
}

async function connect(place: string): Promise<{ caller: Terminal; callee: Terminal }> {
  const [caller, callee] = [new Terminal(linkOf(place, 'caller')), new Terminal(linkOf(place, 'callee'))];
  caller.write('ATE0\r');
  callee.write('ATE0S0=1\r');
  await Promise.all([caller.awaitOk(dialLimitMs), callee.awaitOk(dialLimitMs)]);
  caller.write(`ATDT${calleeNumber}\r`);
  await Promise.all([caller.awaitConnect(dialLimitMs), callee.awaitConnect(dialLimitMs)]);
  return { caller, callee };
}

function run({ file, args, cwd }: Command, line: number): ChildProcess {
  // With the line for its controlling terminal, a program is told by SIGHUP that the line was lost.
  const child = spawn('setsid', ['--ctty', file, ...args], { cwd, stdio: [line, line, 'ignore'] });
  // One that cannot be started has ended.
  child.on('error', () => child.kill());
  return child;
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

const graceMs = 3_000;

/** The receiver may have a last word; whoever has not ended after that is ended. */
async function end(sending: ChildProcess, receiving: ChildProcess): Promise<void> {
  const limitMs = performance.now() + graceMs;
  while (isRunning(receiving) && performance.now() < limitMs) {
    await setTimeout(watchMs);
  }
  for (const child of [sending, receiving]) {
    if (!isRunning(child)) continue;
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
  }
}
