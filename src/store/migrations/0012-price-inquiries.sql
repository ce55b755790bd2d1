-- A part that was attached has its checks as its own: they stay when the whole loses its.
alter table call_record drop constraint call_record_call_class_check;
do $$
declare
  part regclass;
begin
  for part in select inhrelid from pg_inherits where inhparent = 'call_record'::regclass loop
    execute format('alter table %s drop constraint if exists call_record_call_class_check', part);
  end loop;
end $$;
alter table call_record
  add constraint call_record_call_class_check check (call_class in ('pairing', 'delivery', 'stored', 'inquiry')),
  add constraint nobody_is_called_by_an_inquiry check (call_class <> 'inquiry' or bridge_at is null);
comment on column call_record.call_class is 'What the call was for: pairing, delivery or stored; inquiry: it asked for the price alone, and nobody was called; null where the protocol does not tell (version 1), which is rated as delivery.';

-- Calls that ended long after their bridge are few: a rater looks for them by themselves.
create index call_record_late on call_record (bridge_at) where end_at - bridge_at > interval '7 days';

comment on column report.calls.call_class is 'pairing, delivery or stored; inquiry: about the price alone, and nobody was called; null in version 1.';

create or replace view report.call_velocity as
select caller_account as account, date_trunc('hour', ring_at, 'UTC') as hour, count(*) as calls, count(bridge_at) as answered,
  count(distinct callee_account) as callees, coalesce(sum(billable_seconds), 0) as billable_seconds
from call_record
where corrected_by is null and caller_account is not null and call_class is distinct from 'inquiry'
group by 1, 2
having count(*) >= 30;
comment on view report.call_velocity is 'Fraud hint: hours in which an account made 30 calls or more; price inquiries are none.';

create or replace view report.daily_traffic as
select date_trunc('day', ring_at, 'UTC') as day, count(*) as calls, count(bridge_at) as answered,
  round(count(bridge_at)::numeric / nullif(count(*) filter (where call_class is distinct from 'inquiry'), 0), 4) as answer_seizure_ratio,
  coalesce(sum(billable_seconds), 0) as billable_seconds,
  round(avg(billable_seconds) filter (where bridge_at is not null), 1) as average_seconds,
  count(*) filter (where call_class = 'inquiry') as inquiries
from call_record
where corrected_by is null
group by 1;
comment on column report.daily_traffic.inquiries is 'Of the calls: about the price alone.';
comment on column report.daily_traffic.answer_seizure_ratio is 'Answered of all but inquiries; null where there is none.';
