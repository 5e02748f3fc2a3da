/** Erasure: afterwards no table of the schema names the contact, whatever was under way, and all other contacts are unchanged. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forgetContact } from '../../src/audit/forget.ts';
import { startWorker } from '../support/world-worker.ts';
import { adult, spanish, within } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

const KEY = '4711';
const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (${KEY}, 'ES', 40)`;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());
beforeEach(async () => {
  await world.begin(PEOPLE, { one: spanish, reader: within('one') });
  await world.pool.query(`insert into segmentd.segment (key, kind) values ('hand', 'static')`);
  await world.settle();
  await world.pool.query(
    `insert into segmentd.override (segment_id, contact_id, kind, note) select s.id, ${KEY}, 'member', 'a friend' from segmentd.segment s where s.key = 'hand'`,
  );
  await world.settle();
  await world.pool.query(`
    delete from segmentd_internal.export_run; delete from segmentd_internal.export_change; delete from segmentd_internal.audit;
    insert into segmentd_internal.repeatable_request (person, key, hash, status, body, lease_until) values ('token:t', 'k', 'h', 200, '{"unknown": ["${KEY}"]}', now()) on conflict do nothing;
    insert into segmentd_internal.audit (position) values (${KEY});
    insert into segmentd_internal.export_change (delta_id, contact_id, change, at, reason, version) values (1, ${KEY}, 'entered', now(), 'edit', 1);
    insert into segmentd_internal.export_run (segment_id, state, file, manifest, finished_at)
      select s.id, 'done', '/files/' || s.key || '.csv', '{"count": 2, "delta": {"name": "crm"}}', clock_timestamp() from segmentd.segment s where s.key = 'hand';
    insert into segmentd_internal.export_run (segment_id, state, file, finished_at)
      select s.id, 'done', '/files/before.csv', '2000-01-01' from segmentd.segment s where s.key = 'hand'`);
});

/** Every column of every table, as text: also columns that the code does not list. */
async function traces(): Promise<string[]> {
  const columns = await world.database.query<{ place: string; query: string }>(`
    select c.relname || '.' || a.attname as place, format('select from %s t where t.%I::text ~ %L limit 1', c.oid::regclass, a.attname, '\\m${KEY}\\M') as query
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
    where c.relnamespace in ('segmentd'::regnamespace, 'segmentd_internal'::regnamespace) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
      and format_type(a.atttypid, null) not in ('xid8', 'pg_snapshot', 'timestamp with time zone') and a.attname <> 'id'`);
  const found: string[] = [];
  for (const { place, query } of columns) if ((await world.pool.query(query)).rowCount !== 0) found.push(place);
  return found;
}

test('after erasure no table names the contact, other contacts stay, and the exports are listed', async () => {
  expect(await traces()).toEqual(
    expect.arrayContaining([
      'membership.contact_id',
      'membership_event.contact_id',
      'override.contact_id',
      'audit.position',
      'export_change.contact_id',
      'repeatable_request.body',
    ]),
  );
  await world.pool.query(`delete from contacts where id = ${KEY}`);
  expect(await traces()).toContain('change.contact_id');
  const forgotten = await forgetContact(world.pool, world.catalogue, KEY);
  expect(forgotten).toMatchObject({
    contact: KEY,
    memberships: 3,
    overrides: 1,
    exports: [
      { segment: 'hand', file: '/files/hand.csv', delta: 'crm', finishedAt: expect.stringMatching(/Z$/) as string },
    ],
  });
  expect(await traces()).toEqual([]);
  expect(await world.members('one')).toEqual(['1']);
  await world.settle();
  await world.exact();
  expect(await forgetContact(world.pool, world.catalogue, KEY)).toMatchObject({
    memberships: 0,
    events: 0,
    overrides: 0,
    exports: [],
  });
});

test('erasure takes the contact out of the sizes of all days whose events are kept', async () => {
  // The contact entered `one` on 10 January 2020; the events of that year were pruned since.
  await world.pool.query(`
    begin; set local segmentd.worker = 'on';
    update segmentd.segment set created_at = '2020-01-09 00:00+00' where key = 'one';
    update segmentd_internal.installation set events_since = '2021-01-01 00:00+00';
    with pruned as (
      delete from segmentd.membership_event e using segmentd.segment s where s.key = 'one' and e.segment_id = s.id and e.contact_id = ${KEY} returning e.segment_id, e.at
    )
    insert into segmentd_internal.size_day (segment_id, day, shard, entries, exits)
      select p.segment_id, '2020-01-10', 7, 1, 0 from pruned p
      union all select p.segment_id, (p.at at time zone 'UTC')::date, 7, -1, 0 from pruned p;
    commit`);
  try {
    const series = async () =>
      (
        await world.database.query<{ day: string; members: number }>(
          `select day::text, members::int from segmentd.size_series('one') where day in ('2020-01-09', '2020-01-10', '2020-12-30', '2020-12-31', '2021-01-01')`,
        )
      ).map(({ day, members }) => `${day} ${members}`);
    expect(await series()).toEqual(['2020-01-09 0', '2020-01-10 1', '2020-12-30 1', '2020-12-31 1', '2021-01-01 1']);
    await world.pool.query(`delete from contacts where id = ${KEY}`);
    await forgetContact(world.pool, world.catalogue, KEY);
    expect(await series()).toEqual(['2020-01-09 0', '2020-01-10 1', '2020-12-30 1', '2020-12-31 0', '2021-01-01 0']);
    await world.settle();
    await world.exact();
  } finally {
    await world.pool.query('update segmentd_internal.installation set events_since = null');
  }
});

test('erasure refuses a contact that still exists, and changes nothing', async () => {
  await expect(forgetContact(world.pool, world.catalogue, KEY)).rejects.toThrow(
    /Contact 4711 is in public\.contacts: delete it there first/,
  );
  await expect(forgetContact(world.pool, world.catalogue, 'ana')).rejects.toThrow(/cannot be the key/);
  expect(await world.members('hand')).toEqual([KEY]);
});

test('erasure removes a contact from a frozen segment too', async () => {
  await world.pool.query(`update segmentd.segment set wanted_state = 'paused' where key = 'one'`);
  await world.settle();
  await world.pool.query(`delete from contacts where id = ${KEY}`);
  await forgetContact(world.pool, world.catalogue, KEY);
  expect(await traces()).toEqual([]);
});

describe('while workers run', () => {
  test('erasure succeeds while rebuilds run that read the contact before', async () => {
    let reached = (): void => {};
    let go = (): void => {};
    const staged = new Promise<void>((resolve) => (reached = resolve));
    const released = new Promise<void>((resolve) => (go = resolve));
    await world.want({ one: adult });
    await world.code.acceptVersions(world.pool, world.catalogue);
    const pool = await world.workerPool('builder');
    const building = world.code.rebuildOwed(pool, new world.code.Registry(world.catalogue), {
      connections: 2,
      wait: async () => {},
      at: async (step) => {
        if (step !== 'parked') return;
        reached();
        await released;
      },
    });
    await staged;
    await world.pool.query(`delete from contacts where id = ${KEY}`);
    const worker = await startWorker(world);
    try {
      const forgetting = forgetContact(world.pool, world.catalogue, KEY);
      // It cannot end before the build has: what is parked for that is all that keeps the contact out.
      await expect(forgetContact(world.pool, world.catalogue, KEY, { timeout: 0 })).rejects.toThrow(
        /still named in|was busy/,
      );
      go();
      await building;
      await forgetting;
      await world.quiet();
    } finally {
      go();
      await worker.stop();
    }
    expect(await traces()).toEqual([]);
    await world.exact();
  });
});
