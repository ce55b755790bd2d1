create domain account_number as text check (value ~ '^[0-9]{12}$');
comment on domain account_number is 'Twelve decimal digits, left-filled with zeros.';

create table subscriber (
  account account_number primary key,
  name text not null,
  state text not null default 'active' check (state in ('active', 'suspended', 'closed')),
  number text not null check (number ~ '^[0-9]{1,20}$'),
  calling_numbers text[] not null default '{}',
  allows_withheld_ani boolean not null default false,
  versions smallint[] not null check (cardinality(versions) > 0 and versions <@ '{1,2}'::smallint[])
);
comment on table subscriber is 'The account database (CM-310). Rows are never deleted: a closed account''s number is not given out again.';
comment on column subscriber.account is 'The account number; never secret.';
comment on column subscriber.name is 'Who it is, for staff.';
comment on column subscriber.state is 'active, suspended (may come back) or closed (final).';
comment on column subscriber.number is 'The telephone number that the server dials, and the first it may call from.';
comment on column subscriber.calling_numbers is 'Further numbers it may call from (CM-320).';
comment on column subscriber.allows_withheld_ani is 'Whether it may call with its number withheld or missing (CM-320).';
comment on column subscriber.versions is 'The protocol versions that it speaks.';

create table authorisation (
  callee account_number references subscriber,
  caller text check (caller = '*' or caller ~ '^[0-9]{12}$'),
  primary key (callee, caller)
);
comment on table authorisation is 'Whose calls an account takes (CM-A2).';
comment on column authorisation.callee is 'The account that takes the call.';
comment on column authorisation.caller is 'The account that may call it, known here or not yet; * is anyone.';

-- A record must never be lost to a check: each one below refuses only what no call can be. The system's clock
-- may be set back during a call, so no order of the times is among them.
create table call_record (
  tracking_id uuid primary key,
  port text not null,
  ani text,
  caller_account account_number,
  callee_account account_number,
  called_number text,
  protocol_version smallint check (protocol_version in (1, 2)),
  ring_at timestamptz not null,
  answer_at timestamptz,
  bridge_at timestamptz,
  end_at timestamptz,
  duration_seconds integer check (duration_seconds >= 0),
  billable_seconds integer check (billable_seconds >= 0),
  octets_from_caller bigint check (octets_from_caller >= 0),
  octets_from_callee bigint check (octets_from_callee >= 0),
  outcome text check (
    outcome in ('completed', 'busy', 'no-answer', 'no-carrier', 'refused', 'abandoned', 'failed', 'interrupted')
  ),
  release_cause smallint check (release_cause between 1 and 127),
  reason text,
  bill_to account_number,
  charge_minor bigint,
  currency text check (currency ~ '^[A-Z]{3}$'),
  constraint closed_as_a_whole check (num_nulls(end_at, outcome, release_cause, billable_seconds) in (0, 4)),
  constraint measured_unless_interrupted check (
    end_at is null or outcome = 'interrupted'
    or num_nulls(duration_seconds, octets_from_caller, octets_from_callee) = 0
  ),
  constraint billed_only_when_bridged check (billable_seconds = 0 or bridge_at is not null),
  constraint charge_has_currency check ((charge_minor is null) = (currency is null))
);
comment on table call_record is 'One row a call (CM-335): written before the call is answered, closed once when it is over. Open while end_at is null.';
comment on column call_record.tracking_id is 'UUID version 7, unique across ports, servers and restarts (CM-285).';
comment on column call_record.port is 'The line URL of the trunk that rang.';
comment on column call_record.ani is 'The calling number as the network gave it; null when withheld or unavailable.';
comment on column call_record.caller_account is 'The caller''s account as dialled, known or not; null when none was.';
comment on column call_record.callee_account is 'The callee''s account as dialled, known or not; null when none was.';
comment on column call_record.called_number is 'The number that the server dialled for the callee.';
comment on column call_record.protocol_version is 'The version that was agreed, 1 or 2.';
comment on column call_record.ring_at is 'When the trunk rang (CM-280). All times are UTC.';
comment on column call_record.answer_at is 'When the server answered the caller.';
comment on column call_record.bridge_at is 'When the two lines were joined.';
comment on column call_record.end_at is 'When the call was over, or found to have been interrupted.';
comment on column call_record.duration_seconds is 'From ring to end by the monotonic clock, rounded up; null when interrupted.';
comment on column call_record.billable_seconds is 'From bridge to end by the monotonic clock, rounded up; 0 without a bridge.';
comment on column call_record.octets_from_caller is 'Octets through the bridge from the caller; null when interrupted.';
comment on column call_record.octets_from_callee is 'Octets through the bridge from the callee; null when interrupted.';
comment on column call_record.outcome is 'How the call ended.';
comment on column call_record.release_cause is 'ITU-T Q.850 cause: 16 normal, 17 busy, 19 no answer, 21 rejected, 41 temporary failure ...';
comment on column call_record.reason is 'Why, for the operator; the caller is never told.';
comment on column call_record.bill_to is 'The account that pays; null until rated.';
comment on column call_record.charge_minor is 'The charge in the currency''s smallest unit; null until rated.';
comment on column call_record.currency is 'ISO 4217 code of the charge; null until rated.';

create index call_record_newest on call_record (ring_at desc, tracking_id desc);
create index call_record_by_caller on call_record (caller_account, ring_at desc, tracking_id desc)
  where caller_account is not null;
create index call_record_by_callee on call_record (callee_account, ring_at desc, tracking_id desc)
  where callee_account is not null;
create index call_record_by_outcome on call_record (outcome, ring_at desc, tracking_id desc)
  where outcome is not null;
create index call_record_open on call_record (port) where end_at is null;
