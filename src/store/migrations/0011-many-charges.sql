drop index charge_of_period, charge_free, charge_by_amount;

-- What the bills of a month add up.
create index charge_of_period on charge (period, payer)
  include (tariff_version, call_class, currency, decimals, units, seconds, free_seconds);
-- What a limit or an allowance has been used up to.
create index charge_of_payer on charge (payer, charged_at) include (period, call_class, currency, decimals, units, free_seconds);
create index charge_by_currency on charge (currency, tracking_id desc);

-- With the calls in parts, looking for each call by itself takes three times as long as writing its charge; for those of a statement at
-- once, a tenth of that. That no call goes is seen to by call_is_kept.
alter table charge drop constraint charge_tracking_id_fkey;
create function refuse_charge_without_call() returns trigger language plpgsql as $$
declare
  stray uuid;
begin
  select tracking_id into stray from touched
  where not exists (select from call_record where call_record.tracking_id = touched.tracking_id) limit 1;
  if found then
    raise exception 'There is no call record %: nothing can be charged for it.', stray using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger charges_are_of_calls after insert on charge
  referencing new table as touched for each statement execute function refuse_charge_without_call();
