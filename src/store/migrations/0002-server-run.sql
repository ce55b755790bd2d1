-- Several servers may share one database: a record says which run of a server has the call, and that run holds an
-- advisory lock on its number for as long as it lives. Records that were open before have none.
create sequence server_run as integer;
comment on sequence server_run is 'Numbers the runs of servers; each holds the advisory lock (1129271892, number) while it lives.';

alter table call_record add column server_run integer;
comment on column call_record.server_run is 'The run of the server that has the call, or had it; null in records older than this column.';

drop index call_record_open;
create index call_record_open on call_record (server_run) where end_at is null;
