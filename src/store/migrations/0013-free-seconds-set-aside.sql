alter table spending_hold
  add column call_class text not null default 'delivery' check (call_class in ('pairing', 'delivery', 'stored')),
  add column free_seconds integer not null default 0 check (free_seconds >= 0);
alter table spending_hold alter column call_class drop default, alter column free_seconds drop default;
comment on column spending_hold.call_class is 'Whose allowance is meant.';
comment on column spending_hold.free_seconds is 'Seconds of an allowance that units leave out: they are not granted to another call at the same time.';

-- A call that is charged is in its charge, one that was corrected in that of its correction; one that never was joined or that nobody
-- measured costs nothing.
create or replace function is_held(hold spending_hold) returns boolean language sql stable
return not exists (select from charge where charge.tracking_id = hold.tracking_id)
  and not exists (
    select from call_record
    where call_record.tracking_id = hold.tracking_id and end_at is not null and (billable_seconds = 0 or corrected_by is not null)
  );
comment on function is_held is 'Whether a hold still counts.';

create function free_seconds_of(who account_number, month_from timestamptz, month_to timestamptz)
returns table (call_class text, seconds bigint) language sql stable
begin atomic
  select counted.call_class, sum(free_seconds)
  from (
    select charge.call_class, free_seconds from charge
    where payer = who and charged_at >= month_from and charged_at < month_to and free_seconds > 0
    union all
    select spending_hold.call_class, free_seconds from spending_hold
    where payer = who and free_seconds > 0 and is_held(spending_hold)
      and coalesce(bridged_at, month_from) >= month_from and coalesce(bridged_at, month_from) < month_to
  ) counted
  group by 1;
end;
comment on function free_seconds_of is 'Seconds that allowances of an account have paid in the month, or are set aside to pay, by class of call.';

drop function hold_spending;
create function hold_spending(
  call uuid, who account_number, what text, cost bigint, cost_decimals smallint, class text, free integer, free_before bigint,
  at timestamptz, day_from timestamptz, month_from timestamptz, month_to timestamptz, month_period date
) returns boolean language plpgsql as $$
declare
  ceiling spending_limit;
  spent record;
  amount numeric := cost * 10::numeric ^ (8 - cost_decimals);
begin
  -- Who comes second waits here, and each statement below sees what the first has set aside.
  select * into ceiling from spending_limit where account = who for update;
  -- What it has set aside itself, and whose answer was lost, is in nobody's way.
  delete from spending_hold where payer = who and (tracking_id = call or not is_held(spending_hold));
  if free > 0 and free_before <> (select coalesce(sum(seconds), 0) from free_seconds_of(who, month_from, month_to)) then
    return false;
  end if;
  select * into spent from spent_by(who, what, day_from, month_from, month_period);
  if spent.of_day + amount > ceiling.daily_units * 10::numeric ^ (8 - ceiling.decimals)
    or spent.of_month + amount > ceiling.monthly_units * 10::numeric ^ (8 - ceiling.decimals) then
    return false;
  end if;
  insert into spending_hold (tracking_id, payer, currency, decimals, units, call_class, free_seconds, held_at)
  values (call, who, what, cost_decimals, cost, class, free, at);
  return true;
end $$;
comment on function hold_spending is 'Sets aside what a call may cost; false where the payer''s limit has no more room for it, or its allowance is not what the cost was reckoned with. Safely done twice.';
