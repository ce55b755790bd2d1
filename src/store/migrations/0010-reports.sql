create schema report;
comment on schema report is 'Views for staff and their tools (psql, Metabase): read only, names stay.';
