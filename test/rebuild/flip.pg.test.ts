/** What one flip writes, by each of its ways: without readers, with readers, with contacts that were evaluated again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rebuildOwed } from '../../src/rebuild/rebuild.ts';
import type { Rebuilt, RebuildOptions } from '../../src/rebuild/rebuild-option.ts';
import { play } from '../race/schedule.ts';
import { castOf, type Cast } from '../support/world-actor.ts';
import { adult, spanish, without, type Meaning } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let cast: Cast;
beforeAll(async () => {
  world = await createWorld();
  cast = castOf(world);
});
afterAll(() => world.end());

/** 1 to 40: a quarter each is Spanish and adult, Spanish, adult, neither. */
const PEOPLE = `insert into contacts (id, country, age) select n, case when n % 2 = 0 then 'ES' else 'FR' end, case when n % 4 < 2 then 30 else 10 end from generate_series(1, 40) n`;

async function rebuild(at?: RebuildOptions['at']): Promise<Rebuilt[]> {
  const rebuilt: Rebuilt[] = [];
  await world.code.acceptVersions(world.pool, world.catalogue);
  const pool = await world.workerPool('builder');
  await rebuildOwed(pool, new world.code.Registry(world.catalogue), {
    wait: async () => {},
    connections: 2,
    report: { rebuilt: (one) => void rebuilt.push(one) },
    ...(at ? { at } : {}),
  });
  return rebuilt;
}
const events = () =>
  world.database.query<{ kind: string; n: number; reason: string; version: number }>(
    `select e.kind, count(*)::int as n, min(e.reason) as reason, min(e.version) as version from segmentd.membership_event e
     join segmentd.segment s on s.id = e.segment_id where s.key = 'one' and e.version = s.live_version group by 1 order by 1`,
  );
const staged = async () =>
  (
    await world.database.query<{ n: number }>(
      'select (select count(*) from segmentd_internal.stage_chunk)::int + (select count(*) from segmentd_internal.stage)::int as n',
    )
  )[0]?.n;

describe.each<[string, Readonly<Record<string, Meaning>>]>([
  ['without readers', {}],
  ['that another reads', { two: without('one') }],
])('of a segment %s', (_, readers) => {
  test('a contact that enters or leaves has one event, a contact that stays has none', async () => {
    await world.begin(PEOPLE, { one: spanish, ...readers });
    await world.want({ one: adult });
    const [one] = await rebuild();
    expect(one).toMatchObject({ key: 'one', version: 2, entered: 10, left: 10 });
    expect(await events()).toEqual([
      { kind: 'entered', n: 10, reason: 'edit', version: 2 },
      { kind: 'left', n: 10, reason: 'edit', version: 2 },
    ]);
    expect(await staged()).toBe(0);
    await world.settle();
    await world.exact();
  });

  test('a flip without differences stages nothing and writes nothing', async () => {
    await world.begin(PEOPLE, { one: spanish, ...readers });
    await world.pool.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select s.id, 'repair' from segmentd.segment s where s.key = 'one'`,
    );
    const seen: (number | undefined)[] = [];
    const rebuilt = await rebuild(async (step) => {
      if (step === 'chunk') seen.push(await staged());
    });
    expect(rebuilt).toMatchObject([{ key: 'one', entered: 0, left: 0 }]);
    expect(new Set(seen)).toEqual(new Set([0]));
    await world.exact();
  });
});

test('a contact that changed behind the scan gets its last verdict, whatever the scan staged', async () => {
  await world.begin(PEOPLE, { one: spanish });
  await world.want({ one: adult });
  await world.code.acceptVersions(world.pool, world.catalogue);
  const B = await cast.rebuild('B', { steps: ['chunk'] });
  // 1 was to enter and does not; 2, a member, was to leave and stays; 4, a member that was to stay, leaves; 3 stays out, to enter now.
  const W = await cast.write('W', `update contacts set age = case when id in (2, 3) then 40 else 10 end where id <= 4`);
  const D = await cast.drain('D');
  await play(world.pool, [B, W, D], ['B', 'W', 'W', 'D', 'B']);
  await world.settle();
  await world.exact();
  expect(await world.members('one')).toEqual(expect.arrayContaining(['2', '3', '5']));
});

test('a static segment with half of the contacts as overrides has exactly these members', async () => {
  await world.begin(PEOPLE);
  await world.pool.query('analyze contacts');
  await world.pool.query(`insert into segmentd.segment (key, kind) values ('one', 'static')`);
  await world.pool.query(
    `insert into segmentd.override (segment_id, contact_id, kind) select s.id, n, 'member' from segmentd.segment s, generate_series(1, 20) n`,
  );
  expect(await rebuild()).toMatchObject([{ key: 'one', entered: 20, left: 0 }]);
  expect(await world.members('one')).toHaveLength(20);
  await world.settle();
  await world.exact();
});
