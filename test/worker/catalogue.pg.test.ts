/** The team changes its tables while several workers run, each with its own idea of them. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { Drainer } from '../../src/worker/drainer.ts';
import { createEvents } from '../../src/worker/event.ts';
import { adult, everybody, spanish, type Meaning } from '../support/world-meaning.ts';
import { CONFIG } from '../support/world-config.ts';
import { installedCapture } from '../support/world-schema.ts';
import { createWorld, type World, type WorldOptions } from '../support/world.ts';
import { signalsOf } from '../support/signals.ts';

let world: World;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.end());

const captured: WorldOptions = { capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) };

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 40)`;
const high: Meaning = { condition: { '>': [{ var: 'score' }, 10] }, sql: 'c.score > 10' };
const ADD_SCORE = `
  alter table contacts add column score integer;
  insert into segmentd_internal.source_column (source_id, column_name, bit) select id, 'score', 20 from segmentd_internal.source where table_name = 'contacts'`;

/** A worker process: what it believes the tables to be, and its drain loop. */
async function hire(name: string) {
  const pool = await world.workerPool(name);
  const registry = new world.code.Registry(await resolveCatalogue(world.pool, CONFIG));
  const load = () => resolveCatalogue(pool, CONFIG, { tolerant: true });
  const watch = new world.code.CatalogueWatch(pool, registry, load, () => {});
  const drainer = new Drainer(pool, registry, {
    batchSize: 100,
    pollInterval: 10,
    events: createEvents(),
    signals: signalsOf(watch),
  });
  const keep = async (): Promise<void> => {
    await world.code.acceptVersions(pool, registry.catalogue, async () => {
      await watch.refresh();
      return registry.catalogue;
    });
    await world.code.rebuildOwed(pool, registry, {
      connections: 2,
      wait: async () => {},
      signals: watch,
    });
  };
  return { pool, registry, watch, drainer, keep };
}

test('a worker that does not know a new column loses no change of it', async () => {
  await world.begin(PEOPLE, { spanish });
  const old = await hire('old');
  await world.pool.query(ADD_SCORE);
  const fresh = await hire('fresh');
  await world.want({ high });
  await fresh.keep();
  expect(await world.state('high')).toMatchObject({ state: 'live' });
  await world.pool.query('update contacts set score = 20 where id = 1');
  await old.drainer.once();
  await world.exact();
  expect(await world.members('high')).toEqual(['1']);
});

test('a worker that does not know a new column reads the catalogue again before it rejects an edit', async () => {
  await world.begin(PEOPLE, { one: spanish });
  const old = await hire('old');
  await world.pool.query(`${ADD_SCORE}; update contacts set score = 20 where id = 2`);
  await world.want({ one: high, two: { condition: { '>': [{ var: 'scroe' }, 10] }, sql: 'false' } });
  await old.keep();
  expect(await world.state('one')).toMatchObject({ state: 'live', live_version: 2, error: null });
  expect(await world.members('one')).toEqual(['2']);
  expect(await world.state('two')).toMatchObject({
    state: 'invalid',
    error: { issues: [{ code: 'unknown-field', hint: expect.stringContaining('score') }] },
  });
});

test('an edit whose column is dropped while it is built is rejected, and the live version goes on', async () => {
  await world.begin(PEOPLE, { one: spanish });
  await world.pool.query(ADD_SCORE);
  const worker = await hire('worker');
  await world.want({ one: high });
  await world.code.acceptVersions(worker.pool, worker.registry.catalogue);
  await world.pool.query('alter table contacts drop column score');
  await worker.keep();
  await world.pool.query(`update contacts set country = 'ES' where id = 2`);
  await worker.drainer.once();
  expect(await world.state('one')).toMatchObject({
    state: 'live',
    version: 2,
    live_version: 1,
    error: { issues: [{ code: 'unknown-field' }] },
  });
  expect(await world.members('one')).toEqual(['1', '2', '3']);
  await world.pool.query('alter table contacts add column score integer default 11');
  await worker.watch.refresh();
  await worker.keep();
  expect(await world.state('one')).toMatchObject({ state: 'live', live_version: 2, error: null });
  expect(await world.members('one')).toEqual(['1', '2', '3']);
  await world.exact();
});

test('a dropped column freezes what reads it, by name, and nothing else; put back, it rebuilds', async () => {
  await world.begin(PEOPLE, { spanish, adult, all: everybody });
  const worker = await hire('worker');
  await world.pool.query('alter table contacts drop column age');
  await world.pool.query(`insert into contacts (id, country) values (4, 'ES')`);
  await world.pool.query(`update contacts set country = 'FR' where id = 1`);
  await worker.drainer.once();
  expect(await world.state('adult')).toMatchObject({
    state: 'invalid',
    error: { issues: [{ message: expect.stringContaining('age') }] },
  });
  expect(await world.members('adult')).toEqual(['1', '2', '3']);
  expect(await world.members('spanish')).toEqual(['3', '4']);
  expect(await world.members('all')).toEqual(['1', '2', '3', '4']);
  await world.exact();
  await world.pool.query('alter table contacts add column age integer default 50');
  await worker.watch.refresh();
  await worker.keep();
  expect(await world.state('adult')).toMatchObject({ state: 'live', error: null });
  expect(await world.members('adult')).toEqual(['1', '2', '3', '4']);
  await world.exact();
});

test('a column is rewritten by its new type, and no trigger fires: what reads it is rebuilt', async () => {
  await world.end();
  world = await createWorld(captured);
  await world.begin(`${PEOPLE}; insert into contacts (id, age) values (4, 5)`, { adult, spanish });
  const worker = await hire('worker');
  await world.pool.query('alter table contacts alter column age type bigint using age + 20');
  const drift = await worker.watch.inspect();
  expect(drift.map(({ kind }) => kind)).toContain('column-changed');
  await worker.keep();
  expect(await world.members('adult')).toEqual(['1', '2', '3', '4']);
  await world.exact();
  expect(await worker.watch.inspect()).toEqual([]);
});
