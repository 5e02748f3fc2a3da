/**
 * The small world of the race tests with a clock that tests set, edges, and two more actors: T a sweep, C the clock. Its
 * meanings of time are hand-written SQL over `segmentd.instant()`.
 */
import { pathToFileURL } from 'node:url';
import { planVersion } from '../../src/followed/plan.ts';
import type * as sweeps from '../../src/sweep/sweep.ts';
import type * as probes from '../../src/sweep/probe.ts';
import { definitionOf } from '../../src/temporal/edge.ts';
import type { Actor, Gate } from '../race/schedule.ts';
import { castOf, type Cast } from '../support/world-actor.ts';
import { loadCode } from '../support/world-code.ts';
import type { Meaning } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { setClock, TEST_CLOCK } from './clock.ts';

/** Seen in the last minute. */
export const seen: Meaning = {
  condition: { in_last: [{ var: 'last_seen_at' }, 1, 'minute'] },
  sql: `c.last_seen_at > segmentd.instant() - interval '1 minute' and c.last_seen_at <= segmentd.instant()`,
};
/** Not seen for two minutes, and seen. */
export const quiet: Meaning = {
  condition: { before_last: [{ var: 'last_seen_at' }, 2, 'minute'] },
  sql: `c.last_seen_at <= segmentd.instant() - interval '2 minutes'`,
};
export const unseen: Meaning = { condition: { '!': [seen.condition] }, sql: `not coalesce(${seen.sql}, false)` };
export const ordered: Meaning = {
  condition: { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 1, 'minute'] }] },
  sql: `exists (select from public.orders o where o.contact_id = c.id and o.placed_at > segmentd.instant() - interval '1 minute' and o.placed_at <= segmentd.instant())`,
};
export const packed: Meaning = {
  condition: {
    '>=': [{ count: [{ filter: [{ var: 'items' }, { in_last: [{ var: 'created_at' }, 1, 'minute'] }] }] }, 2],
  },
  sql: `(select count(*) from public.orders o join public.order_items i on i.order_id = o.id where o.contact_id = c.id
    and i.created_at > segmentd.instant() - interval '1 minute' and i.created_at <= segmentd.instant()) >= 2`,
};
/** The last order, whenever it was, lies within the minute. */
export const lately: Meaning = {
  condition: { in_last: [{ last: [{ var: 'orders' }, 'placed_at'] }, 1, 'minute'] },
  sql: `(select max(o.placed_at) from public.orders o where o.contact_id = c.id) between segmentd.instant() - interval '1 minute' + interval '1 microsecond' and segmentd.instant()`,
};

const CLOCK = `${TEST_CLOCK}
  create index on public.contacts (last_seen_at); create index on public.orders (placed_at);`;

export interface TimedWorld {
  readonly world: World;
  readonly cast: Cast;
  begin(
    at: string,
    data: string,
    segments: Readonly<Record<string, Meaning>>,
    options?: { readonly again?: string },
  ): Promise<void>;
  clock(at: string): Promise<void>;
  /** Sweeps up to the present, drains, builds, until nothing is left. */
  settle(): Promise<void>;
  /** One sweep of every edge, group by group. */
  sweep(
    name: string,
    options?: { readonly steps?: readonly string[]; readonly batchSize?: number; readonly failAt?: string },
  ): Promise<Actor>;
  /** Sets the clock, once a move. */
  time(name: string, instants: readonly string[]): Actor;
  end(): Promise<void>;
}

interface SweepCode {
  readonly sweep: (typeof sweeps)['sweep'];
  readonly probeAll: (typeof probes)['probeAll'];
}

async function loadSweep(root?: string): Promise<SweepCode> {
  const src = root === undefined ? new URL('../../src/', import.meta.url) : new URL('src/', pathToFileURL(`${root}/`));
  const [sweeping, probing] = (await Promise.all(
    ['sweep/sweep', 'sweep/probe'].map((file) => import(/* @vite-ignore */ new URL(`${file}.ts`, src).href)),
  )) as unknown as [typeof sweeps, typeof probes];
  return { sweep: sweeping.sweep, probeAll: probing.probeAll };
}

class Broken extends Error {}

/** `root`: a copy of the code that was changed on purpose. */
export async function createTimedWorld(root?: string): Promise<TimedWorld> {
  const code = await loadCode(root);
  const { sweep, probeAll } = await loadSweep(root);
  const world = await createWorld({ code, tables: CLOCK });
  const { pool, catalogue } = world;
  const cast = castOf(world);
  const settler = await world.workerPool('settler');
  const registry = new code.Registry(catalogue);
  const clients = new Map<string, Awaited<ReturnType<typeof hire>>>();
  const hire = async (name: string) => {
    const own = await world.workerPool(name);
    const client = await own.connect();
    const end = own.end.bind(own);
    own.end = async () => {
      client.release(true);
      await end();
    };
    return { client, registry: new code.Registry(catalogue) };
  };
  const hired = async (name: string) => {
    const known = clients.get(name) ?? (await hire(name));
    clients.set(name, known);
    return known;
  };

  const link = async (at: string): Promise<void> => {
    const { rows } = await pool.query<{ id: number; version: number; condition: unknown }>(
      'select s.id, v.version, v.condition from segmentd.segment s join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version',
    );
    for (const { id, version, condition } of rows) {
      const planned = planVersion(catalogue, { segmentId: id, version, condition, timezone: null });
      if (!planned.ok) throw new Error('a meaning does not check');
      for (const edge of planned.plan.edges) {
        await pool.query(
          `with added as (
             insert into segmentd_internal.edge (key, source, definition, watermark) select $1, so.id, $2, $3 from segmentd_internal.source so where so.key = $4
             on conflict (key) do update set watermark = excluded.watermark returning id)
           insert into segmentd_internal.segment_edge (segment_id, version, edge_id) select $5, $6, a.id from added a`,
          [edge.key, JSON.stringify(definitionOf(edge)), at, edge.source, id, version],
        );
      }
    }
    await pool.query('update segmentd_internal.installation set generation = generation + 1');
  };
  const clock = (at: string): Promise<void> => setClock(pool, at);

  return {
    world,
    cast,
    clock,
    async begin(at, data, segments, options = {}) {
      await clock(at);
      await pool.query(
        `begin; delete from segmentd_internal.segment_edge; delete from segmentd_internal.edge; update segmentd_internal.clock set high = '${at}'; commit`,
      );
      await world.begin(data, segments, options);
      await link(at);
    },
    async settle() {
      const client = await settler.connect();
      try {
        for (;;) {
          await world.settle();
          const { edges } = await registry.current(client);
          const { crossing } = await probeAll(client, catalogue, edges.byId);
          if (crossing.length === 0) return;
          for (const id of crossing) {
            const edge = edges.byId.get(id);
            if (edge) await sweep(client, catalogue, [{ id, edge }], { batchSize: 1_000 });
          }
        }
      } finally {
        client.release();
      }
    },
    async sweep(name, { steps, batchSize = 1_000, failAt } = {}) {
      const { client, registry: own } = await hired(name);
      return {
        name,
        applications: [name],
        async run(gate: Gate) {
          const { edges } = await own.current(client);
          const at = async (step: string): Promise<void> => {
            if (step === failAt) throw new Broken();
            if (steps === undefined || steps.includes(step)) await gate(step);
          };
          const stored = [...edges.byId].map(([id, edge]) => ({ id, edge }));
          if (stored.length === 0) return;
          await sweep(client, catalogue, stored, { batchSize, at }).catch((error: unknown) => {
            if (!(error instanceof Broken)) throw error;
          });
        },
      };
    },
    time(name, instants) {
      return {
        name,
        applications: [name],
        async run(gate: Gate) {
          for (const [index, at] of instants.entries()) {
            if (index > 0) await gate();
            await clock(at);
          }
        },
      };
    },
    end: () => world.end(),
  };
}
