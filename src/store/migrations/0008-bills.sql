create table bill_series (
  name text primary key check (name ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$' and length(name) <= 16),
  next bigint not null default 1 check (next > 0)
);
comment on table bill_series is 'Number series of bills and of credit notes, without gaps.';
comment on column bill_series.name is 'Stands before the number.';
comment on column bill_series.next is 'The next number.';

-- A range of one name overlaps only itself: so the exclusion below is exact, and needs no extension of the database.
create type name_range as range (subtype = text, collation = "C");
comment on type name_range is 'Names, for exclusion constraints: two names are the same where [name, name] overlap.';

create table tax_rate (
  id integer generated always as identity primary key,
  name text not null check (name <> '' and length(name) <= 80),
  percent numeric(7, 4) not null check (percent between 0 and 100),
  validity daterange not null check (not isempty(validity)),
  entered_at timestamptz not null,
  entered_by text not null,
  constraint one_rate_at_a_time exclude using gist (name_range(name, name, '[]') with &&, validity with &&)
);
comment on table tax_rate is 'Taxes on what a bill charges: those that hold on the last day of the bill''s period.';
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
  number bigint not null check (number > 0),
  account account_number not null references subscriber,
  period date not null check (extract(day from period) = 1),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  decimals smallint not null check (decimals between 0 and 8),
  calls integer not null check (calls >= 0),
  charge_units bigint not null,
  tax_units bigint not null,
  payable_decimals smallint not null check (payable_decimals between 0 and decimals),
  payable_units bigint not null,
  document jsonb not null,
  issued_at timestamptz not null,
  issued_by text not null,
  credits bigint unique references bill,
  reason text,
  credited_by bigint unique references bill,
  unique (series, number),
  constraint a_credit_note_credits check (
    (kind = 'credit-note') = (credits is not null) and (kind = 'credit-note') = (reason is not null)
  ),
  constraint only_a_bill_is_credited check (kind = 'bill' or credited_by is null),
  constraint a_credit_note_is_negative check (
    case kind when 'bill' then least(charge_units, tax_units, payable_units) >= 0
    else greatest(charge_units, tax_units, payable_units) <= 0 end
  )
);
comment on table bill is 'Bills and credit notes (BL-80). Never changed once issued; a bill that was wrong is credited as a whole and issued anew.';
comment on column bill.id is 'Its number in the database.';
comment on column bill.kind is 'bill or credit-note.';
comment on column bill.series is 'With number: what is printed as its number.';
comment on column bill.number is 'Without gaps within the series.';
comment on column bill.account is 'Who pays.';
comment on column bill.period is 'First day of the month.';
comment on column bill.currency is 'ISO 4217.';
comment on column bill.decimals is 'Of charge_units and tax_units: the most that one of the charges has, and no fewer than the currency.';
comment on column bill.calls is 'How many charges.';
comment on column bill.charge_units is 'The sum of the charges, exact, in units of 10^-decimals; of a credit note, what it takes back: not above 0.';
comment on column bill.tax_units is 'Of all taxes, each rounded half-up to the currency''s own decimals; in units of 10^-decimals.';
comment on column bill.payable_decimals is 'The currency''s own.';
comment on column bill.payable_units is 'Charges and taxes, rounded half-up to the currency''s own decimals.';
comment on column bill.document is 'All that is printed, but the calls: these are its charges, or its credited_charge once it is credited.';
comment on column bill.issued_at is 'When.';
comment on column bill.issued_by is 'Who, by the name of the system''s user.';
comment on column bill.credits is 'The bill that this credit note takes back.';
comment on column bill.reason is 'Why it takes it back; printed.';
comment on column bill.credited_by is 'The credit note that took it back; the only column that is ever set later.';
create unique index billed_once on bill (account, period, currency) where kind = 'bill' and credited_by is null;
create index bill_by_period on bill (period, account);
create index bill_by_account on bill (account, period);

create function refuse_change_of_bill() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    raise exception 'Bills that were issued are neither changed nor deleted.'
      using errcode = 'restrict_violation', hint = 'Issue a credit note.';
  end if;
  if tg_op = 'UPDATE' and old.credited_by is null and new.credited_by is not null
    and to_jsonb(new) - 'credited_by' = to_jsonb(old) - 'credited_by' then
    return new;
  end if;
  raise exception 'Bill %-% was issued: it is neither changed nor deleted.', old.series, lpad(old.number::text, 6, '0')
    using errcode = 'restrict_violation', hint = 'Issue a credit note.';
end $$;
create trigger bill_stays before update or delete on bill for each row execute function refuse_change_of_bill();
create trigger bills_stay before truncate on bill for each statement execute function refuse_change_of_bill();

create table credited_charge (
  bill bigint not null references bill,
  tracking_id uuid not null references call_record,
  charged_at timestamptz not null,
  call_class text not null,
  units bigint not null,
  decimals smallint not null,
  seconds integer not null,
  primary key (bill, tracking_id)
);
comment on table credited_charge is 'The charges of bills that were credited, as they were billed: those in charge may be rated anew.';
comment on column credited_charge.bill is 'On which they stood.';
comment on column credited_charge.tracking_id is 'The call.';
comment on column credited_charge.charged_at is 'As of the charge.';
comment on column credited_charge.call_class is 'As of the charge.';
comment on column credited_charge.units is 'As of the charge.';
comment on column credited_charge.decimals is 'As of the charge.';
comment on column credited_charge.seconds is 'As of the charge.';

-- Once a statement, not a row: a million charges are held against the bills by one join.
create function refuse_charge_of_billed_period() returns trigger language plpgsql as $$
declare
  billed record;
begin
  select bill.series, bill.number, bill.account, bill.period into billed
  from touched join bill
    on bill.account = touched.payer and bill.period = touched.period and bill.currency = touched.currency
    and bill.kind = 'bill' and bill.credited_by is null
  limit 1;
  if found then
    raise exception 'The charges of account % for % are billed (%-%): they stay as they are.', billed.account,
      to_char(billed.period, 'YYYY-MM'), billed.series, lpad(billed.number::text, 6, '0')
      using errcode = 'restrict_violation', hint = 'Credit the bill first.';
  end if;
  return null;
end $$;
create trigger billed_charge_is_not_added after insert on charge
  referencing new table as touched for each statement execute function refuse_charge_of_billed_period();
create trigger billed_charge_is_not_removed after delete on charge
  referencing old table as touched for each statement execute function refuse_charge_of_billed_period();
create trigger billed_charge_is_not_changed after update on charge
  referencing old table as touched for each statement execute function refuse_charge_of_billed_period();
create trigger billed_month_is_not_joined after update on charge
  referencing new table as touched for each statement execute function refuse_charge_of_billed_period();
