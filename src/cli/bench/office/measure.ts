import { setImmediate } from 'node:timers/promises';
import { batchMeans } from './batch-means.js';
import { busyHour } from './busy-hour.js';
import type { MeasuredTrunks, PtyCosts, Results } from './figures.js';
import { exponentialLaw, holdingTimeLaws } from './holding-times.js';
import { PtyLines, type Stretch } from './pty-lines.js';
import { blockedCalls, type TrunkTrial } from './trunk-trial.js';
import { voiceCost } from './voice-streams.js';

/** Of `telephony.md` 5: circuits, erlangs. */
const groups = [
  [5, 3],
  [10, 5],
  [24, 18],
  [24, 20],
  [48, 40],
] as const;
const calls = 100_000;
const redialAfterMs = 60_000;
const hourSeed = 1;

const noiseSeed = 1;
const voiceMs = 60_000;

const ptyCount = 100;
const stretches = 5;
const stretchMs = 3_000;
/** After its start a process collects garbage for some seconds. */
const settleMs = 10_000;
const fillMs = 1_500;

export interface MeasureOptions {
  /** An empty folder. */
  readonly place: string;
  /** Told before each step. */
  onStep(what: string): void;
  readonly signal: AbortSignal;
}

type Step = <Result>(what: string, run: () => Result | Promise<Result>) => Promise<Result>;

/** Rejects with an AbortError at `signal`. */
export async function measureOffice({ place, onStep, signal }: MeasureOptions): Promise<Results> {
  const step: Step = async (what, run) => {
    onStep(what);
    // A turn of the event loop, in which a Ctrl-C is heard.
    await setImmediate();
    signal.throwIfAborted();
    return run();
  };
  const trunks: MeasuredTrunks[] = [];
  for (const [circuits, erlangs] of groups) {
    for (const law of holdingTimeLaws) {
      const trial = { circuits, erlangs, law, calls, seed: trunks.length };
      trunks.push(await step(`${circuits} circuits under ${erlangs} E`, () => measured(trial)));
    }
  }
  const redialling = {
    circuits: 24,
    erlangs: 18,
    law: exponentialLaw,
    calls,
    seed: trunks.length,
    redialAfterMs,
  };
  const redialled = await step('24 circuits, redialled', () => measured(redialling));
  const hours = [
    { equipment: 'telephones', hour: await step('a busy hour', () => busyHour('telephones', hourSeed)) },
    { equipment: 'modems', hour: await step('a busy hour of modems', () => busyHour('modems', hourSeed)) },
  ];
  const voice = await step('voice streams', () => voiceCost(noiseSeed, voiceMs));
  const ptys = await measurePtys(place, step, signal);
  return { trunks, redialled, hours, voice, ptys };
}

/** What goes wrong leaves a gap in the table, and why. */
async function measurePtys(place: string, step: Step, signal: AbortSignal): Promise<PtyCosts> {
  let lines: PtyLines | undefined;
  try {
    lines = await PtyLines.open(ptyCount, place);
    const programs = lines;
    const series = async (run: () => Promise<Stretch>) => {
      const all: Stretch[] = [];
      while (all.length < stretches) {
        signal.throwIfAborted();
        all.push(await run());
      }
      return all;
    };
    await step('ptys at their start', () => programs.idle(settleMs));
    const idle = await step('idle ptys', () => series(() => programs.idle(stretchMs)));
    await programs.connect();
    await programs.busy(fillMs);
    const busy = await step('busy ptys', () => series(() => programs.busy(stretchMs)));
    return { idle, busy };
  } catch (cause) {
    signal.throwIfAborted();
    return { problem: (cause as Error).message };
  } finally {
    await lines?.close();
  }
}

function measured(trial: TrunkTrial): MeasuredTrunks {
  const blocking = batchMeans(blockedCalls(trial).map(Number));
  const { circuits, erlangs, law } = trial;
  return { circuits, erlangs, law: law.name, calls: trial.calls, blocking };
}
