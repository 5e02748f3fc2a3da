/** A rejected version is validated again when its reason may have ended, and only then. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { untilLive } from '../../src/lifecycle/until-live.ts';
import { createEvents } from '../../src/worker/event.ts';
import { Keeper } from '../../src/worker/keeper.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { CONFIG } from '../support/world-config.ts';
import { spanish, type Meaning } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { createTurns } from '../../src/base/turn.ts';
import { signalsOf } from '../support/signals.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(() =>
  world.pool.query(
    `alter table contacts drop column if exists score; delete from segmentd_internal.source_column where column_name = 'score'`,
  ),
);
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 40)`;
const late: Meaning = { condition: { '==': [{ var: 'score' }, 1] }, sql: `(to_jsonb(c) ->> 'score') = '1'` };
const ADD_SCORE = `
  alter table contacts add column score integer default 1;
  insert into segmentd_internal.source_column (source_id, column_name, bit) select id, 'score', 20 from segmentd_internal.source where table_name = 'contacts'`;

/** What a worker does beside its drains, one step at a time. */
async function hire(name: string) {
  const pool = await world.workerPool(name);
  const registry = new world.code.Registry(await resolveCatalogue(world.pool, CONFIG));
  const watch = new world.code.CatalogueWatch(
    pool,
    registry,
    () => resolveCatalogue(pool, CONFIG, { tolerant: true }),
    () => {},
  );
  const keeper = new Keeper(pool, registry, {
    events: createEvents(),
    signals: signalsOf(watch),
    inTurn: createTurns(),
    connections: 1,
  });
  return { watch, keeper };
}

/** Changes with each rejection: each writes the version. */
async function written(key: string): Promise<string | undefined> {
  const { rows } = await world.pool.query<{ xmin: string }>(
    `select v.xmin::text as xmin from segmentd.segment_version v join segmentd.segment s on s.id = v.segment_id and s.version = v.version where s.key = $1`,
    [key],
  );
  return rows[0]?.xmin;
}

async function refusedLate(keeper: Keeper): Promise<void> {
  await world.want({ late });
  await keeper.once();
  expect(await world.state('late')).toMatchObject({ state: 'invalid', error: { issues: [{ code: 'unknown-field' }] } });
}

async function bornLive(): Promise<void> {
  expect(await world.state('late')).toMatchObject({ state: 'live', live_version: 1, error: null });
  expect(await world.members('late')).toEqual(['1', '2', '3']);
  await world.exact();
}

test('a rejected version is built once a running worker sees the column that it reads', async () => {
  await world.begin(PEOPLE, { spanish });
  const { watch, keeper } = await hire('runs');
  await refusedLate(keeper);
  await world.pool.query(ADD_SCORE);
  expect(await watch.refresh()).toBe(true);
  await keeper.once();
  await bornLive();
});

test('a worker that starts validates once what another worker has rejected', async () => {
  await world.begin(PEOPLE, { spanish });
  await refusedLate((await hire('one')).keeper);
  const load = { databaseUrl: world.url, queue: null } as const;
  const before = await written('late');
  await using same = createWorker(load);
  await same.once();
  expect(await written('late')).toBe(before);
  await world.pool.query(ADD_SCORE);
  await using next = createWorker(load);
  await next.once();
  await bornLive();
});

test('a rejected version is not validated again while nothing changes', async () => {
  await world.begin(PEOPLE, { spanish });
  const { watch, keeper } = await hire('calm');
  await refusedLate(keeper);
  const before = await written('late');
  for (let look = 0; look < 3; look += 1) {
    await watch.inspect();
    await keeper.once();
  }
  expect(await written('late')).toBe(before);
});

test('a rejected edit of a live segment is validated again once its column exists', async () => {
  await world.begin(PEOPLE, { one: spanish });
  const { watch, keeper } = await hire('edit');
  await world.want({ one: late });
  await keeper.once();
  expect(await world.state('one')).toMatchObject({
    state: 'live',
    live_version: 1,
    error: { issues: [{ code: 'unknown-field' }] },
  });
  await world.pool.query(ADD_SCORE);
  await watch.refresh();
  await keeper.once();
  expect(await world.state('one')).toMatchObject({ state: 'live', live_version: 2, error: null });
  await world.exact();
});

test('a request to rebuild an invalid segment validates it again, and the caller hears that it is still invalid', async () => {
  await world.begin(PEOPLE, { spanish });
  const { keeper } = await hire('asked');
  await refusedLate(keeper);
  const ask = () =>
    world.pool.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select s.id, 'repair' from segmentd.segment s where s.key = 'late'`,
    );
  await ask();
  const vain = untilLive(world.pool, 'late').then(
    () => 'live',
    (error: Error) => error.message,
  );
  await keeper.once();
  expect(await vain).toBe('late version 1 is invalid.');
  expect((await world.pool.query('select from segmentd_internal.rebuild_request')).rowCount).toBe(0);
  // No worker looked at the tables in between.
  await world.pool.query(ADD_SCORE);
  await ask();
  const done = untilLive(world.pool, 'late');
  await keeper.once();
  await done;
  await bornLive();
});

test('a segment that was paused while it was invalid is validated when it is resumed', async () => {
  await world.begin(PEOPLE, { spanish });
  const { keeper, watch } = await hire('paused');
  await refusedLate(keeper);
  const want = (state: string) =>
    world.pool.query(`update segmentd.segment set wanted_state = $1 where key = 'late'`, [state]);
  await want('paused');
  await keeper.once();
  await world.pool.query(ADD_SCORE);
  await watch.refresh();
  await keeper.once();
  await want('live');
  await keeper.once();
  await keeper.once();
  await bornLive();
});
