import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { inTransaction, type Sql } from './database.js';
import { StoreUnavailable } from './store.js';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** Any number, as long as every Cordboard uses the same: one migrates, the others wait, as long as a statement may take. */
const migrationLock = 0x434f5244;

/**
 * Brings the schema to the newest version that this program knows, in one transaction: all of it or nothing.
 * @throws StoreUnavailable when the database is newer than the program, or was made from other files (fault 68)
 */
export async function migrate(sql: Sql, folder = new URL('./migrations/', import.meta.url)): Promise<void> {
  const known = await readMigrations(folder);
  await inTransaction(sql, async (tx) => {
    await tx`select pg_advisory_xact_lock(${migrationLock})`;
    // Only now: whoever holds the lock must not be waited for without end.
    await tx`set local statement_timeout = 0`;
    await tx`create table if not exists schema_migration (
      version integer primary key, name text not null, sha256 text not null
    )`;
    const applied = await tx<Omit<Migration, 'text'>[]>`
      select version, name, sha256 from schema_migration order by version`;
    refuseOtherHistory(applied, known);
    for (const { version, name, text, sha256 } of known.slice(applied.length)) {
      await tx.unsafe(text).simple();
      await tx`insert into schema_migration (version, name, sha256) values (${version}, ${name}, ${sha256})`;
    }
  });
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (name, index) => {
      const version = Number.parseInt(name, 10);
      if (version !== index + 1) throw new Error(`migration ${name} is out of sequence`);
      // A checkout on Windows may have other line ends; the migration is the same.
      const text = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n');
      return { version, name, text, sha256: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

function refuseOtherHistory(applied: readonly Omit<Migration, 'text'>[], known: readonly Migration[]): void {
  if (applied.length > known.length) {
    throw new StoreUnavailable(
      `The database has schema version ${applied.length}, and this program knows versions up to ${known.length}: ` +
        'a newer Cordboard has used it. Run that version, or restore a backup from before.',
    );
  }
  for (const [index, { name, sha256 }] of applied.entries()) {
    if (known[index]?.sha256 !== sha256) {
      throw new StoreUnavailable(
        `The database was made by a migration ${name} that differs from this program's ${known[index]?.name}. ` +
          'Run the program that made it; a migration that was applied is never edited, a new one follows it.',
      );
    }
  }
}
