create table export_series (
  name text primary key check (name <> ''),
  next integer not null default 1 check (next > 0)
);
comment on table export_series is 'Series of exports, e.g. one for each carrier: no two exports of a series hold the same call.';
comment on column export_series.name is 'What staff call it.';
comment on column export_series.next is 'The number of its next export.';

create table export (
  id integer generated always as identity primary key,
  series text not null references export_series,
  number integer,
  format text not null,
  options jsonb not null,
  filter jsonb not null,
  path text not null,
  made_at timestamptz not null,
  made_by text not null,
  taken_through uuid,
  records integer not null default 0 check (records >= 0),
  left_out integer not null default 0 check (left_out >= 0),
  octets bigint,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  finished_at timestamptz,
  unique (series, number),
  check (num_nulls(octets, sha256, finished_at) in (0, 3)),
  check (finished_at is null or number is not null)
);
comment on table export is 'Files of call records that were handed out (BL-70, BL-75): who, when, how many, and the checksum. While finished_at is null it is written again, with the same calls.';
comment on column export.id is 'Its number in the database.';
comment on column export.series is 'Whose calls it never repeats.';
comment on column export.number is 'Within the series, without gaps; null while it takes calls.';
comment on column export.format is 'As the command names it.';
comment on column export.options is 'What the format was told: zone, area code ...';
comment on column export.filter is 'Which calls were asked for.';
comment on column export.path is 'The file, on the machine of who made it.';
comment on column export.made_at is 'When.';
comment on column export.made_by is 'Who, by the name of the system''s user.';
comment on column export.taken_through is 'The last tracking ID of the ledger that was looked at.';
comment on column export.records is 'How many calls are in it.';
comment on column export.left_out is 'How many calls its format could not say.';
comment on column export.octets is 'Of the file.';
comment on column export.sha256 is 'Of the file.';
comment on column export.finished_at is 'When the file was durable.';
create index export_by_checksum on export (sha256) where sha256 is not null;

-- Not `references call_record`: rows come from there by one statement and records are never deleted, while the check in a table of
-- monthly parts takes ten times as long as the insert.
create table exported_call (
  series text not null,
  tracking_id uuid not null,
  export integer not null references export,
  bill_to account_number,
  payer_number text,
  charge_minor bigint,
  charge_decimals smallint,
  currency text,
  replaces uuid,
  primary key (series, tracking_id),
  check (num_nulls(bill_to, payer_number, charge_minor, charge_decimals, currency) in (0, 5))
);
comment on table exported_call is 'Which export has which call, and with which charge: that stays what was handed out, whatever the call is rated at later.';
comment on column exported_call.series is 'As of the export.';
comment on column exported_call.tracking_id is 'The call.';
comment on column exported_call.export is 'Which.';
comment on column exported_call.bill_to is 'Who paid then; null: it was not rated.';
comment on column exported_call.payer_number is 'The telephone number of that account then.';
comment on column exported_call.charge_minor is 'The charge then, in units of 10^-charge_decimals.';
comment on column exported_call.charge_decimals is 'Of charge_minor.';
comment on column exported_call.currency is 'ISO 4217.';
comment on column exported_call.replaces is 'Of a correction: the call in an earlier export of the series whose place this one takes.';
create index exported_call_of_export on exported_call (export, tracking_id);

create table left_out_call (
  export integer not null references export on delete cascade,
  tracking_id uuid not null references call_record,
  reason text not null,
  primary key (export, tracking_id)
);
comment on table left_out_call is 'Calls that an export was asked for and could not say in its format. They are in no export by that, and are asked for again by the next.';
comment on column left_out_call.export is 'Which.';
comment on column left_out_call.tracking_id is 'The call.';
comment on column left_out_call.reason is 'Why, for a person.';

create table saved_query (
  name text primary key,
  filter jsonb not null,
  saved_at timestamptz not null,
  saved_by text not null
);
comment on table saved_query is 'Filters of `cordboard calls` under a name.';
comment on column saved_query.name is 'What staff call it.';
comment on column saved_query.filter is 'Options of the command.';
comment on column saved_query.saved_at is 'When.';
comment on column saved_query.saved_by is 'Who, by the name of the system''s user.';
