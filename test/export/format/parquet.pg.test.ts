/** Parquet: read back with another library, every type is what it was. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportSegment } from '../../../src/export/export.ts';
import { exportWorld, type ExportWorld } from '../export-world.ts';

let world: ExportWorld;
beforeAll(async () => {
  world = await exportWorld();
});
afterAll(() => world.end());

async function read(
  key: string,
  columns: readonly string[],
): Promise<{ rows: Record<string, unknown>[]; file: ArrayBuffer }> {
  const manifest = await exportSegment(world.pool, world.catalogue, key, {
    to: { folder: world.folder },
    format: 'parquet',
    columns,
  });
  const bytes = await readFile(join(world.folder, manifest.file ?? ''));
  expect(bytes.length).toBe(manifest.bytes);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file });
  expect(rows.length).toBe(manifest.count);
  return { rows, file };
}

test('Parquet has a type for each kind of column', async () => {
  const segment = await world.segment('all');
  await world.pool.query(`
    insert into public.contacts values
      (1, E'a\\tb\\nc\\\\d', 'ES', 30, true, 12345678.90, 0.1, '2000-02-29', '2024-05-15 12:00:00.123456+02', '2024-05-15 12:00:00.000001', '{x}', '{"plan": "pro"}', '{}', '10.0.0.1'),
      (9007199254740993, '\\N', null, -5, false, -0.01, 'NaN', 'infinity', '-infinity', null, '{}', '[]', 'null', null),
      (3, '', '', null, null, 'NaN', '-Infinity', '0001-01-01', '294276-12-31 00:00:00+00', '1969-12-31 23:59:59.999999', null, null, null, null)`);
  await world.move(world.pool, segment, ['1', '3', '9007199254740993', '99']);
  const { rows, file } = await read('all', [
    'contact_id',
    'email',
    'age',
    'vip',
    'balance',
    'score',
    'born',
    'seen_at',
    'local_at',
    'tags',
    'attributes.plan',
    'notes',
    'address',
    'orders.count',
    'orders.sum:total',
  ]);
  expect(rows).toEqual([
    {
      contact_id: 1n,
      email: 'a\tb\nc\\d',
      age: 30n,
      vip: true,
      balance: 12345678.9,
      score: 0.1,
      born: new Date('2000-02-29'),
      seen_at: new Date('2024-05-15T10:00:00.123Z'),
      local_at: expect.anything(),
      tags: '["x"]',
      'attributes.plan': 'pro',
      notes: '{}',
      address: '10.0.0.1',
      'orders.count': 0n,
      'orders.sum:total': 0,
    },
    {
      contact_id: 3n,
      email: '',
      age: null,
      vip: null,
      balance: null,
      score: -Infinity,
      born: expect.any(Date),
      seen_at: null,
      local_at: expect.anything(),
      tags: null,
      'attributes.plan': null,
      notes: null,
      address: null,
      'orders.count': 0n,
      'orders.sum:total': 0,
    },
    {
      contact_id: 99n,
      email: null,
      age: null,
      vip: null,
      balance: null,
      score: null,
      born: null,
      seen_at: null,
      local_at: null,
      tags: null,
      'attributes.plan': null,
      notes: null,
      address: null,
      'orders.count': 0n,
      'orders.sum:total': 0,
    },
    {
      contact_id: 9007199254740993n,
      email: '\\N',
      age: -5n,
      vip: false,
      balance: -0.01,
      score: NaN,
      born: null,
      seen_at: null,
      local_at: null,
      tags: '[]',
      'attributes.plan': null,
      notes: 'null',
      address: null,
      'orders.count': 0n,
      'orders.sum:total': 0,
    },
  ]);
  const types = parquetMetadata(file)
    .schema.slice(1)
    .map(({ name, type, converted_type, logical_type, precision, scale }) => ({
      name,
      type,
      converted_type,
      logical_type: logical_type?.type,
      precision,
      scale,
    }));
  expect(types).toContainEqual({
    name: 'contact_id',
    type: 'INT64',
    converted_type: undefined,
    logical_type: undefined,
    precision: undefined,
    scale: undefined,
  });
  expect(types).toContainEqual({
    name: 'balance',
    type: 'INT64',
    converted_type: 'DECIMAL',
    logical_type: undefined,
    precision: 12,
    scale: 2,
  });
  expect(types).toContainEqual({
    name: 'seen_at',
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: 'TIMESTAMP',
    precision: undefined,
    scale: undefined,
  });
  expect(types).toContainEqual({
    name: 'born',
    type: 'INT32',
    converted_type: 'DATE',
    logical_type: undefined,
    precision: undefined,
    scale: undefined,
  });
});

test('a Parquet file has no rows, or more than one group of rows', async () => {
  await world.segment('empty');
  expect((await read('empty', ['contact_id', 'email'])).rows).toEqual([]);
  const segment = await world.segment('many');
  await world.pool.query(
    `insert into segmentd.membership select $1, g, clock_timestamp() from generate_series(1, 100000) g`,
    [segment],
  );
  const { rows, file } = await read('many', ['contact_id', 'entered_at']);
  expect(rows.map(({ contact_id }) => contact_id)).toEqual(
    Array.from({ length: 100_000 }, (_, index) => BigInt(index + 1)),
  );
  expect(parquetMetadata(file).row_groups.length).toBeGreaterThan(1);
});
