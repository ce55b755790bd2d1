import type { Sql } from '../../src/store/database.js';

export const accounts = 50;

/** Bands by the clocks of New York, a connect charge, 60/6, two prefixes: what `reckonedInSql` knows as well. */
export const manyCallsTariff = (name: string) => `
name = "${name}"
valid_from = "2020-01-01"
currency = "USD"
decimals = 4
zone = "America/New_York"
other_band = "night"
[[band]]
name = "day"
days = "mon-fri"
from = "08:00"
to = "17:00"
${rate('local, day', '555', 'day', '0.02', '0.06', '0.045')}
${rate('local, night', '555', 'night', '0.01', '0.03', '0.0225')}
${rate('far, day', '5551', 'day', '0.05', '0.25', '0.2333')}
${rate('far, night', '5551', 'night', '0.03', '0.13', '0.1196')}`;

function rate(
  name: string,
  prefix: string,
  band: string,
  connect: string,
  initial: string,
  additional: string,
): string {
  return `
[[rate]]
name = "${name}"
prefix = "${prefix}"
band = "${band}"
connect = "${connect}"
step = [{ from = 0, increment = 60, price = "${initial}" }, { from = 60, increment = 6, price = "${additional}" }]`;
}

/** Closed calls of November 2026, the Sunday included on which clocks go back; one in five hundred lasts for hours. */
export async function generateCalls(sql: Sql, count: number): Promise<void> {
  await sql`
    insert into subscriber (account, name, number, versions)
    select lpad(n::text, 12, '0'), 'Account ' || n, '555' || lpad(n::text, 4, '0'), '{2}'
    from generate_series(1, ${accounts}::integer) n`;
  await sql`
    insert into call_record (
      tracking_id, port, ani, caller_account, callee_account, called_number, protocol_version, call_class, ring_at, answer_at,
      bridge_at, end_at, duration_seconds, billable_seconds, octets_from_caller, octets_from_callee, outcome, release_cause
    )
    select
      (lpad(to_hex((extract(epoch from ring) * 1000)::bigint), 12, '0') || '7000' || lpad(to_hex(n), 16, '8'))::uuid,
      'sim:1', '5550101', lpad((1 + n % ${accounts}::integer)::text, 12, '0'), '000000000001', '555' || n::bigint * 7919 % 10000, 2,
      'delivery', ring, ring + interval '2 s', ring + interval '20 s', ring + interval '20 s' + seconds * interval '1 s',
      20 + seconds, seconds, 1, 1, 'completed', 16
    from generate_series(1, ${count}::integer) n,
      lateral (select timestamptz '2026-11-01 00:00Z' + n * interval '29 days' / ${count}::integer as ring) r,
      lateral (select case when n % 500 = 0 then n * 31 % 20000 else n * 37 % 900 end as seconds) s`;
}

/** The sum of all charges by another way: SQL, increment by increment, in `numeric`. */
export async function reckonedInSql(sql: Sql): Promise<bigint> {
  const [row] = await sql<{ units: string }[]>`
    with price (is_far, is_day, connect, initial, additional) as (values
      (false, true, 0.02, 0.06, 0.045), (false, false, 0.01, 0.03, 0.0225),
      (true, true, 0.05, 0.25, 0.2333), (true, false, 0.03, 0.13, 0.1196)
    ), call as (
      select tracking_id, bridge_at, billable_seconds as seconds, called_number like '5551%' as is_far from call_record
      where bridge_at is not null
    ), increment as (
      select tracking_id, 0 as at from call
      union all
      select tracking_id, at from call, generate_series(60, seconds - 1, 6) at
    ), priced as (
      select tracking_id,
        case when at = 0 then connect + case when seconds > 0 then initial else 0 end else additional * 6 / 60 end as amount
      from increment join call using (tracking_id)
      cross join lateral (select (bridge_at + at * interval '1 s') at time zone 'America/New_York' as clock) c
      join price on price.is_far = call.is_far
        and is_day = (extract(isodow from clock) <= 5 and clock::time >= '08:00' and clock::time < '17:00')
    )
    select sum(units)::text as units from (
      select ceil(sum(amount) * 10000) as units from priced group by tracking_id
    ) charge`;
  return BigInt(row?.units ?? 0);
}
