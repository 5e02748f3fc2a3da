/** Behind Debian's PgBouncer: session pooling serves everything, transaction pooling is refused before a setting is made. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSegmentd, type SegmentdOptions } from '../../src/index.ts';
import { cli } from '../cli/in-process.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { bouncerAvailable, startBouncer, type Bouncer } from '../support/pgbouncer.ts';
import { until } from '../support/until.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const SHARED =
  /^Connections are shared by the transaction here .* Point DATABASE_URL at Postgres itself, or at session pooling\.$/;

let world: World;
let bouncer: Bouncer;
const env = () => ({ DATABASE_URL: bouncer.url(world.database.url), SEGMENTD_LOG_LEVEL: 'error' });
const options = (): SegmentdOptions => ({
  databaseUrl: bouncer.url(world.database.url),
  config: `${world.folder}/segmentd.yaml`,
});

describe.runIf(bouncerAvailable)('session pooling', () => {
  beforeAll(async () => {
    world = await createWorld();
    bouncer = await startBouncer(world.database.url, { mode: 'session' });
  });
  afterAll(async () => {
    await bouncer.stop();
    await world.end();
  });

  test('a worker listens, drains and takes rebuilds from the queue on Postgres; verbs do their work', async () => {
    const run = (...argv: string[]) => cli(argv, { cwd: world.folder, env: env() });
    expect((await run('migrate')).code).toBe(0);
    expect((await run('install')).code).toBe(0);
    await using segmentd = createSegmentd(options());
    // The poll is far too slow to be what serves.
    await using worker = segmentd.worker({ pollInterval: 30_000 });
    const errors: unknown[] = [];
    worker.events.on('error', (error) => errors.push(error));
    await worker.start();
    await until(
      async () =>
        (
          await world.database.query(
            `select from pg_catalog.pg_stat_activity a where a.datname = $1 and a.query like 'LISTEN%segmentd%'`,
            [world.database.name],
          )
        ).length > 0,
    );
    await segmentd.segments.create({ key: 'spain', condition: SPAIN });
    await segmentd.segments.untilLive('spain');
    expect(await segmentd.admin.queueHealth()).toMatchObject({ backend: 'postgres', ok: true });
    await world.database.query(`update public.contacts set country = 'ES' where id = 2`);
    expect((await run('wait')).code).toBe(0);
    expect((await segmentd.members.list('spain')).map((member) => member.contactId)).toEqual(['1', '2', '3']);
    expect(await segmentd.admin.verify()).toMatchObject([{ key: 'spain', missing: [], extra: [] }]);
    expect((await run('doctor')).stdout).not.toContain('shared by the transaction');
    expect(errors).toEqual([]);
  });
});

describe.runIf(bouncerAvailable).each([undefined, 'options,extra_float_digits'])(
  'transaction pooling that ignores %s',
  (ignore) => {
    beforeAll(async () => {
      world = await createWorld();
      expect((await world.run('migrate')).code).toBe(0);
      bouncer = await startBouncer(world.database.url, {
        mode: 'transaction',
        ...(ignore === undefined ? {} : { ignore }),
      });
    });
    afterAll(async () => {
      await bouncer.stop();
      await world.end();
    });

    test.each([['migrate'], ['install'], ['list'], ['status'], ['run'], ['run', '--once'], ['wait'], ['show', 'x']])(
      '%s %s is refused',
      async (...argv) => {
        const { code, stderr } = await cli(argv, { cwd: world.folder, env: env() });
        expect({ code, stderr: stderr.trim() }).toEqual({
          code: 1,
          stderr: expect.stringContaining('Connections are shared by the transaction here (a pooler)'),
        });
      },
    );

    test('so is a worker of the API; doctor has a finding', async () => {
      await using segmentd = createSegmentd(options());
      await using worker = segmentd.worker();
      await expect(worker.start()).rejects.toMatchObject({
        code: 'incompatible',
        message: expect.stringMatching(SHARED),
      });
      expect(await segmentd.admin.doctor()).toEqual([
        {
          level: 'fail',
          sentence: expect.stringMatching(/^Connections are shared/),
          fix: 'point DATABASE_URL at Postgres itself, or at session pooling',
        },
      ]);
    });

    test("and a caller's pool; what it shares with others keeps its settings", async () => {
      const { default: pg } = await import('pg');
      const pool = new pg.Pool({ connectionString: bouncer.url(world.database.url), max: 1 });
      try {
        await using segmentd = createSegmentd({ pool });
        await expect(segmentd.segments.list()).rejects.toThrow(SHARED);
        const settings = `select current_setting('search_path') as path, current_setting('row_security') as rows, current_setting('enable_seqscan') as scan`;
        for (let again = 0; again < 5; again += 1)
          expect((await pool.query(settings)).rows).toEqual([{ path: '"$user", public', rows: 'on', scan: 'on' }]);
      } finally {
        await pool.end();
      }
    });
  },
);
