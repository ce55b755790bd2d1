-- For the filters of `cordboard calls` that go by the charge.
create index charge_by_payer on charge (payer, tracking_id desc);
create index charge_by_cost on charge ((units * 10::numeric ^ (- decimals)));

create schema report;
comment on schema report is 'Views for staff and their tools (psql, Metabase): read only, names stay.';
