/** Rebuilds without a queue, on as many connections as a worker uses, or on one whose CPU time can be measured alone. */
import type pg from 'pg';
import { DEFAULT_SETTINGS } from '../../src/base/option.ts';
import { render, type Statement } from '../../src/compile/fragment.ts';
import { memberQuery } from '../../src/compile/statement.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { rebuildOwed } from '../../src/rebuild/rebuild.ts';
import type { Rebuilt } from '../../src/rebuild/rebuild-option.ts';
import { acceptVersions } from '../../src/lifecycle/accept.ts';
import { planVersion } from '../../src/followed/plan.ts';
import { Registry } from '../../src/followed/registry.ts';
import { cpuMs } from './measure.ts';
import type { World } from './bench-world.ts';

export interface Builder {
  /** Builds all that is owed; what went live. */
  rebuild(): Promise<readonly Rebuilt[]>;
  /** The backend reports now what it has written so far; without this call it may report seconds later. */
  flush(): Promise<void>;
  /** CPU milliseconds that the backend spends on a rebuild; only where there is one. */
  rebuildCpu(): Promise<number>;
  /** The contacts that match, as one plain statement. */
  members(condition: unknown): Statement;
  close(): Promise<void>;
}

export async function createBuilder(world: World, connections = DEFAULT_SETTINGS.rebuildConnections): Promise<Builder> {
  const catalogue = await world.segmentd.catalogue();
  const pool = await openPool(world.url, { max: connections });
  const registry = new Registry(catalogue);
  const rebuild = async (): Promise<readonly Rebuilt[]> => {
    await acceptVersions(pool, catalogue);
    const rebuilt: Rebuilt[] = [];
    await rebuildOwed(pool, registry, {
      connections,
      wait: (ms) => new Promise((settle) => setTimeout(settle, ms)),
      report: { rebuilt: (one) => void rebuilt.push(one) },
    });
    return rebuilt;
  };
  return {
    rebuild,
    async flush() {
      await pool.query('select pg_catalog.pg_stat_force_next_flush()');
    },
    async rebuildCpu() {
      // Asked each time: the pool ends a connection that was idle for long.
      const { rows } = await pool.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
      const pid = rows[0]?.pid ?? 0;
      const before = await cpuMs(pid);
      await rebuild();
      return (await cpuMs(pid)) - before;
    },
    members(condition) {
      const planned = planVersion(catalogue, { segmentId: 1, version: 1, condition, timezone: null });
      if (!planned.ok) throw new Error(JSON.stringify(planned.issues));
      return render(memberQuery(catalogue, planned.plan, { low: false, high: false }, { segmentId: () => 0 }));
    },
    close: () => pool.end(),
  };
}

/** `sum of paid orders > x`, x such that about `share` of the contacts match. */
export async function conditionOfShare(pool: pg.Pool, share: number): Promise<unknown> {
  const { rows } = await pool.query<{ least: string }>(
    `select round(percentile_cont($1) within group (order by coalesce(paid.total, 0))::numeric, 2)::text as least
       from public.contacts c
       left join (select contact_id, sum(total) as total from public.orders where status = 'paid' group by contact_id) paid on paid.contact_id = c.id`,
    [1 - share],
  );
  return {
    '>': [
      { sum: [{ map: [{ filter: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] }, { var: 'total' }] }] },
      rows[0]?.least ?? '0',
    ],
  };
}

export const MILLION = { contacts: 1_000_000, orders: 3_000_000 } as const;
export const QUICK_MILLION = { contacts: 100_000, orders: 300_000 } as const;
