create table tariff (
  id integer generated always as identity primary key,
  name text not null unique,
  is_default boolean not null default false
);
comment on table tariff is 'A price list, whatever it says at a time.';
comment on column tariff.id is 'Its number.';
comment on column tariff.name is 'As in its file.';
comment on column tariff.is_default is 'Whether it holds for accounts that have none of their own.';
create unique index one_default_tariff on tariff (is_default) where is_default;

create table tariff_version (
  id integer generated always as identity primary key,
  tariff integer not null references tariff,
  validity tstzrange not null check (not isempty(validity) and not lower_inf(validity)),
  content text not null,
  rates text,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  imported_at timestamptz not null,
  imported_by text not null,
  withdrawn_at timestamptz,
  withdrawn_by text,
  constraint withdrawn_by_somebody check ((withdrawn_at is null) = (withdrawn_by is null)),
  -- A range of one number is equal to another only: the index needs no extension of the database for it.
  constraint no_two_at_once exclude using gist (int4range(tariff, tariff, '[]') with &&, validity with &&)
    where (withdrawn_at is null)
);
comment on table tariff_version is 'What a tariff says from when to when: the file as it was imported. Never changed; withdrawn where it was wrong, or where a later file has taken its time: what is left of that is a version of its own.';
comment on column tariff_version.id is 'Its number.';
comment on column tariff_version.tariff is 'Whose.';
comment on column tariff_version.validity is 'From inclusive, to exclusive; never two of one tariff at once.';
comment on column tariff_version.content is 'The file, to the octet.';
comment on column tariff_version.rates is 'The CSV file of rates that the file names, to the octet; null where it names none.';
comment on column tariff_version.sha256 is 'Of the file, and of the CSV file after it.';
comment on column tariff_version.imported_at is 'When.';
comment on column tariff_version.imported_by is 'Who, by the name of the system''s user.';
comment on column tariff_version.withdrawn_at is 'Since when it holds no more, for any time.';
comment on column tariff_version.withdrawn_by is 'Who, by the name of the system''s user.';

alter table subscriber add column tariff integer references tariff;
comment on column subscriber.tariff is 'The tariff of what it pays for; null: the default one.';

create table rating_run (
  id integer generated always as identity primary key,
  state text not null default 'draft' check (state in ('draft', 'keeping', 'kept', 'discarded')),
  from_at timestamptz not null,
  to_at timestamptz not null,
  account account_number,
  tariff integer references tariff,
  difference jsonb,
  made_at timestamptz not null,
  made_by text not null,
  decided_at timestamptz,
  decided_by text,
  check ((state in ('draft', 'keeping')) = (decided_at is null)),
  check ((decided_at is null) = (decided_by is null))
);
comment on table rating_run is 'A trial to rate calls anew. A draft shows what would change; kept, it has replaced the charges.';
comment on column rating_run.id is 'Its number.';
comment on column rating_run.state is 'draft; keeping: some charges are replaced, and keeping it again replaces the others; kept; discarded.';
comment on column rating_run.from_at is 'Calls that were bridged from here on.';
comment on column rating_run.to_at is 'Exclusive.';
comment on column rating_run.account is 'Only what this account pays; null: all.';
comment on column rating_run.tariff is 'Rated by this one, whoever paid; null: by that of who pays.';
comment on column rating_run.difference is 'What it would change, as it was told: by account and currency, and what could not be rated; null until it is drafted whole.';
comment on column rating_run.made_at is 'When.';
comment on column rating_run.made_by is 'Who, by the name of the system''s user.';
comment on column rating_run.decided_at is 'When it was kept or discarded.';
comment on column rating_run.decided_by is 'Who, by the name of the system''s user.';

create table charge (
  tracking_id uuid primary key references call_record,
  payer account_number not null references subscriber,
  period date not null check (extract(day from period) = 1),
  charged_at timestamptz not null,
  tariff_version integer not null references tariff_version,
  call_class text not null check (call_class in ('pairing', 'delivery', 'stored')),
  units bigint not null check (units >= 0),
  decimals smallint not null check (decimals between 0 and 8),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  seconds integer not null check (seconds >= 0),
  free_seconds integer not null check (free_seconds >= 0),
  rated_at timestamptz not null,
  rating_run integer references rating_run
);
comment on table charge is 'What a call costs, and whom (BL-A1, BL-A2). Calls that were never bridged have none. Replaced only by a rating run that is kept or where the call record is corrected, and never once its period is billed.';
comment on column charge.tracking_id is 'The call.';
comment on column charge.payer is 'Who pays.';
comment on column charge.tariff_version is 'By which it was rated.';
comment on column charge.call_class is 'pairing, delivery or stored.';
comment on column charge.decimals is 'Of units.';
comment on column charge.currency is 'ISO 4217.';
comment on column charge.rated_at is 'When.';
comment on column charge.period is 'First day of the month on whose bill it stands: of the bridge in the tariff''s zone, or the first month after it that was not billed yet.';
comment on column charge.charged_at is 'When the two lines were joined.';
comment on column charge.units is 'In units of 10^-decimals of the currency.';
comment on column charge.seconds is 'Seconds that were charged: whole increments.';
comment on column charge.free_seconds is 'Seconds that an allowance has paid for.';
comment on column charge.rating_run is 'The run that replaced an earlier charge; null for the first one.';
create index charge_of_period on charge (payer, period) include (charged_at, units, decimals, currency, seconds, call_class);
create index charge_free on charge (payer, charged_at) include (call_class, free_seconds) where free_seconds > 0;
create index charge_by_amount on charge (currency, units);

create table charge_before (
  like charge including comments,
  replaced_at timestamptz not null,
  replaced_by integer references rating_run,
  primary key (tracking_id, replaced_at)
);
comment on table charge_before is 'Charges that were replaced, as they were.';
comment on column charge_before.replaced_at is 'When.';
comment on column charge_before.replaced_by is 'The run that was kept; null where the call record was corrected.';

create table draft_charge (
  like charge including comments,
  primary key (rating_run, tracking_id),
  foreign key (rating_run) references rating_run
);
comment on table draft_charge is 'What a rating run would charge; emptied when it is kept or discarded.';

create table unrated_call (
  tracking_id uuid primary key references call_record,
  reason text not null,
  since timestamptz not null
);
comment on table unrated_call is 'Closed calls that could not be rated, and why. A call leaves it when it is rated.';
comment on column unrated_call.tracking_id is 'The call.';
comment on column unrated_call.reason is 'Why, for a person.';
comment on column unrated_call.since is 'When that was found.';

-- Corrections are few, and may be of calls long ago: a rater looks for them by themselves.
create index call_record_correction on call_record (corrects) where corrects is not null;

create table uncharged_call (
  tracking_id uuid primary key
);
comment on table uncharged_call is 'Calls that are over, were bridged, count, and have no charge: those that wait to be rated, and those that cannot be (unrated_call says why). Kept by triggers, so that nobody looks for a few among a million.';
comment on column uncharged_call.tracking_id is 'The call.';

insert into uncharged_call
select tracking_id from call_record where end_at is not null and bridge_at is not null and corrected_by is null;

create function note_uncharged_calls() returns trigger language plpgsql as $$
begin
  insert into uncharged_call
  select tracking_id from touched
  where end_at is not null and bridge_at is not null and corrected_by is null
    and not exists (select from charge where charge.tracking_id = touched.tracking_id)
  on conflict do nothing;
  delete from uncharged_call using touched
  where uncharged_call.tracking_id = touched.tracking_id and touched.corrected_by is not null;
  return null;
end $$;
create trigger new_calls_are_uncharged after insert on call_record
  referencing new table as touched for each statement execute function note_uncharged_calls();
create trigger closed_calls_are_uncharged after update on call_record
  referencing new table as touched for each statement execute function note_uncharged_calls();

create function forget_charged_calls() returns trigger language plpgsql as $$
begin
  delete from uncharged_call using touched where uncharged_call.tracking_id = touched.tracking_id;
  return null;
end $$;
create trigger charged_calls_are_not_uncharged after insert on charge
  referencing new table as touched for each statement execute function forget_charged_calls();

create function note_calls_without_charge() returns trigger language plpgsql as $$
begin
  insert into uncharged_call
  select tracking_id from touched join call_record using (tracking_id) where corrected_by is null
  on conflict do nothing;
  return null;
end $$;
create trigger calls_without_their_charge_are_uncharged after delete on charge
  referencing old table as touched for each statement execute function note_calls_without_charge();
