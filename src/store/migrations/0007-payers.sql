create table payer_rule (
  id integer generated always as identity primary key,
  payer account_number not null references subscriber,
  party account_number not null references subscriber,
  role text not null check (role in ('caller', 'callee')),
  other account_number,
  validity tstzrange not null check (not isempty(validity) and not lower_inf(validity)),
  agreed_at timestamptz not null,
  agreed_by text not null,
  -- A range of one number is equal to another only: the index needs no extension of the database for it.
  constraint one_payer_at_once exclude using gist (
    int8range(party::text::bigint, party::text::bigint, '[]') with &&,
    int4range((role = 'callee')::integer, (role = 'callee')::integer, '[]') with &&,
    int8range(coalesce(other::text::bigint, -1), coalesce(other::text::bigint, -1), '[]') with &&,
    validity with &&
  )
);
comment on table payer_rule is 'Who pays for calls instead of their caller (BL-A2): the callee or a third party, which has agreed. For a call between two accounts a rule with both goes before one of either, and then one of the caller before one of the callee.';
comment on column payer_rule.id is 'Its number.';
comment on column payer_rule.payer is 'Who pays.';
comment on column payer_rule.party is 'Whose calls.';
comment on column payer_rule.role is 'The calls that party makes (caller), or that come to it (callee).';
comment on column payer_rule.other is 'Only for calls with this account at the other end; null: with any.';
comment on column payer_rule.validity is 'For calls that ring from when (inclusive) to when (exclusive). Never two payers at once for the same calls.';
comment on column payer_rule.agreed_at is 'When it was entered.';
comment on column payer_rule.agreed_by is 'Who, by the name of the system''s user.';
create index payer_rule_by_party on payer_rule (party);
create index payer_rule_by_payer on payer_rule (payer);

create table spending_limit (
  account account_number primary key references subscriber,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  decimals smallint not null check (decimals between 0 and 8),
  daily_units bigint check (daily_units >= 0),
  monthly_units bigint check (monthly_units >= 0),
  set_at timestamptz not null,
  set_by text not null,
  check (num_nulls(daily_units, monthly_units) < 2)
);
comment on table spending_limit is 'What an account pays at most on a day and in a month of its tariff''s zone; a call that would go further is released.';
comment on column spending_limit.account is 'Who pays.';
comment on column spending_limit.currency is 'ISO 4217.';
comment on column spending_limit.decimals is 'Of the units.';
comment on column spending_limit.daily_units is 'At most on a day; null: no limit.';
comment on column spending_limit.monthly_units is 'At most in a month; null: no limit.';
comment on column spending_limit.set_at is 'When.';
comment on column spending_limit.set_by is 'Who, by the name of the system''s user.';

create table spending_hold (
  tracking_id uuid primary key,
  payer account_number not null references subscriber,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  decimals smallint not null check (decimals between 0 and 8),
  units bigint not null check (units >= 0),
  held_at timestamptz not null,
  bridged_at timestamptz
);
comment on table spending_hold is 'What calls of accounts with a limit may cost while they go on, and have cost until they are rated: no two of them get the same rest of it.';
comment on column spending_hold.tracking_id is 'The call.';
comment on column spending_hold.payer is 'Who pays.';
comment on column spending_hold.currency is 'ISO 4217.';
comment on column spending_hold.decimals is 'Of the units.';
comment on column spending_hold.units is 'At most while the call goes on; what it has cost when it is over.';
comment on column spending_hold.held_at is 'When.';
comment on column spending_hold.bridged_at is 'The day that it counts for, once the call is over; null: it goes on, and counts for every day.';
create index spending_hold_of_payer on spending_hold (payer);

-- A call that is charged is in its charge, one that never was joined or that nobody measured costs nothing.
create function is_held(hold spending_hold) returns boolean language sql stable
return not exists (select from charge where charge.tracking_id = hold.tracking_id)
  and not exists (
    select from call_record
    where call_record.tracking_id = hold.tracking_id and end_at is not null and billable_seconds = 0
  );
comment on function is_held is 'Whether a hold still counts.';

create function spent_by(
  who account_number, what text, day_from timestamptz, month_from timestamptz, month_period date,
  out of_day numeric, out of_month numeric
) language sql stable
begin atomic
  with counted as (
    select units * 10::numeric ^ (8 - decimals) as amount, charged_at as at
    from charge
    where payer = who and period >= month_period and currency = what and charged_at >= least(day_from, month_from)
    union all
    select units * 10::numeric ^ (8 - decimals), coalesce(bridged_at, 'infinity')
    from spending_hold
    where payer = who and currency = what and is_held(spending_hold)
  )
  select trunc(coalesce(sum(amount) filter (where at >= day_from), 0)),
         trunc(coalesce(sum(amount) filter (where at >= month_from), 0))
  from counted;
end;
comment on function spent_by is 'What an account has spent, and set aside, on the day and in the month that begin then, in 10^-8 of the currency. The month''s first day is that of its bill.';

create function hold_spending(
  call uuid, who account_number, what text, cost bigint, cost_decimals smallint, at timestamptz,
  day_from timestamptz, month_from timestamptz, month_period date
) returns boolean language plpgsql as $$
declare
  ceiling spending_limit;
  spent record;
  amount numeric := cost * 10::numeric ^ (8 - cost_decimals);
begin
  -- Who comes second waits here, and each statement below sees what the first has set aside.
  select * into ceiling from spending_limit where account = who for update;
  delete from spending_hold where payer = who and not is_held(spending_hold);
  select * into spent from spent_by(who, what, day_from, month_from, month_period);
  if spent.of_day + amount > ceiling.daily_units * 10::numeric ^ (8 - ceiling.decimals)
    or spent.of_month + amount > ceiling.monthly_units * 10::numeric ^ (8 - ceiling.decimals) then
    return false;
  end if;
  insert into spending_hold (tracking_id, payer, currency, decimals, units, held_at)
  values (call, who, what, cost_decimals, cost, at)
  on conflict (tracking_id) do update set units = excluded.units;
  return true;
end $$;
comment on function hold_spending is 'Sets aside what a call may cost; false where the payer''s limit has no more room for it. Safely done twice.';
