/**
 * Functions, operators, casts and types that anybody may leave in `public` are never called by sessions of ours: not where the role
 * or the database puts `public` first, and not where a closer match would win by Postgres' own rules.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { cli, type CliResult } from '../cli/in-process.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { asAdmin } from '../support/database.ts';
import { setTraps } from '../support/trap.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, email varchar(200), country varchar, age integer, tags text[], attributes jsonb, born date, seen timestamptz,
    created_at timestamptz not null default pg_catalog.now());
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null, status varchar(20), total numeric(10, 2), placed_at timestamptz not null);
  create table public.items (id bigint generated always as identity primary key, order_id bigint not null, sku varchar, at timestamptz);
  create index on public.orders (contact_id); create index on public.items (order_id);
  insert into public.contacts (id, email, country, age, tags, attributes, born, seen)
    select n, 'P' || n || '@X', case when n % 2 = 0 then 'ES' else 'PT' end, n, array['vip', 't' || n], jsonb_build_object('plan', 'pro', 'n', n, 'at', '2026-02-03T04:05:06Z'), date '1990-02-28' + n, now() - n * interval '1 hour'
    from generate_series(1, 40) n;
  insert into public.orders (contact_id, status, total, placed_at) select n, 'paid', n, now() - n * interval '1 day' from generate_series(1, 40) n;
  insert into public.items (order_id, sku, at) select n, 'A' || n % 3, now() from generate_series(1, 40) n`;

const CONFIG = `
contacts: { table: public.contacts, key: id, created: created_at, where: {"!=": [{"var": "country"}, "ZZ"]} }
fields:
  plan: { column: attributes, path: [plan], type: text }
  n: { column: attributes, path: [n], type: number }
  at: { column: attributes, path: [at], type: instant }
relations:
  orders: { table: public.orders, contact: contact_id, time: placed_at }
  items: { table: public.items, through: orders, on: { order_id: id }, time: at }
timezone: Europe/Madrid
`;

const v = (name: string) => ({ var: name });
const SEGMENTS = {
  text: {
    or: [
      { ieq: [v('email'), 'p1@x'] },
      { starts_with: [v('email'), 'P2'] },
      { icontains: [v('email'), '3@'] },
      { in: [v('country'), ['FR', 'DE']] },
      { iin: [v('email'), ['P7@x', 'q']] },
    ],
  },
  values: {
    and: [
      { '==': [v('country'), 'ES'] },
      { '>': [v('age'), 5] },
      { '==': [v('plan'), 'pro'] },
      { '<': [v('n'), '30.5'] },
      { has_any: [v('tags'), ['vip', 'x']] },
      { '!': [{ is_empty: [v('email')] }] },
    ],
  },
  times: {
    or: [
      { in_last: [v('seen'), 10, 'hour'] },
      { in_period: [v('at'), 'month', 0] },
      { '>=': [{ age: [v('born')] }, 36] },
      { anniversary_in_next: [v('born'), 30] },
    ],
  },
  orders: {
    and: [
      { '>=': [{ count: [{ filter: [v('orders'), { '==': [v('status'), 'paid'] }] }] }, 1] },
      { '>': [{ sum: [{ map: [v('orders'), v('total')] }] }, '3'] },
      { '==': [{ last: [v('orders'), 'status'] }, 'paid'] },
      { some: [v('items'), { '==': [v('sku'), 'A1'] }] },
    ],
  },
  both: { and: [{ in_segment: ['values'] }, { '!': [{ in_segment: ['orders'] }] }] },
} as const;

const id = randomBytes(4).toString('hex');
const [keeper, attacker] = [`keeper_${id}`, `attacker_${id}`];
let world: World;

beforeAll(async () => {
  world = await createWorld({ tables: TABLES, config: CONFIG });
  await asAdmin((client) =>
    client.query(`create role ${keeper} login superuser password 'k'; create role ${attacker}`),
  );
  // The test's own sessions, under any default of the database.
  await world.database.query(`alter role current_user in database ${world.database.name} set search_path = pg_catalog`);
  const traps = await setTraps(world.database, attacker);
  expect(traps).toBeGreaterThan(3_000);
});
afterAll(async () => {
  await world.database.query(`drop owned by ${attacker} cascade`);
  await world.end();
  await asAdmin((client) => client.query(`drop role ${keeper}; drop role ${attacker}`));
});

function url(): string {
  const own = new URL(world.database.url);
  own.username = keeper;
  own.password = 'k';
  return own.href;
}

const called = () =>
  world.database.query<{ called: string; at: string }>(
    `select t.called, left(t.at, 200) as at from public.trap t where t.by = $1`,
    [keeper],
  );

test('the traps work: a session that is not pinned calls them', async () => {
  await asAdmin((client) => client.query(`alter role ${keeper} set search_path = public, pg_catalog`));
  const client = new pg.Client({ connectionString: url() });
  await client.connect();
  try {
    await client.query(
      `select lower(c.email) from public.contacts c where c.country = 'ES'; select count(*) from public.orders; select 1::text`,
    );
  } finally {
    await client.end();
  }
  expect(new Set((await called()).map((row) => row.called))).toEqual(
    expect.objectContaining(new Set(['lower', 'operator =', 'count', 'domain text'])),
  );
  await world.database.query('truncate public.trap');
});

test.each([
  ['the role', () => asAdmin((client) => client.query(`alter role ${keeper} set search_path = public, pg_catalog`))],
  [
    'the database',
    () =>
      asAdmin((client) =>
        client.query(
          `alter role ${keeper} reset search_path; alter database ${world.database.name} set search_path = public, pg_catalog`,
        ),
      ),
  ],
  [
    'no setting: a closer match in the usual path',
    () => asAdmin((client) => client.query(`alter database ${world.database.name} reset search_path`)),
  ],
])('public is put first by %s', async (_, put) => {
  await put();
  await world.database.query('drop schema if exists segmentd, segmentd_internal, segmentd_queue cascade');
  const run = async (...argv: string[]): Promise<CliResult> => {
    const result = await cli(argv, { cwd: world.folder, env: { DATABASE_URL: url(), SEGMENTD_LOG_LEVEL: 'error' } });
    expect({ argv, ...result }).toMatchObject({ code: 0 });
    expect({ argv, called: await called() }).toEqual({ argv, called: [] });
    return result;
  };
  await run('init', '--print');
  await run('migrate');
  await run('install', '--indexes');
  await using segmentd = createSegmentd({ databaseUrl: url(), config: `${world.folder}/segmentd.yaml` });
  await using worker = segmentd.worker({ pollInterval: 50 });
  const errors: unknown[] = [];
  worker.events.on('error', (error) => errors.push(error));
  await worker.start();
  for (const [key, condition] of Object.entries(SEGMENTS)) await segmentd.segments.create({ key, condition });
  await segmentd.segments.create({ key: 'hand', kind: 'static' });
  for (const key of Object.keys(SEGMENTS)) await segmentd.segments.untilLive(key);
  await segmentd.overrides.add('hand', ['1', '2']);
  await segmentd.overrides.exclude('values', ['8']);
  // Changes of every table, drained; a window that runs out; an edit; an audit; exports.
  await world.database
    .query(`update public.contacts set country = 'PT' where id in (10, 12); insert into public.orders (contact_id, status, total, placed_at) values (3, 'paid', 99, pg_catalog.now());
    update public.items set sku = 'A1' where order_id in (5, 6); delete from public.contacts where id = 40`);
  await segmentd.admin.wait();
  await segmentd.segments.edit(
    'values',
    { condition: { and: [SEGMENTS.values, { '>': [v('age'), 9] }] } },
    { confirm: true },
  );
  await segmentd.segments.untilLive('values');
  await segmentd.segments.rebuild('all');
  await segmentd.admin.wait();
  const verified = await segmentd.admin.verify();
  expect(verified.map(({ key, missing, extra }) => ({ key, missing, extra }))).toEqual(
    verified.map(({ key }) => ({ key, missing: [], extra: [] })),
  );
  expect(verified).toHaveLength(6);
  for (const argv of [
    ['list'],
    ['status'],
    ['show', 'text'],
    ['doctor'],
    ['fields'],
    ['describe', 'times'],
    ['explain', 'orders', '4'],
    ['explain', 'text', '4'],
    ['preview', 'text'],
    ['preview', 'orders'],
    ['preview', 'both'],
    ['members', 'text'],
    ['segments-of', '4'],
    ['history', 'values'],
    ['as-of', 'values', '2020-01-01'],
    ['versions', 'values'],
    ['where-used', 'values'],
    ['overlap', 'text', 'values'],
    ['export', 'text', '--columns', 'email,country,n'],
    ['export', 'orders', '--format', 'ndjson'],
    ['feed', '--consumer', 'reader', '--from', 'start'],
    ['export', 'text', '--delta', 'd', '--to', 'delta'],
    ['schedule', 'list'],
    ['verify'],
    ['wait'],
    ['run', '--once'],
    ['rebuild', '--all'],
  ]) {
    await run(...argv);
  }
  await segmentd.admin.wait();
  expect(await called()).toEqual([]);
  expect(errors).toEqual([]);
  await worker.stop();
  await run('uninstall');
});
