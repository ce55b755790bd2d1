create table export (
  id integer generated always as identity primary key,
  series text not null,
  number integer not null,
  format text not null,
  filter jsonb not null,
  file_name text not null,
  made_at timestamptz not null,
  made_by text not null,
  records integer not null check (records >= 0),
  octets bigint,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  finished_at timestamptz,
  unique (series, number),
  check (num_nulls(octets, sha256, finished_at) in (0, 3))
);
comment on table export is 'Files of call records that were handed out (BL-70, BL-75): who, when, how many, and the checksum. Unfinished while finished_at is null: it is written again with the same records.';
comment on column export.id is 'Its number in the database.';
comment on column export.number is 'Within the series, without gaps.';
comment on column export.format is 'As the command names it.';
comment on column export.filter is 'Which calls were asked for.';
comment on column export.file_name is 'Without its folder.';
comment on column export.made_at is 'When.';
comment on column export.made_by is 'Who, by the name of the system''s user.';
comment on column export.records is 'How many calls are in it.';
comment on column export.octets is 'Of the file.';
comment on column export.sha256 is 'Of the file.';
comment on column export.finished_at is 'When the file was durable.';
comment on column export.series is 'Exports of one series never hold the same call twice, e.g. one for each carrier.';

create table exported_call (
  series text not null,
  tracking_id uuid not null references call_record,
  export integer not null references export,
  primary key (series, tracking_id)
);
comment on table exported_call is 'Which export has which call.';
comment on column exported_call.series is 'As of the export.';
comment on column exported_call.tracking_id is 'The call.';
comment on column exported_call.export is 'Which.';
create index exported_call_of_export on exported_call (export);

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
