/** Many open pages on one server: what their streams ask of Postgres while nothing happens, what they take, and when the last one has a change. */
import { setTimeout as delay } from 'node:timers/promises';
import { MOST_STREAMS } from '../../src/http/open-stream.ts';
import type { PageChange } from '../../src/index.ts';
import { openEvents, type EventClient } from '../http/event-client.ts';
import { until } from '../support/until.ts';
import { startPage } from './bench-page.ts';
import { createWorld, type World } from './bench-world.ts';
import type { Context, Figure, Row } from './figure.ts';
import { commitLatency, percentile } from './measure.ts';
import { benchSegments } from './segments.ts';

const STREAMS = 200;
/** The first commits warm up plans and caches. */
const WARM_UP = 3;

/** Looks of the server: each reads the row of the installation once, and no other idle loop of a server does. */
async function counts(world: World): Promise<{ readonly looks: number; readonly transactions: number }> {
  const { rows } = await world.pool.query<{ looks: number; transactions: number }>(
    `select (select seq_scan + coalesce(idx_scan, 0) from pg_catalog.pg_stat_all_tables where relid = 'segmentd_internal.installation'::regclass)::int as looks,
       (select xact_commit + xact_rollback from pg_catalog.pg_stat_database where datname = current_database())::int as transactions`,
  );
  return rows[0] ?? { looks: NaN, transactions: NaN };
}

async function openStreams(world: World, origin: string): Promise<EventClient[]> {
  const clients: EventClient[] = [];
  for (let n = 0; n < STREAMS / MOST_STREAMS; n++) {
    const token = await world.segmentd.access.addToken({ name: `page-${n}`, role: 'viewer' });
    for (let m = 0; m < MOST_STREAMS; m++)
      clients.push(await openEvents(`${origin}/api/v1/events/stream`, { authorization: `Bearer ${token}` }));
  }
  await until(() => clients.every(({ events }) => events.length > 0), { message: 'all streams open' });
  return clients;
}

/** Changes of the probe's members that the stream has brought so far. */
function heard({ events }: EventClient, from: number): boolean {
  return events
    .slice(from)
    .some(
      ({ event, data }) =>
        event === 'change' &&
        (data as PageChange).kinds.includes('members') &&
        ((data as PageChange).segments?.includes('probe-contact') ?? true),
    );
}

export const stream: Figure = {
  title: `${STREAMS} open streams on one server: polls, memory, commit of a change → the last stream has it`,
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const [seconds, commits] = context.quick ? [10, 10] : [60, 40];
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    try {
      const worker = await world.startWorker();
      await world.createSegments(benchSegments(context.quick ? 20 : 100));
      const commit = await commitLatency(world.pool);
      const server = await startPage(world);
      const empty = await server.memory();
      try {
        const clients = await openStreams(world, server.origin);
        // Without a worker nothing but the server asks.
        await worker.stop();
        // A session reports what it did within some ten seconds.
        await delay(11_000);
        const before = await counts(world);
        await delay(seconds * 1_000);
        const after = await counts(world);
        await world.startWorker();
        const late: number[] = [];
        for (let n = 1; n <= WARM_UP + commits; n++) {
          await delay(Math.random() * 1_500);
          const from = clients.map(({ events }) => events.length);
          await world.pool.query('update public.contacts set credit_limit = 1000000 where id = $1', [n]);
          const committed = performance.now();
          await until(() => clients.every((client, at) => heard(client, from[at] ?? 0)), {
            interval: 5,
            message: 'the change in every stream',
          });
          if (n > WARM_UP) late.push(performance.now() - committed);
        }
        const rows: Row[] = [
          { measure: 'commit latency of this disk', value: commit, unit: 'ms' },
          {
            measure: 'polls a second while nothing happens',
            value: (after.looks - before.looks) / seconds,
            unit: '/s',
            wanted: { atMost: 1 },
            beside: `${((after.transactions - before.transactions) / seconds).toFixed(2)} transactions/s in all, ${seconds} s`,
          },
          {
            measure: 'peak resident memory of the server',
            value: await server.memory(),
            unit: 'MB',
            wanted: { atMost: 250 },
            beside: `${empty.toFixed(0)} MB before the first stream`,
          },
          {
            measure: 'p95, commit → last stream has it',
            value: percentile(late, 0.95),
            unit: 'ms',
            wanted: { atMost: 1_500 },
            beside: `p50 ${percentile(late, 0.5).toFixed(0)} ms, worst ${percentile(late, 1).toFixed(0)} ms of ${late.length} commits`,
          },
        ];
        for (const client of clients) await client.cut();
        return rows;
      } finally {
        await server.stop();
      }
    } finally {
      await world.drop();
    }
  },
};
