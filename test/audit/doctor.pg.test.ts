/** Doctor: no warning while all is well, one finding for each fault, and the command of the finding fixes it. */
import { refuseHiddenRows } from '../../src/capture/hidden-rows.ts';
import { planSources } from '../../src/capture/source.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctor, type DoctorOptions } from '../../src/audit/doctor.ts';
import type { Finding } from '../../src/audit/finding.ts';
import { acceptClock } from '../../src/sweep/accept-clock.ts';
import { createCaptureWorld, type CaptureWorld } from '../capture/capture-world.ts';

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
  await world.database.query(
    'update segmentd_internal.installation set fresh_as_of = clock_timestamp(), rows_as_of = clock_timestamp(), time_as_of = clock_timestamp()',
  );
});
afterAll(() => world.end());

/** As a worker that lives is seen. */
const BEAT = `insert into segmentd_internal.worker (id, host, pid, version) values ('00000000-0000-0000-0000-000000000001', 'here', 1, '0') on conflict (id) do update set seen_at = clock_timestamp()`;
const findings = async (options?: DoctorOptions): Promise<readonly Finding[]> => {
  await world.database.query(BEAT);
  return doctor(world.pool, world.catalogue, options);
};
const bad = async (options?: DoctorOptions): Promise<string[]> =>
  (await findings(options))
    .filter((one) => one.level !== 'ok')
    .map((one) => `${one.level}: ${one.sentence} → ${one.fix}`);

test('doctor warns of nothing after an install, and says what is well', async () => {
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
  [
    'alter table contacts disable trigger segmentd_1_insert',
    /fail: Capture on public\.contacts \(id\) is not complete.*→ segmentd install/,
  ],
  ['drop trigger segmentd_2_update on orders', /fail: Capture on public\.orders \(contact_id\) is not complete/],
  [
    `create table public.orders_2 partition of orders for values from (100) to (200)`,
    /fail: Capture on public\.orders.*not complete/,
  ],
  [
    `create or replace function segmentd_internal.capture_1_update_row() returns trigger language plpgsql as 'begin return null; end'; comment on function segmentd_internal.capture_1_update_row() is 'old'`,
    /fail: Capture on public\.contacts/,
  ],
])('install fixes: %s', async (harm, said) => {
  await world.database.query(harm);
  expect((await bad()).join('\n')).toMatch(said);
  await world.install();
  expect(await bad()).toEqual([]);
});

test('doctor names a missing index with the command that creates it', async () => {
  await world.database.query('drop index orders_contact');
  expect(await bad()).toEqual([
    'warn: public.orders has no index on contact_id: every change scans the table. → create index on "public"."orders" ("contact_id");',
  ]);
  await world.install({ indexes: true });
  expect(await bad()).toEqual([]);
});

test('doctor finds objects that are not up to date, and refuses a newer database', async () => {
  await world.database.query(`update segmentd_internal.object_file set hash = 'old' where name = 'shard'`);
  expect(await bad()).toEqual([
    'warn: Functions and views of segmentd are older than this version (shard). → segmentd migrate',
  ]);
  await world.database.query(
    `insert into segmentd_internal.migration (hash, created_at) values ('future', 99999999999999)`,
  );
  expect((await bad())[0]).toContain('fail: A newer segmentd set up this database');
  await world.database.query(`delete from segmentd_internal.migration where hash = 'future'`);
});

test('doctor warns of workers that fell behind and of segments that are not kept up to date', async () => {
  await world.database.query(
    `update segmentd_internal.installation set rows_as_of = clock_timestamp() - interval '5 minutes'`,
  );
  await world.database.query(
    `begin; set local segmentd.worker = 'on'; insert into segmentd.segment (key, condition, state) values ('broken', 'true', 'invalid'); commit`,
  );
  const said = (await bad()).join('\n');
  expect(said).toMatch(/warn: One worker runs, but nothing was caught up with for 30\d s/);
  expect(said).toContain('Segments are not kept up to date: broken. Their members stay as they are. → segmentd status');
});

test('doctor says in words how far a clock was set back, and accepting the clock ends it', async () => {
  await world.database.query(
    `update segmentd_internal.installation set fresh_as_of = t.future, rows_as_of = t.future, time_as_of = t.future from (select clock_timestamp() + interval '34567192 seconds') as t(future)`,
  );
  // Only these: the version of a Debian server, as in "15.18 (Debian 15.18-1)", has a hyphen before a digit too.
  const aboutTime = (await findings())
    .map((one) => one.sentence)
    .filter((sentence) => /caught up|clock/.test(sentence));
  expect(aboutTime).toContainEqual(
    expect.stringContaining("Workers last caught up 400 days in the future: the server's clock was set back."),
  );
  expect(aboutTime.join('\n')).not.toMatch(/-\d|34567192/);
  await acceptClock(world.pool);
  expect((await findings()).map((one) => one.sentence).join('\n')).not.toContain('in the future');
});

test('doctor fails when row security hides rows from the role, with the command that ends it', async () => {
  const role = `guarded_${world.database.name}`;
  const { openPool } = await import('../../src/postgres/pool.ts');
  await world.database
    .query(`create role ${role} login password 'g'; grant usage on schema segmentd, segmentd_internal to ${role}; grant select on all tables in schema segmentd, segmentd_internal, public to ${role};
    grant execute on all functions in schema segmentd, segmentd_internal to ${role}; alter table contacts enable row level security;
    revoke connect on database ${world.database.name} from public; grant connect on database ${world.database.name} to ${role}`);
  const url = new URL(world.database.url);
  url.username = role;
  url.password = 'g';
  const weak = await openPool(url.href, { max: 1 });
  const sentence = `Row-level security hides rows of public.contacts from the role "${role}", so a worker would treat these contacts as deleted.`;
  const hidden = async () => (await doctor(weak, world.catalogue)).filter((one) => one.sentence === sentence);
  try {
    expect(await hidden()).toEqual([{ level: 'fail', sentence, fix: `alter role "${role}" bypassrls;` }]);
    expect(await doctor(weak, world.catalogue)).toContainEqual({
      level: 'ok',
      sentence: "This role does not see other roles' transactions, so long ones go unnoticed here.",
      fix: `grant pg_read_all_stats to "${role}";`,
    });
    expect((await bad()).join('\n')).not.toContain('Row-level');
    // The owner of a table does not see all of it where that is forced: to work as the owner would not help.
    const owner =
      (
        await world.database.query<{ owner: string }>(
          `select relowner::regrole::text as owner from pg_class where oid = 'public.contacts'::regclass`,
        )
      )[0]?.owner ?? '';
    await world.database.query(
      `grant create on schema public to ${role}; alter table contacts owner to ${role}; alter table contacts force row level security`,
    );
    const forced = (await doctor(weak, world.catalogue)).find(
      (one) => one.level === 'fail' && one.sentence.startsWith('Row-level'),
    );
    expect(forced).toEqual({
      level: 'fail',
      sentence: `Row-level security hides rows of public.contacts from the role "${role}" (it owns them, but row security is forced on the owner too), so a worker would treat these contacts as deleted.`,
      fix: `alter role "${role}" bypassrls;`,
    });
    const refusal: unknown = await refuseHiddenRows(weak, planSources(world.catalogue), { own: true }).catch(
      (error: unknown) => error,
    );
    expect(String(refusal)).toContain(`run \`alter role "${role}" bypassrls;\`.`);
    expect(String(refusal)).not.toContain('work as the owner');
    await world.database.query(
      `alter table contacts no force row level security; alter table contacts owner to ${owner}`,
    );
    await world.database.query((await hidden())[0]?.fix ?? '');
    expect(await hidden()).toEqual([]);
    await world.database.query(`grant segmentd_worker to ${role}; alter role ${role} nobypassrls`);
    expect((await bad()).join('\n'), 'a role of workers, as another role sees it').toContain(sentence);
  } finally {
    await weak.end();
    await world.database.query(
      `alter table contacts disable row level security; drop owned by ${role}; drop role ${role}`,
    );
  }
});

test('doctor warns when the role of workers may not read a source, and install grants it', async () => {
  await world.database.query(
    `revoke select on orders from segmentd_worker; delete from segmentd_internal.column_grant where role = 'segmentd_worker' and table_name = 'orders'`,
  );
  expect((await bad()).join('\n')).toMatch(
    /warn: The role segmentd_worker may not read [a-z_, ]+ of public\.orders\. → grant select \([a-z_", ]+\) on "public"\."orders" to "segmentd_worker";/,
  );
  expect((await world.install({ print: true })).sql).toMatch(
    /grant select \([a-z_", ]+\) on "public"\."orders" to "segmentd_worker";/,
  );
  expect((await world.install()).changes).toEqual(['segmentd_worker may read public.orders']);
  expect((await bad()).join('\n')).not.toContain('may not read');
});

test('doctor names open and prepared transactions that hold vacuum up', async () => {
  const client = await world.database.pool.connect();
  try {
    await client.query('begin isolation level repeatable read; select 1 from contacts');
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const twoPhase = await world.database.pool.connect();
    for (const text of ['begin', 'create table waiting ()', `prepare transaction 'p-${world.database.name}'`])
      await twoPhase.query(text);
    twoPhase.release();
    const said = (await bad({ patience: { open: 0, prepared: 0 } })).join('\n');
    expect(said).toMatch(new RegExp(`→ select pid, usename, .* where pid in \\(.*\\b${rows[0]?.pid}\\b`));
    expect(said).toContain('→ select gid, owner, prepared from pg_catalog.pg_prepared_xacts');
    expect(said, 'no command that ends what is not ours').not.toMatch(/rollback prepared|pg_terminate_backend/);
    expect((await bad()).join('\n')).not.toContain('vacuum');
  } finally {
    await client.query('rollback');
    client.release();
    await world.database.query(`rollback prepared 'p-${world.database.name}'`);
  }
});

test('doctor warns when clocks, zone data or the replication role differ', async () => {
  await world.database.query(
    `create or replace function segmentd_internal.clock() returns timestamptz language sql volatile return clock_timestamp() - interval '90 seconds'`,
  );
  expect((await bad()).join('\n')).toMatch(/warn: The clocks of the server and of this machine are 9\d s apart/);
  await world.database.query(
    'create or replace function segmentd_internal.clock() returns timestamptz language sql volatile return pg_catalog.clock_timestamp()',
  );
  expect((await bad()).join('\n')).not.toContain('clocks');

  expect((await bad({ offsetOf: (zone) => (zone === 'UTC' ? 60 : undefined) })).join('\n')).toMatch(
    /warn: The server and this process have different time zone data for UTC/,
  );

  await world.database.query(
    `alter role all in database ${world.database.name} set session_replication_role = replica`,
  );
  expect((await bad()).join('\n')).toContain(
    'warn: session_replication_role is set to "replica" for all roles: triggers do not fire then, so segmentd does not notice edits of segments.',
  );
  await world.database.query(`alter role all in database ${world.database.name} reset session_replication_role`);
  expect((await bad()).join('\n')).not.toContain('session_replication_role');
});

test('doctor warns of a server without ICU and of a long backlog', async () => {
  const { foldCollation: _, ...without } = world.catalogue;
  expect((await doctor(world.pool, without)).map((one) => one.sentence).join('\n')).toContain('no ICU collations');
  await world.database.query(
    'insert into segmentd_internal.change (shard, source, contact_id) select n % 64, 1, n from generate_series(1, 100001) n',
  );
  expect((await bad()).join('\n')).toContain('warn: The backlog is long');
  await world.database.query('truncate segmentd_internal.change');
});
