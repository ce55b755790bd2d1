-- What version 2 knows an account by. Both come into being together, when the operator issues a subscription.
alter table subscriber
  add column static_key bytea unique check (octet_length(static_key) = 32),
  add column psk bytea check (octet_length(psk) = 32),
  add constraint issued_as_a_whole check (num_nulls(static_key, psk) in (0, 2));
comment on column subscriber.static_key is 'The public half of its endpoint''s X25519 static key; null until a subscription is issued.';
comment on column subscriber.psk is 'SECRET: the account''s pre-shared key of version 2; null until a subscription is issued.';
