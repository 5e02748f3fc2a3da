/** Workers carry out pauses, returns and deletes beside drains and builds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { play } from '../race/schedule.ts';
import { castOf, type Cast } from '../support/world-actor.ts';
import { spanish, within, without } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let cast: Cast;

beforeAll(async () => {
  world = await createWorld();
  cast = castOf(world);
  // A caller cannot delete a segment that others read; the worker must stay exact all the same.
  await world.pool.query('alter table segmentd.segment disable trigger segment_in_use');
});
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 40)`;

test('a contact deleted while its segment was busy leaves the segment also when it is paused meanwhile', async () => {
  await world.begin(PEOPLE, { spanish });
  await world.pool.query(
    `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
  );
  await world.pool.query('delete from contacts where id = 1');
  const holder = await world.pool.connect();
  const { id } = await world.state('spanish');
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock(7363, $1)', [id & 255]);
  const D = await cast.drain('D', { steps: [] });
  await play(world.pool, [D], ['D']);
  await holder.query('commit');
  holder.release();
  await world.pool.query(`update segmentd.segment set wanted_state = 'paused' where key = 'spanish'`);
  const Q = await cast.request('Q');
  await play(world.pool, [Q], ['Q']);
  expect(await world.state('spanish')).toMatchObject({ state: 'paused' });
  await world.settle();
  await world.exact();
});

test('a worker with an empty registry rechecks the readers of a segment that it deletes', async () => {
  await world.begin(PEOPLE, { spanish, outside: without('spanish') });
  await world.pool.query(`update segmentd.segment set wanted_state = 'deleted' where key = 'spanish'`);
  // Its registry is empty: what it knows it reads inside the transaction that deletes.
  const Q = await cast.request('Q fresh');
  await play(world.pool, [Q], ['Q fresh']);
  await world.settle();
  expect(await world.members('spanish')).toEqual([]);
  await world.exact();
  expect(await world.members('outside')).toEqual(['1', '2', '3']);
});

test('a delete that is rolled back leaves no trace in the registry', async () => {
  await world.begin(PEOPLE, { spanish, inside: within('spanish') });
  await world.pool.query(`update segmentd.segment set wanted_state = 'deleted' where key = 'spanish'`);
  const pool = await world.workerPool('Q broken');
  const registry = new world.code.Registry(world.catalogue);
  // The transaction ends at its last step: another session holds the row of the generation.
  const holder = await world.pool.connect();
  await holder.query('begin');
  await holder.query('select from segmentd_internal.installation for update');
  await world.code.carryOutRequests(pool, registry);
  await holder.query('rollback');
  holder.release();
  await world.pool.query(`update segmentd.segment set wanted_state = 'live' where key = 'spanish'`);
  await world.pool.query(`update contacts set country = 'ES' where id = 2`);
  const client = await pool.connect();
  const session = new world.code.DrainSession(client, 'bigint');
  await session.prepare();
  await world.code.drain(session, registry, { batchSize: 100 });
  client.release(true);
  await world.settle();
  await world.exact();
});
