import { blocking } from '../../../pstn/traffic/erlang-b.js';
import { atLeast, atMost, type Goal, isMet, noGoal, type Row } from '../row.js';
import { type Estimate, studentsT99 } from './batch-means.js';
import type { BusyHour } from './busy-hour.js';
import type { Stretch } from './pty-lines.js';
import type { VoiceCost } from './voice-streams.js';

/** A trunk group as it was measured. */
export interface MeasuredTrunks {
  readonly circuits: number;
  readonly erlangs: number;
  /** Of the holding times. */
  readonly law: string;
  /** Offered. */
  readonly calls: number;
  readonly blocking: Estimate;
}

/** All that was measured. */
export interface Results {
  /** Each size and traffic under every law. */
  readonly trunks: readonly MeasuredTrunks[];
  /** Where callers redial. */
  readonly redialled: MeasuredTrunks;
  readonly hours: readonly { readonly equipment: string; readonly hour: BusyHour }[];
  readonly voice: VoiceCost;
  readonly ptys: PtyCosts;
}

/** `problem`: they could not be measured, and why. */
export type PtyCosts =
  | { readonly idle: readonly Stretch[]; readonly busy: readonly Stretch[] }
  | { readonly problem: string };

const hourMs = 3_600_000;
/** Less, and the machine had no time to keep the lines full: what the network takes then is no figure. */
const leastFlow = 0.98;

export function officeRows({ trunks, redialled, hours, voice, ptys }: Results): Row[] {
  return [
    ...groupsOf(trunks).map(trunkRow),
    redialRow(redialled),
    ...hours.map(({ equipment, hour }) => hourRow(equipment, hour)),
    row('voice stream both ways', 100 * voice.stream, '% of core', atMost(1), []),
    row('DTMF and call progress in it', 100 * voice.detectors, '% of core', noGoal('less'), []),
    ...ptyRows(ptys),
  ];
}

/** Far from Erlang B by how many standard errors, under the law that is farthest. */
function trunkRow(underLaws: readonly MeasuredTrunks[]): Row {
  const [first] = underLaws;
  const worst = Math.max(...underLaws.map((trunks) => Math.abs(deviation(trunks))));
  return row(
    `${first?.circuits} circuits, ${first?.erlangs} E: off Erlang B`,
    worst,
    's.e.',
    atMost(studentsT99),
    underLaws.map(remarkOn),
  );
}

function redialRow(trunks: MeasuredTrunks): Row {
  const figure = `${trunks.circuits} circuits, ${trunks.erlangs} E, redialled: above it`;
  return row(figure, deviation(trunks), 's.e.', atLeast(studentsT99), [remarkOn(trunks)]);
}

function hourRow(equipment: string, { calls, octets, wallMs, processorMs }: BusyHour): Row {
  const { dialled, answered, busy, congestion } = calls;
  const moved = octets === 0 ? '' : `, ${(octets / 1e6).toFixed(0)} MB`;
  return row(`busy hour, 1,000 ${equipment}`, hourMs / processorMs, 'x real', atLeast(1_000), [
    `${dialled} calls dialled, ${answered} answered, ${busy} busy, ${congestion} without a circuit${moved}; ${(hourMs / wallMs).toFixed(0)} times real time by the clock on the wall.`,
  ]);
}

function ptyRows(ptys: PtyCosts): Row[] {
  const idle = (share: number | null, remarks: readonly string[]) =>
    row('100 idle ptys', share, '% of core', atMost(1), remarks);
  const busy = (share: number | null, remarks: readonly string[]) =>
    row('100 ptys full at 33,600 bit/s', share, '% of core', atMost(25), remarks);
  if ('problem' in ptys) return [idle(null, [ptys.problem]), busy(null, [ptys.problem])];
  return [idle(medianPercent(ptys.idle), []), busy(...busyFigure(ptys.busy))];
}

/** Lines that were not full, because the machine had no time for the programs, are no measurement. */
function busyFigure(stretches: readonly Stretch[]): [share: number | null, remarks: readonly string[]] {
  const flow = stretches.reduce((sum, stretch) => sum + stretch.flow, 0) / stretches.length;
  const remark = `the lines were ${(100 * flow).toFixed(1)} % full both ways`;
  if (flow < leastFlow) return [null, [`${remark}: this machine is too busy for a figure.`]];
  return [medianPercent(stretches), [`${remark}, every octet as it was sent.`]];
}

/** A collection of garbage falls into one idle stretch of several, and takes more of it than all else. */
function medianPercent(stretches: readonly Stretch[]): number | null {
  const shares = stretches.map(({ processor }) => 100 * processor).sort((a, b) => a - b);
  return shares[Math.floor(shares.length / 2)] ?? null;
}

function deviation({ circuits, erlangs, blocking: { mean, standardError } }: MeasuredTrunks): number {
  return (mean - blocking(circuits, erlangs)) / standardError;
}

function remarkOn(trunks: MeasuredTrunks): string {
  const { circuits, erlangs, law, calls } = trunks;
  const { mean, standardError } = trunks.blocking;
  const expected = blocking(circuits, erlangs);
  // That of calls that do not depend on each other.
  const least = Math.sqrt((expected * (1 - expected)) / calls);
  return `${law} ${mean.toFixed(5)} (s.e. ${standardError.toFixed(5)}, least ${least.toFixed(5)}), Erlang B ${expected.toFixed(5)}.`;
}

function groupsOf(trunks: readonly MeasuredTrunks[]): readonly (readonly MeasuredTrunks[])[] {
  const groups = new Map<string, MeasuredTrunks[]>();
  for (const each of trunks) {
    const key = `${each.circuits} ${each.erlangs}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

function row(
  figure: string,
  value: number | null,
  unit: string,
  goal: Goal,
  remarks: readonly string[],
): Row {
  const rounded = value === null ? null : Number(value.toPrecision(3));
  return { figure, value: rounded, unit, ...goal, met: isMet(value, goal), peers: {}, remarks };
}
