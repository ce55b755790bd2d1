import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { syncFolder, writeWholeFile } from '../disk/durable-writes.js';
import type { Log } from '../log/log.js';
import { type CallOutcome, callOutcomes, type RecordedClass, recordedClasses } from './call-kinds.js';
import type { ClosedCall } from './calls.js';
import { account, count, time } from './kept-json.js';

/** A closed call that the database does not have yet. */
export interface SpooledCall {
  readonly trackingId: string;
  readonly closed: ClosedCall;
}

/**
 * Closed calls on the disk while the database is away, a file each. A call is closed in the database once, however often it is tried,
 * so that a file that outlives its success does no harm.
 */
export interface CallSpool {
  /** Durable when it resolves. Rejects when the disk does not take it. */
  keep(call: SpooledCall): Promise<void>;
  /** The database has it. */
  forget(trackingId: string): Promise<void>;
  /** The database refuses it for good: put aside, where a person finds it. @returns its path */
  putAside(trackingId: string): Promise<string>;
  /** Of this run and earlier ones, oldest first. A file that cannot be read is told to the log and left alone. */
  list(): Promise<SpooledCall[]>;
}

const suffix = '.json';

/** @param folder made when it is not there */
export async function openCallSpool(folder: string, log: Log): Promise<CallSpool> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = (trackingId: string) => join(folder, `${trackingId}${suffix}`);
  return {
    async keep({ trackingId, closed }) {
      const path = pathOf(trackingId);
      await writeWholeFile(`${path}.new`, `${JSON.stringify({ v: 1, trackingId, closed })}\n`);
      await rename(`${path}.new`, path);
      await syncFolder(folder);
    },
    forget: (trackingId) => rm(pathOf(trackingId), { force: true }),
    async putAside(trackingId) {
      const aside = `${pathOf(trackingId)}.refused`;
      await rename(pathOf(trackingId), aside);
      await syncFolder(folder);
      return aside;
    },
    async list() {
      // Tracking IDs begin with their time.
      const names = (await readdir(folder)).filter((name) => name.endsWith(suffix)).sort();
      const read = names.map(async (name) => {
        const path = join(folder, name);
        try {
          return parseSpooled(await readFile(path, 'utf8'));
        } catch (error) {
          log.error(
            { path, error: String(error) },
            'a spooled call record cannot be read; it is left where it is',
          );
          return undefined;
        }
      });
      return (await Promise.all(read)).filter((call) => call !== undefined);
    },
  };
}

const absent = <const Schema extends v.GenericSchema>(schema: Schema) => v.optional(schema);

const fileSchema = v.strictObject({
  v: v.literal(1),
  trackingId: v.pipe(v.string(), v.uuid()),
  closed: v.strictObject({
    ani: absent(v.string()),
    callerAccount: absent(account),
    calleeAccount: absent(account),
    calledNumber: absent(v.string()),
    calleePort: absent(v.string()),
    protocolVersion: absent(v.picklist([1, 2])),
    callClass: absent(v.picklist(recordedClasses) satisfies v.GenericSchema<unknown, RecordedClass>),
    // Absent in a file of an older program, which knew no such calls.
    isCollect: v.optional(v.boolean(), false),
    answerAt: absent(time),
    bridgeAt: absent(time),
    endAt: time,
    durationSeconds: count,
    billableSeconds: count,
    octetsFromCaller: absent(count),
    octetsFromCallee: absent(count),
    outcome: v.picklist(callOutcomes) satisfies v.GenericSchema<unknown, CallOutcome>,
    releaseCause: count,
    reason: absent(v.string()),
  }),
});

function parseSpooled(text: string): SpooledCall {
  const { trackingId, closed } = v.parse(fileSchema, JSON.parse(text));
  return { trackingId, closed: { ...everythingAbsent, ...closed } };
}

const everythingAbsent = {
  ani: undefined,
  callerAccount: undefined,
  calleeAccount: undefined,
  calledNumber: undefined,
  calleePort: undefined,
  protocolVersion: undefined,
  callClass: undefined,
  answerAt: undefined,
  bridgeAt: undefined,
  octetsFromCaller: undefined,
  octetsFromCallee: undefined,
  reason: undefined,
} as const;
