/** Segments that read segments, within one batch: no contact enters or leaves for a verdict that is not final. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockClass } from '../../src/postgres/advisory-lock.ts';
import { drain } from '../../src/recheck/drain.ts';
import { DrainSession } from '../../src/recheck/drain-session.ts';
import { Registry } from '../../src/followed/registry.ts';
import { spanish, within, without } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

const SEGMENTS = { spanish, outside: without('spanish'), back: without('outside'), inside: within('spanish') };

/** What the log says since `id`, in its order. */
async function eventsSince(since: string): Promise<string[]> {
  const { rows } = await world.pool.query<{ line: string }>(
    `select s.key || ' ' || e.kind || ' ' || e.contact_id || ' ' || e.reason as line from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id where e.id > $1 order by e.id`,
    [since],
  );
  return rows.map((row) => row.line).toSorted();
}

async function last(): Promise<string> {
  return (
    (await world.pool.query<{ id: string }>('select coalesce(max(id), 0)::text as id from segmentd.membership_event'))
      .rows[0]?.id ?? '0'
  );
}

test('a change moves a contact once in each segment, through every level', async () => {
  await world.begin(`insert into contacts (id, country) values (1, 'FR')`, SEGMENTS);
  const begun = await last();
  await world.pool.query(`insert into contacts (id, country) values (2, 'ES')`);
  await world.settle();
  expect(await eventsSince(begun)).toEqual([
    'back entered 2 contact',
    'inside entered 2 contact',
    'spanish entered 2 contact',
  ]);
  const moved = await last();
  await world.pool.query(`update contacts set country = 'FR' where id = 2`);
  await world.settle();
  expect(await eventsSince(moved)).toEqual([
    'back left 2 segment',
    'inside left 2 segment',
    'outside entered 2 segment',
    'spanish left 2 contact',
  ]);
  const deleted = await last();
  await world.pool.query('delete from contacts where id = 2');
  await world.settle();
  expect(await eventsSince(deleted)).toEqual(['outside left 2 delete']);
  await world.exact();
});

test('the work of a segment waits while a segment that it reads is busy', async () => {
  await world.begin(`insert into contacts (id, country) values (1, 'FR')`, SEGMENTS);
  const begun = await last();
  const [holder, client] = [await world.pool.connect(), await world.pool.connect()];
  try {
    await holder.query('begin');
    await holder.query(
      `select pg_advisory_xact_lock($1, segmentd_internal.slot(s.id)) from segmentd.segment s where s.key = 'spanish'`,
      [lockClass.slot],
    );
    await world.pool.query(`insert into contacts (id, country) values (3, 'ES')`);
    const session = new DrainSession(client, 'bigint');
    await session.prepare();
    expect(await drain(session, new Registry(world.catalogue), { batchSize: 100 })).toMatchObject({
      changes: 1,
      refused: 4,
      written: [],
    });
    expect(await eventsSince(begun)).toEqual([]);
  } finally {
    await holder.query('rollback');
    holder.release();
    client.release(true);
  }
  await world.settle();
  expect(await eventsSince(begun)).toEqual([
    'back entered 3 contact',
    'inside entered 3 contact',
    'spanish entered 3 contact',
  ]);
  await world.exact();
});
