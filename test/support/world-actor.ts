/** The actors of PROTOCOL.md with their steps: W a team's write, D a drain, R a resolve, B a rebuild, E an edit, Q a request. */
import type pg from 'pg';
import { sqlState } from '../../src/base/error.ts';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { DrainSession } from '../../src/recheck/drain-session.ts';
import type { Registry } from '../../src/followed/registry.ts';
import type { Actor, Gate } from '../race/schedule.ts';
import type { World } from './world.ts';

export interface DrainActor {
  readonly steps?: readonly string[];
  readonly batchSize?: number;
  /** Also stands before a prepared statement whose name begins like this. */
  readonly before?: string;
  /** Batches; until nothing is found when `Infinity`. Default 1. */
  readonly batches?: number;
  /** What it takes the team's tables for; it stops when that does not fit. */
  readonly catalogue?: Catalogue;
  /** Ends the first batch with an error at this step. */
  readonly failAt?: string;
}

export interface Cast {
  /** `begin; text`, a gate, `commit` (or `rollback`). Several texts: a gate between each. */
  write(name: string, text: string | readonly string[], end?: 'commit' | 'rollback'): Promise<Actor>;
  /** One batch; stands at those steps (default all). */
  drain(name: string, options?: DrainActor): Promise<Actor>;
  resolve(name: string): Promise<Actor>;
  /** All that is owed. */
  rebuild(name: string, options?: { readonly steps?: readonly string[] }): Promise<Actor>;
  /** Validates what is proposed. */
  accept(name: string): Promise<Actor>;
  /** Carries out pauses, resumes, deletes. */
  request(name: string): Promise<Actor>;
}

/** Actors keep their connections, prepared statements and floors over all runs of a world, as workers do. */
export function castOf(world: World): Cast {
  const { code, catalogue } = world;
  const clients = new Map<string, Promise<{ pool: pg.Pool; client: pg.PoolClient }>>();
  const workers = new Map<string, Promise<Worker>>();
  /** A connection of its own; it is freed when the world ends its pool. */
  const connect = async (name: string) => {
    const pool = await world.workerPool(name);
    const client = await pool.connect();
    const end = pool.end.bind(pool);
    pool.end = async () => {
      client.release(true);
      await end();
    };
    return { pool, client };
  };
  const hire = async (name: string): Promise<Worker> => {
    const { pool, client } = await connected(name);
    const session = new code.DrainSession(client, 'bigint');
    await session.prepare();
    return { pool, session, registry: new code.Registry(catalogue) };
  };
  const connected = (name: string) => remembered(clients, name, connect);
  const worker = (name: string): Promise<Worker> => remembered(workers, name, hire);
  /** The team's sessions have the team's path. */
  const writer = async (name: string): Promise<pg.PoolClient> => {
    const { client } = await connected(name);
    await client.query('set search_path = "$user", public');
    return client;
  };
  const actor = (name: string, run: (gate: Gate) => Promise<void>): Actor => ({ name, applications: [name], run });

  return {
    async write(name, text, end = 'commit') {
      const client = await writer(name);
      return actor(name, async (gate) => {
        await client.query('begin');
        for (const one of typeof text === 'string' ? [text] : text) {
          await client.query(one);
          await gate();
        }
        await client.query(end);
      });
    },
    async drain(name, { steps, batchSize = 1_000, before, batches = 1, failAt, catalogue: believed } = {}) {
      const { session, registry: own } = await worker(name);
      const registry = believed ? new code.Registry(believed) : own;
      return actor(name, async (gate) => {
        const stop = before === undefined ? () => {} : gateBefore(session.client, before, gate);
        const at = async (step: string): Promise<void> => {
          if (step === failAt) throw new Broken();
          if (steps === undefined ? step !== 'rechecked' : steps.includes(step)) await gate(step);
        };
        try {
          for (let batch = 0; batch < batches; batch += 1) {
            const drained = await code.drain(session, registry, { batchSize, at }).catch((error: unknown) => {
              if (!(error instanceof Broken) && !(error instanceof code.CatalogueBehind)) throw error;
            });
            if (drained?.idle === true) return;
          }
        } finally {
          stop();
        }
      });
    },
    async resolve(name) {
      const { session, registry } = await worker(name);
      return actor(name, async () => {
        await code.resolve(session, registry, 1_000);
      });
    },
    async rebuild(name, { steps } = {}) {
      const { pool, registry } = await worker(name);
      return actor(name, async (gate) => {
        const build = (): Promise<unknown> =>
          code
            .rebuildOwed(pool, registry, {
              // One connection an actor: a gate holds one.
              connections: 1,
              wait: () => gate('wait'),
              at: async (step) => (steps === undefined || steps.includes(step) ? gate(step) : undefined),
            })
            // Another session held a lock for longer than a chunk waits, as on a busy machine: begun again, as workers do.
            .catch((error: unknown) => (sqlState(error) === '55P03' ? build() : Promise.reject(error)));
        await build();
      });
    },
    async accept(name) {
      const { pool } = await worker(name);
      return actor(name, async () => {
        await code.acceptVersions(pool, catalogue);
      });
    },
    async request(name) {
      const { pool, registry } = await worker(name);
      return actor(name, async () => {
        await code.carryOutRequests(pool, registry);
      });
    },
  };
}

interface Worker {
  readonly pool: pg.Pool;
  readonly session: DrainSession;
  readonly registry: Registry;
}

function remembered<T>(known: Map<string, Promise<T>>, name: string, make: (name: string) => Promise<T>): Promise<T> {
  const one = known.get(name) ?? make(name);
  known.set(name, one);
  return one;
}

class Broken extends Error {}

/** Stands before each such statement of the connection; returns how to end that. */
function gateBefore(client: pg.PoolClient, name: string, gate: Gate): () => void {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  const gated = async (...args: unknown[]): Promise<unknown> => {
    const [config] = args;
    if (typeof config === 'object' && config !== null && 'name' in config && String(config.name).startsWith(name))
      await gate(name);
    return query(...args);
  };
  Object.assign(client, { query: gated });
  return () => void Object.assign(client, { query });
}

/** One after the other, with a gate in between. */
export function sequence(name: string, actors: readonly Actor[]): Actor {
  return {
    name,
    applications: [...new Set(actors.flatMap((actor) => actor.applications))],
    async run(gate) {
      for (const [index, actor] of actors.entries()) {
        if (index > 0) await gate();
        await actor.run(gate);
      }
    },
  };
}
