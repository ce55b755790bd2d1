import type { RandomSource } from '../crypto/random.js';
import type { Log } from '../log/log.js';
import type { TransferMethod } from '../protocol/call-manager/trunk-setup.js';
import type { Modem } from '../pstn/modem/modem.js';
import type { ServerIdentity } from '../session/version-2/identity.js';
import type { ServerStore } from '../store/store.js';
import { atMost } from '../time/at-most.js';
import type { Clock } from '../time/clock.js';
import { Call } from './call.js';
import { OpenRequests } from './open-requests.js';
import type { Pricing } from './pricing.js';
import { RecordKeeper } from './record-keeper.js';
import { Trunk, type TrunkLine, type TrunkState } from './trunk.js';
import { TrunkPool } from './trunk-pool.js';

export interface ServerOptions {
  readonly store: ServerStore;
  /** In hunting order: the central office gives a new call to the first free one. */
  readonly trunks: readonly TrunkLine[];
  /** The server's directory number. */
  readonly number: string;
  /** How callers of version 1 get to their callees; `bridge` when left out. */
  readonly transfer?: TransferMethod;
  readonly pricing: Pricing;
  /** What it proves itself with in version 2. */
  readonly identity: ServerIdentity;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
}

export interface Server {
  /** One row for each trunk, for the operator's live view. */
  status(): readonly TrunkStatus[];
  /**
   * Takes no new calls, lets those in progress finish for `graceMs`, then releases them; closes their records and
   * the modems. Resolves when all lines are on-hook.
   */
  stop(graceMs: number): Promise<void>;
}

export interface TrunkStatus {
  readonly port: string;
  readonly state: TrunkState;
  /** Of the call that came in on this trunk. */
  readonly trackingId: string | undefined;
}

/** Off-hook again sooner than 1.1 s after a hang-up, a line with transfer service takes both for one hook-flash. */
const flashRestMs = 1_500;

/** For the last records when the server stops. */
const flushLimitMs = 5_000;

/**
 * Starts the telephony server: closes the records that dead servers left open, opens the trunks and takes
 * calls. Trunks that cannot be opened are tried again; rejects when the store is away or no trunk opens at all.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { store, clock, log } = options;
  const interrupted = await store.calls.closeInterrupted(new Date(clock.utcMs()));
  if (interrupted > 0) log.warn({ interrupted }, 'call records that a dead server left open were closed');

  const records = new RecordKeeper(store.calls, store.spool, clock, log);
  await records.recover();
  const requests = new OpenRequests();
  const calls = new Set<Call>();
  let isStopping = false;
  const startCall = (trunk: Trunk, modem: Modem) => {
    if (isStopping) return undefined;
    const call = new Call({
      port: trunk.url,
      modem,
      serverNumber: options.number,
      transfer: options.transfer ?? 'bridge',
      identity: options.identity,
      pool,
      requests,
      subscribers: store.subscribers,
      pricing: options.pricing,
      records,
      clock,
      random: options.random,
      log,
      takeOutOfService: () => trunk.renew(),
    });
    calls.add(call);
    void call.over.then(() => calls.delete(call));
    return call;
  };
  const restMs = options.transfer === 'hook-flash' ? flashRestMs : 0;
  const pool = new TrunkPool(
    options.trunks.map((line) => new Trunk({ line, clock, log, startCall, restMs })),
  );
  await openTrunks(pool, log);

  return {
    status: () =>
      pool.trunks.map((trunk) => ({
        port: trunk.url,
        state: trunk.state,
        trackingId: trunk.call?.trackingId,
      })),
    async stop(graceMs) {
      isStopping = true;
      await atMost(clock, graceMs, allOver(calls));
      for (const call of calls) call.stop();
      await allOver(calls);
      await Promise.all(pool.trunks.map((trunk) => trunk.close()));
      await records.flush(flushLimitMs);
    },
  };
}

async function allOver(calls: ReadonlySet<Call>): Promise<void> {
  await Promise.all([...calls].map((call) => call.over));
}

async function openTrunks(pool: TrunkPool, log: Log): Promise<void> {
  const opened = await Promise.allSettled(pool.trunks.map((trunk) => trunk.open()));
  const failures = opened.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length === pool.trunks.length) {
    throw new AggregateError(failures, 'no trunk could be opened; check the lines in the configuration');
  }
  for (const [index, result] of opened.entries()) {
    if (result.status === 'fulfilled') continue;
    const trunk = pool.trunks[index];
    log.error({ port: trunk?.url, error: String(result.reason) }, 'trunk not opened; will try again');
    trunk?.reopen();
  }
}
