import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Export, ExportedCall, Exports, LeftOutCall, NewExport } from '../../store/exports.js';
import type { Clock } from '../../time/clock.js';
import { codeOf, FileInTheWay, writeExportFile } from './export-file.js';
import { type FileForm, type FormatOptions, LeftOut } from './format.js';
import { type FormatName, formats } from './formats.js';

export interface ExportWorld {
  readonly exports: Exports;
  readonly clock: Clock;
  /** How many calls are in memory at once. */
  readonly page: number;
  /** How many an export takes at most; the next one of the series takes the others. */
  readonly most: number;
}

/** The count of records in BAF's header has 24 bits. */
export const usualSizes = { page: 5_000, most: 10_000_000 };

export interface Order {
  readonly series: string;
  readonly format: FormatName;
  readonly options: FormatOptions;
  readonly filter: NewExport['filter'];
  /** Absolute. */
  readonly path: string;
  readonly madeBy: string;
}

export type ExportEnd =
  | { readonly kind: 'written'; readonly export: Export }
  /** No call to write, no file, no record of an export. */
  | { readonly kind: 'empty'; readonly leftOut: readonly LeftOutCall[] };

/** The export cannot be made, or not now: the message says why and what to do. */
export class ExportFailed extends Error {
  override readonly name = 'ExportFailed';
}

/**
 * Takes the calls that the filter finds and no export of the series has, and writes their file.
 * @throws ExportFailed, StoreUnavailable; what was begun is gone on with by `resumeExport`
 */
export async function exportCalls(world: ExportWorld, order: Order): Promise<ExportEnd> {
  await refuseWithoutPlace(order.path);
  const madeAt = new Date(world.clock.utcMs());
  const begun = await world.exports.begin({ ...order, options: { ...order.options }, madeAt });
  return goOn(world, begun);
}

/**
 * Goes on with an export wherever it ended: the file has the very same octets, whoever writes it and how often.
 * @param path where it was to be written elsewhere at first
 * @throws ExportFailed, StoreUnavailable
 */
export async function resumeExport(world: ExportWorld, id: number, path?: string): Promise<ExportEnd> {
  const found = await world.exports.find(id);
  if (!found)
    throw new ExportFailed(
      `There is no export ${id}. \`cordboard calls export list\` shows those that there are.`,
    );
  if (found.finished)
    throw new ExportFailed(
      `Export ${id} is finished: its file was ${found.path}. Calls are not handed out twice.`,
    );
  return goOn(world, path === undefined ? found : { ...found, path });
}

async function goOn(world: ExportWorld, begun: Export): Promise<ExportEnd> {
  const { exports, clock } = world;
  const form = formOf(begun);
  const taken = begun.number === undefined ? await takeCalls(world, begun, form) : begun;
  if (taken.records === 0) {
    const leftOut = await exports.leftOut(taken.id);
    await exports.settle(taken);
    return { kind: 'empty', leftOut };
  }
  const settled = { ...((await exports.settle(taken)) ?? taken), path: begun.path };
  const sum = await written(settled, contentOf(world, settled, form));
  const finished = { ...sum, at: new Date(clock.utcMs()) };
  await exports.finish(settled, finished);
  return { kind: 'written', export: { ...settled, finished } };
}

function formOf({ format, options, series }: Export): FileForm {
  const known = formats[format as FormatName];
  if (!known)
    throw new ExportFailed(
      `The format "${format}" of series ${series} is not known to this program: use a newer one.`,
    );
  return known.form(options);
}

/** A stretch of the ledger at a time, each a transaction: nothing waits long for another, and a crash costs one stretch. */
async function takeCalls(
  { exports, page, most }: ExportWorld,
  begun: Export,
  form: FileForm,
): Promise<Export> {
  const { canReplace } = formats[begun.format as FormatName];
  const { filter } = begun;
  if (!filter)
    throw new ExportFailed(
      `Export ${begun.id} was begun by a newer Cordboard, with a filter that this one does not know: use that one.`,
    );
  let now = begun;
  while (now.records < most) {
    const stretch = await exports.stretch({ ...now, filter }, Math.min(page, most - now.records));
    const said: ExportedCall[] = [];
    const leftOut: LeftOutCall[] = [];
    for (const call of stretch.calls) {
      const result = call.replaces && !canReplace ? inPlaceOf(call.replaces) : form.record(call);
      if (result instanceof LeftOut) leftOut.push({ trackingId: call.trackingId, reason: result.reason });
      else if (result) said.push(call);
    }
    const then = await exports.take(now, stretch, said, leftOut);
    // Another process goes on with the same export, and found nothing to write.
    if (!then) return { ...now, records: 0 };
    now = then;
    if (now.number !== undefined || (stretch.isLast && now.takenThrough === stretch.through)) break;
  }
  return now;
}

function inPlaceOf(earlier: string): LeftOut {
  return new LeftOut(
    `it corrects ${earlier}, which this series has handed out, and the format cannot say so: tell who got that file`,
  );
}

async function* contentOf({ exports, page }: ExportWorld, settled: Export, form: FileForm) {
  const { number, madeAt, records } = settled;
  if (number === undefined) throw new Error('an export is settled before it is written');
  const facts = { number, madeAt, records };
  yield form.head(facts);
  let after: string | undefined;
  do {
    const calls = await exports.calls(settled, after, page);
    yield Buffer.concat(calls.map((call) => octetsOf(form, call)));
    after = calls.length < page ? undefined : calls.at(-1)?.trackingId;
  } while (after !== undefined);
  yield form.tail(facts);
}

/** What was taken could be said then, and the same is said now. */
function octetsOf(form: FileForm, call: ExportedCall): Uint8Array {
  const octets = form.record(call);
  if (octets instanceof Uint8Array) return octets;
  throw new Error(`call ${call.trackingId} was taken and cannot be written`);
}

async function written({ id, path }: Export, content: AsyncIterable<Uint8Array>) {
  try {
    return await writeExportFile(path, content);
  } catch (cause) {
    const goOn = `\`cordboard calls export resume ${id}\` writes it`;
    if (cause instanceof FileInTheWay)
      throw new ExportFailed(`${cause.message}. Its calls are kept: move that file away, then ${goOn}.`, {
        cause,
      });
    if (!isSystemError(cause)) throw cause;
    throw new ExportFailed(`${path} cannot be written: ${cause.message}. Its calls are kept: ${goOn}.`, {
      cause,
    });
  }
}

function isSystemError(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'syscall' in cause;
}

/** Before any call is taken: so that a slip of the pen costs nothing. */
async function refuseWithoutPlace(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ExportFailed(
      `The folder of ${path} cannot be written to (${codeOf(cause)}): name another file.`,
      {
        cause,
      },
    );
  }
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new ExportFailed(`${path} is there already and is never overwritten: name another file.`);
}
