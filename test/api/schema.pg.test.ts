/** What `segmentd/schema` exports: the public tables and views, with the columns that they have, and nothing else. */
import { readFile } from 'node:fs/promises';
import { getTableColumns, getViewName, getViewSelectedFields, is, Table, View } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as schema from '../../src/api/schema.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
});
afterAll(() => database.drop());

test('everything that is public, and nothing else', async () => {
  expect(Object.keys(schema).sort()).toEqual([
    'member',
    'memberEvent',
    'membership',
    'membershipEvent',
    'membershipPeriod',
    'override',
    'segment',
    'segmentSize',
    'segmentStatus',
    'segmentVersion',
  ]);
  const { exports } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    exports: Record<string, Record<string, string>>;
  };
  expect(exports['./schema']).toEqual({
    import: { types: './dist/api/schema.d.ts', default: './dist/api/schema.js' },
    require: { types: './dist/api/schema.d.cts', default: './dist/api/schema.js' },
  });
});

test.each(Object.entries(schema))('%s can be read with all of its columns', async (name, relation) => {
  const db = drizzle({ client: database.pool });
  expect(await db.select().from(relation as typeof schema.member)).toEqual([]);
  const columns = is(relation, View)
    ? Object.keys(getViewSelectedFields(relation))
    : is(relation, Table)
      ? Object.keys(getTableColumns(relation))
      : [];
  expect(columns.length, name).toBeGreaterThan(2);
  if (is(relation, View))
    expect(getViewName(relation)).toBe(name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
});
