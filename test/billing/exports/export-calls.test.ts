import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type ExportEnd,
  ExportFailed,
  exportCalls,
  type Order,
  resumeExport,
} from '../../../src/billing/exports/export-calls.js';
import { verifyExport } from '../../../src/billing/exports/verify-export.js';
import { trackingId } from '../../../src/bytes/tracking-id.js';
import type { Export, ExportedCall, Exports } from '../../../src/store/exports.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { mortal } from '../../support/mortal-disk.js';
import { noServer } from '../../support/postgres.js';
import { account, exportedCall, goldenCalls, goldenFiles } from './calls.js';
import { embeddedLedger, empty, enter, type Ledger, serverLedger } from './ledger.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('../../support/mortal-disk.js')).mortalDisk(
    await original<typeof import('node:fs/promises')>(),
  ),
);

const clock = new SimulatedClock();

function callsFrom(from: number, count: number, given: Partial<ExportedCall> = {}): ExportedCall[] {
  return Array.from({ length: count }, (_, index) => {
    const ringAt = new Date(Date.UTC(2026, 10, 21, 9) + 1000 * (from + index));
    return exportedCall({ ringAt, ...given });
  });
}

/** Tracking IDs in a file of our own. */
function idsIn(path: string): string[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).trackingId);
}

function written(end: ExportEnd): Export {
  if (end.kind !== 'written') throw new Error(`an export was empty: ${JSON.stringify(end.leftOut)}`);
  return end.export;
}

function suite(open: () => Promise<Ledger>): void {
  let ledger: Ledger;
  let folder: string;

  beforeAll(async () => {
    ledger = await open();
  }, 120_000);
  afterAll(() => ledger?.close());

  beforeEach(async () => {
    mortal.forget();
    await empty(ledger.sql);
    folder = mkdtempSync(join(tmpdir(), 'cordboard-exports-'));
    return () => rmSync(folder, { recursive: true });
  });

  const world = (exports: Exports = ledger.exports, page = 3) => ({ exports, clock, page, most: 1_000 });
  const order = (name: string, given: Partial<Order> = {}): Order => ({
    ...{ series: 'bell', format: 'ndjson', options: {}, filter: {}, path: join(folder, name), madeBy: 'eve' },
    ...given,
  });

  test('BL-70 every closed call is in the file, in the order of time, and the export is on record with who, when, how many and the checksum', async () => {
    const calls = callsFrom(0, 8);
    await enter(ledger.sql, [...calls].reverse());
    const made = written(await exportCalls(world(), order('tape')));
    expect(idsIn(made.path)).toEqual(calls.map(({ trackingId }) => trackingId));
    const content = readFileSync(made.path);
    expect(await ledger.exports.list()).toEqual([made]);
    expect(made).toMatchObject({
      ...{ series: 'bell', number: 1, format: 'ndjson', records: 8, leftOut: 0, madeBy: 'eve' },
      ...{ madeAt: new Date(clock.utcMs()), path: join(folder, 'tape') },
      finished: {
        octets: BigInt(content.length),
        sha256: createHash('sha256').update(content).digest('hex'),
      },
    });
    expect(readdirSync(folder)).toEqual(['tape']);
  });

  test.each(['baf', 'emi', 'asterisk', 'freeswitch', 'csv', 'ndjson'] as const)(
    'BL-75 %s out of the database is, to the octet, what the golden file has',
    async (format) => {
      await ledger.sql`insert into export_series (name, next) values ('bell', 3)`;
      await ledger.sql`
        insert into subscriber (account, name, number, versions) values ('000000000003', 'Carol', '5550103', '{2}')
        on conflict do nothing`;
      await enter(ledger.sql, goldenCalls);
      const options = { zone: 'America/New_York', areaCode: '212', sensor: { type: '036', id: '0012345' } };
      const late = new SimulatedClock(Date.UTC(2026, 10, 22, 3));
      const end = await exportCalls({ ...world(), clock: late }, order('tape', { format, options }));
      const { path, leftOut } = written(end);
      expect(readFileSync(path, 'latin1')).toBe(readFileSync(goldenFiles[format], 'latin1'));
      expect(leftOut).toBe(format === 'baf' || format === 'emi' ? 1 : 0);
    },
  );

  test('fault 97: no call is exported twice within a series, and each series has all', async () => {
    await enter(ledger.sql, callsFrom(0, 5));
    const first = written(await exportCalls(world(), order('first')));
    expect(await exportCalls(world(), order('again'))).toEqual({ kind: 'empty', leftOut: [] });
    expect(existsSync(join(folder, 'again'))).toBe(false);
    await enter(ledger.sql, callsFrom(100, 2));
    const second = written(await exportCalls(world(), order('second')));
    const other = written(await exportCalls(world(), order('other', { series: 'gte' })));
    expect([first, second, other].map(({ series, number, records }) => [series, number, records])).toEqual([
      ...[
        ['bell', 1, 5],
        ['bell', 2, 2],
      ],
      ['gte', 1, 7],
    ]);
    const ids = [...idsIn(first.path), ...idsIn(second.path)];
    expect(new Set(ids).size).toBe(7);
    expect(ids).toEqual(idsIn(other.path));
  });

  test('fault 97: exporters at once share the calls of a series, none is in two files and none in no file', async () => {
    const calls = callsFrom(0, 60);
    await enter(ledger.sql, calls);
    const ends = await Promise.all(['a', 'b', 'c', 'd'].map((name) => exportCalls(world(), order(name))));
    const made = ends.flatMap((end) => (end.kind === 'written' ? [end.export] : []));
    const ids = made.flatMap(({ path }) => idsIn(path));
    expect(ids.sort()).toEqual(calls.map(({ trackingId }) => trackingId).sort());
    expect(made.reduce((sum, { records }) => sum + records, 0)).toBe(60);
    expect(made.map(({ number }) => number).sort()).toEqual(made.map((_, index) => index + 1));
  });

  test('fault 97: two processes that go on with one export make one file', async () => {
    await enter(ledger.sql, callsFrom(0, 20));
    const begun = await ledger.exports.begin({ ...order('tape'), options: {}, madeAt: new Date(0) });
    const ends = await Promise.all([resumeExport(world(), begun.id), resumeExport(world(), begun.id)]);
    expect(ends.map((end) => written(end).finished?.sha256)).toEqual([
      ...[written(ends[0]).finished?.sha256, written(ends[0]).finished?.sha256],
    ]);
    expect(idsIn(join(folder, 'tape'))).toHaveLength(20);
    expect(readdirSync(folder)).toEqual(['tape']);
  });

  test('BL-70 only what the filter finds is taken; the rest is there for another export', async () => {
    const [from, to] = [new Date(Date.UTC(2026, 10, 21, 9, 0, 2)), new Date(Date.UTC(2026, 10, 21, 9, 0, 7))];
    await enter(ledger.sql, callsFrom(0, 10));
    await enter(ledger.sql, callsFrom(20, 1, { callerAccount: account(2), calleeAccount: account(1) }));
    const some = written(await exportCalls(world(), order('some', { filter: { from, to } })));
    expect(some.records).toBe(5);
    expect(some.filter).toEqual({ from, to });
    const hers = order('hers', { filter: { caller: account(2) } });
    expect(written(await exportCalls(world(), hers)).records).toBe(1);
    expect(written(await exportCalls(world(), order('rest'))).records).toBe(5);
  });

  test('BL-70 calls that may change still wait: open ones, and those that nobody measured', async () => {
    const [closed, open, interrupted] = callsFrom(0, 3);
    const nobodys = { billTo: undefined, ...{ bridgeAt: undefined, billableSeconds: 0 } };
    await enter(ledger.sql, [closed as ExportedCall]);
    await ledger.sql`
      insert into call_record (tracking_id, port, ring_at) values (${open?.trackingId as string}, 'sim:1', ${open?.ringAt as Date})`;
    await enter(ledger.sql, [
      {
        ...(interrupted as ExportedCall),
        ...nobodys,
        ...{ outcome: 'interrupted', durationSeconds: null as unknown as number },
        ...{ octetsFromCaller: undefined, octetsFromCallee: undefined },
      },
    ]);
    expect(idsIn(written(await exportCalls(world(), order('tape'))).path)).toEqual([closed?.trackingId]);
  });

  test('BL-75 a charge stays in the file as it was when the call was taken, whatever it is rated at later', async () => {
    await enter(ledger.sql, callsFrom(0, 4));
    const begun = await ledger.exports.begin({
      ...{ ...order('tape', { format: 'emi' }), options: {}, madeAt: new Date(0) },
    });
    const stretch = await ledger.exports.stretch({ ...begun, filter: {} }, 10);
    await ledger.exports.take(begun, stretch, stretch.calls, []);
    await ledger.sql`update charge set units = 999`;
    written(await resumeExport(world(), begun.id));
    expect(readFileSync(join(folder, 'tape'), 'utf8').match(/0001250/g)).toHaveLength(4);
  });

  test('BL-75 a call that the format cannot say is listed with the reason, and another export takes it', async () => {
    await enter(ledger.sql, [...callsFrom(0, 1), ...callsFrom(10, 1, { calledNumber: '5550102' })]);
    const made = written(await exportCalls(world(), order('tape', { format: 'emi' })));
    expect(made).toMatchObject({ records: 1, leftOut: 1 });
    expect(await ledger.exports.leftOut(made.id)).toEqual([
      {
        trackingId: callsFrom(10, 1)[0]?.trackingId,
        reason: expect.stringMatching(/5550102 has no area code/),
      },
    ]);
    const none = await exportCalls(world(), order('none', { format: 'emi' }));
    expect(none).toMatchObject({
      kind: 'empty',
      leftOut: [{ reason: expect.stringMatching(/no area code/) }],
    });
    expect((await ledger.exports.list()).map(({ id }) => id)).toEqual([made.id]);
    const then = order('then', { format: 'emi', options: { areaCode: '415' } });
    expect(written(await exportCalls(world(), then))).toMatchObject({ number: 2, records: 1, leftOut: 0 });
  });

  test('BL-70 a correction of a call that was handed out takes its place where the format can say so', async () => {
    const [first] = callsFrom(0, 1) as [ExportedCall];
    await enter(ledger.sql, [first]);
    for (const format of ['ndjson', 'emi'] as const)
      await exportCalls(world(), order(`first.${format}`, { format, series: format }));
    // Corrected twice: the series has the first record alone.
    let before = first.trackingId;
    for (const octet of [1, 2]) {
      const id = trackingId(first.ringAt.getTime(), new Uint8Array(10).fill(octet));
      await enter(ledger.sql, [
        { ...first, trackingId: id, billableSeconds: 60 + octet, corrects: before, enteredBy: 'eve' },
      ]);
      await ledger.sql`update call_record set corrected_by = ${id} where tracking_id = ${before}`;
      before = id;
    }
    const own = written(await exportCalls(world(), order('own', { series: 'ndjson' })));
    expect(JSON.parse(readFileSync(own.path, 'utf8'))).toMatchObject({
      ...{ trackingId: before, replaces: first.trackingId, billableSeconds: 62 },
    });
    const emi = await exportCalls(world(), order('emi', { format: 'emi', series: 'emi' }));
    expect(emi).toMatchObject({
      kind: 'empty',
      leftOut: [{ reason: expect.stringMatching(/it corrects .*handed out/) }],
    });
    // Who has never got the first one gets the last one as any other call.
    const fresh = written(await exportCalls(world(), order('fresh', { format: 'emi', series: 'gte' })));
    expect(fresh).toMatchObject({ records: 1, leftOut: 0 });
  });

  test('BL-70 at most so many calls are in one export, the next has the others', async () => {
    await enter(ledger.sql, callsFrom(0, 9));
    const small = { ...world(), most: 4 };
    const sizes = [];
    for (const name of ['a', 'b', 'c']) sizes.push(written(await exportCalls(small, order(name))).records);
    expect(sizes).toEqual([4, 4, 1]);
  });

  test('BL-75 a file that is there is never overwritten, and no call is taken for it', async () => {
    await enter(ledger.sql, callsFrom(0, 2));
    writeFileSync(join(folder, 'mine'), 'mine');
    await expect(exportCalls(world(), order('mine'))).rejects.toThrow(
      /is there already and is never overwritten/,
    );
    await expect(exportCalls(world(), order('no/folder'))).rejects.toThrow(
      /folder of .* cannot be written to \(ENOENT\)/,
    );
    expect(await ledger.exports.list()).toEqual([]);
    expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine');
  });

  test('BL-75 a file that appears meanwhile stays, the calls are kept, and the export is gone on with elsewhere', async () => {
    await enter(ledger.sql, callsFrom(0, 2));
    const begun = await ledger.exports.begin({ ...order('mine'), options: {}, madeAt: new Date(0) });
    writeFileSync(join(folder, 'mine'), 'mine');
    await expect(resumeExport(world(), begun.id)).rejects.toThrow(ExportFailed);
    expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine');
    const made = written(await resumeExport(world(), begun.id, join(folder, 'elsewhere')));
    expect(made).toMatchObject({ records: 2, path: join(folder, 'elsewhere') });
    expect(await ledger.exports.list()).toEqual([made]);
    expect(readdirSync(folder).sort()).toEqual(['elsewhere', 'mine']);
  });

  test('BL-75 what is finished or unknown cannot be gone on with', async () => {
    await enter(ledger.sql, callsFrom(0, 2));
    const { id } = written(await exportCalls(world(), order('tape')));
    await expect(resumeExport(world(), id)).rejects.toThrow(/is finished.*not handed out twice/);
    await expect(resumeExport(world(), id + 1)).rejects.toThrow(/There is no export/);
  });

  test('BL-75 a file is known by its checksum under any name, and one octet more is seen', async () => {
    await enter(ledger.sql, callsFrom(0, 2));
    const made = written(await exportCalls(world(), order('tape')));
    const copy = join(folder, 'copy');
    writeFileSync(copy, readFileSync(made.path));
    expect(await verifyExport(ledger.exports, copy)).toMatchObject({
      kind: 'as-handed-out',
      export: { id: made.id },
    });
    writeFileSync(made.path, `${readFileSync(made.path, 'utf8')}\n`);
    expect(await verifyExport(ledger.exports, made.path)).toMatchObject({
      ...{ kind: 'altered', export: { id: made.id }, octets: (made.finished?.octets ?? 0n) + 1n },
    });
    writeFileSync(copy, 'something else');
    expect(await verifyExport(ledger.exports, copy)).toEqual({ kind: 'unknown' });
  });

  describe('fault 69: killed', () => {
    const calls = callsFrom(0, 8);
    let whole: string;

    /** The file as it is when nobody dies. */
    beforeEach(async () => {
      await enter(ledger.sql, calls);
      const reference = written(await exportCalls(world(), order('reference', { series: 'reference' })));
      whole = reference.finished?.sha256 ?? '';
      rmSync(reference.path);
    });

    async function begin(): Promise<number> {
      await ledger.sql`delete from exported_call where series = 'bell'`;
      await ledger.sql`delete from export where series = 'bell'`;
      const begun = await ledger.exports.begin({ ...order('tape'), options: {}, madeAt: new Date(0) });
      return begun.id;
    }

    /** The next process goes on. */
    async function expectWhole(id: number, at: string): Promise<void> {
      if (!(await ledger.exports.find(id))?.finished) written(await resumeExport(world(), id));
      const made = await ledger.exports.find(id);
      expect(made, at).toMatchObject({ records: 8, finished: { sha256: whole } });
      expect(await verifyExport(ledger.exports, join(folder, 'tape')), at).toMatchObject({
        kind: 'as-handed-out',
      });
      expect(readdirSync(folder), at).toEqual(['tape']);
      rmSync(join(folder, 'tape'));
    }

    test('fault 69: killed at each of its writes to the disk, the very same octets are written by the next', async () => {
      let n = 0;
      for (let isOver = false; !isOver; ) {
        n += 1;
        const id = await begin();
        mortal.watch(folder, n, () => {});
        await resumeExport(world(), id).catch((error: unknown) => {
          if (!mortal.isDead) throw error;
        });
        isOver = !mortal.isDead;
        mortal.forget();
        await expectWhole(id, `write ${n}`);
      }
      // Open, five pieces, fsync, link, fsync of the folder, removal.
      expect(n).toBeGreaterThan(8);
    });

    test('fault 69: killed before and after each of its statements, the very same octets are written by the next', async () => {
      let n = 0;
      for (let isOver = false; !isOver; ) {
        n += 1;
        const id = await begin();
        const { exports, life } = mortalExports(ledger.exports, n);
        await resumeExport(world(exports), id).catch((error: unknown) => {
          if (!life.isDead) throw error;
        });
        isOver = !life.isDead;
        await expectWhole(id, `statement ${n}`);
      }
      expect(n).toBeGreaterThan(20);
    });
  });
}

/** A process that dies at its nth step: before a statement, or when it was committed and nobody learns of it. */
function mortalExports(real: Exports, diesAt: number): { exports: Exports; life: { isDead: boolean } } {
  const life = { isDead: false };
  let count = 0;
  const step = () => {
    count += 1;
    if (count >= diesAt) life.isDead = true;
    if (life.isDead) throw new Error('the process is gone');
  };
  const exports = new Proxy(real, {
    get:
      (target, name: keyof Exports) =>
      async (...given: never[]): Promise<unknown> => {
        step();
        const result = await (target[name] as (...given: never[]) => Promise<unknown>)(...given);
        step();
        return result;
      },
  });
  return { exports, life };
}

describe('the embedded database', () => suite(embeddedLedger));

describe.skipIf(noServer)(`a PostgreSQL server${noServer ? ` (skipped: ${noServer})` : ''}`, () =>
  suite(serverLedger),
);
