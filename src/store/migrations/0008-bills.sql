create table bill_series (
  name text primary key,
  next bigint not null default 1 check (next > 0)
);
comment on table bill_series is 'Number series of bills and of credit notes, without gaps.';
comment on column bill_series.name is 'Stands before the number.';
comment on column bill_series.next is 'The next number.';

create table tax_rate (
  id integer generated always as identity primary key,
  name text not null,
  percent numeric(7, 4) not null check (percent between 0 and 100),
  validity daterange not null check (not isempty(validity)),
  entered_at timestamptz not null,
  entered_by text not null,
  constraint one_rate_at_a_time exclude using gist (int4range(hashtext(name), hashtext(name), '[]') with &&, validity with &&)
);
comment on table tax_rate is 'Taxes on what a bill charges, by the last day of the bill''s period.';
comment on column tax_rate.id is 'Its number.';
comment on column tax_rate.name is 'As printed.';
comment on column tax_rate.percent is 'Of the charges.';
comment on column tax_rate.validity is 'From inclusive, to exclusive.';
comment on column tax_rate.entered_at is 'When.';
comment on column tax_rate.entered_by is 'Who, by the name of the system''s user.';

create table bill (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('bill', 'credit-note')),
  series text not null references bill_series,
  number bigint not null,
  account account_number not null references subscriber,
  period date not null check (extract(day from period) = 1),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  decimals smallint not null check (decimals between 0 and 8),
  calls integer not null check (calls >= 0),
  charge_units bigint not null,
  tax_units bigint not null,
  payable_decimals smallint not null check (payable_decimals between 0 and 8),
  payable_units bigint not null,
  document jsonb not null,
  issued_at timestamptz not null,
  issued_by text not null,
  credits bigint unique references bill,
  credited_by bigint references bill,
  unique (series, number),
  check ((kind = 'credit-note') = (credits is not null))
);
comment on table bill is 'Bills and credit notes (BL-80). Never changed once issued; a bill that was wrong is credited as a whole and issued anew.';
comment on column bill.id is 'Its number in the database.';
comment on column bill.kind is 'bill or credit-note.';
comment on column bill.series is 'With number: what is printed as its number.';
comment on column bill.number is 'Without gaps within the series.';
comment on column bill.account is 'Who pays.';
comment on column bill.period is 'First day of the month.';
comment on column bill.currency is 'ISO 4217.';
comment on column bill.decimals is 'Of charge_units and tax_units.';
comment on column bill.calls is 'How many charges.';
comment on column bill.tax_units is 'In units of 10^-decimals.';
comment on column bill.payable_decimals is 'Of payable_units.';
comment on column bill.issued_at is 'When.';
comment on column bill.issued_by is 'Who, by the name of the system''s user.';
comment on column bill.credits is 'The bill that this credit note takes back.';
comment on column bill.credited_by is 'The credit note that took it back; the only column that is ever set later.';
comment on column bill.charge_units is 'The sum of the charges, exact, in units of 10^-decimals.';
comment on column bill.payable_units is 'Charges and taxes, rounded to the currency''s own decimals.';
comment on column bill.document is 'All that is printed.';
create unique index billed_once on bill (account, period, currency) where kind = 'bill' and credited_by is null;

create function refuse_change_of_bill() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.credited_by is null and new.credited_by is not null
    and to_jsonb(new) - 'credited_by' = to_jsonb(old) - 'credited_by' then
    return new;
  end if;
  raise exception 'Bill %-% was issued: it is neither changed nor deleted.', old.series, old.number
    using errcode = 'restrict_violation', hint = 'Issue a credit note.';
end $$;
create trigger bill_stays before update or delete on bill for each row execute function refuse_change_of_bill();

create function refuse_charge_of_billed_period() returns trigger language plpgsql as $$
declare
  touched record := case when tg_op = 'DELETE' then old else new end;
begin
  if exists (
    select from bill
    where account = touched.payer and period = touched.period and currency = touched.currency
      and kind = 'bill' and credited_by is null
  ) then
    raise exception 'The month % of account % is billed: its charges stay.', touched.period, touched.payer
      using errcode = 'restrict_violation', hint = 'Credit the bill first.';
  end if;
  return touched;
end $$;
create trigger billed_charge_stays before insert or update or delete on charge
  for each row execute function refuse_charge_of_billed_period();
