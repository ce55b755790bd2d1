import type { AccountNumber } from '../bytes/account-number.js';
import { type Database, inTransaction, type Statements } from './database.js';
import { codeOf } from './failures.js';
import { aloneInRating } from './rating-lock.js';
import type {
  NewTariffVersion,
  Tariff,
  TariffImport,
  TariffPeriod,
  Tariffs,
  TariffVersion,
} from './tariffs.js';

type Nullable<T> = {
  [Key in keyof T]: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key];
};

interface Span {
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
}

const exclusionViolation = '23P01';

/** Every statement on tariffs; a test has each described by the database. */
export const tariffStatements = {
  list: (sql: Statements) => sql<Tariff[]>`
    select name, is_default, (select count(*)::integer from subscriber where subscriber.tariff = tariff.id) as accounts
    from tariff order by name`,

  periods: (sql: Statements, tariff: string | undefined) => sql<Nullable<TariffPeriod>[]>`
    select ${periodColumns(sql)}
    from tariff_version join tariff on tariff.id = tariff
    ${tariff === undefined ? sql`` : sql`where name = ${tariff}`}
    order by name, lower(validity), tariff_version.id`,

  version: (sql: Statements, id: number) => sql<Nullable<TariffVersion>[]>`
    select ${versionColumns(sql)} from tariff_version join tariff on tariff.id = tariff
    where tariff_version.id = ${id}`,

  at: (sql: Statements, tariff: string, instant: Date) => sql<Nullable<TariffVersion>[]>`
    select ${versionColumns(sql)} from tariff_version join tariff on tariff.id = tariff
    where name = ${tariff} and validity @> ${instant}::timestamptz and withdrawn_at is null`,

  make: (sql: Statements, name: string) => sql`
    insert into tariff (name) values (${name}) on conflict do nothing`,

  known: (sql: Statements, { tariff, sha256 }: NewTariffVersion) => sql<Nullable<TariffPeriod>[]>`
    select ${periodColumns(sql)} from tariff_version join tariff on tariff.id = tariff
    where name = ${tariff} and sha256 = ${sha256} and withdrawn_at is null
    order by lower(validity)`,

  overlapping: (sql: Statements, { tariff, ...span }: Span & { readonly tariff: string }) => sql<
    Nullable<TariffPeriod>[]
  >`
    select ${periodColumns(sql)} from tariff_version join tariff on tariff.id = tariff
    where name = ${tariff} and validity && ${range(sql, span)} and withdrawn_at is null
    order by lower(validity)`,

  withdraw: (
    sql: Statements,
    ids: readonly number[],
    { at, who }: { readonly at: Date; readonly who: string },
  ) => sql`
    update tariff_version set withdrawn_at = ${at}, withdrawn_by = ${who}
    where id = any(${[...ids]}::integer[]) and withdrawn_at is null
    returning id`,

  /** What is left of these versions outside that time, as versions. */
  restore: (sql: Statements, ids: readonly number[], span: Span) => sql`
    insert into tariff_version (tariff, validity, content, rates, sha256, imported_at, imported_by)
    select tariff, rest, content, rates, sha256, imported_at, imported_by
    from tariff_version, unnest(tstzmultirange(validity) - tstzmultirange(${range(sql, span)})) rest
    where id = any(${[...ids]}::integer[])`,

  add: (sql: Statements, version: NewTariffVersion) => sql<{ id: number }[]>`
    insert into tariff_version (tariff, validity, content, rates, sha256, imported_at, imported_by)
    select id, ${range(sql, version)}, ${version.content}, ${version.rates ?? null}, ${version.sha256},
           ${version.importedAt}, ${version.importedBy}
    from tariff where name = ${version.tariff}
    returning id`,

  assign: (sql: Statements, account: AccountNumber, tariff: string | undefined) => sql`
    update subscriber set tariff = (select id from tariff where name = ${tariff ?? null})
    where account = ${account} returning account`,

  of: (sql: Statements, account: AccountNumber) => sql<{ name: string }[]>`
    select tariff.name from subscriber join tariff on tariff.id = subscriber.tariff or subscriber.tariff is null and is_default
    where account = ${account}`,

  find: (sql: Statements, tariff: string) => sql`select id from tariff where name = ${tariff}`,

  /** First the old one: there is never more than one. */
  noDefault: (sql: Statements, tariff: string) => sql`
    update tariff set is_default = false where is_default and name <> ${tariff}`,

  makeDefault: (sql: Statements, tariff: string) => sql`
    update tariff set is_default = true where name = ${tariff}`,
};

function periodColumns(sql: Statements) {
  return sql`
    tariff_version.id, name as tariff, lower(validity) as valid_from, upper(validity) as valid_to, sha256, imported_at,
    imported_by, withdrawn_at, withdrawn_by`;
}

export function versionColumns(sql: Statements) {
  return sql`${periodColumns(sql)}, content, rates`;
}

function range(sql: Statements, { validFrom, validTo }: Span) {
  return sql`tstzrange(${validFrom}, ${validTo ?? null})`;
}

/** The tariffs in Postgres. */
export function tariffTable(database: Database): Tariffs {
  const importOnce = (version: NewTariffVersion, replaces: boolean) =>
    database.repeat((sql) =>
      inTransaction(sql, async (tx): Promise<TariffImport> => {
        await aloneInRating(tx);
        const [known] = await tariffStatements.known(tx, version);
        if (known) return { kind: 'known', period: decode(known) };
        await tariffStatements.make(tx, version.tariff);
        const replaced = replaces ? (await tariffStatements.overlapping(tx, version)).map(decode) : [];
        if (replaced.length > 0) {
          const ids = replaced.map(({ id }) => id);
          await tariffStatements.withdraw(tx, ids, { at: version.importedAt, who: version.importedBy });
          await tariffStatements.restore(tx, ids, version);
        }
        const [added] = await tariffStatements.add(tx, version);
        if (!added) throw new Error('a tariff that was not made');
        return { kind: 'imported', id: added.id, replaced };
      }),
    );
  return {
    async import(version, { replaces }) {
      try {
        return await importOnce(version, replaces);
      } catch (error) {
        if (codeOf(error) !== exclusionViolation) throw error;
        const periods = await database.repeat((sql) => tariffStatements.overlapping(sql, version));
        return { kind: 'overlaps', periods: periods.map(decode) };
      }
    },
    async list() {
      return [...(await database.repeat((sql) => tariffStatements.list(sql)))];
    },
    async periods(tariff) {
      return (await database.repeat((sql) => tariffStatements.periods(sql, tariff))).map(decode);
    },
    async version(id) {
      const [found] = await database.repeat((sql) => tariffStatements.version(sql, id));
      return found && decode(found);
    },
    async at(tariff, instant) {
      const [found] = await database.repeat((sql) => tariffStatements.at(sql, tariff, instant));
      return found && decode(found);
    },
    async withdraw(id, by) {
      return database.repeat((sql) =>
        inTransaction(sql, async (tx) => {
          await aloneInRating(tx);
          return (await tariffStatements.withdraw(tx, [id], by)).count > 0;
        }),
      );
    },
    async assign(account, tariff) {
      return database.repeat(async (sql) => {
        if (tariff !== undefined && (await tariffStatements.find(sql, tariff)).count === 0)
          return 'no tariff';
        return (await tariffStatements.assign(sql, account, tariff)).count > 0 ? 'assigned' : 'no account';
      });
    },
    async of(account) {
      const [found] = await database.repeat((sql) => tariffStatements.of(sql, account));
      return found?.name;
    },
    async makeDefault(tariff) {
      return database.repeat((sql) =>
        inTransaction(sql, async (tx) => {
          await aloneInRating(tx);
          if ((await tariffStatements.find(tx, tariff)).count === 0) return false;
          await tariffStatements.noDefault(tx, tariff);
          await tariffStatements.makeDefault(tx, tariff);
          return true;
        }),
      );
    },
  };
}

/** Absent for null. */
export function decode<T extends object>(row: Nullable<T>): T {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined])) as T;
}
