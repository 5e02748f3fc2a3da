/**
 * Statements of the worker are cancelled, by a person or because the worker is to stop: nothing is frozen or rebuilt for it, freshness is
 * back at once, and a stop is obeyed in time whatever runs.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWorker, type Worker } from '../../src/worker/worker.ts';
import { randomFrom } from '../race/schedule.ts';
import { until, within } from '../support/until.ts';
import { adult, bought, payer, spanish, type Meaning } from '../support/world-meaning.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';

vi.setConfig({ testTimeout: 300_000 });

/** Milliseconds until a stop is over, of which two seconds are promised. The statements sleep for sixty. */
const STOPPED = 3_500;
/** Milliseconds until all is drained again after a cancel, beside what this run takes without one. */
const RECOVERED = 2_000;

let world: World;
let worker: Worker | undefined;

/** A session that reads a mood as text waits while a row stands in public.slow; so does a worker that writes. */
const SLOW = `
  create table public.slow (what text);
  create function public.wait_for(what text) returns void language plpgsql as $$ begin
    if exists (select from public.slow s where s.what = $1) then perform pg_sleep(60); end if; end $$;
  create type public.mood as enum ('sad', 'mad');
  create function public.mood_text(mood) returns text language plpgsql as $$ begin perform public.wait_for('mood'); return enum_out($1); end $$;
  create cast (mood as text) with function public.mood_text(mood);
  alter table contacts add column mood public.mood;
  create function public.hold() returns trigger language plpgsql as $$ begin
    if current_setting('application_name') like 'segmentd%' then perform public.wait_for(tg_table_name); end if; return null; end $$;
  create trigger hold before insert on segmentd_internal.change for each statement execute function public.hold();
  create trigger hold before insert on segmentd_internal.stage_chunk for each statement execute function public.hold();
  create trigger hold before insert on segmentd.membership for each statement execute function public.hold();
  create trigger hold before insert on segmentd_internal.build for each statement execute function public.hold();`;

const sad: Meaning = { condition: { '==': [{ var: 'mood' }, 'sad'] }, sql: `c.mood = 'sad'` };
const PEOPLE = `insert into contacts (id, country, age, mood) values (1, 'ES', 20, 'sad'), (2, 'FR', 30, 'mad'), (3, 'ES', 40, 'sad');
  insert into orders (id, contact_id, status) values (1, 1, 'paid'), (2, 2, 'open'); insert into order_items (id, order_id, sku) values (1, 1, 'A'), (2, 2, 'B')`;

beforeEach(async () => {
  world = await createWorld({ tables: SLOW, capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await world.end();
});

const sleeping = `from pg_stat_activity a where a.datname = current_database() and a.application_name like 'segmentd%' and a.wait_event = 'PgSleep'`;
const stuck = (): Promise<unknown> =>
  until(async () => (await world.pool.query(`select ${sleeping}`)).rowCount !== 0, {
    timeout: 20_000,
    message: 'a statement that waits',
  });

const STATES = [
  { what: 'a batch', slow: 'mood', change: `update contacts set mood = 'sad' where id = 2` },
  { what: 'links that are resolved', slow: 'change', change: `update order_items set sku = 'A' where id = 2` },
  {
    what: 'a scan',
    slow: 'stage_chunk',
    change: `update segmentd.segment set condition = '${JSON.stringify(adult.condition)}' where key = 'spanish'`,
  },
  {
    what: 'a barrier',
    slow: 'build',
    change: `update segmentd.segment set condition = '${JSON.stringify(adult.condition)}' where key = 'spanish'`,
  },
  {
    what: 'a flip',
    slow: 'membership',
    change: `update segmentd.segment set condition = '${JSON.stringify(adult.condition)}' where key = 'spanish'`,
  },
] as const;

const begin = (): Promise<void> => world.begin(`${PEOPLE}; delete from public.slow`, { sad, spanish, bought, payer });
const states = async (): Promise<unknown> =>
  (
    await world.pool.query(
      `select s.key, s.state from segmentd.segment s where s.state <> 'live' or s.error is not null`,
    )
  ).rows;

test.each(STATES)('$what that a person cancels is done again, and no segment is frozen', async ({ slow, change }) => {
  await begin();
  worker = await startWorker(world);
  const { rows } = await world.pool.query<{ id: string }>(
    'select coalesce(max(id), 0)::text as id from segmentd_internal.rebuild_request',
  );
  await world.pool.query(`insert into public.slow values ('${slow}')`);
  await world.pool.query(change);
  await stuck();
  await world.pool.query('delete from public.slow');
  await world.pool.query(`select pg_cancel_backend(a.pid) ${sleeping}`);
  await world.quiet();
  await world.exact();
  expect(await states()).toEqual([]);
  const last = await world.pool.query<{ id: string }>(
    `select last_value::text as id from segmentd_internal.rebuild_request_id_seq`,
  );
  if (rows[0]?.id === '0') expect(last.rows[0]?.id, 'no rebuild was asked for').toBe('1');
});

test.each(STATES)(
  'a stop while $what sleeps ends the statement, and the next worker goes on',
  async ({ slow, change }) => {
    await begin();
    worker = await startWorker(world);
    await world.pool.query(`insert into public.slow values ('${slow}')`);
    await world.pool.query(change);
    await stuck();
    await within(STOPPED, worker.stop(), 'the stop');
    await until(async () => (await world.pool.query(`select ${sleeping}`)).rowCount === 0, {
      timeout: 5_000,
      message: 'no statement left behind',
    });
    expect(await states()).not.toContainEqual(expect.objectContaining({ state: 'failed' }));
    await world.pool.query('delete from public.slow');
    worker = await startWorker(world);
    await world.quiet();
    await world.exact();
  },
);

test('a stop ends the statement of `run --once` too', async () => {
  await begin();
  worker = createWorker({ databaseUrl: world.url, queue: null });
  await world.pool.query(`insert into public.slow values ('mood')`);
  await world.pool.query(`update contacts set mood = 'sad' where id = 2`);
  const ended = worker.once().then(
    () => 'done',
    () => 'stopped',
  );
  await stuck();
  await within(STOPPED, worker.stop(), 'the stop');
  expect(await ended).toBe('stopped');
  await world.pool.query('delete from public.slow');
  worker = await startWorker(world);
  await world.quiet();
  await world.exact();
});

/** As many segments as wanted, of every kind that a drain knows. */
function manySegments(count: number): Record<string, Meaning> {
  const countries = ['ES', 'FR', 'PT', 'DE', 'IT'] as const;
  const many = Array.from({ length: count }, (_, n): [string, Meaning] => {
    const country = countries[n % countries.length] ?? 'ES';
    const age = 1 + (n % 200);
    return [
      `s${n}`,
      {
        condition: { and: [{ '>=': [{ var: 'age' }, age] }, { '==': [{ var: 'country' }, country] }] },
        sql: `c.age >= ${age} and c.country = '${country}'`,
      },
    ];
  });
  return { ...Object.fromEntries(many), spanish, payer, bought };
}

const ROUNDS = 100;

test('after each of a hundred cancels at a thousand segments, all changes are drained without a pause of the worker', async () => {
  await world.begin(
    `insert into contacts (id, country, age) select n, (array['ES', 'FR', 'PT', 'DE', 'IT'])[1 + n % 5], n % 100 from generate_series(1, 500) n;
     insert into orders (id, contact_id, status) select n, n, 'open' from generate_series(1, 500) n;
     insert into order_items (id, order_id, sku) select n, n, 'B' from generate_series(1, 500) n`,
    manySegments(997),
  );
  worker = await startWorker(world);
  const errors: string[] = [];
  worker.events.on('error', ({ error }) => errors.push(String(error)));
  const random = randomFrom(9);
  /** @param limit milliseconds until all is drained @param cancels whether a person cancels what runs meanwhile */
  const round = async (n: number, limit: number, cancels: boolean): Promise<number> => {
    const id = 1 + (n % 400);
    const text = [
      `update contacts set country = case country when 'ES' then 'FR' else 'ES' end where id between ${id} and ${id + Math.floor(random() * 100)}`,
      `update order_items set sku = case sku when 'A' then 'B' else 'A' end where id = ${id}`,
      `update orders set status = case status when 'paid' then 'open' else 'paid' end where id = ${id}`,
    ][n % 3];
    await world.pool.query(text ?? '');
    if (cancels) {
      await world.pool.query('select pg_sleep($1)', [random() * 0.06]);
      await world.pool.query(
        `select pg_cancel_backend(a.pid) from pg_stat_activity a where a.datname = current_database() and a.application_name like 'segmentd%'`,
      );
    }
    const begun = performance.now();
    await until(
      async () =>
        (
          await world.pool.query(
            'select from segmentd_internal.change union all select from segmentd_internal.recheck limit 1',
          )
        ).rowCount === 0,
      { timeout: limit, interval: 2, message: `nothing left to drain in round ${n}` },
    );
    return performance.now() - begun;
  };
  const calm: number[] = [];
  for (let n = 0; n < 10; n += 1) calm.push(await round(n, 60_000, false));
  for (let n = 0; n < ROUNDS; n += 1) await round(n, RECOVERED + 2 * Math.max(...calm), true);
  await world.quiet();
  await world.exact();
  expect(await states()).toEqual([]);
  expect(errors.length, 'cancels that hit something').toBeGreaterThan(5);
  expect(errors.filter((error) => !/cancel/.test(error))).toEqual([]);
});
