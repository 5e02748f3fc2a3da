/**
 * What one person typed reaches the terminal of another: names, tags, notes, keys of contacts, names of columns, files and flags.
 * No verb prints one of them raw, none lets one begin a line, and JSON says each as it is.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { createWorld, type World } from './cli-world.ts';

/** Clears the screen, sets the title, forges a row, turns the direction of writing, hides. */
const EVIL =
  'Evil\u001b[2J\u001b]0;title\u0007\r\nforged  live  9\u009b31m\u202eabc\u2066x\u2069\u200e\u200f\u2028\u2029\u007f\u200b\ufeff\ttab\b';
const RAW = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const COLUMN = 'c\u001b[2J\nforged\u202e\u009b';

const TABLES = `
  create table public.contacts (id text primary key, email text, country text, "${COLUMN}" text, created_at timestamptz not null default now());
  create table public.orders (id bigint generated always as identity primary key, contact_id text not null references public.contacts on delete cascade,
    status text, total numeric(10, 2), placed_at timestamptz not null default now());
  create index on public.orders (contact_id)`;

let world: World;
beforeAll(async () => {
  world = await createWorld({
    tables: TABLES,
    config: `
contacts: { table: public.contacts, key: id, created: created_at }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
`,
  });
  const { pool } = world.database;
  await pool.query('insert into public.contacts (id, email, country) values ($1, $1, $1)', [EVIL]);
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0, stderr: '' });
  await world.file('evil.json', { or: [{ '==': [{ var: 'country' }, EVIL] }, { '==': [{ var: COLUMN }, 'x'] }] });
  await world.file('none.json', { '==': [{ var: 'country' }, `${EVIL}?`] });
  for (const argv of [
    ['create', 'evil', '--condition', 'evil.json', '--name', EVIL, '--description', EVIL, '--tag', EVIL],
    ['create', 'hand', '--kind', 'static', '--name', EVIL],
    ['create', 'reads', '--condition', await world.file('reads.json', { in_segment: ['evil'] }), '--name', EVIL],
    ['add', 'hand', EVIL, '--note', EVIL],
    ['include', 'evil', EVIL, '--note', EVIL],
  ])
    expect(await world.run(...argv), argv.join(' ')).toMatchObject({ code: 0 });
  await pool.query(
    `insert into segmentd.segment (key, name, condition) values ('broken', $1, jsonb_build_object('==', jsonb_build_array(jsonb_build_object('var', $1::text), $1::text)))`,
    [EVIL],
  );
  expect(await world.run('run', '--once')).toMatchObject({ code: 0 });
  expect(await world.run('edit', 'evil', '--condition', 'none.json', '--yes')).toMatchObject({ code: 0 });
  expect(await world.run('schedule', 'add', 'evil', '--cron', '@daily', '--delta', EVIL)).toMatchObject({ code: 0 });
  expect(await world.run('run', '--once')).toMatchObject({ code: 0 });
  await pool
    .query(
      'insert into segmentd_internal.change (shard, source, contact_id) select 0, s.id, $1 from segmentd_internal.source s limit 1',
      [EVIL],
    )
    .catch(() => {});
  await mkdir(join(world.folder, 'defs'));
  await world.file(
    'defs/evil.yaml',
    JSON.stringify({
      name: `${EVIL}2`,
      description: `${EVIL}2`,
      tags: [`${EVIL}2`],
      condition: { '==': [{ var: 'country' }, `${EVIL}2`] },
    }),
  );
  await mkdir(join(world.folder, 'wrong'));
  await world.file(
    'wrong/evil.yaml',
    JSON.stringify({ [EVIL]: 1, kind: EVIL, timezone: EVIL, condition: { '==': [{ var: EVIL }, EVIL] } }),
  );
});
afterAll(() => world.end());

/** As at a terminal, where there are bars, sparklines and short lines of the log. */
async function terminal(...argv: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const chunks: string[] = [];
  const stream = (): PassThrough & { isTTY: boolean } => {
    const made = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 40 });
    made.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    return made;
  };
  const code = await runCli(argv, {
    stdin: Readable.from([]),
    stdout: stream(),
    stderr: stream(),
    cwd: world.folder,
    signal: new AbortController().signal,
    environment: { DATABASE_URL: world.database.url, SEGMENTD_LOG_LEVEL: 'warn', SEGMENTD_DEBUG: '1' },
  });
  return { code, text: chunks.join('') };
}

const VERBS: readonly (readonly string[])[] = [
  ['list'],
  ['list', '--search', EVIL],
  ['list', '--search', `${EVIL}??`],
  ['show', 'evil'],
  ['show', 'broken'],
  ['show', 'hand'],
  ['status'],
  ['status', 'broken'],
  ['members', 'evil'],
  ['members', 'hand'],
  ['members', 'hand', '--after', EVIL],
  ['segments-of', EVIL],
  ['segments-of', `${EVIL}?`],
  ['explain', 'evil', EVIL],
  ['explain', 'broken', EVIL],
  ['explain', 'hand', `${EVIL}?`],
  ['history', 'evil'],
  ['versions', 'evil'],
  ['versions', 'evil', '1', '2'],
  ['where-used', 'evil'],
  ['overlap', 'evil', 'hand'],
  ['schedule', 'list'],
  ['schedule', 'runs'],
  ['doctor'],
  ['fields'],
  ['overrides', 'evil'],
  ['overrides', 'hand'],
  ['describe', 'evil'],
  ['describe', '--condition', 'evil.json'],
  ['preview', '--condition', 'evil.json'],
  ['preview', 'evil'],
  ['edit', 'evil', '--condition', 'evil.json', '--dry-run'],
  ['apply', 'defs', '--dry-run'],
  ['apply', 'wrong'],
  ['feed', '--consumer', EVIL, '--from', 'start'],
  ['verify'],
  ['as-of', 'hand', EVIL],
  ['as-of', 'evil', '2020-01-01'],
  ['init', '--print'],
  ['install', '--print'],
  ['forget', EVIL],
  ['rebuild', EVIL],
  // Errors that quote what was given.
  ['show', EVIL],
  ['create', EVIL, '--condition', 'evil.json'],
  ['create', 'x', '--condition', EVIL],
  ['create', 'x', '--condition', 'evil.json', '--timezone', EVIL],
  [EVIL],
  ['list', `--${EVIL}`],
  ['list', EVIL],
  ['members', 'evil', '--limit', EVIL],
  ['pull', `${EVIL}/x/\0`],
  ['apply', EVIL],
  ['schedule', 'add', 'evil', '--cron', EVIL],
  ['schedule', 'run', EVIL],
  ['help', EVIL],
  ['wait', '--timeout', EVIL],
  ['list', '--config', EVIL],
  ['list', '--log-level', EVIL],
  ['export', 'evil', '--columns', EVIL],
  ['export', 'evil', '--format', EVIL],
  ['explain', 'evil', EVIL, '--days', EVIL],
  ['include', 'evil', `${EVIL}?`],
  ['include', 'evil', EVIL, '--until', EVIL],
  ['versions', 'evil', EVIL],
  ['init', '--contacts', EVIL],
  ['feed', '--consumer', 'a', '--from', EVIL],
];

test.each(VERBS.map((argv) => [argv.map((part) => (part.includes(EVIL) ? 'EVIL' : part)).join(' '), argv] as const))(
  '%s',
  async (_, argv) => {
    const { text } = await terminal(...argv);
    // The bar is ours: it erases its own line.
    const shown = text.replaceAll('\r\u001b[2K', '');
    expect(shown).not.toMatch(RAW);
    // A line that begins with the second half of a value was forged.
    expect(shown).not.toMatch(/^forged/m);
  },
);

test('JSON says the values as they are, and holds no raw control character either', async () => {
  for (const argv of VERBS.slice(0, 36)) {
    const { stdout } = await world.run(...argv, '--json');
    expect(stdout, argv.join(' ')).not.toMatch(RAW);
    if (stdout !== '' && argv[0] !== 'feed') JSON.parse(stdout);
  }
  expect(JSON.parse((await world.run('show', 'evil', '--json')).stdout)).toMatchObject({
    name: EVIL,
    description: EVIL,
    tags: [EVIL],
  });
  expect(JSON.parse((await world.run('members', 'hand', '--json')).stdout)).toMatchObject([{ contact_id: EVIL }]);
});

test('an export is data: every byte of a value is in it', async () => {
  const { stdout } = await world.run('export', 'hand', '--columns', 'contact_id', '--format', 'ndjson');
  expect(JSON.parse(stdout)).toEqual({ contact_id: EVIL });
  expect((await world.run('export', 'hand', '--columns', 'contact_id', '--formulas')).stdout).toContain(
    EVIL.replaceAll('"', '""'),
  );
});
