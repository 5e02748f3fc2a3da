/**
 * A pool seen by one person: each connection that it hands out has the person's role and name, and loses both when it is released.
 * Postgres itself decides by the role what the person may do. Once the signal is raised, what runs is cancelled in the server.
 */
import pg from 'pg';
import { overlaid } from './overlaid.ts';
import type { Client, Pool } from './pool.ts';

export interface Acting {
  /** A role that the login may set; absent: the login's own. */
  readonly role?: string;
  /** The person's name: the setting `segmentd.actor` of the session, for triggers and logs of the team. */
  readonly actor: string;
  /** How the person came in, such as `session`: the setting `segmentd.way`, for the action log. */
  readonly way?: string;
  /** Raised when the person no longer waits for the answer. */
  readonly signal?: AbortSignal;
}

/** The settings that hold the person's name, and how the person came in, while the person uses the connection. */
export const ACTOR_SETTING = 'segmentd.actor';
const WAY_SETTING = 'segmentd.way';

const ACT = `select pg_catalog.pg_backend_pid() as pid, pg_catalog.set_config($1, $2, false), pg_catalog.set_config($3, $4, false), pg_catalog.set_config('role', $5, false)`;
const LEAVE = `select pg_catalog.set_config('role', 'none', false), pg_catalog.set_config($1, '', false), pg_catalog.set_config($2, '', false)`;
const CANCEL = 'select pg_catalog.pg_cancel_backend($1)';

type Run = (...given: unknown[]) => Promise<pg.QueryResult>;

/** @throws {DOMException} `AbortError` from `connect` and `query` once the signal is raised */
export function actingPool(pool: Pool, { role = 'none', actor, way = '', signal }: Acting): Pool {
  async function connect(): Promise<Client> {
    signal?.throwIfAborted();
    const client = await pool.connect();
    let pid: number | undefined;
    try {
      const { rows } = await client.query<{ pid: number }>(ACT, [ACTOR_SETTING, actor, WAY_SETTING, way, role]);
      pid = rows[0]?.pid;
      signal?.throwIfAborted();
    } catch (error) {
      client.release(error instanceof Error ? error : true);
      throw error;
    }
    let cancelling: Promise<void> = Promise.resolve();
    let released = false;
    const cancel = (): void => {
      cancelling = cancelOf(pool, pid).catch(() => undefined);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    const release = (broken?: Error | boolean): void => {
      if (released) return;
      released = true;
      signal?.removeEventListener('abort', cancel);
      leave(client, cancelling, broken).then(
        () => client.release(),
        (error: Error) => client.release(error),
      );
    };
    return overlaid(client, { release });
  }

  async function query(...given: unknown[]): Promise<pg.QueryResult> {
    const client = await connect();
    let broken: boolean | undefined;
    try {
      return await (client.query.bind(client) as Run)(...given);
    } catch (error) {
      broken = !(error instanceof pg.DatabaseError);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  // The pool stays that of all persons: one of them does not end it.
  return overlaid(pool, { connect, query, end: () => Promise.resolve() });
}

/** @throws when the connection must not be used again */
async function leave(client: Client, cancelling: Promise<void>, broken: Error | boolean | undefined): Promise<void> {
  // A cancel that comes late would end the statement of the connection's next user.
  await cancelling;
  if (broken !== undefined && broken !== false) throw broken instanceof Error ? broken : new Error('broken');
  await client.query(LEAVE, [ACTOR_SETTING, WAY_SETTING]);
}

async function cancelOf(pool: Pool, pid: number | undefined): Promise<void> {
  const other = await pool.connect();
  try {
    await other.query(CANCEL, [pid]);
  } finally {
    other.release();
  }
}
