import type { AccountNumber } from '../bytes/account-number.js';
import type { Database, Sql } from './database.js';
import type { Credentials, KeyHolder, NewSubscriber, Subscriber, Subscribers } from './subscribers.js';

type Caller = AccountNumber | '*';

/** Every statement on accounts; a test has each described by the database. */
export const subscriberStatements = {
  find: (sql: Sql, account: AccountNumber) => sql<Subscriber[]>`
    ${selectSubscribers(sql)} where account = ${account}`,

  list: (sql: Sql) => sql<Subscriber[]>`
    ${selectSubscribers(sql)} order by account`,

  add: (sql: Sql, { account, name, number, versions, accepts, ...given }: NewSubscriber) => sql`
    with added as (
      insert into subscriber (account, name, number, versions, calling_numbers, allows_withheld_ani)
      values (${account}, ${name}, ${number}, ${[...versions]}, ${[...(given.callingNumbers ?? [])]},
              ${given.allowsWithheldAni ?? false})
      on conflict do nothing
      returning account
    ), authorised as (
      insert into authorisation (callee, caller)
      select distinct account, caller from added, unnest(${[...accepts]}::text[]) as caller
    )
    select account from added`,

  setState: (sql: Sql, account: AccountNumber, state: Subscriber['state']) => sql`
    update subscriber set state = ${state}
    where account = ${account} and (state <> 'closed' or ${state}::text = 'closed')
    returning account`,

  credentials: (sql: Sql, account: AccountNumber) => sql<Credentials[]>`
    select static_key, psk from subscriber where account = ${account} and static_key is not null`,

  findByKey: (sql: Sql, staticKey: Uint8Array) => sql<KeyHolder[]>`
    select account, state, psk from subscriber where static_key = ${staticKey}`,

  issue: (sql: Sql, account: AccountNumber, { staticKey, psk }: Credentials) => sql`
    update subscriber set static_key = ${staticKey}, psk = ${psk}
    where account = ${account} and state <> 'closed'
    returning account`,

  authorise: (sql: Sql, callee: AccountNumber, caller: Caller) => sql`
    with known as (
      select account from subscriber where account = ${callee}
    ), authorised as (
      insert into authorisation (callee, caller) select account, ${caller} from known on conflict do nothing
    )
    select account from known`,
};

function selectSubscribers(sql: Sql) {
  return sql`
    select account, name, state, number, calling_numbers, allows_withheld_ani, versions,
           array(select caller from authorisation where callee = account order by caller) as accepts,
           static_key is not null as has_key
    from subscriber`;
}

/** The account database in Postgres. */
export function subscriberTable(database: Database): Subscribers {
  return {
    async find(account) {
      const [found] = await database.repeat((sql) => subscriberStatements.find(sql, account));
      return found;
    },
    async list() {
      return [...(await database.repeat((sql) => subscriberStatements.list(sql)))];
    },
    async add(subscriber) {
      // Done twice, it would deny that it had added the account.
      return (await database.once((sql) => subscriberStatements.add(sql, subscriber))).count > 0;
    },
    async setState(account, state) {
      return (await database.repeat((sql) => subscriberStatements.setState(sql, account, state))).count > 0;
    },
    async credentials(account) {
      const [issued] = await database.repeat((sql) => subscriberStatements.credentials(sql, account));
      return issued;
    },
    async findByKey(staticKey) {
      const [found] = await database.repeat((sql) => subscriberStatements.findByKey(sql, staticKey));
      return found;
    },
    async issue(account, credentials) {
      const issued = await database.repeat((sql) => subscriberStatements.issue(sql, account, credentials));
      return issued.count > 0;
    },
    async authorise(callee, caller) {
      return (await database.repeat((sql) => subscriberStatements.authorise(sql, callee, caller))).count > 0;
    },
  };
}
