-- For the filters of `cordboard calls` that go by the charge.
create index charge_by_payer on charge (payer, tracking_id desc);
create index charge_by_cost on charge ((units * 10::numeric ^ (- decimals)));
-- So that the few dearest calls are known to be few.
alter index charge_by_cost alter column 1 set statistics 1000;

create schema report;
comment on schema report is 'Views for staff and their tools (psql, Metabase): read only, names stay.';

create view report.calls as
select call.tracking_id, ring_at, answer_at, bridge_at, end_at, caller_account, callee_account, ani as calling_number, called_number,
  port, callee_port, protocol_version, call.call_class, is_collect, outcome, release_cause, reason, duration_seconds, billable_seconds,
  octets_from_caller, octets_from_callee, corrects, payer, charge.units * 10::numeric ^ (- charge.decimals) as amount, currency,
  charge.seconds as charged_seconds, free_seconds, period
from call_record call left join charge on charge.tracking_id = call.tracking_id
where corrected_by is null;
comment on view report.calls is 'The call records that count, with their charges.';
comment on column report.calls.tracking_id is 'Its name; begins with the time of the ring.';
comment on column report.calls.ring_at is 'When the trunk rang.';
comment on column report.calls.answer_at is 'When the server answered.';
comment on column report.calls.bridge_at is 'When caller and callee were joined: billing begins.';
comment on column report.calls.end_at is 'When it was over; null while it goes on.';
comment on column report.calls.caller_account is 'Who called.';
comment on column report.calls.callee_account is 'Who was called.';
comment on column report.calls.calling_number is 'From where, as the network gave it.';
comment on column report.calls.called_number is 'What the server dialled.';
comment on column report.calls.port is 'The trunk that rang.';
comment on column report.calls.callee_port is 'The trunk to the callee.';
comment on column report.calls.protocol_version is '1 or 2.';
comment on column report.calls.call_class is 'pairing, delivery or stored; null in version 1.';
comment on column report.calls.is_collect is 'Whether the callee was to pay.';
comment on column report.calls.outcome is 'How it ended; null while it goes on.';
comment on column report.calls.release_cause is 'ITU-T Q.850.';
comment on column report.calls.reason is 'Why, for the operator; of a correction: why it was necessary.';
comment on column report.calls.duration_seconds is 'From ring to end.';
comment on column report.calls.billable_seconds is 'From bridge to end.';
comment on column report.calls.octets_from_caller is 'Through the bridge.';
comment on column report.calls.octets_from_callee is 'Through the bridge.';
comment on column report.calls.corrects is 'The record that this one puts right.';
comment on column report.calls.payer is 'Who pays; null where it has no charge.';
comment on column report.calls.amount is 'What it costs, in units of the currency, exact.';
comment on column report.calls.currency is 'ISO 4217.';
comment on column report.calls.charged_seconds is 'Whole increments.';
comment on column report.calls.free_seconds is 'What an allowance has paid for.';
comment on column report.calls.period is 'First day of the month on whose bill it stands.';

create view report.unrated_calls as
select tracking_id, unrated_call.reason as why, since, ring_at, bridge_at, end_at, caller_account, callee_account, called_number, billable_seconds
from unrated_call join call_record using (tracking_id)
where corrected_by is null;
comment on view report.unrated_calls is 'Calls that could not be rated, and why. Empty is right.';
comment on column report.unrated_calls.tracking_id is 'Its name.';
comment on column report.unrated_calls.why is 'For a person.';
comment on column report.unrated_calls.since is 'When that was found.';
comment on column report.unrated_calls.ring_at is 'When the trunk rang.';
comment on column report.unrated_calls.bridge_at is 'When caller and callee were joined.';
comment on column report.unrated_calls.end_at is 'When it was over.';
comment on column report.unrated_calls.caller_account is 'Who called.';
comment on column report.unrated_calls.callee_account is 'Who was called.';
comment on column report.unrated_calls.called_number is 'What the server dialled.';
comment on column report.unrated_calls.billable_seconds is 'From bridge to end.';

create view report.duplicate_calls as
select later.tracking_id, earlier.tracking_id as earlier_tracking_id, later.ring_at, later.ring_at - earlier.ring_at as apart,
  later.caller_account, later.callee_account, later.billable_seconds
from call_record later join call_record earlier on earlier.caller_account = later.caller_account
  and earlier.callee_account = later.callee_account and earlier.billable_seconds = later.billable_seconds
  and earlier.tracking_id < later.tracking_id
  and earlier.tracking_id >= first_tracking_id(later.ring_at - interval '60 seconds')
where later.corrected_by is null and earlier.corrected_by is null and later.end_at is not null and earlier.end_at is not null
  and later.bridge_at is not null and earlier.bridge_at is not null;
comment on view report.duplicate_calls is 'Two answered calls of the same caller to the same callee, as long as each other, that rang within a minute: one of them twice, perhaps.';
comment on column report.duplicate_calls.tracking_id is 'The later one.';
comment on column report.duplicate_calls.earlier_tracking_id is 'The earlier one.';
comment on column report.duplicate_calls.ring_at is 'When the later one rang.';
comment on column report.duplicate_calls.apart is 'Between the rings.';
comment on column report.duplicate_calls.caller_account is 'Who called.';
comment on column report.duplicate_calls.callee_account is 'Who was called.';
comment on column report.duplicate_calls.billable_seconds is 'Of each.';

create view report.call_velocity as
select caller_account as account, date_trunc('hour', ring_at, 'UTC') as hour, count(*) as calls, count(bridge_at) as answered,
  count(distinct callee_account) as callees, coalesce(sum(billable_seconds), 0) as billable_seconds
from call_record
where corrected_by is null and caller_account is not null
group by 1, 2
having count(*) >= 30;
comment on view report.call_velocity is 'Fraud hint: hours in which an account made 30 calls or more.';
comment on column report.call_velocity.account is 'Who called.';
comment on column report.call_velocity.hour is 'Its beginning, UTC.';
comment on column report.call_velocity.calls is 'How many it began.';
comment on column report.call_velocity.answered is 'Of them joined.';
comment on column report.call_velocity.callees is 'How many others it called.';
comment on column report.call_velocity.billable_seconds is 'Of all.';

create view report.short_calls as
select caller_account as account, date_trunc('day', ring_at, 'UTC') as day, count(*) as answered,
  count(*) filter (where billable_seconds <= 6) as short, count(distinct callee_account) as callees
from call_record
where corrected_by is null and bridge_at is not null and end_at is not null and caller_account is not null
group by 1, 2
having count(*) filter (where billable_seconds <= 6) >= 10 and 2 * count(*) filter (where billable_seconds <= 6) >= count(*);
comment on view report.short_calls is 'Fraud hint: days on which an account had ten answered calls of 6 s or less, and they were half of all or more.';
comment on column report.short_calls.account is 'Who called.';
comment on column report.short_calls.day is 'Its beginning, UTC.';
comment on column report.short_calls.answered is 'Calls that were joined.';
comment on column report.short_calls.short is 'Of them billable for 6 s or less.';
comment on column report.short_calls.callees is 'How many others it called.';

create view report.new_destinations as
select account, called_number, first_ring_at, account_since, calls, billable_seconds
from (
  select caller_account as account, called_number, min(ring_at) as first_ring_at, count(*) as calls,
    coalesce(sum(billable_seconds), 0) as billable_seconds, min(min(ring_at)) over (partition by caller_account) as account_since
  from call_record
  where corrected_by is null and caller_account is not null and called_number is not null and bridge_at is not null
  group by 1, 2
) destination
where first_ring_at >= account_since + interval '30 days';
comment on view report.new_destinations is 'Fraud hint: numbers that an account was joined to for the first time 30 days or more after its first call.';
comment on column report.new_destinations.account is 'Who called.';
comment on column report.new_destinations.called_number is 'What the server dialled.';
comment on column report.new_destinations.first_ring_at is 'The first of these calls.';
comment on column report.new_destinations.account_since is 'The first call of the account.';
comment on column report.new_destinations.calls is 'To this number since.';
comment on column report.new_destinations.billable_seconds is 'Of these calls.';

create view report.daily_traffic as
select date_trunc('day', ring_at, 'UTC') as day, count(*) as calls, count(bridge_at) as answered,
  round(count(bridge_at)::numeric / count(*), 4) as answer_seizure_ratio, coalesce(sum(billable_seconds), 0) as billable_seconds,
  round(avg(billable_seconds) filter (where bridge_at is not null), 1) as average_seconds
from call_record
where corrected_by is null
group by 1;
comment on view report.daily_traffic is 'A row a day, by the ring.';
comment on column report.daily_traffic.day is 'Its beginning, UTC.';
comment on column report.daily_traffic.calls is 'That rang.';
comment on column report.daily_traffic.answered is 'Joined to their callee.';
comment on column report.daily_traffic.answer_seizure_ratio is 'Answered of all.';
comment on column report.daily_traffic.billable_seconds is 'Of all.';
comment on column report.daily_traffic.average_seconds is 'Billable, of an answered call.';
