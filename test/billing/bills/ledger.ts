import { createHash } from 'node:crypto';
import postgres from 'postgres';
import { type AccountNumber, parseAccountNumber } from '../../../src/bytes/account-number.js';
import { trackingId } from '../../../src/bytes/tracking-id.js';
import { commonOptions, type Sql } from '../../../src/store/database.js';
import type { Store } from '../../../src/store/store.js';

/** What a test says of a call; the rest is alike. */
export interface LedgerCall {
  readonly payer: AccountNumber;
  readonly units: bigint;
  readonly decimals?: number;
  readonly currency?: string;
  readonly bridgeAt?: string;
  readonly period?: string;
  readonly seconds?: number;
  readonly callClass?: 'pairing' | 'delivery' | 'stored';
  /** Otherwise the call waits to be rated. */
  readonly isCharged?: boolean;
}

let accounts = 0;
let calls = 0;

export const newYork = 'America/New_York';

/** Writes calls and charges as the server and the rater would, on a store of its own. */
export class Ledger {
  readonly sql: Sql;
  readonly store: Store;
  #tariff: number | undefined;

  constructor(store: Store, connection: postgres.Options<Record<string, postgres.PostgresType>> | string) {
    this.store = store;
    this.sql = (
      typeof connection === 'string'
        ? postgres(connection, commonOptions)
        : postgres({ ...connection, ...commonOptions })
    ) as Sql;
  }

  async close(): Promise<void> {
    await this.sql.end({ timeout: 0 });
  }

  async subscriber(name = 'Alice Ltd'): Promise<AccountNumber> {
    const account = parseAccountNumber(String(++accounts));
    if (!account) throw new Error('out of accounts');
    await this.store.subscribers.add({ account, name, number: '5550101', versions: [2], accepts: [] });
    return account;
  }

  /** Number of the only version of a tariff in that zone. */
  async tariff(zone = newYork): Promise<number> {
    this.#tariff ??= await this.version('general', zone);
    return this.#tariff;
  }

  async version(name: string, zone: string): Promise<number> {
    const content = `name = "${name}"\nzone = "${zone}"\n`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const [row] = await this.sql<{ id: number }[]>`
      with made as (insert into tariff (name) values (${name}) returning id)
      insert into tariff_version (tariff, validity, content, sha256, imported_at, imported_by)
      select id, '[2000-01-01,)', ${content}, ${sha256}, '2026-01-01', 'test' from made returning id`;
    if (!row) throw new Error('no version');
    return row.id;
  }

  /** Their tracking IDs. */
  async calls(made: readonly LedgerCall[], version?: number): Promise<string[]> {
    const tariffVersion = version ?? (await this.tariff());
    const rows = made.map((each) => rowOf(each, tariffVersion));
    const columns = <Key extends keyof (typeof rows)[number]>(key: Key) => rows.map((row) => row[key]);
    await this.sql`
      insert into call_record (tracking_id, port, ani, caller_account, callee_account, called_number, protocol_version,
        call_class, ring_at, answer_at, bridge_at, end_at, duration_seconds, billable_seconds, octets_from_caller,
        octets_from_callee, outcome, release_cause)
      select id, 'sim:1', '5550101', payer, payer, '5550102', 2, class, at, at, at, at + seconds * interval '1 s', seconds,
        seconds, 1, 1, 'completed', 16
      from unnest(${columns('id')}::uuid[], ${columns('payer')}::text[], ${columns('callClass')}::text[],
        ${columns('at')}::text[]::timestamptz[], ${columns('seconds')}::integer[]) call (id, payer, class, at, seconds)`;
    await this.charge(rows.filter(({ isCharged }) => isCharged));
    return columns('id');
  }

  async charge(rows: readonly ReturnType<typeof rowOf>[]): Promise<void> {
    const columns = <Key extends keyof (typeof rows)[number]>(key: Key) => rows.map((row) => row[key]);
    await this.sql`
      insert into charge (tracking_id, payer, period, charged_at, tariff_version, call_class, units, decimals, currency,
        seconds, free_seconds, rated_at)
      select *, 0, now() from unnest(${columns('id')}::uuid[], ${columns('payer')}::text[],
        ${columns('period')}::text[]::date[], ${columns('at')}::text[]::timestamptz[], ${columns('version')}::integer[],
        ${columns('callClass')}::text[], ${columns('units')}::text[]::bigint[], ${columns('decimals')}::integer[],
        ${columns('currency')}::text[], ${columns('seconds')}::integer[])`;
  }
}

export function rowOf(call: LedgerCall, version: number) {
  const at = call.bridgeAt ?? '2026-10-15T12:00:00Z';
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(6, ++calls);
  return {
    id: trackingId(Date.parse(at), random),
    ...{ at, version, payer: call.payer, callClass: call.callClass ?? 'delivery' },
    ...{ period: call.period ?? `${at.slice(0, 7)}-01`, units: String(call.units) },
    ...{ decimals: call.decimals ?? 2, currency: call.currency ?? 'USD', seconds: call.seconds ?? 60 },
    isCharged: call.isCharged ?? true,
  };
}
