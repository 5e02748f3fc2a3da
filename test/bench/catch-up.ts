import type { Context, Figure, Row } from './figure.ts';
import { lateness } from './lateness.ts';
import { percentile } from './measure.ts';
import { benchSegments } from './segments.ts';
import { probes, timeSegments } from './time-segments.ts';
import { createWorld } from './bench-world.ts';

/** Seconds that the clock leaps while no worker runs, and seconds of live changes afterwards. */
const ABSENCES = [
  ['a minute', 60, 5],
  ['a day', 86_400, 15],
  ['a year', 365 * 86_400, 40],
] as const;

/** The clock of segmentd runs, so many seconds ahead of the server's. */
const AHEAD = `
  create sequence segmentd_internal.bench_ahead minvalue 0 start 0;
  create or replace function segmentd_internal.clock() returns timestamptz language sql volatile
  return pg_catalog.clock_timestamp() + (select a.last_value from segmentd_internal.bench_ahead a) * interval '1 second'`;

export const catchUp: Figure = {
  title:
    'Catch-up: no worker for a minute, a day, a year, 100,000 contacts, 100 segments, 30 windows, 100 live changes/s meanwhile',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    const rows: Row[] = [];
    try {
      await world.pool.query(AHEAD);
      const worker = await world.startWorker();
      const live = benchSegments(2);
      const windows = probes();
      await world.createSegments([...live, ...windows, ...timeSegments(100 - live.length - windows.length)]);
      await world.pool.query('analyze');
      const stream = { url: world.url, contacts, perSecond: 100 };
      await lateness({ ...stream, seconds: 3 }); // warms up plans and caches
      await world.settled();
      let ahead = 0;
      for (const [name, seconds, streamed] of ABSENCES) {
        // A frozen worker, so that its start is not measured; its connections stay.
        process.kill(worker.pid, 'SIGSTOP');
        ahead += seconds;
        await world.pool.query(`select setval('segmentd_internal.bench_ahead', $1)`, [ahead]);
        const start = performance.now();
        process.kill(worker.pid, 'SIGCONT');
        const caught = world.settled().then(() => (performance.now() - start) / 1_000);
        const values = await lateness({ ...stream, seconds: context.quick ? 5 : streamed });
        const took = await caught;
        rows.push({
          measure: `p95 of live changes while ${name} is caught up`,
          value: percentile(values, 0.95),
          unit: 'ms',
          wanted: { atMost: 1_000 },
          beside: `caught up in ${took.toFixed(1)} s; worst ${percentile(values, 1).toFixed(0)} ms of ${values.length}`,
        });
      }
      const { rows: moves } = await world.pool.query<{ n: number }>(
        `select count(*)::int as n from segmentd.membership_event where reason = 'time'`,
      );
      const found = await world.segmentd.admin.verify();
      rows.push({
        measure: 'differences afterwards',
        value: found.reduce((sum, one) => sum + one.missing.length + one.extra.length, 0),
        unit: 'rows',
        wanted: { atMost: 0 },
        beside: `${moves[0]?.n} members moved by time`,
      });
      return rows;
    } finally {
      await world.drop();
    }
  },
};
