import type { Context, Figure, Row } from './figure.ts';
import { load, loadTool } from './update-load.ts';
import { alternate, commitLatency, median, ratio } from './measure.ts';
import { benchSegments } from './segments.ts';
import { createWorld } from './bench-world.ts';

const OTHER = 'update public.contacts set other = coalesce(other, 0) % 1000 + 1 where id = :id';

export const capture: Figure = {
  title: "The team's transactions per second with capture / without, single-row updates, 16 clients",
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const size = { contacts, orders: contacts * 3 };
    const seconds = context.quick ? 2 : 4;
    const rounds = context.quick ? 2 : 4;
    const bare = await createWorld(context, size, { set: 'bare' });
    const captured = await createWorld(context, size);
    const side = (url: string) => () => load({ url, contacts, clients: 16, seconds });
    try {
      const commit = await commitLatency(bare.pool);
      const local = await alternate(rounds, { without: side(bare.url), with: side(captured.url) });
      // A column that is newer than the catalogue.
      for (const { pool } of [bare, captured]) await pool.query('alter table public.contacts add column other integer');
      const other = (url: string) => () => load({ url, contacts, clients: 16, seconds, statement: OTHER });
      const uncatalogued = await alternate(rounds, { without: other(bare.url), with: other(captured.url) });
      await captured.pool.query('truncate segmentd_internal.change');
      for (const world of [bare, captured]) {
        const { rows } = await world.pool.query<{ name: string }>('select current_database() as name');
        await context.server.admin(`alter database ${rows[0]?.name} set commit_delay = 1000`);
        await context.server.admin(`alter database ${rows[0]?.name} set commit_siblings = 0`);
      }
      const slow = await alternate(rounds, { without: side(bare.url), with: side(captured.url) });
      for (const world of [bare, captured]) {
        const { rows } = await world.pool.query<{ name: string }>('select current_database() as name');
        await context.server.admin(`alter database ${rows[0]?.name} reset all`);
      }
      await captured.pool.query('truncate segmentd_internal.change');
      await captured.startWorker();
      await captured.createSegments(benchSegments(100));
      const draining = await alternate(rounds, { without: side(bare.url), with: side(captured.url) });
      const beside = (values: { without: number[]; with: number[] }): string =>
        `${median(values.with).toFixed(0)} / ${median(values.without).toFixed(0)} tps`;
      return [
        { measure: `commit latency of this disk (${loadTool()})`, value: commit, unit: 'ms' },
        {
          measure: 'capture alone, local disk',
          value: ratio(local.with, local.without),
          unit: 'x',
          wanted: { atLeast: 0.78 },
          beside: beside(local),
        },
        {
          measure: 'capture alone, commit_delay 1 ms',
          value: ratio(slow.with, slow.without),
          unit: 'x',
          wanted: { atLeast: 0.95 },
          beside: beside(slow),
        },
        {
          measure: 'update of a column that is not catalogued',
          value: ratio(uncatalogued.with, uncatalogued.without),
          unit: 'x',
          wanted: { atLeast: 0.98 },
          beside: beside(uncatalogued),
        },
        {
          measure: 'with the worker draining on the same cores, local disk',
          value: ratio(draining.with, draining.without),
          unit: 'x',
          wanted: { atLeast: 0.65 },
          beside: beside(draining),
        },
      ] satisfies Row[];
    } finally {
      await bare.drop();
      await captured.drop();
    }
  },
};
