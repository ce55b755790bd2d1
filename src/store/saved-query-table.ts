import type { CallFilter } from './call-filter.js';
import { callFilterJson, parseCallFilter } from './call-filter-json.js';
import type { Database, Sql } from './database.js';
import type { SavedQueries, SavedQuery } from './saved-queries.js';

type Row = Omit<SavedQuery, 'filter'> & { readonly filter: unknown };

/** Every statement on saved queries; a test has each described by the database. */
export const savedQueryStatements = {
  save: (sql: Sql, { name, filter, savedAt, savedBy }: SavedQuery & { readonly filter: CallFilter }) => sql`
    insert into saved_query (name, filter, saved_at, saved_by)
    values (${name}, ${JSON.stringify(callFilterJson(filter))}::text::jsonb, ${savedAt}, ${savedBy})
    on conflict (name) do update
      set filter = excluded.filter, saved_at = excluded.saved_at, saved_by = excluded.saved_by`,

  find: (sql: Sql, name: string) => sql<Row[]>`
    select name, filter, saved_at, saved_by from saved_query where name = ${name}`,

  list: (sql: Sql) => sql<Row[]>`
    select name, filter, saved_at, saved_by from saved_query order by name`,

  remove: (sql: Sql, name: string) => sql`delete from saved_query where name = ${name} returning name`,
};

export function savedQueryTable(database: Database): SavedQueries {
  return {
    async save(query) {
      await database.repeat((sql) => savedQueryStatements.save(sql, query));
    },
    async find(name) {
      const [found] = await database.repeat((sql) => savedQueryStatements.find(sql, name));
      return found && decode(found);
    },
    async list() {
      return (await database.repeat((sql) => savedQueryStatements.list(sql))).map(decode);
    },
    async remove(name) {
      return (await database.once((sql) => savedQueryStatements.remove(sql, name))).count > 0;
    },
  };
}

function decode({ filter, ...rest }: Row): SavedQuery {
  return { ...rest, filter: parseCallFilter(filter) };
}
