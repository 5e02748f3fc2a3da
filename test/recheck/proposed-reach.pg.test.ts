/**
 * What a contact refers to, and what refers to that: its company, the deals of its company. The config is the one that `init` proposes.
 * Membership stays exact when either side changes.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSqlWorld, type SqlCases, type SqlWorld } from './sql-world.ts';

const TABLES = `
  create table public.companies (id bigint primary key, plan text, domain text);
  create table public.contacts (id bigint primary key, email text, company_id bigint references public.companies);
  create table public.deals (id bigint primary key, company_id bigint references public.companies on delete cascade, amount numeric);
  create table public.seats (contact_id bigint references public.contacts on delete cascade, team text, primary key (contact_id, team));
  create index on public.contacts (company_id);
  create index on public.deals (company_id);
  insert into public.companies values (1, 'pro', 'a.example'), (2, 'free', 'b.example'), (3, 'pro', null);
  insert into public.contacts values (10, 'x@a.example', 1), (11, 'y@a.example', 1), (12, 'z@b.example', 2), (13, null, null);
  insert into public.deals values (100, 1, 50), (101, 1, 70), (102, 2, 500);
  insert into public.seats values (10, 'red'), (10, 'blue'), (12, 'red')`;

const amounts = { sum: [{ map: [{ var: 'deals' }, { var: 'amount' }] }] };
const cases: SqlCases = {
  pro: [
    { some: [{ var: 'company' }, { '==': [{ var: 'plan' }, 'pro'] }] },
    `exists (select from companies k where k.id = c.company_id and k.plan = 'pro')`,
  ],
  alone: [{ none: [{ var: 'company' }, true] }, 'not exists (select from companies k where k.id = c.company_id)'],
  not_free: [
    { '!': [{ some: [{ var: 'company' }, { '==': [{ var: 'plan' }, 'free'] }] }] },
    `not exists (select from companies k where k.id = c.company_id and k.plan = 'free')`,
  ],
  large: [{ '>=': [amounts, 120] }, '(select sum(d.amount) from deals d where d.company_id = c.company_id) >= 120'],
  same_row: [
    { some: [{ var: 'company' }, { '!=': [{ var: 'contact.email' }, 'y@a.example'] }] },
    `exists (select from companies k where k.id = c.company_id) and c.email is distinct from 'y@a.example'`,
  ],
  seated: [
    {
      and: [
        { '==': [{ count: [{ var: 'seats' }] }, 2] },
        { some: [{ var: 'company' }, { '==': [{ var: 'plan' }, 'pro'] }] },
      ],
    },
    `(select count(*) from seats s where s.contact_id = c.id) = 2 and exists (select from companies k where k.id = c.company_id and k.plan = 'pro')`,
  ],
};

let sql: SqlWorld;
beforeAll(async () => {
  sql = await createSqlWorld(TABLES, cases);
});
afterAll(() => sql.end());

test('init proposes the company of a contact, and its deals', async () => {
  const catalogue = await sql.segmentd.catalogue();
  const before = new Map(
    [...catalogue.relations.values()].map(({ name, link }) => [
      name,
      link.kind === 'through' ? link.relation : link.kind,
    ]),
  );
  expect(Object.fromEntries(before)).toEqual({ seats: 'contact', company: 'contact', deals: 'company' });
  await sql.exact();
});

test.each([
  `update public.contacts set company_id = 2 where id = 10`,
  `update public.companies set plan = 'pro' where id = 2`,
  `update public.contacts set company_id = 3 where id = 13`,
  `update public.contacts set company_id = null where id = 12`,
  `update public.deals set amount = 1000 where id = 102`,
  `update public.deals set company_id = 3 where id = 100`,
  `insert into public.contacts values (14, 'new@a.example', 1), (15, 'y@a.example', 3)`,
  `insert into public.seats values (14, 'red'), (14, 'green'); delete from public.seats where contact_id = 10 and team = 'red'`,
  `update public.contacts set id = 20 where id = 15`,
  `update public.contacts set email = 'y@a.example' where id = 14`,
  `update public.contacts set company_id = null where company_id = 1; delete from public.companies where id = 1`,
  `delete from public.contacts where id = 14`,
])('after %s', async (change) => {
  await sql.world.database.pool.query(change);
  await sql.settle();
  await sql.exact();
});
