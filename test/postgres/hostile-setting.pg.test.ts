/** Every setting that a role may have set for others: sessions of ours do and print the same. And two workers of different roles agree. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findDrift } from '../../src/capture/drift.ts';
import { loadConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createListener } from '../../src/postgres/listen.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { SESSION_SETTINGS } from '../../src/postgres/pinned-setting.ts';
import { createRebuildQueue } from '../../src/queue/rebuild-queue.ts';
import { cli } from '../cli/in-process.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { asAdmin } from '../support/database.ts';
import { until } from '../support/until.ts';

/** What the setting is made instead, where turning it round is not it. */
const OTHERWISE: Readonly<Record<string, string>> = {
  DateStyle: 'German, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'America/Havana',
  timezone_abbreviations: 'Australia',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  xmlbinary: 'hex',
  xmloption: 'document',
  lc_monetary: 'C.UTF-8',
  lc_numeric: 'C.UTF-8',
  lc_time: 'C.UTF-8',
  backslash_quote: 'off',
  gin_fuzzy_search_limit: '1',
  restrict_nonsystem_relation_kind: 'view',
  default_transaction_isolation: 'serializable',
  client_min_messages: 'debug1',
  plan_cache_mode: 'force_generic_plan',
  constraint_exclusion: 'on',
  from_collapse_limit: '1',
  join_collapse_limit: '1',
  geqo_threshold: '2',
  statement_timeout: '300ms',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '300ms',
  idle_session_timeout: '300ms',
  transaction_timeout: '300ms',
};
/** There is no other access method in a plain server. */
const ONE_VALUE = new Set(['default_table_access_method']);

const id = randomBytes(4).toString('hex');
const [odd, plain] = [`odd_${id}`, `plain_${id}`];
let world: World;
let hostile: readonly { readonly name: string; readonly value: string }[];

beforeAll(async () => {
  world = await createWorld();
  await world.database.query(
    `create type public.mood as enum ('ok', 'bad'); alter table public.contacts add column mood public.mood default 'ok', add column seen timestamp default now(), add column half float8 default 1.1, add column raw bytea default '\\xff'`,
  );
  await asAdmin((client) =>
    client.query(`create role ${odd} login superuser password 'k'; create role ${plain} login superuser password 'k'`),
  );
  const known = await world.database.query<{ name: string }>('select name from pg_catalog.pg_settings');
  const names = new Set(known.map(({ name }) => name));
  hostile = SESSION_SETTINGS.filter(({ name }) => names.has(name) && !ONE_VALUE.has(name)).map(({ name, value }) => ({
    name,
    value: OTHERWISE[name] ?? (value === 'on' ? 'off' : 'on'),
  }));
  await asAdmin(async (client) => {
    for (const { name, value } of hostile) await client.query(`alter role ${odd} set ${name} = '${value}'`);
    await client.query(`alter role ${odd} set search_path = public, pg_catalog`);
  });
});
afterAll(async () => {
  await world.end();
  await asAdmin((client) => client.query(`drop role ${odd}; drop role ${plain}`));
});

function url(role: string): string {
  const own = new URL(world.database.url);
  own.username = role;
  own.password = 'k';
  return own.href;
}
const as = (role: string): Segmentd =>
  createSegmentd({ databaseUrl: url(role), config: `${world.folder}/segmentd.yaml` });

test('a session of ours has none of them', async () => {
  const pool = await openPool(url(odd), { max: 1 });
  try {
    for (const { name, value } of SESSION_SETTINGS) {
      const { rows } = await pool.query<{ now: string | null }>('select current_setting($1, true) as now', [name]);
      if (rows[0]?.now !== null) expect([name, rows[0]?.now]).toEqual([name, value]);
    }
    expect((await pool.query('show search_path')).rows).toEqual([{ search_path: 'pg_catalog, pg_temp' }]);
    // Obeyed: the disk may be full.
    expect(hostile.map(({ name }) => name)).not.toContain('default_transaction_read_only');
  } finally {
    await pool.end();
  }
});

test('what is built, drained, shown and exported under them is what it is without', async () => {
  const conditions = {
    text: { or: [{ ieq: [{ var: 'email' }, 'A@X'] }, { '==': [{ var: 'mood' }, 'bad'] }] },
    time: { and: [{ in_period: [{ var: 'seen' }, 'day', 0] }, { '<=': [{ var: 'half' }, '1.1'] }] },
    orders: { '>': [{ sum: [{ map: [{ var: 'orders' }, { var: 'total' }] }] }, '5.5'] },
  };
  const verbs = [
    ['members', 'text'],
    ['describe', 'time'],
    ['preview', 'orders'],
    ['verify'],
    ['export', 'time', '--columns', 'email,seen,half,created_at,orders.sum:total'],
    ['show', 'text', '--json'],
    ['explain', 'orders', '2'],
  ];
  const outputs = [];
  for (const role of [plain, odd]) {
    await world.database.query('drop schema if exists segmentd, segmentd_internal, segmentd_queue cascade');
    const run = (...argv: string[]) =>
      cli(argv, { cwd: world.folder, env: { DATABASE_URL: url(role), SEGMENTD_LOG_LEVEL: 'error' } });
    for (const argv of [['migrate'], ['install']]) expect({ argv, ...(await run(...argv)) }).toMatchObject({ code: 0 });
    await using segmentd = as(role);
    await using worker = segmentd.worker({ pollInterval: 50 });
    await worker.start();
    for (const [key, condition] of Object.entries(conditions)) await segmentd.segments.create({ key, condition });
    for (const key of Object.keys(conditions)) await segmentd.segments.untilLive(key);
    await world.database.query(
      `update public.contacts set mood = 'bad' where id = 3; update public.contacts set mood = 'ok' where id = 3; update public.contacts set mood = 'bad' where id = 2`,
    );
    await segmentd.admin.wait();
    const said = [];
    for (const argv of verbs) {
      const { code, stdout } = await run(...argv);
      said.push({
        argv,
        code,
        stdout: stdout
          .replaceAll(
            /\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d)?|"updatedBy?":\s*"\w+"|"updated_by":\s*"\w+"|\(\d+ ms\)/g,
            '…',
          )
          .replaceAll(role, 'role'),
      });
    }
    outputs.push(said);
  }
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[0]?.map(({ code }) => code)).toEqual(verbs.map(() => 0));
});

test('a listener and a queue live on under them', async () => {
  const rings: number[] = [];
  let connected = 0;
  const errors: unknown[] = [];
  const listener = createListener(url(odd), {
    onRing: () => rings.push(1),
    onConnected: () => (connected += 1),
    onError: (error) => errors.push(error),
  });
  const queue = createRebuildQueue({ databaseUrl: url(odd), onError: (error) => errors.push(error) });
  try {
    await listener.start();
    let runs = 0;
    await queue.work(async () => void (runs += 1));
    queue.request();
    await until(() => runs === 1);
    // Longer than the limits of the role, which would have ended both.
    await world.database.query('select pg_catalog.pg_sleep(1)');
    await world.database.query(`select pg_catalog.pg_notify('segmentd', '')`);
    await until(() => rings.length === 1);
    queue.request();
    await until(() => runs === 2);
    expect({ connected, errors }).toEqual({ connected: 1, errors: [] });
  } finally {
    await queue.close();
    await listener.stop();
  }
});

test('two workers and an installer with different paths: nothing is rebuilt, nothing is found', async () => {
  // Under this path Postgres prints the type with its schema, under the other without.
  await asAdmin((client) => client.query(`alter role ${odd} set search_path = pg_catalog`));
  await world.database.query('drop schema if exists segmentd, segmentd_internal, segmentd_queue cascade');
  await using installer = as(plain);
  await installer.admin.migrate();
  await installer.admin.install();
  await installer.segments.create({ key: 'mood', condition: { '==': [{ var: 'mood' }, 'ok'] } });
  await using second = as(odd);
  await using one = installer.worker({ pollInterval: 50 });
  await using two = second.worker({ pollInterval: 50 });
  const drifts: unknown[] = [];
  const rebuilt: unknown[] = [];
  for (const worker of [one, two]) {
    worker.events.on('drift', (drift) => drifts.push(drift));
    worker.events.on('rebuilt', (segment) => rebuilt.push(segment));
    await worker.start();
  }
  await installer.segments.untilLive('mood');
  for (const segmentd of [installer, second])
    expect(
      (await segmentd.admin.doctor()).filter(
        ({ level, sentence }) => level !== 'ok' && /column|type|trigger|Capture/.test(sentence),
      ),
    ).toEqual([]);
  // What each worker asks every 5 s, by the path of its role.
  for (const role of [plain, odd]) {
    const pool = await openPool(url(role), { max: 1 });
    try {
      expect(await findDrift(pool, await resolveCatalogue(pool, loadConfig(`${world.folder}/segmentd.yaml`)))).toEqual(
        [],
      );
    } finally {
      await pool.end();
    }
  }
  await installer.admin.wait();
  expect({ drifts, rebuilt: rebuilt.length }).toEqual({ drifts: [], rebuilt: 1 });
});

test('a fingerprint that was taken under another path is no difference', async () => {
  await using segmentd = as(plain);
  await world.database.query(
    `update segmentd_internal.source set fingerprint = replace(fingerprint::text, ' public.mood', ' mood')::jsonb`,
  );
  expect(
    (
      await world.database.query<{ old: boolean }>(
        `select bool_or(s.fingerprint::text like '% mood"%') as old from segmentd_internal.source s`,
      )
    )[0]?.old,
  ).toBe(true);
  expect((await segmentd.admin.doctor()).filter(({ sentence }) => sentence.includes('changed its type'))).toEqual([]);
  await world.database.query(
    `update segmentd_internal.source set fingerprint = replace(fingerprint::text, ' mood', ' humour')::jsonb`,
  );
  expect(
    (await segmentd.admin.doctor()).filter(({ sentence }) => sentence.includes('changed its type')).length,
  ).toBeGreaterThan(0);
});
