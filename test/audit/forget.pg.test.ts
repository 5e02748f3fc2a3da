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
    delete from segmentd.export_run; delete from segmentd.export_change; delete from segmentd.audit;
    insert into segmentd.audit (position) values (${KEY});
    insert into segmentd.export_change (delta_id, contact_id, change, at, reason, version) values (1, ${KEY}, 'entered', now(), 'edit', 1);
    insert into segmentd.export_run (segment_id, state, file, manifest, finished_at)
      select s.id, 'done', '/files/' || s.key || '.csv', '{"count": 2, "delta": {"name": "crm"}}', clock_timestamp() from segmentd.segment s where s.key = 'hand';
    insert into segmentd.export_run (segment_id, state, file, finished_at)
      select s.id, 'done', '/files/before.csv', '2000-01-01' from segmentd.segment s where s.key = 'hand'`);
});

/** Every column of every table, as text: also columns that the code does not list. */
async function traces(): Promise<string[]> {
  const columns = await world.database.query<{ place: string; query: string }>(`
    select c.relname || '.' || a.attname as place, format('select from segmentd.%I t where t.%I::text ~ %L limit 1', c.relname, a.attname, '\\m${KEY}\\M') as query
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'segmentd'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
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
