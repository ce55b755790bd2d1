import { closedColumns } from './call-statements.js';
import { type EnteredCorrection, NoSuchCall, NotCorrectable } from './calls.js';
import { inTransaction, type Sql, type Statements } from './database.js';

interface Corrected {
  readonly isOpen: boolean;
  readonly correctedBy: string | null;
}

/** The statements of a correction, which is one transaction; a test has each described by the database. */
export const correctionStatements = {
  lock: (sql: Statements, trackingId: string) => sql<Corrected[]>`
    select end_at is null as is_open, corrected_by from call_record where tracking_id = ${trackingId} for update`,

  /** What is not changed is as it was. */
  enter: (sql: Statements, corrected: string, { trackingId, changes, enteredBy }: EnteredCorrection) => {
    const values = Object.keys(closedColumns).map((field) => {
      const value = changes[field as keyof typeof changes];
      const column = sql(field);
      return field in changes
        ? sql`, ${value ?? null}::${sql.unsafe(closedColumns[field as keyof typeof closedColumns])}`
        : sql`, ${column}`;
    });
    const columns = Object.keys(closedColumns).map((field) => sql`, ${sql(field)}`);
    return sql`
      insert into call_record (tracking_id, port, ring_at, server_run, corrects, entered_by ${columns})
      select ${trackingId}::uuid, port, ring_at, server_run, tracking_id, ${enteredBy}::text ${values}
      from call_record where tracking_id = ${corrected}`;
  },

  mark: (sql: Statements, corrected: string, trackingId: string) => sql`
    update call_record set corrected_by = ${trackingId} where tracking_id = ${corrected}`,
};

/** @throws NoSuchCall, NotCorrectable, or the driver's error, with nothing changed */
export async function correctCall(sql: Sql, corrected: string, correction: EnteredCorrection): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const [found] = await correctionStatements.lock(tx, corrected);
    if (!found) throw new NoSuchCall(corrected);
    // Its answer was lost (fault 63).
    if (found.correctedBy === correction.trackingId) return;
    if (found.correctedBy !== null) throw new NotCorrectable(supersededBy(corrected, found.correctedBy));
    if (found.isOpen) throw new NotCorrectable(stillOpen(corrected));
    await correctionStatements.enter(tx, corrected, correction);
    await correctionStatements.mark(tx, corrected, correction.trackingId);
  });
}

const supersededBy = (corrected: string, by: string) =>
  `The call record ${corrected} was corrected already, by ${by}. Correct that one.`;

const stillOpen = (trackingId: string) =>
  `The call record ${trackingId} is open: its call is in progress, or its server died and closes it at its next start. Correct it then.`;
