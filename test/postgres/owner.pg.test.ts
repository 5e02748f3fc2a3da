/**
 * Setting up, updating and removing without a superuser: each member of segmentd_owner can do what another member
 * did before, in databases that a superuser set up as in those that one of them did.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { asAdmin, createDatabase, type TestDatabase } from '../support/database.ts';

const TABLES = `create table shop.contacts (id bigint primary key, country text);
  create table shop.orders (id bigint primary key, contact_id bigint not null, placed_at timestamptz);
  create index on shop.orders (contact_id);
  insert into shop.contacts values (1, 'ES'), (2, 'PT')`;
const CONFIG = {
  contacts: { table: 'shop.contacts', key: 'id' },
  relations: { orders: { table: 'shop.orders', contact: 'contact_id' } },
  timezone: 'UTC',
  timestamps: 'UTC',
};
/** Of the schemas of ours, everything that has an owner. */
const OWNERS = `
  select distinct pg_get_userbyid(o.owner) as owner
  from (
    select n.nspowner as owner from pg_namespace n where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue')
    union all select c.relowner from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue')
    union all select p.proowner from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue')
    union all select t.typowner from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue')
  ) o order by 1`;

let database: TestDatabase;
const logins = ['first', 'second', 'worker', 'team'] as const;
type Login = (typeof logins)[number];
const login = (name: Login): string => `${name}_${database.name}`;
const as = (name: Login): Segmentd => {
  const url = new URL(database.url);
  url.username = login(name);
  url.password = 'p';
  return createSegmentd({ databaseUrl: url.href, config: CONFIG });
};

beforeAll(async () => {
  database = await createDatabase();
  // Roles belong to the server: other files of this run make them too.
  await database.query(`do $$ declare r text; begin
    foreach r in array array['owner', 'worker', 'editor', 'reader'] loop
      begin execute 'create role segmentd_' || r; exception when duplicate_object or unique_violation then null; end;
    end loop; end $$`);
  for (const name of logins) await database.query(`create role ${login(name)} login password 'p'`);
  await database.query(`grant segmentd_owner to ${login('first')}, ${login('second')}; grant segmentd_worker to ${login('worker')};
    create schema shop authorization ${login('team')}; grant create on database ${database.name} to segmentd_owner`);
  await database.query(
    `set role ${login('team')}; ${TABLES}; reset role; grant ${login('team')} to ${login('first')}, ${login('second')}`,
  );
});
afterAll(async () => {
  for (const name of logins) await database.query(`drop owned by ${login(name)} cascade; drop role ${login(name)}`);
  await database.query('drop owned by segmentd_owner cascade');
  await database.drop();
});

const owners = async (): Promise<unknown[]> => (await database.query(OWNERS)).map((row) => row['owner']);
/** As if one more migration and newer objects had come, and the capture functions were old. */
const age = () =>
  database.query(`update segmentd_internal.object_file set hash = 'old'; do $$ declare f text; begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'segmentd_internal'::regnamespace and p.proname like 'capture%' loop execute 'comment on function ' || f || ' is ''old'''; end loop; end $$`);

async function worksFor(name: Login): Promise<void> {
  await using worker = as('worker').worker();
  await worker.once();
  await using segmentd = as(name);
  const key = `es_${name}`;
  await segmentd.segments.create({ key, condition: { '==': [{ var: 'country' }, 'ES'] } });
  await worker.once();
  await database.query(`update shop.contacts set country = 'ES' where id = 2`);
  await worker.once();
  expect((await segmentd.members.list(key)).map((member) => member.contactId)).toEqual(['1', '2']);
  await database.query(`update shop.contacts set country = 'PT' where id = 2`);
  await worker.once();
  expect((await segmentd.admin.doctor()).filter((finding) => finding.level === 'fail')).toEqual([]);
}

test('one member sets up, another updates, a worker works; then all of it goes', { timeout: 120_000 }, async () => {
  await using first = as('first');
  await using second = as('second');
  await first.admin.migrate();
  expect(await owners()).toEqual(['segmentd_owner']);
  await first.admin.install();
  await worksFor('first');
  // Once the schemas exist, no role needs the right to create schemas.
  await database.query(`revoke create on database ${database.name} from segmentd_owner`);
  await age();
  expect((await second.admin.migrate()).objects.length).toBeGreaterThan(10);
  expect((await second.admin.install()).changes).toEqual([
    'installed capture on shop.contacts (id)',
    'installed capture on shop.orders (contact_id)',
  ]);
  expect(await owners()).toEqual(['segmentd_owner']);
  await worksFor('second');
  await first.admin.uninstall();
  await second.admin.uninstall({ purge: true });
  expect(await database.query(`select nspname from pg_namespace where nspname like 'segmentd%'`)).toEqual([]);
});

test(
  'what a superuser set up, members update; what a member may not change, a superuser changes with the script',
  { timeout: 120_000 },
  async () => {
    await using superuser = createSegmentd({ databaseUrl: database.url, config: CONFIG });
    await superuser.admin.migrate();
    await superuser.admin.install();
    expect(await owners()).toEqual(['segmentd_owner']);
    const kept = async () =>
      (await superuser.admin.doctor())
        .filter(({ sentence }) => sentence.includes('do not belong to segmentd_owner'))
        .map(({ fix }) => fix);
    expect(await kept()).toEqual([]);
    // As a migrate leaves it that found a lock.
    await database.query('alter table segmentd.override owner to current_user');
    expect(await kept()).toEqual(['segmentd migrate']);
    await superuser.admin.migrate();
    expect(await kept()).toEqual([]);
    await age();
    await using second = as('second');
    await second.admin.migrate();
    await asAdmin((client) => client.query(`revoke ${login('team')} from ${login('second')}`));
    await expect(second.admin.install()).rejects.toMatchObject({
      code: 'permission',
      message: expect.stringContaining('segmentd install --print'),
    });
    const { sql = '' } = await second.admin.install({ print: true });
    await database.query(sql);
    expect(await second.admin.install()).toMatchObject({ changes: [], published: false });
    expect(await owners()).toEqual(['segmentd_owner']);
    await worksFor('second');
  },
);
