-- The ledger in monthly parts. A tracking ID begins with the time of the ring, so that the parts can go by it and it stays unique over all of them.
alter table call_record rename to call_record_before;
alter index call_record_pkey rename to call_record_before_pkey;
drop index call_record_newest, call_record_by_caller, call_record_by_callee, call_record_by_outcome, call_record_open;

create table call_record (
  tracking_id uuid primary key,
  port text not null,
  callee_port text,
  ani text,
  caller_account account_number,
  callee_account account_number,
  called_number text,
  protocol_version smallint check (protocol_version in (1, 2)),
  call_class text check (call_class in ('pairing', 'delivery', 'stored')),
  is_collect boolean not null default false,
  ring_at timestamptz not null,
  answer_at timestamptz,
  bridge_at timestamptz,
  end_at timestamptz,
  duration_seconds integer check (duration_seconds >= 0),
  billable_seconds integer check (billable_seconds >= 0),
  octets_from_caller bigint check (octets_from_caller >= 0),
  octets_from_callee bigint check (octets_from_callee >= 0),
  outcome text check (
    outcome in (
      'completed', 'transferred', 'busy', 'no-answer', 'no-carrier', 'refused', 'abandoned', 'failed', 'interrupted'
    )
  ),
  release_cause smallint check (release_cause between 1 and 127),
  reason text,
  server_run integer,
  corrects uuid,
  corrected_by uuid,
  entered_by text,
  constraint closed_as_a_whole check (num_nulls(end_at, outcome, release_cause, billable_seconds) in (0, 4)),
  constraint measured_unless_elsewhere check (
    end_at is null or outcome = 'interrupted'
    or (duration_seconds is not null
      and (outcome = 'transferred' or num_nulls(octets_from_caller, octets_from_callee) = 0))
  ),
  constraint billed_only_when_bridged check (billable_seconds = 0 or bridge_at is not null),
  constraint corrected_by_somebody check ((corrects is null) = (entered_by is null))
) partition by range (tracking_id);

comment on table call_record is 'One row a call (CM-335): written before the call is answered, closed once when it is over. Open while end_at is null. A closed row never changes; what was wrong is put right by a further row that names it.';
comment on column call_record.tracking_id is 'UUID version 7, unique across ports, servers and restarts (CM-285).';
comment on column call_record.port is 'The line URL of the trunk that rang.';
comment on column call_record.callee_port is 'The line URL of the trunk on which the callee was called.';
comment on column call_record.ani is 'The calling number as the network gave it; null when withheld or unavailable.';
comment on column call_record.caller_account is 'The caller''s account as dialled, known or not; null when none was.';
comment on column call_record.callee_account is 'The callee''s account as dialled, known or not; null when none was.';
comment on column call_record.called_number is 'The number that the server dialled for the callee.';
comment on column call_record.protocol_version is 'The version that was agreed, 1 or 2.';
comment on column call_record.call_class is 'What the call was for: pairing, delivery or stored; null where the protocol does not tell (version 1), which is rated as delivery.';
comment on column call_record.is_collect is 'Whether the callee has agreed to pay for this call.';
comment on column call_record.ring_at is 'When the trunk rang (CM-280). All times are UTC.';
comment on column call_record.answer_at is 'When the server answered the caller.';
comment on column call_record.bridge_at is 'When the two lines were joined, by the server or by the exchange.';
comment on column call_record.end_at is 'When the call was over, or found to have been interrupted.';
comment on column call_record.duration_seconds is 'From ring to end by the monotonic clock, rounded up; null when interrupted.';
comment on column call_record.billable_seconds is 'From bridge to end by the monotonic clock, rounded up; 0 without a bridge, and when transferred.';
comment on column call_record.octets_from_caller is 'Octets through the bridge from the caller; null when interrupted or transferred.';
comment on column call_record.octets_from_callee is 'Octets through the bridge from the callee; null when interrupted or transferred.';
comment on column call_record.outcome is 'How the call ended.';
comment on column call_record.release_cause is 'ITU-T Q.850 cause: 16 normal, 17 busy, 19 no answer, 21 rejected, 41 temporary failure ...';
comment on column call_record.reason is 'Why, for the operator; the caller is never told.';
comment on column call_record.server_run is 'The run of the server that has the call, or had it; null in records older than this column.';
comment on column call_record.corrects is 'The record that this one puts right; null in a record that a server wrote.';
comment on column call_record.corrected_by is 'The record that counts instead of this one; the only column of a closed record that is ever set.';
comment on column call_record.entered_by is 'Who entered a correction.';

-- What no month's part takes: a server's clock may be decades off, and its call is recorded all the same.
create table call_record_elsewhere partition of call_record default;

create function first_tracking_id(instant timestamptz) returns uuid language sql immutable strict
return (lpad(to_hex((extract(epoch from instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
comment on function first_tracking_id is 'The lowest tracking ID of a call that rang at this instant or later.';

create function make_call_month(day date) returns boolean language plpgsql as $$
declare
  month timestamp := date_trunc('month', day::timestamp);
  part text := 'call_record_' || to_char(month, 'YYYY_MM');
  low uuid := first_tracking_id(month at time zone 'UTC');
  high uuid := first_tracking_id((month + interval '1 month') at time zone 'UTC');
begin
  perform pg_advisory_xact_lock(hashtext('make_call_month'));
  if to_regclass(part) is not null then
    return false;
  end if;
  begin
    execute format('create table %I (like call_record including defaults including constraints) with (fillfactor = 80)', part);
    -- So that the few longest calls are known to be few.
    execute format('alter table %I alter column duration_seconds set statistics 1000', part);
    if exists (select from call_record_elsewhere where tracking_id >= low and tracking_id < high) then
      alter table call_record_elsewhere disable trigger user;
      execute format('insert into %I select * from call_record_elsewhere where tracking_id >= %L and tracking_id < %L', part, low, high);
      delete from call_record_elsewhere where tracking_id >= low and tracking_id < high;
      alter table call_record_elsewhere enable trigger user;
    end if;
    execute format('alter table call_record attach partition %I for values from (%L) to (%L)', part, low, high);
    return true;
  exception when foreign_key_violation then
    -- What has a charge or was exported stays where it is, and its month with it.
    return false;
  end;
end $$;
comment on function make_call_month is 'Makes the part of call_record for the month of this day, and moves into it what had to wait elsewhere. False where there is one, or where what waits is referred to: then its month stays elsewhere.';

select make_call_month(month::date)
from generate_series(
  date_trunc('month', coalesce((select min(ring_at) from call_record_before), now()) at time zone 'UTC'),
  now() at time zone 'UTC' + interval '3 months',
  interval '1 month'
) month;

insert into call_record (
  tracking_id, port, ani, caller_account, callee_account, called_number, protocol_version, ring_at, answer_at, bridge_at, end_at,
  duration_seconds, billable_seconds, octets_from_caller, octets_from_callee, outcome, release_cause, reason, server_run
)
select
  tracking_id, port, ani, caller_account, callee_account, called_number, protocol_version, ring_at, answer_at, bridge_at, end_at,
  duration_seconds, billable_seconds, octets_from_caller, octets_from_callee, outcome, release_cause, reason, server_run
from call_record_before;
drop table call_record_before;

-- Newest first is by the tracking ID, which begins with the time of the ring. The insert before the answer pays for two indexes, the close
-- for the others: an index for every question, with the order of the answer in it, so that a page is read and nothing is sorted.
create index call_record_open on call_record (server_run) where end_at is null;
create index call_record_by_end on call_record (end_at desc, tracking_id desc) where end_at is not null;
create index call_record_by_bridge on call_record (bridge_at desc, tracking_id desc) where end_at is not null and bridge_at is not null;
create index call_record_by_caller on call_record (caller_account, tracking_id desc) where end_at is not null;
create index call_record_by_callee on call_record (callee_account, tracking_id desc) where end_at is not null;
create index call_record_by_ani on call_record (ani text_pattern_ops, tracking_id desc) where end_at is not null;
create index call_record_by_called on call_record (called_number text_pattern_ops, tracking_id desc) where end_at is not null;
create index call_record_by_port on call_record (port, tracking_id desc) where end_at is not null;
create index call_record_by_callee_port on call_record (callee_port, tracking_id desc) where end_at is not null;
create index call_record_by_outcome on call_record (outcome, tracking_id desc) where end_at is not null;
create index call_record_by_cause on call_record (release_cause, tracking_id desc) where end_at is not null;
create index call_record_by_class on call_record (call_class, tracking_id desc) where end_at is not null;
create index call_record_by_duration on call_record (duration_seconds) where end_at is not null;

create function refuse_change_of_call() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.corrected_by is null and new.corrected_by is not null
    and to_jsonb(new) - 'corrected_by' = to_jsonb(old) - 'corrected_by' then
    return new;
  end if;
  raise exception 'Call record % is closed: it is neither changed nor deleted.', old.tracking_id
    using errcode = 'restrict_violation', hint = 'Enter a correction: a further record that names this one.';
end $$;
-- One without a duration was not closed by who had the call: another server took that for dead.
create trigger closed_call_stays before update on call_record for each row
  when (old.duration_seconds is not null) execute function refuse_change_of_call();
create trigger call_is_kept before delete on call_record for each row execute function refuse_change_of_call();
