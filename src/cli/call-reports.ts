import type { Command } from 'commander';
import type { CallReports, DuplicateCalls, FraudHint, Span, UnratedEntry } from '../store/call-reports.js';
import { realClock } from '../time/real-clock.js';
import { trackingIdArgument } from './arguments.js';
import { print } from './print.js';
import { printable, textTable } from './table.js';
import { addStoreOptions, type StoreCommandOptions, withStore } from './with-store.js';
import { instantIn, secondIn, zoneArgument, zoneHeading } from './zone.js';

interface ReportOptions extends StoreCommandOptions {
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
  readonly after?: string;
  readonly json?: true;
}

interface Column<Row> {
  readonly heading: string;
  cell(row: Row): string;
}

const monthMs = 31 * 24 * 3_600_000;
const mostUnrated = 100;

/** `calls unrated`, `calls duplicates`, `calls hints`: views of the schema `report`, where other tools find the same. */
export function addReportCommands(calls: Command): void {
  reportCommand(calls, 'unrated', 'calls that could not be rated, and why, newest first')
    .option('--after <tracking-id>', 'the page behind this call', trackingIdArgument)
    .action(unrated);
  spanCommand(
    calls,
    'duplicates',
    'pairs of answered calls that may be one: same parties, as long, within a minute',
  ).action(duplicates);
  spanCommand(
    calls,
    'hints',
    'hints of fraud: many calls in an hour, many short ones, new destinations',
  ).action(hints);
}

function reportCommand(calls: Command, name: string, description: string): Command {
  return addStoreOptions(calls.command(name))
    .description(description)
    .option('--zone <zone>', 'times are read and shown in this time zone', zoneArgument)
    .option('--json', 'one JSON document');
}

function spanCommand(calls: Command, name: string, description: string): Command {
  return reportCommand(calls, name, description)
    .option('--from <time>', 'by the ring, from this time on; 31 days back')
    .option('--to <time>', 'before this time; now');
}

function unrated(options: ReportOptions): Promise<void> {
  const page = { limit: mostUnrated, ...(options.after !== undefined && { after: options.after }) };
  return report<UnratedEntry>(options, (reports) => reports.unrated(page), [
    timeColumn(options, 'ring', ({ ringAt }) => ringAt),
    { heading: 'caller', cell: ({ callerAccount }) => callerAccount ?? '-' },
    { heading: 'callee', cell: ({ calleeAccount }) => calleeAccount ?? '-' },
    { heading: 'sec', cell: ({ billableSeconds }) => String(billableSeconds) },
    { heading: 'tracking ID', cell: ({ trackingId }) => trackingId },
    { heading: 'why', cell: ({ why }) => printable(why) },
  ]);
}

function duplicates(options: ReportOptions): Promise<void> {
  return report<DuplicateCalls>(options, (reports) => reports.duplicates(spanOf(options)), [
    timeColumn(options, 'ring', ({ ringAt }) => ringAt),
    { heading: 'sec', cell: ({ billableSeconds }) => String(billableSeconds) },
    { heading: 'call', cell: ({ trackingId }) => trackingId },
    { heading: 'as before it', cell: ({ earlierTrackingId }) => earlierTrackingId },
  ]);
}

function hints(options: ReportOptions): Promise<void> {
  return report<FraudHint>(options, (reports) => reports.hints(spanOf(options)), [
    timeColumn(options, 'since', ({ at }) => at),
    { heading: 'account', cell: ({ account }) => account },
    { heading: 'hint', cell: ({ hint }) => hint },
    { heading: 'what', cell: ({ detail }) => printable(detail) },
  ]);
}

async function report<Row extends object>(
  options: ReportOptions,
  read: (reports: CallReports) => Promise<Row[]>,
  columns: readonly Column<Row>[],
): Promise<void> {
  await withStore(options, async ({ callReports }) => {
    const rows = await read(callReports);
    if (rows.length === 0 && !options.json) return print('None.\n');
    const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
    const headings = columns.map(({ heading }) => heading);
    await print(options.json ? `${JSON.stringify(rows, null, 1)}\n` : `${textTable(headings, cells)}\n`);
  });
}

function timeColumn<Row>({ zone }: ReportOptions, heading: string, timeOf: (row: Row) => Date): Column<Row> {
  return { heading: `${heading} (${zoneHeading(zone)})`, cell: (row) => secondIn(zone, timeOf(row)) };
}

function spanOf({ from, to, zone }: ReportOptions): Span {
  const end = to === undefined ? new Date(realClock.utcMs()) : instantIn(zone, to);
  return { from: from === undefined ? new Date(end.getTime() - monthMs) : instantIn(zone, from), to: end };
}
