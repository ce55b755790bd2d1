import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import { every } from '../../time/every.js';
import type { Sql } from '../database.js';

const checkpointEveryMs = 2 * 60_000;
const dayMs = 24 * 60 * 60_000;
/** 03:00 UTC. */
const nightMs = 3 * 60 * 60_000;

/**
 * What a server's background processes do and the embedded database has none of: checkpoints, without which the
 * write-ahead log grows for ever, and a nightly vacuum. Returns how to stop; the stop vacuums and checkpoints.
 */
export function keepUp(sql: Sql, clock: Clock, log: Log): () => Promise<void> {
  const attempt = async (work: () => PromiseLike<unknown>) => {
    try {
      await work();
    } catch (error) {
      log.warn({ error: String(error) }, 'Upkeep of the embedded database failed; it is tried again later.');
    }
  };
  const vacuum = () => attempt(() => sql`vacuum (analyze) subscriber, authorisation, call_record`);
  const checkpoint = () => attempt(() => sql`checkpoint`);
  const stopCheckpoints = every(clock, () => checkpointEveryMs, checkpoint);
  const stopVacuums = every(clock, () => dayMs - ((clock.utcMs() - nightMs) % dayMs), vacuum);
  return async () => {
    stopCheckpoints();
    stopVacuums();
    await vacuum();
    await checkpoint();
  };
}
