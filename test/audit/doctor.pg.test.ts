/** Doctor: silent about what is well, one finding for each thing that was broken, and its command mends it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctor, type Finding } from '../../src/audit/doctor.ts';
import { createCaptureWorld, type CaptureWorld } from '../capture/world.ts';

let world: CaptureWorld;
beforeAll(async () => {
  world = await createCaptureWorld(
    `create table contacts (id bigint primary key, email text);
     create table orders (id bigint primary key, contact_id bigint, day date) partition by range (id);
     create table orders_1 partition of orders for values from (0) to (100);
     create index orders_contact on orders (contact_id)`,
    'contacts: { table: contacts }\nrelations: { orders: { table: orders, contact: contact_id } }',
    'bigint',
  );
  await world.database.query('update segmentd.installation set fresh_as_of = clock_timestamp()');
});
afterAll(() => world.end());

const findings = (): Promise<readonly Finding[]> => doctor(world.pool, world.catalogue);
const bad = async (): Promise<string[]> => (await findings()).filter((one) => one.level !== 'ok').map((one) => `${one.level}: ${one.sentence} → ${one.mend}`);

test('all is well', async () => {
  expect(await bad()).toEqual([]);
  expect((await findings()).map((one) => one.sentence)).toEqual([
    expect.stringContaining('The server is Postgres'),
    'The schema "segmentd" is up to date.',
    'Capture is in place on 2 sources.',
    'Every link column has an index.',
    expect.stringContaining('0 changes are waiting'),
  ]);
});

test.each([
  ['alter table contacts disable trigger segmentd_1_insert', /fail: Capture on public\.contacts \(id\) is not complete.*→ segmentd install/],
  ['drop trigger segmentd_2_update on orders', /fail: Capture on public\.orders \(contact_id\) is not complete/],
  [`create table public.orders_2 partition of orders for values from (100) to (200)`, /fail: Capture on public\.orders.*not complete/],
  [`create or replace function segmentd.capture_1_update() returns trigger language plpgsql as 'begin return null; end'; comment on function segmentd.capture_1_update() is 'old'`, /fail: Capture on public\.contacts/],
])('%s: install mends it', async (harm, said) => {
  await world.database.query(harm);
  expect((await bad()).join('\n')).toMatch(said);
  await world.install();
  expect(await bad()).toEqual([]);
});

test('a missing index, with the command', async () => {
  await world.database.query('drop index orders_contact');
  expect(await bad()).toEqual(['warn: public.orders has no index on contact_id: every change scans the table. → create index on "public"."orders" ("contact_id");']);
  await world.install({ indexes: true });
  expect(await bad()).toEqual([]);
});

test('stale objects and a newer database', async () => {
  await world.database.query(`update segmentd.object_file set hash = 'old' where name = 'shard'`);
  expect(await bad()).toEqual(['warn: Functions and views of segmentd are not up to date (shard). → segmentd migrate']);
  await world.database.query(`insert into segmentd.migration (hash, created_at) values ('future', 99999999999999)`);
  expect((await bad())[0]).toContain('fail: This database was set up by a newer segmentd');
  await world.database.query(`delete from segmentd.migration where hash = 'future'`);
});

test('workers that are silent, segments that are not kept, prepared transactions that wait', async () => {
  await world.database.query(`update segmentd.installation set fresh_as_of = clock_timestamp() - interval '5 minutes'`);
  await world.database.query(`begin; set local segmentd.worker = 'on'; insert into segmentd.segment (key, condition, state) values ('broken', 'true', 'invalid'); commit`);
  const said = (await bad()).join('\n');
  expect(said).toMatch(/warn: No worker has caught up for 30\d s/);
  expect(said).toContain('Segments are not kept: broken. → segmentd status');
});

test('row security that hides rows from the role', async () => {
  const role = `guarded_${world.database.name}`;
  const { openPool } = await import('../../src/postgres/pool.ts');
  await world.database.query(`create role ${role} login password 'g'; grant usage on schema segmentd to ${role}; grant select on all tables in schema segmentd, public to ${role};
    alter table contacts enable row level security`);
  const url = new URL(world.database.url);
  url.username = role;
  url.password = 'g';
  const weak = await openPool(url.href, { max: 1 });
  try {
    expect((await doctor(weak, world.catalogue)).map((one) => one.sentence)).toContain('Row security hides rows of public.contacts from this role.');
    expect((await bad()).join('\n')).not.toContain('Row security');
  } finally {
    await weak.end();
    await world.database.query(`drop owned by ${role}; drop role ${role}`);
  }
});
