/** A column whose type is not compared: Postgres takes what the hint proposes, and the new column is compared. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { issuesOf, v } from './ask.ts';

const TYPES: Readonly<Record<string, string | number>> = {
  money: 3,
  inet: '10.0.0.1',
  cidr: '10.0.0.0',
  int4range: 3,
  int8range: 3,
  numrange: 3,
  daterange: '2024-05-01',
  tstzrange: '2024-05-01T10:00:00Z',
  tsrange: '2024-05-01T10:00:00Z',
  int4multirange: 3,
  datemultirange: '2024-05-01',
  hstore: 'a',
  time: 480,
  timetz: 480,
  interval: 86_400,
  point: 1.5,
  bytea: '00ff',
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  const columns = Object.keys(TYPES).map((type) => `"the ${type}" ${type}`);
  await database.query(`create extension hstore`);
  await database.query(`create table public.odd (id int primary key, ${columns.join(', ')})`);
});
afterAll(() => database.drop());

const resolved = async () =>
  resolveCatalogue(database.pool, parseConfig('contacts: { table: public.odd, key: id }', 'c'));

test('each hint is a change of the table that makes the value comparable', async () => {
  const before = await resolved();
  for (const [type, value] of Object.entries(TYPES)) {
    const name = `the ${type}`;
    const [issue] = issuesOf({ '==': [v(name), value] }, { catalogue: before });
    expect(issue?.code, type).toBe('not-comparable');
    const [, change = ''] = /`((?:add|alter) column .*)`/.exec(issue?.hint ?? '') ?? [];
    expect(change, `${type}: ${issue?.hint}`).not.toBe('');
    // The name is free to choose, and there are several here.
    await database.query(`alter table public.odd ${change.replace('column value ', `column "new ${type}" `)}`);
  }
  const after = await resolved();
  for (const [type, value] of Object.entries(TYPES)) {
    const name = type === 'money' ? `the ${type}` : `new ${type}`;
    expect(issuesOf({ '==': [v(name), value] }, { catalogue: after }), type).toEqual([]);
  }
});
