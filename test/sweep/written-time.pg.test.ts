/** Windows on times that stand in text: rows cross, and doctor and install say and make the index that a probe needs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctor } from '../../src/audit/doctor.ts';
import { install } from '../../src/capture/install.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, called text, born varchar(10), attributes jsonb);
  create table public.orders (id bigint primary key, contact_id bigint, placed text);
  create index on public.orders (contact_id)`;
const CONFIG = `
contacts: { table: public.contacts, key: id }
fields:
  called: { column: called, type: instant, format: DD/MM/YYYY HH:MI:SS }
  born: { column: born, type: date, format: DD.MM.YYYY }
  since: { column: attributes, path: [since], type: instant, format: YYYY-MM-DD HH:MI }
relations: { orders: { table: public.orders, contact: contact_id, fields: { placed: { type: instant } }, time: placed } }
timezone: UTC
timestamps: Europe/Madrid
`;

let world: SweepWorld;
beforeAll(async () => {
  world = await sweepWorld({ tables: TABLES, config: CONFIG });
});
afterAll(() => world.end());

test('contacts enter and leave windows on text at the edge, and what cannot be read never does', async () => {
  await world.at('2024-05-15T12:00:00Z');
  // Madrid is two hours ahead.
  await world.query(`
    insert into public.contacts (id, called, born, attributes) values
      (1, '15/5/2024 13:59:30', '16.5.2006', '{"since": "2024-05-15 14:02"}'), (2, '15/05/2024 14:00:30', '15.5.2006', '{"since": 7}'),
      (3, '31/02/2024 13:59:30', '31.2.2006', null), (4, null, null, '{"since": "2024-05-15T12:02:00Z"}'), (5, '', '', null);
    insert into public.orders values (1, 1, '2024-05-15T11:59:40Z'), (2, 2, 'yesterday')`);
  await world.create('called', { in_last: [{ var: 'called' }, 1, 'minute'] });
  await world.create('adult', { '>=': [{ age: [{ var: 'born' }] }, 18] });
  await world.create('since', { in_last: [{ var: 'since' }, 1, 'hour'] });
  await world.create('ordered', { some: [{ var: 'orders' }, { in_last: [{ var: 'placed' }, 1, 'minute'] }] });
  await world.settle();
  const members = async (): Promise<string[][]> =>
    Promise.all(['called', 'adult', 'since', 'ordered'].map((key) => world.members(key)));
  expect(await members()).toEqual([['1'], ['2'], [], ['1']]);
  for (const [at, expected] of [
    ['2024-05-15T12:00:29.999999Z', [['1'], ['2'], [], ['1']]],
    ['2024-05-15T12:00:30Z', [['2'], ['2'], [], ['1']]],
    ['2024-05-15T12:00:40Z', [['2'], ['2'], [], []]],
    ['2024-05-15T12:02:00Z', [[], ['2'], ['1'], []]],
    ['2024-05-16T00:00:00Z', [[], ['1', '2'], [], []]],
  ] as const) {
    await world.at(at);
    await world.settle();
    expect(await members(), at).toEqual(expected);
  }
  await world.exact();
});

test('doctor names the index on what is read, install makes it, and a probe uses it', async () => {
  const reported = async (): Promise<(string | undefined)[]> =>
    (await doctor(world.pool, world.catalogue))
      .filter(({ sentence }) => sentence.includes('windows are about'))
      .map(({ fix }) => fix);
  expect((await reported()).toSorted()).toEqual([
    `create index concurrently on "public"."contacts" ((segmentd.text_timestamp("called"::text, 'DD/MM/YYYY HH:MI:SS')));`,
    `create index concurrently on "public"."orders" ((segmentd.json_instant("placed"::text)));`,
  ]);
  // An index on the text itself does not serve.
  await world.query('create index on public.contacts (called); create index on public.orders (placed)');
  expect(await reported()).toHaveLength(2);
  expect((await install(world.pool, world.catalogue, { indexes: true })).changes.toSorted()).toEqual([
    'created an index on public.contacts (called)',
    'created an index on public.orders (placed)',
  ]);
  expect(await reported()).toEqual([]);
  expect((await install(world.pool, world.catalogue, { indexes: true })).changes).toEqual([]);
});
