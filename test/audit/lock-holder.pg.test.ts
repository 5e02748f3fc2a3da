/** A session that holds our advisory locks and stops workers is named, with the command that ends it; our own sessions are not. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type Finding, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  world = await createWorld();
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

async function holding(application: string, text: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: world.database.url, application_name: application });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(text);
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
const pidOf = async (client: pg.Client): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0;
const about = async (): Promise<readonly Finding[]> =>
  (await segmentd.admin.doctor()).filter((one) => one.sentence.includes('locks of segmentd'));

test.each([
  ['shard 3', 'select pg_advisory_lock(7362, 3)'],
  ['slot 17', 'select pg_advisory_lock_shared(7363, 17)'],
  ['link 5', 'begin; select pg_advisory_xact_lock(7364, 5)'],
  ['doorbell', 'select pg_advisory_lock(7361, 1)'],
  ['accept', 'select pg_advisory_lock(7361, 3)'],
  ['clock', 'select pg_advisory_lock(7361, 4)'],
  ['audit', 'select pg_advisory_lock(7361, 5)'],
  ['single 77', 'select pg_advisory_lock(7361, 77)'],
])('a foreign session that holds %s is named with the command that ends it', async (name, text) => {
  await holding('psql', text, async (client) => {
    const pid = await pidOf(client);
    const [holder] = await until(async () => {
      const holders = await segmentd.admin.lockHolders();
      return holders.length > 0 && holders;
    });
    expect(holder).toMatchObject({
      pid,
      role: new URL(world.database.url).username,
      application: 'psql',
      locks: [name],
      granted: true,
      command: `select pg_terminate_backend(${pid});`,
    });
    expect(holder?.seconds).toBeGreaterThanOrEqual(0);
    expect(await about()).toEqual([
      {
        level: 'warn',
        fix: `select pg_terminate_backend(${pid});`,
        sentence: expect.stringMatching(
          new RegExp(
            `^Process ${pid} \\(role "[^"]+", application "psql".*\\) holds locks of segmentd for \\d+ s \\(${name}\\): the work that needs them waits\\.$`,
          ),
        ),
      },
    ]);
    const { stdout } = await world.run('status');
    expect(stdout).toContain(`Process ${pid} `);
    expect(JSON.parse((await world.run('status', '--json')).stdout)).toMatchObject({
      lock_holders: [{ pid, locks: [name] }],
    });
    await world.database.query(holder?.command ?? '');
    await until(async () => (await segmentd.admin.lockHolders()).length === 0);
  });
});

test('a session that holds all shards is one finding', async () => {
  await holding('', 'select pg_advisory_lock(7362, n) from generate_series(0, 63) n', async () => {
    const [finding, ...rest] = await about();
    expect(finding?.sentence).toContain('(shard 0, shard 1, shard 2, shard 3, shard 4 and 59 more)');
    expect(rest).toEqual([]);
  });
});

test('a session that waits for a lock is named: later sessions wait behind it', async () => {
  await holding('segmentd worker', 'begin; select pg_advisory_xact_lock_shared(7363, 9)', async () => {
    await holding('psql', 'select 1', async (client) => {
      const pid = await pidOf(client);
      const waiting = client.query('select pg_advisory_lock(7363, 9)').catch(() => {});
      const [holder] = await until(async () => {
        const holders = await segmentd.admin.lockHolders();
        return holders.length > 0 && holders;
      });
      expect(holder).toMatchObject({ pid, granted: false, locks: ['slot 9'] });
      await world.database.query('select pg_terminate_backend($1)', [pid]);
      await waiting;
    });
  });
});

test("our own sessions and the team's own advisory locks are no findings", async () => {
  await holding(
    'segmentd worker',
    'select pg_advisory_lock(7361, 1); begin; select pg_advisory_xact_lock(7362, 1)',
    async () => {
      expect(await about()).toEqual([]);
    },
  );
  await holding(
    'psql',
    'select pg_advisory_lock(7362), pg_advisory_lock(1, 7362), pg_advisory_lock(7366, 12), pg_advisory_lock(7365, 12)',
    async () => {
      expect(await about()).toEqual([]);
    },
  );
});

test('a prepared transaction that holds a lock is named with the command that ends it', async () => {
  await holding(
    'psql',
    `begin; select pg_advisory_xact_lock(7363, 4); prepare transaction 'it''s mine'`,
    async () => {},
  );
  const [holder] = await segmentd.admin.lockHolders();
  expect(holder).toMatchObject({
    pid: null,
    prepared: "it's mine",
    locks: ['slot 4'],
    command: `rollback prepared 'it''s mine';`,
  });
  await world.database.query(holder?.command ?? '');
  expect(await segmentd.admin.lockHolders()).toEqual([]);
});
