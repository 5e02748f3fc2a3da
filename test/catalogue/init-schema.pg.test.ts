/** `init` on small schemas that hold what real ones hold: each proposal must resolve, and install must accept it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { introspect, type Introspection, type IntrospectOptions } from '../../src/catalogue/introspect.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { createSegmentd } from '../../src/index.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeEach(async () => {
  database = await createDatabase();
  pool = await openPool(database.url, { max: 2 });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

/** The proposal for a schema. Its file must resolve, with what is active and nothing else. */
async function proposed(sql: string, options: IntrospectOptions = {}): Promise<Introspection> {
  await database.query(sql);
  const proposal = await introspect(pool, options);
  const catalogue = await resolveCatalogue(pool, parseConfig(proposal.yaml, 'proposal'));
  expect([...catalogue.relations.keys()]).toEqual(active(proposal));
  return proposal;
}

function active(proposal: Introspection): readonly string[] {
  return proposal.relations.filter((one) => one.active).map(({ name }) => name);
}

function relation(proposal: Introspection, name: string): Introspection['relations'][number] | undefined {
  return proposal.relations.find((one) => one.name === name);
}

function leftOut(proposal: Introspection, reason: RegExp): readonly string[] {
  return proposal.omissions.filter((one) => reason.test(one.reason)).map(({ subject }) => subject);
}

test('without foreign keys, columns named after a table with the type of its key are guesses and say so', async () => {
  const proposal = await proposed(`
    create table contacts (id int primary key, email text, "companyId" int);
    create table companies (id bigint primary key, name text);
    create table conversations (id int primary key, contact_id bigint, assignee_id int);
    create table messages (id int primary key, conversation_id int, sent_at timestamptz, created_at timestamptz);
    create table "orderNotes" (id int primary key, "contactId" text);
    create table shop_orders (id int primary key, "contactId" int);
    create table shop_order_items (id int primary key, order_id int);
    create index on conversations (contact_id); create index on messages (conversation_id); create index on contacts ("companyId");
    create index on shop_orders ("contactId"); create index on shop_order_items (order_id)`);
  expect(Object.fromEntries(proposal.relations.map(({ name, note }) => [name, note]))).toEqual({
    conversations: 'guess: no foreign key',
    shop_orders: 'guess: no foreign key',
    me: undefined,
    company: 'guess: no foreign key',
    messages: 'guess: no foreign key',
    shop_order_items: 'guess: no foreign key',
  });
  expect(proposal.yaml).toMatch(
    /^ {2}conversations: +\{ table: public\.conversations, contact: contact_id \} +# guess: no foreign key$/m,
  );
  expect(relation(proposal, 'messages')).toMatchObject({ through: 'conversations', time: 'sent_at' });
  expect(relation(proposal, 'company')).toMatchObject({ on: { column: 'id', target: 'companyId' } });
  // A text cannot be the key of contacts, which is an integer.
  expect(leftOut(proposal, /no column that leads/)).toContain('public."orderNotes"');
});

test('a foreign key that stands on partitions only belongs to their table', async () => {
  const proposal = await proposed(`
    create table customer (customer_id int primary key, email text);
    create table payment (customer_id int not null, amount numeric, payment_date timestamptz not null) partition by range (payment_date);
    create table payment_1 partition of payment for values from ('2020-01-01') to ('2021-01-01');
    create table payment_2 partition of payment for values from ('2021-01-01') to ('2022-01-01');
    create table payment_3 partition of payment for values from ('2022-01-01') to ('2023-01-01');
    create index on payment (customer_id);
    alter table payment_1 add foreign key (customer_id) references customer;
    alter table payment_2 add foreign key (customer_id) references customer;
    create table visit (customer_id int references customer, at timestamptz) partition by range (at);
    create table visit_1 partition of visit default;
    create index on visit (customer_id)`);
  expect(relation(proposal, 'payment')).toMatchObject({
    table: 'public.payment',
    contact: 'customer_id',
    time: 'payment_date',
    note: 'foreign key on 2 of 3 partitions',
    active: true,
  });
  expect(relation(proposal, 'visit')).toMatchObject({ contact: 'customer_id', time: 'at' });
  expect(relation(proposal, 'visit')).not.toHaveProperty('note');
});

test('tables that only join two lead to what they join; tables with composite keys are relations', async () => {
  const proposal = await proposed(`
    create table contacts (id bigint primary key, email text);
    create table tags (id int primary key, name text);
    create table contact_tags (contact_id bigint references contacts, tag_id int references tags, created_at timestamptz, primary key (contact_id, tag_id));
    create index on contact_tags (tag_id)`);
  expect(proposal.relations).toMatchObject([
    { name: 'contact_tags', contact: 'contact_id', active: true },
    { name: 'tags', through: 'contact_tags', on: { column: 'id', target: 'tag_id' }, direction: 'out', active: true },
  ]);
});

test('what the contact refers to is reached by its own columns, by two to one table as well', async () => {
  const proposal = await proposed(`
    create table countries (code text primary key, name text);
    create table addresses (id int primary key, city text, country_code text references countries);
    create table contacts (id int primary key, email text, billing_address_id int references addresses, shipping_address_id int references addresses);
    create index on contacts (billing_address_id); create index on contacts (shipping_address_id); create index on addresses (country_code)`);
  expect(active(proposal)).toEqual(['billing_address', 'shipping_address', 'country']);
  expect(relation(proposal, 'shipping_address')).toMatchObject({
    on: { column: 'id', target: 'shipping_address_id' },
    direction: 'out',
  });
  expect(relation(proposal, 'country')).toMatchObject({
    through: 'billing_address',
    on: { column: 'code', target: 'country_code' },
  });
});

test('a comment becomes an entry when its mark is removed', async () => {
  const proposal = await proposed(`
    create table contacts (id int primary key, email text);
    create table posts (id int primary key, created_by int references contacts, title text, api_key text,
      another_very_long_name_of_a_column_with_a_password text, yet_another_very_long_name_of_a_column_with_a_token text);
    create table access_tokens (id int primary key, contact_id int references contacts, token text);
    create table replies (id int primary key, post_id int references posts);
    create index on posts (created_by); create index on replies (post_id); create index on access_tokens (contact_id)`);
  expect(active(proposal)).toEqual([]);
  expect(Object.fromEntries(proposal.relations.map(({ name, reason }) => [name, reason]))).toEqual({
    access_tokens: 'looks as if it held credentials',
    posts: 'says who changed the row',
    replies: 'starts from posts, which is not active',
  });
  const uncommented = proposal.yaml
    .replace('relations: {}', 'relations:')
    .replaceAll(/^ {2}# (?!--|Not active)/gm, '  ');
  const catalogue = await resolveCatalogue(pool, parseConfig(uncommented, 'c'));
  expect([...catalogue.relations.keys()].toSorted()).toEqual(['access_tokens', 'posts', 'replies']);
  expect([...(catalogue.relations.get('posts')?.fields.keys() ?? [])]).toEqual(['id', 'created_by', 'title']);
});

test('secrets stay out wherever their table stands, links and facts about them do not', async () => {
  const proposal = await proposed(`
    create table users (id uuid primary key, email text, encrypted_password text, reset_password_token text, password_changed_at timestamptz, avatar bytea);
    create table tokens (id int primary key, name text);
    create table devices (id int primary key, user_id uuid references users, token_id int references tokens, push_token text);
    create index on devices (user_id); create index on devices (token_id)`);
  expect(parse(proposal.yaml)).toMatchObject({
    contacts: { exclude: ['encrypted_password', 'reset_password_token', 'avatar'] },
    relations: { devices: { exclude: ['push_token'] } },
  });
  expect(leftOut(proposal, /looks secret/)).toEqual([
    'public.users (encrypted_password)',
    'public.users (reset_password_token)',
    'public.devices (push_token)',
  ]);
  expect(leftOut(proposal, /bytes/)).toEqual(['public.users (avatar)']);
});

test('what cannot be a link is named with its reason', async () => {
  const proposal = await proposed(`
    create table contacts (tenant int, id int unique not null, email text, name text, primary key (tenant, id));
    create table taggings (id int primary key, taggable_type text, taggable_id int, contact_type text, contact_id int);
    create table orders (id int primary key, tenant int, contact_id int, foreign key (tenant, contact_id) references contacts);
    create table lines (tenant int, number int, order_id int references orders, primary key (tenant, number));
    create table boxes (id int primary key, tenant int, number int, foreign key (tenant, number) references lines);
    create table prices (id numeric primary key);
    create table bids (id int primary key, price_id numeric references prices, contact_id int references contacts (id));
    create table lonely (id int primary key, name text);
    create index on orders (contact_id); create index on lines (order_id); create index on bids (contact_id)`);
  // Of a key of two columns the one that identifies a contact is enough.
  expect(relation(proposal, 'orders')).toMatchObject({ contact: 'contact_id' });
  expect(active(proposal)).toEqual(['orders', 'bids', 'lines']);
  expect(leftOut(proposal, /polymorphic/)).toEqual([
    'public.taggings (taggable_id by taggable_type)',
    'public.taggings (contact_id by contact_type)',
  ]);
  expect(leftOut(proposal, /has 2 columns, and a link has one/)).toEqual(['public.boxes (tenant, number)']);
  expect(leftOut(proposal, /cannot be a link: "price_id" is numeric/)).toEqual(['public.bids (price_id)']);
  expect(leftOut(proposal, /no column that leads/)).toContain('public.lonely');
});

test('the nearest twenty are active, with at most ten new indexes; the rest says why it is not', async () => {
  const tables = Array.from(
    { length: 30 },
    (_, at) =>
      `create table t${at} (id int primary key, contact_id int references contacts);
       ${at % 2 === 0 ? `create index on t${at} (contact_id);` : ''}`,
  );
  const proposal = await proposed(`create table contacts (id int primary key, email text); ${tables.join('\n')}`);
  const chosen = proposal.relations.filter((one) => one.active);
  expect(chosen).toHaveLength(20);
  expect(chosen.filter(({ indexes }) => indexes.length > 0)).toHaveLength(5);
  expect(new Set(proposal.relations.filter((one) => !one.active).map(({ reason }) => reason))).toEqual(
    new Set(['beyond the nearest 20']),
  );

  await database.query(`do $$ begin for i in 0..29 loop execute format('drop table t%s', i); end loop; end $$`);
  const unindexed = await proposed(
    Array.from(
      { length: 14 },
      (_, at) => `create table t${at} (id int primary key, contact_id int references contacts)`,
    ).join(';'),
  );
  expect(active(unindexed)).toHaveLength(10);
  expect(unindexed.relations.at(-1)?.reason).toBe('would need more than 10 new indexes');
});

test('the number of queries does not grow with the tables', async () => {
  const queries = async (tables: number): Promise<number> => {
    await database.query(
      Array.from({ length: tables }, () => {
        named += 1;
        return `create table n${named} (id int primary key, contact_id int references contacts)`;
      }).join(';'),
    );
    let count = 0;
    const counting: Pick<Pool, 'query'> = new Proxy(pool, {
      get: (target, property) => {
        if (property === 'query') count += 1;
        return Reflect.get(target, property, target) as unknown;
      },
    });
    expect((await introspect(counting)).contacts.table).toBe('public.contacts');
    return count;
  };
  let named = 0;
  await database.query('create table contacts (id int primary key, email text)');
  const few = await queries(1);
  expect(await queries(60)).toBe(few);
  expect(few).toBeLessThanOrEqual(4);
});

test('a tenant to which most tables refer leads nowhere; the company of a contact leads to its deals', async () => {
  const shared = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(
    (name) => `create table ${name} (id int primary key, account_id int references accounts)`,
  );
  const proposal = await proposed(`
    create table accounts (id int primary key, plan text);
    create table companies (id int primary key, name text);
    create table contacts (id int primary key, email text, account_id int references accounts, company_id int references companies);
    create table deals (id int primary key, company_id int references companies, closed_at timestamptz);
    ${shared.join(';')};
    create index on contacts (account_id); create index on contacts (company_id); create index on deals (company_id)`);
  expect(active(proposal)).toEqual(['company', 'account', 'deals']);
  expect(leftOut(proposal, /as to a tenant/)).toEqual(['public.accounts (8 tables)']);
});

test('the contacts table is guessed by name, people and links; two as likely are listed', async () => {
  await database.query(`
    create table auth_user (id int primary key, email text, password text, first_name text, last_name text);
    create table shop_customers (id int primary key, email text, first_name text);
    create table shop_orders (id int primary key, customer_id int references shop_customers);
    create table logins (id int primary key, user_id int references auth_user)`);
  await expect(introspect(pool)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(
      /^Several tables could be the contacts: public\.\w+ \(1 table refers to it\); public\.\w+ \(1 table refers to it\)\. Name one: segmentd init --contacts public\./,
    ),
  });
  await database.query('create table customers (id int primary key, email text, phone text)');
  const proposal = await introspect(pool);
  expect(proposal.contacts.table).toBe('public.customers');
  expect(proposal.contacts.others).toEqual(expect.arrayContaining(['public.shop_customers']));
  expect(proposal.yaml).toContain('# The contacts are a guess. Other tables that could be them: ');
});

test('what the role may not read, and what belongs to an extension, is left out', async () => {
  await database.query(`
    create role "reader of init" login password 'init';
    create table contacts (id int primary key, email text);
    create table visible (id int primary key, contact_id int references contacts);
    create table closed (id int primary key, contact_id int references contacts);
    create index on visible (contact_id); create index on closed (contact_id);
    grant select on contacts, visible to "reader of init"`);
  const url = new URL(database.url);
  url.username = encodeURIComponent('reader of init');
  url.password = 'init';
  const other = await openPool(url.href, { max: 1 });
  try {
    const proposal = await introspect(other);
    expect(active(proposal)).toEqual(['visible']);
    expect(leftOut(proposal, /may not read/)).toEqual(['public.closed']);
  } finally {
    await other.end();
    await database.query('drop owned by "reader of init"; drop role "reader of init"');
  }
});

test('estimates of rows stand beside relations, the larger first', async () => {
  const proposal = await proposed(`
    create table contacts (id int primary key, email text);
    create table few (id int primary key, contact_id int references contacts);
    create table many (id int primary key, contact_id int references contacts);
    create table none (id int primary key, contact_id int references contacts);
    create index on few (contact_id); create index on many (contact_id); create index on none (contact_id);
    insert into contacts select generate_series(1, 10); insert into few select n, 1 from generate_series(1, 5) n;
    insert into many select n, 1 from generate_series(1, 12345) n; analyze`);
  expect(active(proposal)).toEqual(['many', 'few', 'none']);
  expect(proposal.yaml).toMatch(/many: .* # about 12,000 rows\n {2}few: .* # about 5 rows\n {2}none: .* # no rows\n/);
});

test.each([
  ['deleted_at timestamptz', `now()`, `{"is_empty": [{"var": "deleted_at"}]}`],
  ['is_deleted boolean', 'true', `{"!": [{"==": [{"var": "is_deleted"}, true]}]}`],
])('soft deletes by %s: a base filter in a comment, which leaves deleted contacts out', async (column, mark, where) => {
  const proposal = await proposed(`
    create table contacts (id int primary key, email text, ${column});
    create table orders (id int primary key, contact_id int references contacts, placed_at timestamptz, archived_at timestamptz);
    create index on orders (contact_id);
    insert into contacts values (1, 'a', null), (2, 'b', ${mark})`);
  const line = `  # where: ${where}   # leave deleted contacts out of every segment\n`;
  expect(proposal.yaml).toContain(line);
  expect(proposal.yaml).toMatch(/^ {2}orders: .* # .*to leave deleted rows out: where: \{.*archived_at/m);
  expect(relation(proposal, 'orders')).toMatchObject({ deleted: { column: 'archived_at' } });
  const config = parseConfig(proposal.yaml.replace(line, line.replace('# ', '')), 'edited');
  expect(config.contacts.where).toEqual(JSON.parse(where));
  await using segmentd = createSegmentd({ databaseUrl: database.url, config });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  await segmentd.segments.create({ key: 'everybody', condition: true });
  await using worker = segmentd.worker();
  await worker.once();
  expect((await segmentd.admin.status('everybody'))[0]).toMatchObject({ members: 1 });
});
