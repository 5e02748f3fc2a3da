/** One segment that cannot be evaluated must not hold up the others, and one table that changes must not either. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { until } from '../support/until.ts';
import { adult, bought, payer, spanish, type Meaning } from '../support/world-meaning.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import type { Worker } from '../../src/worker/worker.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Reading a mood as text runs a function of the team, which fails for one mood and takes its time for another. */
const MOODS = `
  create type public.mood as enum ('sad', 'mad', 'odd', 'slow');
  create function public.mood_text(mood) returns text language plpgsql as $$
  begin
    if $1::cstring = 'mad' then return (1 / 0)::text; end if;
    if $1::cstring = 'odd' then raise exception 'odd'; end if;
    if $1::cstring = 'slow' then perform pg_sleep(60); end if;
    return enum_out($1);
  end $$;
  create cast (mood as text) with function public.mood_text(mood);
  alter table contacts add column mood public.mood`.replaceAll('$1::cstring', 'enum_out($1)::text');

const sad: Meaning = { condition: { '==': [{ var: 'mood' }, 'sad'] }, sql: `c.mood = 'sad'` };
const PEOPLE = `insert into contacts (id, country, age, mood) values (1, 'ES', 20, 'sad'), (2, 'FR', 30, null), (3, 'ES', 40, 'sad')`;

let world: World;
let worker: Worker | undefined;

beforeEach(async () => {
  world = await createWorld({ tables: MOODS, capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await world.end();
});

/** As the live segments see it; the frozen ones are left out. */
const exact = (): Promise<boolean> =>
  until(async () => (await world.wrong()).length === 0, { timeout: 20_000, message: 'exact' });

test.each([
  { mood: 'mad', sqlstate: '22012' },
  { mood: 'odd', sqlstate: 'P0001' },
])(
  'a segment that raises $sqlstate is failed and frozen; the others go on; an edit brings it back',
  async ({ mood, sqlstate }) => {
    await world.begin(PEOPLE, { adult, sad, spanish });
    worker = await startWorker(world);
    await world.pool.query(`update contacts set mood = '${mood}', country = 'ES', age = 5 where id = 2`);
    await world.quiet();
    // From now on it is frozen, also for a contact that could be evaluated.
    await world.pool.query(`update contacts set mood = null where id = 1`);
    await world.quiet();
    expect(await world.state('sad')).toMatchObject({ state: 'failed', error: { sqlstate } });
    expect(await world.members('sad')).toEqual(['1', '3']);
    await world.exact();
    expect(await world.members('spanish')).toEqual(['1', '2', '3']);
    // The edit is built though the live version raises for every change meanwhile.
    const mad: Meaning = {
      condition: { and: [{ '<': [{ var: 'age' }, 30] }, { '==': [{ var: 'country' }, 'ES'] }] },
      sql: `c.age < 30 and c.country = 'ES'`,
    };
    await world.want({ sad: mad });
    await world.pool.query(`update contacts set mood = '${mood}' where id = 3`);
    await world.quiet();
    expect(await world.state('sad')).toMatchObject({ state: 'live', version: 2, live_version: 2, error: null });
    await world.exact();
  },
);

test('an edit that raises is refused; the live version goes on', async () => {
  await world.begin(PEOPLE, { one: spanish });
  worker = await startWorker(world);
  await world.pool.query(`update contacts set mood = 'mad' where id = 2`);
  await world.want({ one: sad });
  await until(async () => (await world.state('one')).error !== null, { message: 'a refusal' });
  expect(await world.state('one')).toMatchObject({
    state: 'live',
    version: 2,
    live_version: 1,
    error: { sqlstate: '22012' },
  });
  await world.pool.query(`update contacts set country = 'ES' where id = 2`);
  await world.quiet();
  await world.exact();
  expect(await world.members('one')).toEqual(['1', '2', '3']);
});

test('an edit that raises, of a segment that failed before, does not make the old members live', async () => {
  await world.begin(PEOPLE, { one: sad });
  worker = await startWorker(world);
  await world.pool.query(`update contacts set mood = 'mad' where id = 2`);
  await until(async () => (await world.state('one')).state === 'failed', { message: 'failed' });
  await world.pool.query(`delete from contacts where id = 1; update contacts set mood = null where id = 3`);
  await world.want({
    one: { condition: { and: [sad.condition, adult.condition] }, sql: `${sad.sql} and ${adult.sql}` },
  });
  await until(
    async () => {
      const { version, state } = await world.state('one');
      return version === 2 && state === 'failed';
    },
    { message: 'failed again' },
  );
  await world.quiet();
  await world.exact();
  expect(await world.members('one')).toEqual(['3']);
});

test('a segment that takes too long is failed, and the others go on', async () => {
  await world.begin(PEOPLE, { adult, sad, spanish });
  worker = await startWorker(world);
  await world.pool.query(`update contacts set mood = 'slow', country = 'ES', age = 5 where id = 2`);
  // Twice the limit of a statement: the batch as a whole, and the slow one alone.
  await until(async () => (await world.members('spanish')).length === 3, { timeout: 13_000, message: 'the others' });
  await until(async () => (await world.state('sad')).state === 'failed', { timeout: 25_000, message: 'failed' });
  expect(await world.state('sad')).toMatchObject({ error: { sqlstate: '57014' } });
  await world.quiet();
  await world.exact();
});

test('a caller that holds the row of a failing segment delays its freezing, not the others', async () => {
  await world.begin(PEOPLE, { adult, sad, spanish });
  const caller = await world.pool.connect();
  try {
    await caller.query(`begin; select from segmentd.segment where key = 'sad' for update`);
    worker = await startWorker(world);
    await world.pool.query(`update contacts set mood = 'mad', country = 'ES', age = 5 where id = 2`);
    await until(
      async () => (await world.members('spanish')).length === 3 && (await world.members('adult')).length === 2,
      { timeout: 15_000, message: 'the others' },
    );
  } finally {
    caller.release(true);
  }
  await until(async () => (await world.state('sad')).state === 'failed', { timeout: 15_000, message: 'failed' });
  await world.quiet();
  await world.exact();
});

test.each([
  {
    what: 'dropped',
    away: 'alter table orders drop column status',
    back: `alter table orders add column status text default 'paid'`,
  },
  {
    what: 'renamed',
    away: 'alter table orders rename column status to state',
    back: 'alter table orders rename column state to status',
  },
  {
    what: 'retyped',
    away: 'alter table orders alter column status type integer using 7',
    back: `alter table orders alter column status type text using 'paid'`,
  },
])(
  'a column of orders is $what: the writes go on, what reads it is invalid by name, the rest is exact',
  async ({ away, back }) => {
    await world.begin(`${PEOPLE}; insert into orders (id, contact_id, status) values (1, 1, 'paid'), (2, 2, 'open')`, {
      payer,
      spanish,
      sad,
    });
    worker = await startWorker(world);
    await world.pool.query(away);
    await world.pool.query(
      `insert into orders (id, contact_id) values (3, 3); update orders set contact_id = 3 where id = 1; delete from orders where id = 2`,
    );
    await world.pool.query(`update contacts set country = 'ES' where id = 2`);
    await until(async () => (await world.state('payer')).state === 'invalid', { timeout: 20_000, message: 'invalid' });
    expect(JSON.stringify((await world.state('payer')).error)).toContain('status');
    expect(await world.members('payer')).toEqual(['1']);
    await world.quiet();
    await world.exact();
    await world.pool.query(back);
    await until(async () => (await world.state('payer')).state === 'live', { timeout: 30_000, message: 'live again' });
    await world.quiet();
    await exact();
  },
);

test.each([
  {
    what: 'renamed',
    away: 'alter table orders rename column id to number',
    back: 'alter table orders rename column number to id',
  },
  {
    what: 'retyped',
    away: `alter table order_items alter column order_id type uuid using '00000000-0000-0000-0000-000000000000'`,
    back: 'alter table order_items alter column order_id type bigint using 1',
  },
])('a link that leads up to contacts is $what while items wait to be resolved', async ({ away, back }) => {
  await world.begin(
    `${PEOPLE}; insert into orders (id, contact_id, status) values (1, 1, 'paid'), (2, 2, 'open'); insert into order_items (id, order_id, sku) values (1, 1, 'A')`,
    { bought, spanish },
  );
  worker = await startWorker(world);
  await world.pool.query(`begin; insert into order_items (id, order_id, sku) values (2, 2, 'A'); ${away}; commit`);
  await world.pool.query(`update contacts set country = 'ES' where id = 2`);
  await until(async () => (await world.members('spanish')).length === 3, { timeout: 20_000, message: 'the others' });
  await world.pool.query(back);
  await until(async () => (await world.state('bought')).state === 'live' && (await world.wrong()).length === 0, {
    timeout: 30_000,
    message: 'live and exact again',
  });
});
