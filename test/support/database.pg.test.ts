import { expect, test } from 'vitest';
import { createDatabase } from './database.ts';

test('a test database from the migrated template has the key type that was asked for; an empty one has no schema of ours', async () => {
  const [migrated, twin, empty] = await Promise.all([
    createDatabase({ template: 'migrated', keyType: 'uuid' }),
    createDatabase({ template: 'migrated', keyType: 'uuid' }),
    createDatabase(),
  ]);
  try {
    const key = `select pg_catalog.format_type(t.typbasetype, null) as key from pg_catalog.pg_type t where t.oid = to_regtype('segmentd.contact_key')`;
    expect([await migrated.query(key), await twin.query(key), await empty.query(key)]).toEqual([
      [{ key: 'uuid' }],
      [{ key: 'uuid' }],
      [],
    ]);
  } finally {
    await Promise.all([migrated.drop(), twin.drop(), empty.drop()]);
  }
});

test('dropping a test database fails when a session of the test is still open', async () => {
  const database = await createDatabase();
  const { default: pg } = await import('pg');
  const leak = new pg.Client({ connectionString: database.url, application_name: 'leak' });
  leak.on('error', () => {});
  await leak.connect();
  await expect(database.drop()).rejects.toThrow('sessions left open: leak');
});
