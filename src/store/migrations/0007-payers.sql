create table payer_rule (
  id integer generated always as identity primary key,
  payer account_number not null references subscriber,
  party account_number not null references subscriber,
  role text not null check (role in ('caller', 'callee')),
  other account_number,
  validity tstzrange not null check (not isempty(validity)),
  agreed_at timestamptz not null,
  agreed_by text not null
);
comment on table payer_rule is 'Who pays for calls instead of their caller (BL-A2): the callee or a third party, which has agreed.';
comment on column payer_rule.id is 'Its number.';
comment on column payer_rule.payer is 'Who pays.';
comment on column payer_rule.party is 'Whose calls.';
comment on column payer_rule.validity is 'For calls that ring from when to when.';
comment on column payer_rule.agreed_at is 'When it was entered.';
comment on column payer_rule.agreed_by is 'Who, by the name of the system''s user.';
comment on column payer_rule.role is 'The calls that party makes (caller), or that come to it (callee).';
comment on column payer_rule.other is 'Only for calls with this account at the other end; null: with any.';
create index payer_rule_by_party on payer_rule (party);

create table spending_limit (
  account account_number primary key references subscriber,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  decimals smallint not null check (decimals between 0 and 8),
  daily_units bigint check (daily_units >= 0),
  monthly_units bigint check (monthly_units >= 0),
  set_at timestamptz not null,
  set_by text not null,
  check (num_nulls(daily_units, monthly_units) < 2)
);
comment on table spending_limit is 'What an account pays at most on a day and in a month of its tariff''s zone; a call that would go further is released.';
comment on column spending_limit.account is 'Who pays.';
comment on column spending_limit.currency is 'ISO 4217.';
comment on column spending_limit.decimals is 'Of the units.';
comment on column spending_limit.daily_units is 'At most on a day; null: no limit.';
comment on column spending_limit.monthly_units is 'At most in a month; null: no limit.';
comment on column spending_limit.set_at is 'When.';
comment on column spending_limit.set_by is 'Who, by the name of the system''s user.';
