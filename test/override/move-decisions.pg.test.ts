/** Two contacts are merged, or a key changes: overrides move, and membership follows them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../support/world.ts';
import { spanish } from '../support/world-meaning.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

async function decide(key: string, contact: number, kind: string, note: string): Promise<void> {
  await world.pool.query(
    `insert into segmentd.override (segment_id, contact_id, kind, note) select s.id, $2, $3, $4 from segmentd.segment s where s.key = $1`,
    [key, contact, kind, note],
  );
}

async function decisions(contact: number): Promise<readonly string[]> {
  const { rows } = await world.pool.query<{ said: string }>(
    `select s.key || ' ' || w.kind || ' ' || w.note as said from segmentd.override w join segmentd.segment s on s.id = w.segment_id where w.contact_id = $1 order by 1`,
    [contact],
  );
  return rows.map(({ said }) => said);
}

async function begin(): Promise<void> {
  await world.begin(`insert into public.contacts (id, country) values (1, 'ES'), (2, 'PT'), (3, 'ES')`, {
    one: spanish,
    two: spanish,
    three: spanish,
  });
  await world.pool.query(`insert into segmentd.segment (key, kind) values ('hand', 'static')`);
  await world.settle();
}

test('a merge moves the overrides of one contact to the other, and the newer one stays', async () => {
  await begin();
  await decide('one', 1, 'exclude', 'older');
  await decide('one', 2, 'include', 'newer');
  await decide('two', 2, 'include', 'older');
  await decide('two', 1, 'exclude', 'newer');
  await decide('three', 1, 'exclude', 'only');
  await decide('hand', 1, 'member', 'by name');
  await world.settle();
  const { rows } = await world.pool.query<{ moved: number }>(
    `with moved as (select segmentd.move_decisions(1, 2) as moved) select * from moved`,
  );
  expect(rows).toEqual([{ moved: 4 }]);
  await world.pool.query('delete from public.contacts where id = 1');
  expect(await decisions(1)).toEqual([]);
  expect(await decisions(2)).toEqual([
    'hand member by name',
    'one include newer',
    'three exclude only',
    'two exclude newer',
  ]);
  await world.settle();
  await world.exact();
  expect(await Promise.all(['one', 'two', 'three', 'hand'].map((key) => world.members(key)))).toEqual([
    ['2', '3'],
    ['3'],
    ['3'],
    ['2'],
  ]);
});

test('a changed key with move_decisions in the same transaction leaves no contact without its override', async () => {
  await begin();
  await decide('one', 2, 'include', 'in');
  await decide('hand', 2, 'member', 'by name');
  await world.settle();
  await world.pool.query(
    `begin; select segmentd.move_decisions(2, 20); update public.contacts set id = 20 where id = 2; commit`,
  );
  await world.settle();
  await world.exact();
  expect(await decisions(20)).toEqual(['hand member by name', 'one include in']);
  expect([await world.members('one'), await world.members('hand')]).toEqual([
    ['1', '20', '3'].toSorted((a, b) => Number(a) - Number(b)),
    ['20'],
  ]);
});

test('a merge leaves snapshots as they are, and a contact that is merged into itself', async () => {
  await begin();
  await decide('one', 1, 'exclude', 'x');
  const { rows } = await world.pool.query<{ moved: number }>('select segmentd.move_decisions(1, 1) as moved');
  expect(rows).toEqual([{ moved: 0 }]);
  expect(await decisions(1)).toEqual(['one exclude x']);
  await world.settle();
  await world.exact();
});
