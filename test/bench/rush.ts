import { setTimeout as delay } from 'node:timers/promises';
import { boundaries } from './boundary.ts';
import type { Context, Figure, Row } from './figure.ts';
import { percentile } from './measure.ts';
import { probes, timeSegments } from './time-segments.ts';
import { createWorld, type World } from './bench-world.ts';

const PER_SECOND = 200;
/** Changes of one transaction, which then wait all at once; one such transaction after the other has been drained. */
const BACKLOG = 50_000;
/** Nothing that a probe's window reads, and something that most other segments read. */
const CHANGE = 'update public.contacts set points = coalesce(points, 0) + 1 where id = $1';
const CHANGE_MANY = 'update public.contacts set points = coalesce(points, 0) + 1 where id <= $1';

export const rush: Figure = {
  title: `Time under load: boundary → membership, 100,000 contacts, 100 segments, 30 windows, ${PER_SECOND} live changes/s`,
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const seconds = context.quick ? 5 : 20;
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    try {
      await world.startWorker();
      const watched = probes();
      await world.createSegments([...watched, ...timeSegments(100 - watched.length)]);
      await world.pool.query('analyze');
      await world.settled();
      const stream = { url: world.url, contacts, probes: watched, perSecond: 50 };
      await boundaries({ ...stream, seconds: 3 }); // warms up plans and caches
      const rows: Row[] = [];
      const measure = async (
        name: string,
        besides: readonly ((open: () => boolean) => Promise<string>)[],
      ): Promise<void> => {
        let open = true;
        const running = besides.map((one) => one(() => open));
        // The writers end before the world does, whatever a boundary threw.
        const measured = boundaries({ ...stream, seconds });
        await Promise.allSettled([measured]);
        open = false;
        await Promise.allSettled(running);
        const { before, shortly } = await measured;
        const reports = await Promise.all(running);
        await world.settled();
        const late = [...before, ...shortly];
        const beside = `p50 ${percentile(late, 0.5)} ms of ${late.length} boundaries${reports.map((text) => `, ${text}`).join('')}`;
        rows.push({
          measure: `p95, ${name}`,
          value: percentile(late, 0.95),
          unit: 'ms',
          wanted: { atMost: 500 },
          beside,
        });
        rows.push({ measure: `worst, ${name}`, value: percentile(late, 1), unit: 'ms', wanted: { atMost: 1_000 } });
      };
      const live = liveChanges(world, contacts);
      await measure('quiet', []);
      await measure('live changes', [live]);
      await measure(`live changes and backlogs of ${BACKLOG.toLocaleString('en')}`, [
        live,
        backlogs(world, Math.min(BACKLOG, contacts / 2)),
      ]);
      await measure('live changes and rebuilds', [live, rebuilds(world)]);
      const found = await world.segmentd.admin.verify();
      rows.push({
        measure: 'differences afterwards',
        value: found.reduce((sum, one) => sum + one.missing.length + one.extra.length, 0),
        unit: 'rows',
        wanted: { atMost: 0 },
      });
      return rows;
    } finally {
      await world.drop();
    }
  },
};

function liveChanges(world: World, contacts: number) {
  return async (open: () => boolean): Promise<string> => {
    let sent = 0;
    for (const start = performance.now(); open(); sent += 1) {
      const early = start + (sent * 1_000) / PER_SECOND - performance.now();
      if (early > 0) await delay(early);
      await world.pool.query({ name: 'live', text: CHANGE, values: [1 + ((sent * 104_729) % contacts)] });
    }
    return `${sent} live changes`;
  };
}

function backlogs(world: World, size: number) {
  return async (open: () => boolean): Promise<string> => {
    let made = 0;
    for (; open(); made += 1) {
      await world.pool.query(CHANGE_MANY, [size]);
      await world.settled();
    }
    return `${made} backlogs`;
  };
}

function rebuilds(world: World) {
  return async (open: () => boolean): Promise<string> => {
    let made = 0;
    for (; open(); made += 1) {
      await world.segmentd.segments.rebuild(['time-0', 'time-1', 'seen-3', 'ordered-3'][made % 4] ?? '');
      await world.settled();
    }
    return `${made} rebuilds`;
  };
}
