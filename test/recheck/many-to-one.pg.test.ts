/** Relations whose rows several ways lead to: each row counts once, in every statement, and stays right while links change. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findDrift } from '../../src/capture/drift.ts';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { render } from '../../src/compile/fragment.ts';
import { recheckQuery } from '../../src/compile/statement.ts';
import type { ExplainedNode, Segmentd } from '../../src/index.ts';
import { planOf } from '../../src/preview/preview.ts';
import type { World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';
import { createSqlWorld, type SqlCases, type SqlWorld } from './sql-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, name text);
  create table public.countries (code text primary key, area integer);
  create table public.companies (id bigint primary key, country text, revenue numeric, founded date);
  create table public.deals (id bigint primary key, contact_id bigint, company_id bigint, stage text, amount numeric);
  create table public.teams (id bigint primary key, size integer);
  create table public.seats (contact_id bigint, team_id bigint, primary key (contact_id, team_id));
  create table public.payments (id bigint primary key, deal_id bigint, paid numeric);
  create table public.notes (id bigint, contact_id bigint, topic bigint);
  create table public.topics (id bigint primary key);
  create index on public.deals (contact_id);
  create index on public.deals (company_id);
  create index on public.companies (country);
  create index on public.seats (team_id);
  create index on public.payments (deal_id);
  create index on public.notes (contact_id);
  create index on public.notes (topic);
  create unique index partial on public.notes (topic) where topic > 0;
  insert into public.contacts (id) select generate_series(1, 6);
  insert into public.countries values ('ES', 5), ('PT', 1);
  insert into public.companies values (10, 'ES', 100, '2001-01-01'), (20, 'ES', 50, '2002-01-01'), (30, 'PT', 7, null), (40, null, 1, '2003-01-01');
  insert into public.deals values
    (1, 1, 10, 'won', 1), (2, 1, 10, 'lost', 2), (3, 1, 10, 'open', 3),
    (4, 2, 10, 'won', 4), (5, 2, 20, 'won', 5), (6, 2, 20, 'won', 6),
    (7, 3, null, 'won', 7), (8, 3, 40, 'lost', 8),
    (9, 5, 30, 'open', 9), (10, 5, 10, 'open', 9), (11, null, 10, 'won', 10);
  insert into public.teams values (1, 3), (2, 4);
  insert into public.seats values (1, 1), (1, 2), (2, 2);
  insert into public.payments values (1, 1, 10), (2, 1, 20), (3, 4, 5);`;
const CONFIG = `
contacts: { table: public.contacts, key: id }
relations:
  deals: { table: public.deals, contact: contact_id }
  companies: { table: public.companies, through: deals, on: { id: company_id }, time: founded }
  countries: { table: public.countries, through: companies, on: { code: country } }
  seats: { table: public.seats, contact: contact_id }
  teams: { table: public.teams, through: seats, on: { id: team_id } }
  payments: { table: public.payments, through: deals, on: { deal_id: id } }
  notes: { table: public.notes, contact: contact_id }
  topics: { table: public.topics, through: notes, on: { id: topic } }
`;

const v = (name: string) => ({ var: name });
const count = (rows: unknown) => ({ count: [rows] });
const sum = (rows: unknown, of: string) => ({ sum: [{ map: [rows, v(of)] }] });
const where = (relation: string, condition: unknown) => ({ filter: [v(relation), condition] });
const stage = (is: string) => ({ '==': [v('deals.stage'), is] });

/** Condition, and the value that it is about as SQL over contact `c`, without our compiler. */
const cases: SqlCases = {
  count: [
    { '==': [count(v('companies')), 1] },
    `(select count(distinct d.company_id) from deals d join companies k on k.id = d.company_id where d.contact_id = c.id) = 1`,
  ],
  sum: [
    { '==': [sum(v('companies'), 'revenue'), 100] },
    `(select sum(revenue) from companies k where k.id in (select company_id from deals d where d.contact_id = c.id)) = 100`,
  ],
  avg: [
    { '==': [{ avg: [{ map: [v('companies'), v('revenue')] }] }, 75] },
    `(select avg(revenue) from companies k where k.id in (select company_id from deals d where d.contact_id = c.id)) = 75`,
  ],
  first: [
    { '==': [{ first: [v('companies'), v('revenue')] }, 100] },
    `(select k.revenue from companies k where k.id in (select company_id from deals d where d.contact_id = c.id) order by k.founded limit 1) = 100`,
  ],
  two: [
    { '==': [count(v('countries')), 2] },
    `(select count(*) from countries y where y.code in (select k.country from companies k join deals d on d.company_id = k.id where d.contact_id = c.id)) = 2`,
  ],
  area: [
    { '==': [sum(v('countries'), 'area'), 5] },
    `(select sum(area) from countries y where y.code in (select k.country from companies k join deals d on d.company_id = k.id where d.contact_id = c.id)) = 5`,
  ],
  some: [
    { some: [v('companies'), stage('won')] },
    `exists (select from deals d join companies k on k.id = d.company_id where d.contact_id = c.id and d.stage = 'won')`,
  ],
  every: [
    { all: [v('companies'), stage('won')] },
    `exists (select from deals d join companies k on k.id = d.company_id where d.contact_id = c.id) and not exists (select from deals d join companies k on k.id = d.company_id where d.contact_id = c.id and d.stage is distinct from 'won')`,
  ],
  none: [
    { none: [v('companies'), stage('won')] },
    `not exists (select from deals d join companies k on k.id = d.company_id where d.contact_id = c.id and d.stage = 'won')`,
  ],
  'by any way': [
    { '==': [sum(where('companies', { or: [stage('won'), stage('lost')] }), 'revenue'), 150] },
    `(select sum(revenue) from companies k where exists (select from deals d where d.company_id = k.id and d.contact_id = c.id and d.stage in ('won', 'lost'))) = 150`,
  ],
  'by one way': [
    { '>': [sum(where('companies', { and: [stage('won'), { '>': [v('deals.amount'), 1] }] }), 'revenue'), 60] },
    `(select sum(k.revenue) from companies k where exists (select from deals d where d.company_id = k.id and d.contact_id = c.id and d.stage = 'won' and d.amount > 1)) > 60`,
  ],
  'each deal once': [
    { '==': [sum(where('companies', { '>': [v('revenue'), 60] }), 'deals.amount'), 6] },
    `(select sum(d.amount) from deals d join companies k on k.id = d.company_id where d.contact_id = c.id and k.revenue > 60) = 6`,
  ],
  latest: [
    { '==': [{ max_of: [{ map: [where('companies', stage('won')), v('deals.amount')] }] }, 6] },
    `(select max(d.amount) from deals d join companies k on k.id = d.company_id where d.contact_id = c.id and d.stage = 'won') = 6`,
  ],
  far: [
    { '==': [count(where('countries', { '!': [stage('won')] })), 1] },
    `(select count(*) from countries y where exists (select from companies k join deals d on d.company_id = k.id where k.country = y.code and d.contact_id = c.id and d.stage is distinct from 'won')) = 1`,
  ],
  seats: [
    { '==': [sum(v('teams'), 'size'), 7] },
    `(select sum(t.size) from teams t where t.id in (select s.team_id from seats s where s.contact_id = c.id)) = 7`,
  ],
  paid: [
    { '==': [sum(v('payments'), 'paid'), 30] },
    `(select sum(p.paid) from payments p join deals d on d.id = p.deal_id where d.contact_id = c.id) = 30`,
  ],
};

let sql: SqlWorld;
let world: World;
let segmentd: Segmentd;
let catalogue: Catalogue;
const underscored = Object.fromEntries(Object.entries(cases).map(([name, one]) => [name.replaceAll(' ', '_'), one]));
beforeAll(async () => {
  sql = await createSqlWorld(TABLES, underscored, CONFIG);
  ({ world, segmentd } = sql);
  catalogue = await segmentd.catalogue();
});
afterAll(() => sql.end());

test('three deals with one company are one company', async () => {
  expect(await sql.members('count')).toEqual(['1', '3']);
  expect(await sql.members('sum')).toEqual(['1']);
  await sql.exact();
});

test('explain shows what is counted, and an export writes it', async () => {
  const leaf = (node: ExplainedNode | null) => (node?.kind === 'leaf' ? node.actual : null);
  expect(leaf((await segmentd.segments.explain('count', '1')).condition)).toBe('1');
  expect(leaf((await segmentd.segments.explain('sum', '1')).condition)).toBe('100');
  expect(leaf((await segmentd.segments.explain('by_any_way', '2')).condition)).toBe('150');
  expect(leaf((await segmentd.segments.explain('some', '2')).condition)).toBe('2');
  await segmentd.exports.write('count', {
    to: { file: `${world.folder}/companies.csv` },
    columns: ['contact_id', 'companies.count', 'companies.sum:revenue', 'companies.last:revenue', 'countries.count'],
  });
  const { readFile } = await import('node:fs/promises');
  expect((await readFile(`${world.folder}/companies.csv`, 'utf8')).split(/\r?\n/)).toEqual([
    'contact_id,companies.count,companies.sum:revenue,companies.last:revenue,countries.count',
    '1,1,100,100,1',
    '3,1,1,1,0',
    '',
  ]);
});

test.each([
  `update public.deals set company_id = 20 where id in (1, 4)`,
  `delete from public.deals where id = 2`,
  `insert into public.deals values (21, 4, 10, 'won', 1), (22, 4, 10, 'won', 6), (23, 4, 30, 'lost', 1)`,
  `update public.deals set stage = 'won' where contact_id = 1`,
  `update public.companies set country = 'PT' where id = 20`,
  `update public.companies set id = 50 where id = 30`,
  `update public.deals set contact_id = 6 where contact_id = 2`,
  `insert into public.countries values ('FR', 5); update public.companies set country = 'FR', revenue = revenue + 50`,
  `delete from public.companies where id = 10`,
])('after %s', async (change) => {
  await world.database.pool.query(change);
  await sql.settle();
  await sql.exact();
});

test('segments that read a table are rebuilt when its unique index is dropped', { timeout: 90_000 }, async () => {
  const started = segmentd.worker();
  await started.start();
  try {
    await world.database.pool.query(
      'alter table public.seats drop constraint seats_pkey; create index on public.seats (contact_id); insert into public.seats values (1, 1), (1, 2), (2, 1)',
    );
    await until(async () => (await findDrift(world.database.pool, catalogue)).length === 0, { timeout: 60_000 });
  } finally {
    await started.stop();
  }
  await sql.settle();
  expect(await sql.members('seats')).toEqual(['1', '2']);
  await sql.exact();
});

test('where unique indexes say that one way leads on, nothing is reduced', async () => {
  const single = (name: string) => {
    const link = catalogue.relations.get(name)?.link;
    return link?.kind === 'through' && link.single === true;
  };
  expect(['companies', 'countries', 'teams', 'payments', 'topics'].map(single)).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
  const text = (condition: unknown) =>
    render(recheckQuery(catalogue, [planOf(catalogue, condition)], { segmentId: () => 0 })).text;
  expect(text({ '>': [count(where('payments', { '==': [v('deals.stage'), 'won'] })), 2] })).not.toMatch(
    /distinct|exists/,
  );
  expect(text({ '>': [count(v('teams')), 2] })).not.toMatch(/distinct/);
  expect(text({ '>': [count(v('companies')), 2] })).toMatch(/select distinct/);
});

test('the rows of one contact are looked up by index', async () => {
  await world.database.query(
    `insert into public.deals select 100 + n, 100 + n, n % 500, 'won', 1 from generate_series(1, 20000) n`,
  );
  await world.database.query('analyze public.deals');
  const { text, bind } = render(
    recheckQuery(catalogue, [planOf(catalogue, { '>': [sum(where('companies', stage('won')), 'revenue'), 2] })], {
      segmentId: () => 0,
    }),
  );
  const client = await world.database.pool.connect();
  try {
    const plan = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, bind({ contacts: ['1'], now: null }));
    expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(/Seq Scan on deals/);
  } finally {
    client.release();
  }
});
