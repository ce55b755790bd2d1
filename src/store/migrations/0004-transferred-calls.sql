-- A call that is handed over by hook-flash ends for the server when the two are joined: it carried no octet of it.
alter table call_record
  drop constraint call_record_outcome_check,
  add constraint call_record_outcome_check check (
    outcome in (
      'completed', 'transferred', 'busy', 'no-answer', 'no-carrier', 'refused', 'abandoned', 'failed', 'interrupted'
    )
  ),
  drop constraint measured_unless_interrupted,
  add constraint measured_unless_elsewhere check (
    end_at is null or outcome = 'interrupted'
    or (duration_seconds is not null
      and (outcome = 'transferred' or num_nulls(octets_from_caller, octets_from_callee) = 0))
  );
comment on column call_record.bridge_at is 'When the two lines were joined, by the server or by the exchange.';
comment on column call_record.billable_seconds is 'From bridge to end by the monotonic clock, rounded up; 0 without a bridge, and when transferred.';
comment on column call_record.octets_from_caller is 'Octets through the bridge from the caller; null when interrupted or transferred.';
comment on column call_record.octets_from_callee is 'Octets through the bridge from the callee; null when interrupted or transferred.';
