/**
 * An address planted wherever the team and its users can put one: fields, literals, wrong inputs, texts that fail to cast,
 * errors that functions raise. Everything works with it; no log line, metric, error or job ever shows it.
 */
import { PassThrough } from 'node:stream';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { createSegmentd } from '../../src/index.ts';
import { cli, type CliResult } from '../cli/in-process.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 90_000 });

const CANARY = 'goldfinch.9731@mine.example';
/** Values that a condition compares with are shown to its author and stand beside the condition; nowhere else. */
const LITERAL = 'kingfisher 4711';
/** Also where it was cut, quoted, or written in capitals. */
const TRACE = /goldfinch/i;

const TABLES = `
  create type public.mood as enum ('calm', 'odd');
  create function public.mood_text(mood) returns text language plpgsql as $$
  begin
    if enum_out($1)::text = 'odd' then raise exception 'no text for ${CANARY}' using detail = '${CANARY}', hint = '${CANARY}', column = 'email'; end if;
    return enum_out($1);
  end $$;
  create cast (mood as text) with function public.mood_text(mood);
  create table public.contacts (id bigint primary key, email text, country text, age integer, mood mood, attributes jsonb);
  create table public.orders (id bigint primary key, contact_id bigint, email text, placed_at timestamptz);
  create index on public.orders (contact_id);
  insert into public.contacts select n, '${CANARY}', 'ES', n, 'calm', '{"plan": "${CANARY}", "since": "${CANARY}"}' from generate_series(1, 20) n;
  insert into public.orders select n, n, '${CANARY}', now() - interval '1 day' from generate_series(1, 20) n`;

const CONFIG = `
contacts: { table: public.contacts, key: id }
fields:
  plan: { column: attributes, path: [plan], type: text }
  since: { column: attributes, path: [since], type: instant }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
`;

const SEGMENTS: Readonly<Record<string, unknown>> = {
  bird: { and: [{ '==': [{ var: 'email' }, CANARY] }, { '<': [{ var: 'age' }, 15] }] },
  related: {
    some: [
      { var: 'orders' },
      { and: [{ '==': [{ var: 'email' }, CANARY] }, { in_last: [{ var: 'placed_at' }, 2, 'day'] }] },
    ],
  },
  plan: { or: [{ icontains: [{ var: 'plan' }, CANARY] }, { in_last: [{ var: 'since' }, 3, 'day'] }] },
  calm: { and: [{ '==': [{ var: 'mood' }, 'calm'] }, { '!=': [{ var: 'country' }, LITERAL] }] },
};

/** Whatever is wrong with them, it is said without the value. */
const WRONG: readonly unknown[] = [
  { '<': [{ var: 'age' }, CANARY] },
  { '==': [{ var: CANARY }, 1] },
  { [CANARY]: [1] },
  { '==': [CANARY, CANARY] },
  { in_segment: [CANARY] },
  { '==': [{ var: 'mood' }, CANARY] },
  { in: [{ var: 'age' }, [1, CANARY]] },
  { in_last: [{ var: 'since' }, CANARY, 'day'] },
  { in_last: [{ var: 'since' }, 3, CANARY] },
  { some: [{ var: CANARY }, true] },
  { some: [CANARY, true] },
  { '>': [{ var: 'since' }, CANARY] },
  CANARY,
  { '<': [{ var: 'age' }, LITERAL] },
  { in: [{ var: 'age' }, [1, LITERAL]] },
];

describe.each(['redis', 'postgres'] as const)('with the queue on %s', (kind) => {
  describe.runIf(kind === 'postgres' || redisAvailable)('personal data', () => {
    let world: World;
    let redis: TestRedis | undefined;
    beforeEach(async () => {
      world = await createWorld({ tables: TABLES, config: CONFIG });
      redis = kind === 'redis' ? await startRedis() : undefined;
    });
    afterEach(async () => {
      await redis?.stop();
      await world.end();
    });

    test('is written only to files and tables that a person asked for', async () => {
      const { database } = world;
      const log: string[] = [];
      const stream = new PassThrough();
      stream.on('data', (chunk: Buffer) => log.push(chunk.toString()));
      const commands: string[] = [];
      const monitoring = redis && new Redis(redis.url);
      const monitor = await monitoring?.monitor();
      for (const client of [monitoring, monitor]) client?.on('error', () => {});
      monitor?.on('monitor', (_: string, command: readonly string[]) => commands.push(command.join(' ')));

      const options = {
        databaseUrl: database.url,
        config: join(world.folder, 'segmentd.yaml'),
        log: createLog({ level: 'debug', stream }),
        ...(redis ? { redisUrl: redis.url } : {}),
      };
      const errors: string[] = [];
      const env = {
        DATABASE_URL: database.url,
        SEGMENTD_LOG_LEVEL: 'debug',
        REDIS_URL: redis?.url,
        SEGMENTD_DEBUG: '1',
      };
      const run = async (...argv: string[]): Promise<CliResult> => {
        const result = await cli(argv, { cwd: world.folder, env });
        errors.push(result.stderr);
        return result;
      };
      for (const verb of ['migrate', 'install']) {
        const { code, stderr } = await run(verb);
        expect({ code, lines: stderr.split('\n').filter((line) => !line.includes('"the database is named"')) }).toEqual(
          {
            code: 0,
            lines: [''],
          },
        );
      }
      await using segmentd = createSegmentd(options);
      await mkdir(join(world.folder, 'out'));
      await using worker = segmentd.worker({
        http: { host: '127.0.0.1', port: 0 },
        exportFolder: join(world.folder, 'out'),
        auditPeriod: 1_000,
      });
      await worker.start();
      const scrape = async (): Promise<string> => (await fetch(`${worker.url}/metrics`)).text();

      for (const [key, condition] of Object.entries(SEGMENTS))
        await segmentd.segments.create({ key, condition, name: CANARY, tags: [CANARY] });
      for (const key of Object.keys(SEGMENTS)) await segmentd.segments.untilLive(key);
      for (const [index, condition] of WRONG.entries()) {
        await database.query(`insert into segmentd.segment (key, condition) values ($1, $2)`, [
          `wrong_${index}`,
          JSON.stringify(condition),
        ]);
        await world.file('wrong.json', JSON.stringify(condition));
        expect(await run('create', 'refused', '--condition', 'wrong.json'), JSON.stringify(condition)).toMatchObject({
          code: 2,
          stdout: '',
        });
        expect(await run('edit', 'bird', '--condition', 'wrong.json', '--json')).toMatchObject({ code: 2, stdout: '' });
      }
      await database.query(
        `insert into segmentd.segment (key, condition, timezone) values ('zone', 'true', '${CANARY}')`,
      );
      await until(
        async () =>
          (await database.query(`select from segmentd.segment where state = 'invalid'`)).length === WRONG.length + 1,
        { message: 'all are refused' },
      );

      // Drains, and what fails for its content: in a drain, a rebuild, an export, a verification, an explanation.
      await database.query(
        `update public.contacts set email = upper(email), attributes = '{"plan": 1, "since": "${CANARY}"}' where id < 10`,
      );
      expect(await run('export', 'bird', '--columns', 'contact_id,email')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(CANARY),
      });
      expect((await run('explain', 'bird', '12')).stdout).toContain(CANARY);
      const scheduled = await segmentd.schedules.add({
        key: 'bird',
        cron: '0 6 * * *',
        columns: ['contact_id', 'email'],
      });
      await segmentd.schedules.untilRun(await segmentd.schedules.run(scheduled.id));
      await database.query(`update public.contacts set mood = 'odd' where id = 3`);
      await until(
        async () =>
          (await database.query(`select from segmentd.segment where key = 'calm' and state = 'failed'`)).length,
        { message: 'calm fails' },
      );
      await segmentd.segments.edit('bird', { condition: { or: [SEGMENTS['bird'], SEGMENTS['calm']] } });
      await until(
        async () =>
          (await database.query(`select from segmentd.segment where key = 'bird' and error is not null`)).length,
        { message: 'the edit fails' },
      );
      for (const verb of [
        ['export', 'related', '--columns', 'contact_id,mood'],
        ['explain', 'calm', '3'],
        ['explain', 'calm', CANARY],
        ['segments-of', CANARY],
        ['members', 'bird', '--after', CANARY],
        ['as-of', 'bird', CANARY],
        ['create', 'x', '--condition', 'wrong.json', '--timezone', CANARY],
        ['schedule', 'add', 'bird', '--cron', CANARY],
        ['preview', '--condition', 'calm.json'],
      ]) {
        await world.file('calm.json', SEGMENTS['calm']);
        await run(...verb);
      }
      const failing = await segmentd.schedules.add({
        key: 'related',
        cron: '0 6 * * *',
        columns: ['contact_id', 'mood'],
      });
      const failed = await segmentd.schedules.run(failing.id);
      await until(
        async () =>
          (
            await database.query(`select from segmentd_internal.export_run where id = $1 and error is not null`, [
              failed,
            ])
          ).length,
        { timeout: 20_000, message: 'the run fails' },
      );
      await run('verify');
      await run('doctor');
      await run('status');
      await segmentd.admin.wait();
      const metrics = await scrape();
      await worker.stop();

      const stored = await database.query<{ text: string }>(`
        select coalesce(error::text, '') as text from segmentd.segment union all select coalesce(error::text, '') from segmentd.segment_version
        union all select coalesce(error, '') from segmentd_internal.schedule union all select coalesce(error, '') from segmentd_internal.export_run`);
      const tables = await database.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'segmentd_queue'`,
      );
      const jobs = (
        await Promise.all(
          tables.map(({ name }) => database.query<{ text: string }>(`select t::text as text from ${name} t`)),
        )
      ).flat();
      monitor?.disconnect();
      monitoring?.disconnect();

      // It was really at work with it.
      expect(log.join('')).toMatch(/"during":"batch"/);
      expect(metrics).toMatch(/segmentd_errors_total\{during="batch"\} [1-9]/);
      expect(stored.filter(({ text }) => text !== '').length).toBeGreaterThan(WRONG.length);
      expect(kind === 'redis' ? commands.length : jobs.length).toBeGreaterThan(0);
      const files = await readdir(join(world.folder, 'out'), { recursive: true, withFileTypes: true });
      const written = await Promise.all(
        files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
      );
      expect(written.join('')).toContain(CANARY);

      const traces = (texts: readonly string[], of = TRACE): readonly string[] =>
        texts.flatMap((text) => text.split('\n')).filter((line) => of.test(line));
      expect(traces(log)).toEqual([]);
      expect(traces([metrics])).toEqual([]);
      expect(traces(stored.map((row) => row.text))).toEqual([]);
      expect(traces([...jobs.map((row) => row.text), ...commands])).toEqual([]);
      expect(traces(errors)).toEqual([]);
      expect(traces([...log, metrics, ...jobs.map((row) => row.text), ...commands], /kingfisher/i)).toEqual([]);
      expect(traces(errors, /kingfisher/i), 'its author reads the error').not.toEqual([]);
    });
  });
});
