import { setTimeout as delay } from 'node:timers/promises';
import { openPool } from '../../src/postgres/pool.ts';
import { Registry } from '../../src/followed/registry.ts';
import { Prober } from '../../src/sweep/prober.ts';
import { sweep } from '../../src/sweep/sweep.ts';
import { boundaries } from './boundary.ts';
import { MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { backendCpu, cpuMs, median, percentile } from './measure.ts';
import { idleSegments, PROBED_CITY, probes, timeSegments } from './time-segments.ts';
import { createWorld, type BenchWorker, type World } from './bench-world.ts';

/** Looks a second, of one worker. */
const LOOKS = 4;
/** Milliseconds that such a look looks ahead. */
const LOOK_AHEAD = 1_000 / LOOKS;

export const time: Figure = {
  title: 'Time: boundary → membership, 1,000,000 contacts and 3,000,000 orders, 100 segments, 30 windows',
  async run(context: Context) {
    const size = context.quick ? QUICK_MILLION : MILLION;
    const world = await createWorld(context, size);
    try {
      const worker = await world.startWorker();
      context.note('idle');
      await world.createSegments(idleSegments());
      await world.settled();
      const rows: Row[] = await idle(world, worker, context.quick ? 5 : 20);
      await world.pool.query(`delete from segmentd.segment where key like 'idle-%'`);
      await world.settled();
      context.note('boundaries');
      const watched = probes();
      await world.createSegments([...watched, ...timeSegments(100 - watched.length)]);
      await world.pool.query('analyze public.contacts; analyze public.orders; analyze segmentd.membership');
      await world.settled();
      const stream = { url: world.url, contacts: size.contacts, probes: watched, perSecond: 50 };
      await boundaries({ ...stream, seconds: 3 }); // warms up plans and caches
      const { before, shortly } = await boundaries({ ...stream, seconds: context.quick ? 5 : 20 });
      rows.push(...late('', [...before, ...shortly]), ...late(', rows written 0.3 s before they cross', shortly));
      await world.settled();
      rows.push(await storage(world));
      await worker.stop();
      context.note('one step');
      rows.push(await step(world));
      return rows;
    } finally {
      await world.drop();
    }
  },
};

function late(which: string, values: readonly number[]): Row[] {
  const beside = `of ${values.length} boundaries`;
  return [
    { measure: `p50${which}`, value: percentile(values, 0.5), unit: 'ms', wanted: { atMost: 15 }, beside },
    { measure: `p95${which}`, value: percentile(values, 0.95), unit: 'ms', wanted: { atMost: 50 } },
    { measure: `worst${which}`, value: percentile(values, 1), unit: 'ms', wanted: { atMost: 600 } },
  ];
}

/** CPU of the worker and of its backends while nothing happens, and of the looks at the edges alone, both ends together. */
async function idle(world: World, worker: BenchWorker, seconds: number): Promise<Row[]> {
  await delay(3_000);
  const { rows } = await world.pool.query<{ pid: number }>(
    `select pid from pg_catalog.pg_stat_activity where datname = current_database() and application_name like 'segmentd%'`,
  );
  // A backend that ended meanwhile is left out.
  const backends = new Map<number, number>();
  for (const { pid } of rows)
    await cpuMs(pid).then(
      (ms) => backends.set(pid, ms),
      () => {},
    );
  const before = await cpuMs(worker.pid);
  await delay(seconds * 1_000);
  const node = (await cpuMs(worker.pid)) - before;
  let postgres = 0;
  for (const [pid, ms] of backends)
    postgres += await cpuMs(pid).then(
      (now) => now - ms,
      () => 0,
    );
  const { cpu, edges } = await lookCost(world);
  return [
    {
      measure: `idle cost of ${edges} edges with nothing crossing, of a core`,
      value: (cpu * LOOKS) / 10,
      unit: '%',
      wanted: { atMost: 1 },
      beside: `${cpu.toFixed(2)} ms of CPU a look, ${LOOKS} looks/s`,
    },
    {
      measure: 'the whole idle worker, of a core',
      value: node / seconds / 10,
      unit: '%',
      beside: `its backends ${(postgres / seconds / 10).toFixed(2)} %`,
    },
  ];
}

/** Milliseconds of CPU that a look at all edges takes, of this process and of Postgres. */
async function lookCost(world: World): Promise<{ readonly cpu: number; readonly edges: number }> {
  const looks = 400;
  const pool = await openPool(world.url, { max: 1 });
  const client = await pool.connect();
  try {
    const catalogue = await world.segmentd.catalogue();
    const { edges } = await new Registry(catalogue).current(client);
    await client.query('set jit = off');
    const prober = new Prober(catalogue, edges.byId, 'bench');
    for (let n = 0; n < 20; n += 1) await prober.probe(client, LOOK_AHEAD);
    const before = process.cpuUsage();
    const postgres = await backendCpu(client, async () => {
      for (let n = 0; n < looks; n += 1) await prober.probe(client, LOOK_AHEAD);
    });
    const { user, system } = process.cpuUsage(before);
    return { cpu: (postgres + (user + system) / 1_000) / looks, edges: edges.byId.size };
  } finally {
    client.release();
    await pool.end();
  }
}

/** What a member of a segment of time takes beyond a member of another. */
async function storage(world: World): Promise<Row> {
  const { rows } = await world.pool.query<{ timed: number; members: number; edges: number }>(
    `select (select max(pg_column_size(m)) from segmentd.membership m) - pg_column_size(row(1::int, 1::bigint, clock_timestamp())) as timed,
       (select count(*) from segmentd.membership)::int as members, (select count(*) from segmentd_internal.edge)::int as edges`,
  );
  const [found] = rows;
  return {
    measure: 'extra storage a member for time',
    value: found?.timed ?? NaN,
    unit: 'B',
    wanted: { atMost: 0 },
    beside: `${found?.members} members, ${found?.edges} edges of one row each`,
  };
}

/** One step of one edge over its index, 1,000 rows crossing; the edge is put back for each round. */
async function step(world: World): Promise<Row> {
  const pool = await openPool(world.url, { max: 1 });
  const client = await pool.connect();
  try {
    const catalogue = await world.segmentd.catalogue();
    const { edges } = await new Registry(catalogue).current(client);
    const [id, edge] = [...edges.byId].find(
      ([, { column, boundary }]) =>
        column === 'last_seen_at' && boundary.kind === 'rolling' && boundary.seconds === -14 * 86_400,
    ) ?? [0, undefined];
    if (!edge) throw new Error('no edge of 14 days');
    // Within 15 ms of one another, an instant ago.
    await client.query(
      `update public.contacts c set city = '${PROBED_CITY}', last_seen_at = clock_timestamp() - interval '336 hours' - c.id * interval '15 microseconds' where c.id <= 1000`,
    );
    const values: number[] = [];
    const queued: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const { rows } = await client.query<{ at: string }>(
        `select (min(c.last_seen_at) + interval '336 hours' - interval '1 microsecond')::text as at from public.contacts c where c.id <= 1000`,
      );
      await client.query('update segmentd_internal.edge set watermark = $2 where id = $1', [id, rows[0]?.at]);
      await client.query('truncate segmentd_internal.change');
      const started = performance.now();
      const swept = await sweep(client, catalogue, [{ id, edge }], { batchSize: 4_000 });
      if (round < 3) continue;
      values.push(performance.now() - started);
      queued.push(swept.queued);
    }
    return {
      measure: 'one step of one edge with index, 1,000 rows crossing',
      value: median(values),
      unit: 'ms',
      wanted: { atMost: 20 },
      beside: `worst ${Math.max(...values).toFixed(1)} ms of ${values.length}, ${Math.min(...queued)} queued at least`,
    };
  } finally {
    client.release();
    await pool.end();
  }
}
