drop index charge_of_period, charge_free, charge_by_amount;

-- What the bills of a month add up.
create index charge_of_period on charge (period, payer)
  include (tariff_version, call_class, currency, decimals, units, seconds, free_seconds);
-- What a limit or an allowance has been used up to.
create index charge_of_payer on charge (payer, charged_at) include (period, call_class, currency, decimals, units, free_seconds);
create index charge_by_currency on charge (currency, tracking_id desc);
