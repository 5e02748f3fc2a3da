/** Which columns of the team's tables install lets our roles read, and that it leaves alone what the team revoked. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const CONFIG = `
contacts: { table: public.contacts, key: id, exclude: [secret] }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at, exclude: [card] } }
`;
const TABLES = `
  create table public.contacts (id bigint primary key, country text, secret text);
  create table public.orders (id bigint primary key, contact_id bigint, placed_at timestamptz, card text);
  create index on public.orders (contact_id);
  insert into public.contacts select i, 'ES', 'hidden' from generate_series(1, 20) i;
  insert into public.orders select i, i, now(), '4111' from generate_series(1, 20) i`;

let world: World;
beforeAll(async () => {
  world = await createWorld({ tables: TABLES, config: CONFIG });
  expect(await world.run('migrate')).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => world.end());

/** The state before an installation: no role has a grant. */
beforeEach(async () => {
  await world.database.query(
    `revoke all on public.contacts, public.orders from segmentd_worker, segmentd_editor, segmentd_viewer, segmentd_owner; delete from segmentd_internal.column_grant`,
  );
});

/** role.table: columns, `*` for the whole table. */
async function rights(): Promise<Record<string, string>> {
  const rows = await world.database.query<{ who: string; what: string }>(`
    select r.rolname || '.' || c.relname as who,
      case when has_table_privilege(r.oid, c.oid, 'select') then '*' else
        (select string_agg(a.attname, ',' order by a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and has_column_privilege(r.oid, c.oid, a.attnum, 'select')) end as what
    from pg_class c, pg_roles r where c.oid in ('public.contacts'::regclass, 'public.orders'::regclass) and r.rolname in ('segmentd_worker', 'segmentd_editor', 'segmentd_viewer', 'segmentd_owner') order by 1`);
  return Object.fromEntries(rows.map(({ who, what }) => [who, what]));
}

const everywhere = (contacts: string, orders: string): Record<string, string> =>
  Object.fromEntries(
    ['segmentd_editor', 'segmentd_owner', 'segmentd_viewer', 'segmentd_worker'].flatMap((role) => [
      [`${role}.contacts`, contacts],
      [`${role}.orders`, orders],
    ]),
  );
const CATALOGUED = everywhere('country,id', 'contact_id,id,placed_at');

test('the catalogued columns are granted, and those that the config excludes are not', async () => {
  expect(await world.run('install')).toMatchObject({ code: 0 });
  expect(await rights()).toEqual(CATALOGUED);
  expect(await world.run('install')).toMatchObject({ stdout: 'up to date\n' });
});

test('the whole table, as an earlier version granted it, becomes the catalogued columns; what the team grants later stays', async () => {
  await world.database.query(
    'grant select on public.contacts, public.orders to segmentd_worker, segmentd_editor, segmentd_viewer, segmentd_owner',
  );
  expect((await world.run('install')).stdout).toContain(
    'segmentd_worker may read only the catalogued columns of public.contacts, public.orders',
  );
  expect(await rights()).toEqual(CATALOGUED);
  await world.database.query('grant select on public.contacts to segmentd_editor');
  expect(await world.run('install')).toMatchObject({ stdout: 'up to date\n' });
  expect(await rights()).toEqual({ ...CATALOGUED, 'segmentd_editor.contacts': '*' });
});

test('install does not grant again what the team revoked, a column, a table or all; doctor reports it', async () => {
  await world.run('install');
  await world.database.query(
    'revoke select (country) on public.contacts from segmentd_editor; revoke select (contact_id, id, placed_at) on public.orders from segmentd_worker',
  );
  const now = { ...CATALOGUED, 'segmentd_editor.contacts': 'id', 'segmentd_worker.orders': null };
  for (let round = 0; round < 2; round += 1) {
    expect(await world.run('install')).toMatchObject({ stdout: 'up to date\n' });
    expect(await rights()).toEqual(now);
  }
  const doctor = await world.run('doctor');
  expect(doctor.stdout).toContain(
    'The role segmentd_editor may not read country of public.contacts: the right was taken back',
  );
  expect(doctor.stdout).toContain('grant select ("country") on "public"."contacts" to "segmentd_editor";');
});

test('a column that comes into the config is granted, one that leaves it is taken back', async () => {
  await world.run('install');
  await world.file('segmentd.yaml', CONFIG.replace('exclude: [secret]', 'exclude: [country]'));
  try {
    await world.run('install');
    expect(await rights()).toEqual({
      ...CATALOGUED,
      ...Object.fromEntries(
        ['editor', 'owner', 'viewer', 'worker'].map((role) => [`segmentd_${role}.contacts`, 'id,secret']),
      ),
    });
  } finally {
    await world.file('segmentd.yaml', CONFIG);
  }
  await world.run('install');
  expect(await rights()).toEqual(CATALOGUED);
});

test('a worker with those columns alone keeps, previews, explains and verifies', { timeout: 60_000 }, async () => {
  await world.run('install');
  const login = `columns_${world.database.name}`;
  await world.database.query(
    `create role ${login} login password 'p'; grant segmentd_worker, segmentd_editor to ${login}`,
  );
  const url = new URL(world.database.url);
  [url.username, url.password] = [login, 'p'];
  try {
    await using segmentd = createSegmentd({ databaseUrl: url.href, config: `${world.folder}/segmentd.yaml` });
    const condition = {
      and: [
        { '==': [{ var: 'country' }, 'ES'] },
        { '>=': [{ count: [{ var: 'orders' }] }, 1] },
        { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 3, 'day'] }] },
      ],
    };
    await segmentd.segments.create({ key: 'buyers', condition });
    await using worker = segmentd.worker();
    await worker.once();
    await world.database.query(
      `update public.contacts set country = 'FR' where id = 3; delete from public.orders where id = 4; insert into public.orders values (99, 4, now(), 'x')`,
    );
    await worker.once();
    expect(await segmentd.admin.verify()).toEqual([expect.objectContaining({ key: 'buyers', missing: [], extra: [] })]);
    expect(await segmentd.segments.preview({ condition })).toMatchObject({ in: 19, basis: 'exact' });
    expect(await segmentd.segments.explain('buyers', '3')).toMatchObject({ computed: false });
    expect((await (await segmentd.pool()).query('select from segmentd.member')).rowCount).toBe(19);
  } finally {
    await world.database.query(`drop owned by ${login}; drop role ${login}`);
  }
});
