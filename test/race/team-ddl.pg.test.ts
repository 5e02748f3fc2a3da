/**
 * The team's DDL against every flow of ours that reads two of its tables, in both orders of locks: a migration holds one
 * table and then wants the other while we read. The migration always commits, our flow ends without an error, and
 * membership is exact. It would fail where a flow holds one table for as long as it waits for the other.
 */
import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Writable } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doctor } from '../../src/audit/doctor.ts';
import { verify } from '../../src/audit/verify.ts';
import { install } from '../../src/capture/install.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { explain } from '../../src/explain/explain.ts';
import { exportSegment } from '../../src/export/export.ts';
import { preview } from '../../src/preview/preview.ts';
import { previewEdit } from '../../src/preview/edit-preview.ts';
import type { Registry } from '../../src/followed/registry.ts';
import { Sweeper } from '../../src/worker/sweeper.ts';
import { asAdmin } from '../support/database.ts';
import { until } from '../support/until.ts';
import { installedCapture } from '../support/world-schema.ts';
import { CONFIG } from '../support/world-config.ts';
import { bought, french, payer, spanishAdult, within, type Meaning } from '../support/world-meaning.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import { silentSignals } from '../support/signals.ts';

/** Every row is far from the edges of these windows, so that their SQL needs no clock of ours. */
const seen: Meaning = {
  condition: { in_last: [{ var: 'last_seen_at' }, 3_000, 'day'] },
  sql: `c.last_seen_at > now() - interval '3000 days'`,
};
const recentBuyer: Meaning = {
  condition: { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 3_000, 'day'] }] },
  sql: `exists (select from public.orders o where o.contact_id = c.id and o.placed_at > now() - interval '3000 days')`,
};
const SEGMENTS = {
  seen,
  recentBuyer,
  payer,
  bought,
  spanishAdult,
  chained: {
    condition: { and: [within('payer').condition, french.condition] },
    sql: `${within('payer').sql} and ${french.sql}`,
  },
};
const DATA = `
  insert into public.contacts select i, (array['ES', 'FR'])[i % 2 + 1], i % 60, false, timestamptz '2025-01-01' - make_interval(days => i % 2 * 5000) from generate_series(1, 400) i;
  insert into public.orders select i, i % 400 + 1, (array['paid', 'open'])[i % 2 + 1], 1, timestamptz '2025-01-01' - make_interval(days => i % 3 * 5000) from generate_series(1, 800) i;
  insert into public.order_items select i, i % 800 + 1, (array['A', 'B'])[i % 2 + 1], timestamptz '2025-01-01' from generate_series(1, 800) i`;
/** Changes of all three tables, and of what each segment asks. */
const WRITE = `
  update public.contacts set country = case country when 'ES' then 'FR' else 'ES' end where id % 7 = 0;
  update public.orders set status = case status when 'paid' then 'open' else 'paid' end where id % 11 = 0;
  update public.order_items set sku = case sku when 'A' then 'B' else 'A' end where id % 13 = 0`;

let world: World;
beforeAll(async () => {
  world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
  await world.begin('select', {});
  await world.pool.query(DATA);
  await world.want(SEGMENTS);
  await world.settle();
  await world.exact();
});
afterAll(() => world.end());

const sink = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** So that there is something to install. */
async function dropCapture(table: string): Promise<void> {
  const rows = await world.database.query<{ name: string }>(
    `select t.tgname as name from pg_trigger t where t.tgrelid = 'public.${table}'::regclass and t.tgname ~ '^segmentd.*update$'`,
  );
  for (const { name } of rows) await world.pool.query(`drop trigger ${name} on public.${table}`);
}

type Flow = (pool: pg.Pool, registry: Registry) => Promise<unknown>;

async function drains(pool: pg.Pool, registry: Registry): Promise<void> {
  const worker = new world.code.DrainSession(await pool.connect(), 'bigint');
  try {
    await worker.prepare();
    for (let idle = false; !idle;) {
      try {
        const resolved = await world.code.resolve(worker, registry, 1_000);
        idle =
          (await world.code.drain(worker, registry, { batchSize: 1_000 })).idle &&
          resolved === 0 &&
          worker.waiting().length === 0;
      } catch (error) {
        if (!String(error).includes('lock timeout')) throw error;
      }
    }
  } finally {
    worker.client.release(true);
  }
}

/** Each reads at least two of the team's tables in one statement or transaction. */
const FLOWS: Readonly<Record<string, Flow>> = {
  drain: async (pool, registry) => {
    await drains(pool, registry);
  },
  rebuild: async (pool, registry) => {
    await pool.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select s.id, 'repair' from segmentd.segment s where s.state = 'live'`,
    );
    await until(async () => {
      await world.code.rebuildOwed(pool, registry, { connections: 2, wait: (milliseconds) => pause(milliseconds) });
      return (await pool.query('select from segmentd_internal.rebuild_request')).rowCount === 0;
    });
  },
  sweep: async (pool, registry) => {
    await pool.query(`update segmentd_internal.edge set watermark = watermark - interval '10 seconds'`);
    const sweeper = new Sweeper(pool, registry, {
      pollInterval: 10,
      events: new EventEmitter(),
      signals: silentSignals(),
    });
    await sweeper.start();
    await until(() => sweeper.clean?.prompt);
    await sweeper.stop();
    await sweeper.once();
  },
  preview: (pool) =>
    preview(pool, world.catalogue, { condition: { and: [payer.condition, spanishAdult.condition, bought.condition] } }),
  'preview of an edit': (pool) => previewEdit(pool, world.catalogue, 'payer', { condition: bought.condition }),
  explain: (pool) => explain(pool, world.catalogue, 'recentBuyer', '7'),
  verify: (pool) => verify(pool, world.catalogue, { patience: 200 }),
  'export of columns': (pool) =>
    exportSegment(pool, world.catalogue, 'spanishAdult', {
      to: { stream: sink() },
      columns: ['contact_id', 'country', 'orders.count', 'items.count'],
    }),
  'export in one snapshot': (pool) =>
    exportSegment(pool, world.catalogue, 'spanishAdult', {
      to: { stream: sink() },
      consistent: true,
      columns: ['contact_id', 'country', 'orders.count', 'items.count'],
    }),
  'acceptance of versions': async (pool) => {
    await world.want({ payer: { ...payer, condition: payer.condition }, accepted: bought });
    await pool.query(`update segmentd.segment_version set state = 'proposed' where state = 'accepted'`);
    await until(async () => {
      await world.code.acceptVersions(pool, world.catalogue);
      return (await pool.query(`select from segmentd.segment_version v where v.state = 'proposed'`)).rowCount === 0;
    });
  },
  doctor: (pool) => doctor(pool, world.catalogue),
  install: (pool) => install(pool, world.catalogue),
  'reading of the tables': (pool) => resolveCatalogue(pool, CONFIG),
};

const ORDERS = [
  ['contacts', 'orders'],
  ['orders', 'contacts'],
  ['order_items', 'contacts'],
  ['order_items', 'orders'],
] as const;

/** What the team's migration saw: nothing, or the error that ended it. */
async function migration(
  client: pg.Client,
  first: string,
  second: string,
  flowWaits: () => Promise<unknown>,
): Promise<string | undefined> {
  try {
    await client.query(`begin; lock table public.${first} in access exclusive mode`);
    await flowWaits();
    await client.query(`alter table public.${second} add column if not exists passing integer`);
    await client.query(`alter table public.${second} drop column passing`);
    await client.query('commit');
    return undefined;
  } catch (error) {
    await client.query('rollback');
    return String(error);
  }
}

async function team(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: world.url, application_name: 'team' });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** `deadlock_timeout` of the database's roles. */
async function deadlockTimeout(value: string | undefined): Promise<void> {
  await asAdmin((client) =>
    client.query(
      value === undefined
        ? `alter database ${world.database.name} reset deadlock_timeout`
        : `alter database ${world.database.name} set deadlock_timeout = '${value}'`,
    ),
  );
}

/** Milliseconds that a session of this server may be late without a doubt about whose fault a victim is. */
const STALLED_MS = 25;
/** How often a round is played again on a machine that stalls. */
const MOST_PLAYS = 4;

/**
 * Measures how late sessions of this server run. A wait of ours ends by a timer in its own process. A process that the
 * machine does not run for 95 ms waits that long, and Postgres may then call the team's migration the victim.
 */
async function measureStall(): Promise<{ end: () => Promise<number> }> {
  const client = new pg.Client({ connectionString: world.url, application_name: 'stall meter' });
  await client.connect();
  const over = new AbortController();
  let longest = 0;
  const measured = (async () => {
    while (!over.signal.aborted) {
      const begun = performance.now();
      await client.query('select pg_sleep(0.005)');
      longest = Math.max(longest, performance.now() - begun - 5);
    }
  })();
  return {
    async end() {
      over.abort();
      await measured;
      await client.end();
      return longest;
    },
  };
}

/** A session of ours waits for one of the team's tables, or has just given way. Some flows do neither: they are over soon. */
async function waiting(pid: () => Promise<boolean>, over: () => boolean): Promise<void> {
  const end = performance.now() + 1_000;
  while (!over() && performance.now() < end && !(await pid())) await pause(2);
}

/** One migration beside one flow. Returns what failed. */
async function playRound(
  name: string,
  flow: Flow,
  pool: pg.Pool,
  first: string,
  second: string,
): Promise<readonly string[]> {
  const failures: string[] = [];
  await world.pool.query(WRITE);
  if (name === 'install') for (const table of ['contacts', 'orders', 'order_items']) await dropCapture(table);
  const registry = new world.code.Registry(world.catalogue);
  await team(async (client) => {
    let over = false;
    const holds = new pg.Client({ connectionString: world.url });
    await holds.connect();
    const waits = async (): Promise<boolean> =>
      (
        await holds.query(
          `select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and l.locktype = 'relation' and a.application_name like 'flow %'`,
        )
      ).rowCount !== 0;
    let running: Promise<unknown> = Promise.resolve();
    const failed = await migration(client, first, second, async () => {
      running = flow(pool, registry)
        .catch((error: unknown) => failures.push(`${name}, ${first} then ${second}: ${String(error)}`))
        .finally(() => (over = true));
      await waiting(waits, () => over);
    });
    if (failed !== undefined) failures.push(`the team's ${first} then ${second}: ${failed}`);
    await running;
    await holds.end();
  });
  return failures;
}

describe.each([
  { timeout: undefined, rounds: 1 },
  { timeout: '100ms', rounds: 3 },
])('migrations of the team with deadlock_timeout $timeout', ({ timeout, rounds }) => {
  beforeAll(() => deadlockTimeout(timeout));
  afterAll(() => deadlockTimeout(undefined));

  test.each(Object.keys(FLOWS))('the migration commits: %s', { timeout: 180_000 }, async (name) => {
    const flow = FLOWS[name];
    if (!flow) throw new Error(name);
    const failures: string[] = [];
    const pool = await world.workerPool(`flow ${name} ${timeout ?? 'default'}`, 4);
    for (let round = 0; round < rounds; round += 1) {
      for (const [first, second] of ORDERS) {
        for (let plays = 1; ; plays += 1) {
          const stall = await measureStall();
          const found = await playRound(name, flow, pool, first, second);
          const stalled = (await stall.end()) > STALLED_MS;
          if (found.length > 0 && stalled && plays < MOST_PLAYS) continue;
          failures.push(...found);
          break;
        }
      }
    }
    await world.settle();
    expect(failures).toEqual([]);
    await world.exact();
  });
});

test(
  'migrations at random moments beside a whole worker all commit, and changes of the other tables go on',
  { timeout: 180_000 },
  async () => {
    await deadlockTimeout('150ms');
    const worker = await startWorker(world);
    const failures: string[] = [];
    try {
      await team(async (client) => {
        for (let round = 0; round < 24; round += 1) {
          const [first, second] = ORDERS[round % ORDERS.length] ?? ORDERS[0];
          await world.pool.query(WRITE);
          if (round % 6 === 0)
            await world.pool.query(
              `insert into segmentd_internal.rebuild_request (segment_id, reason) select s.id, 'repair' from segmentd.segment s`,
            );
          const failed = await migration(client, first, second, () => pause(Math.random() * 300));
          if (failed !== undefined) failures.push(`${first} then ${second}: ${failed}`);
        }
      });
      await world.quiet();
      expect(failures).toEqual([]);
      await world.exact();
      // A table that stays locked holds up nothing that does not read it.
      await team(async (client) => {
        await client.query('begin; lock table public.orders in access exclusive mode');
        await world.pool.query(
          `insert into public.contacts (id, country, age, last_seen_at) values (9001, 'ES', 30, now())`,
        );
        await until(async () => (await world.members('spanishAdult')).includes('9001'));
        await client.query('commit');
      });
      await world.quiet();
      await world.exact();
    } finally {
      await worker.stop();
      await deadlockTimeout(undefined);
    }
  },
);
