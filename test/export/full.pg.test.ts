/** Whole exports: every format holds the members and their columns, of one snapshot, whatever commits meanwhile. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportSegment } from '../../src/export/export.ts';
import type { Manifest } from '../../src/export/manifest.ts';
import type { ExportOptions } from '../../src/export/check-request.ts';
import { exportWorld, parseCsv, type ExportWorld } from './export-world.ts';

const COLUMNS = [
  'contact_id',
  'entered_at',
  'id',
  'email',
  'age',
  'vip',
  'balance',
  'score',
  'born',
  'seen_at',
  'local_at',
  'tags',
  'attributes',
  'attributes.plan',
  'notes',
  'address',
  'orders.count',
  'orders.sum:total',
  'orders.avg:total',
  'orders.max:placed_at',
  'orders.first:status',
  'orders.last:status',
];

let world: ExportWorld;
let segment: number;
beforeAll(async () => {
  world = await exportWorld();
  segment = await world.segment('all');
  await world.pool.query(`
    insert into public.contacts values
      (1, 'a"b,c', 'ES', 30, true, 12.5, 0.1, '2000-02-29', '2024-05-15 12:00:00.123456+02', '2024-05-15 12:00', '{x,"y,z"}', '{"plan": "pro", "n": 1.50}', E'{"a":\\n 1}', '10.0.0.1'),
      (2, '=cmd|'' /C calc''!A0', null, -5, false, -0.01, 'NaN', 'infinity', '-infinity', null, '{}', '[]', 'null', null),
      (-3, '', '', null, null, 'NaN', '-Infinity', null, '294276-12-31 00:00:00+00', null, null, null, null, null);
    insert into public.orders (contact_id, status, total, placed_at) values (1, 'open', 10, '2024-01-01Z'), (1, 'paid', 20.01, '2024-02-01Z'), (99, 'paid', 5, '2024-02-01Z')`);
  // 99 is a member whose contact is deleted already
  await world.move(world.pool, segment, [1, 2, -3, 99]);
});
afterAll(() => world.end());

async function toText(
  key: string,
  options: Partial<ExportOptions> = {},
): Promise<{ text: string; manifest: Manifest; bytes: Buffer }> {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const manifest = await exportSegment(world.pool, world.catalogue, key, { to: { stream }, ...options });
  const bytes = Buffer.concat(chunks);
  return { text: bytes.toString('utf8'), manifest, bytes };
}

test('an export to CSV has contact_id and entered_at by default, in order of the key', async () => {
  const { text, manifest } = await toText('all');
  const [header, ...rows] = parseCsv(text);
  expect(header).toEqual(['contact_id', 'entered_at']);
  expect(rows.map(([id]) => id)).toEqual(['-3', '1', '2', '99']);
  expect(rows[0]?.[1]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/);
  expect(manifest).toMatchObject({
    segment: 'all',
    segmentId: segment,
    version: 1,
    state: 'live',
    count: 4,
    bytes: Buffer.byteLength(text),
    format: 'csv',
    gzip: false,
    sha256: createHash('sha256').update(text).digest('hex'),
  });
});

test('an export to CSV prints columns of every type', async () => {
  const [header, ...rows] = parseCsv((await toText('all', { columns: COLUMNS })).text);
  expect(header).toEqual(COLUMNS);
  const named = (row: readonly string[] | undefined) =>
    Object.fromEntries((row ?? []).map((cell, index) => [COLUMNS[index], cell]));
  expect(named(rows[1])).toMatchObject({
    id: '1',
    email: 'a"b,c',
    age: '30',
    vip: 'true',
    balance: '12.50',
    score: '0.1',
    born: '2000-02-29',
    seen_at: '2024-05-15 10:00:00.123456+00',
    local_at: '2024-05-15 12:00:00',
    tags: '["x", "y,z"]',
    attributes: '{"n": 1.50, "plan": "pro"}',
    'attributes.plan': 'pro',
    notes: '{"a":\n 1}',
    address: '10.0.0.1',
    'orders.count': '2',
    'orders.sum:total': '30.01',
    'orders.avg:total': expect.stringMatching(/^15\.0050/),
    'orders.max:placed_at': '2024-02-01 00:00:00+00',
    'orders.first:status': 'open',
    'orders.last:status': 'paid',
  });
  expect(named(rows[2])).toMatchObject({
    email: `'=cmd|' /C calc'!A0`,
    age: '-5',
    vip: 'false',
    balance: '-0.01',
    score: 'NaN',
    born: 'infinity',
    seen_at: '-infinity',
    'orders.count': '0',
    'orders.sum:total': '0',
    'orders.avg:total': '',
  });
  expect(named(rows[0])).toMatchObject({ contact_id: '-3', email: '', age: '', balance: 'NaN', notes: '' });
  // the contact is deleted, its orders are not
  expect(named(rows[3])).toMatchObject({ contact_id: '99', id: '', email: '', 'orders.count': '1' });
});

test('an export to NDJSON has one object a line, keys of contacts as text, and every digit', async () => {
  const { text, manifest } = await toText('all', { format: 'ndjson', columns: COLUMNS });
  const lines = text.split('\n');
  expect(lines.pop()).toBe('');
  expect(manifest.count).toBe(4);
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(Object.keys(rows[0] ?? {})).toEqual(COLUMNS);
  expect(rows[1]).toMatchObject({
    contact_id: '1',
    id: 1,
    email: 'a"b,c',
    vip: true,
    tags: ['x', 'y,z'],
    attributes: { plan: 'pro', n: 1.5 },
    notes: { a: 1 },
    seen_at: '2024-05-15T10:00:00.123456+00:00',
    born: '2000-02-29',
    'orders.count': 2,
  });
  expect(rows[2]).toMatchObject({ email: `=cmd|' /C calc'!A0`, score: 'NaN', born: 'infinity', address: null });
  expect(lines[1]).toContain('"orders.sum:total":30.01');
  expect(lines[1]).toContain('"balance":12.50');
});

test('a CSV of one column writes a missing value as "", not as an empty line', async () => {
  const { text } = await toText('all', { columns: ['country'] });
  expect(text).toBe('country\r\n""\r\nES\r\n""\r\n""\r\n');
});

test('an export with gzip writes the named file and its manifest', async () => {
  const file = join(world.folder, 'my file.csv.gz');
  await writeFile(file, 'old');
  await writeFile(`${file}.manifest.json`, 'old');
  const manifest = await exportSegment(world.pool, world.catalogue, 'all', { to: { file }, gzip: true });
  const bytes = await readFile(file);
  expect(gunzipSync(bytes).toString()).toBe((await toText('all')).text);
  expect(manifest).toMatchObject({
    file: 'my file.csv.gz',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    gzip: true,
  });
  const beside = JSON.parse(await readFile(`${file}.manifest.json`, 'utf8')) as Record<string, unknown>;
  expect(beside).toMatchObject({
    segment_id: segment,
    as_of: manifest.asOf,
    fresh_as_of: null,
    columns: ['contact_id', 'entered_at'],
    sha256: manifest.sha256,
    count: 4,
    version: 1,
  });
  expect(await world.files()).toEqual(['my file.csv.gz', 'my file.csv.gz.manifest.json']);
});

test('an export to a folder has a name of ids and times, and two at once have two names', async () => {
  const manifests = await Promise.all(
    [1, 2, 3].map(() => exportSegment(world.pool, world.catalogue, 'all', { to: { folder: world.folder } })),
  );
  const names = manifests.map(({ file }) => file ?? '');
  expect(new Set(names).size).toBe(3);
  for (const { file, sha256 } of manifests) {
    expect(file).toMatch(new RegExp(`^segment-${segment}-\\d{8}T\\d{12}Z-[0-9a-f]{8}\\.csv$`));
    expect(
      createHash('sha256')
        .update(await readFile(join(world.folder, file ?? '')))
        .digest('hex'),
    ).toBe(sha256);
  }
});

test('export_run has a row for each export, done or failed', async () => {
  await world.pool.query('delete from segmentd_internal.export_run');
  await exportSegment(world.pool, world.catalogue, 'all', { to: { folder: world.folder } });
  await expect(
    exportSegment(world.pool, world.catalogue, 'all', { to: { folder: join(world.folder, 'none') } }),
  ).rejects.toThrow('There is no folder');
  const stream = new PassThrough();
  stream.destroy();
  await expect(exportSegment(world.pool, world.catalogue, 'all', { to: { stream } })).rejects.toThrow('went away');
  const runs = await world.database.query(
    "select r.state, r.error, r.file is not null as named, r.manifest ->> 'count' as count, r.finished_at is not null as ended from segmentd_internal.export_run r order by r.id",
  );
  expect(runs).toEqual([
    { state: 'done', error: null, named: true, count: '4', ended: true },
    {
      state: 'failed',
      error: 'The reader of the export went away before its end.',
      named: false,
      count: null,
      ended: true,
    },
  ]);
});

describe('an export is of one snapshot', () => {
  test.each([false, true])(
    'members of many ranges, though they come and go meanwhile (consistent: %s)',
    async (consistent) => {
      const id = await world.segment(`moving ${consistent}`.replace(' ', '-'));
      const key = `moving-${consistent}`;
      await world.pool.query(
        `insert into public.contacts (id, country) select g, repeat('x', 100) from generate_series(1000, 60000) g on conflict do nothing`,
      );
      const before = Array.from({ length: 12_000 }, (_, index) => 1_000 + index * 3);
      await world.move(world.pool, id, before);
      const entered = new Map(
        (
          await world.database.query<{ contact: string; at: string }>(
            `select contact_id::text as contact, to_json(entered_at) #>> '{}' as at from segmentd.membership where segment_id = $1`,
            [id],
          )
        ).map(({ contact, at }) => [contact, at]),
      );
      const stream = new PassThrough({ highWaterMark: 1 });
      const chunks: Buffer[] = [];
      const work = exportSegment(world.pool, world.catalogue, key, {
        to: { stream },
        format: 'ndjson',
        columns: ['contact_id', 'entered_at', 'country'],
        consistent,
      });
      // At each read, some contacts leave, come, come back, and leave for good, before and behind where the export is.
      let turn = 0;
      for await (const chunk of stream) {
        chunks.push(chunk as Buffer);
        const low = 1_000 + (turn % 20) * 1_500;
        const some = before.filter((contact) => contact >= low && contact < low + 300);
        await world.move(world.pool, id, [low + 1, 59_000 - turn], some);
        await world.move(world.pool, id, some.slice(0, 50));
        turn += 1;
        if (turn === 1)
          void work.then(
            () => stream.end(),
            (error: Error) => stream.destroy(error),
          );
      }
      const manifest = await work;
      const rows = Buffer.concat(chunks)
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { contact_id: string; entered_at: string });
      expect(turn).toBeGreaterThan(1);
      expect(manifest.count).toBe(before.length);
      expect(rows.map((row) => row.contact_id)).toEqual(before.map(String));
      for (const row of rows) expect(row.entered_at).toBe(entered.get(row.contact_id));
    },
  );
});

test('an export that is not possible is refused in one sentence', async () => {
  const never = await world.database.query<{ id: number }>(
    `insert into segmentd.segment (key, condition) values ('never', 'true') returning id`,
  );
  expect(never).toHaveLength(1);
  await expect(toText('unknown')).rejects.toMatchObject({
    code: 'not-found',
    message: 'There is no segment "unknown".',
  });
  await expect(toText('never')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('never was never built'),
  });
  const refusals: readonly (readonly [string, RegExp])[] = [
    ['emial', /^There is no column "emial": did you mean `email`\?$/],
    ['orders.status', /^"orders\.status" is no column: .*; write orders\.first:status\.$/],
    [
      'orders.total',
      /^"orders\.total" is no column: .* also where a contact has one row; write orders\.first:total\.$/,
    ],
    ['orders.conut', /no column; of the relation take orders\.count, orders\.sum:FIELD/],
    ['orders', /no column; of the relation take orders\.count/],
    ['orders.sum:totl', /^The relation orders has no field "totl": did you mean `total`\?$/],
    ['orders.sum:status', /^orders\.sum:status cannot be computed: status is of type text\.$/],
    ['orders.min:status', /cannot be computed/],
    ['email"; drop table x', /^There is no column/],
    ['', /^There is no column ""\.$/],
    ['__proto__', /^There is no column "__proto__"\.$/],
  ];
  for (const [column, sentence] of refusals)
    await expect(toText('all', { columns: [column] }), column).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(sentence),
    });
  await expect(toText('all', { columns: ['email', 'email'] })).rejects.toThrow('The column "email" is named twice.');
  await expect(toText('all', { columns: [] })).rejects.toThrow('at least one column');
  await expect(toText('all', { format: 'parquet', gzip: true })).rejects.toThrow('Parquet is compressed already');
  expect((await world.files()).filter((name) => name.includes('.part'))).toEqual([]);
});
