/**
 * Whether a pooler that hands out connections by the transaction stands between us and Postgres. Behind one, a session lock
 * stays with the next client, and so do settings and prepared statements; a LISTEN hears nothing. So it is asked before a
 * setting is made: a pinned `search_path` would break the team's own statements.
 */
import pg from 'pg';
import { Failure } from '../base/error.ts';

export const SHARED_CONNECTIONS =
  'Connections are shared by the transaction here (a pooler), but segmentd holds locks, settings, prepared statements and a LISTEN for as long as a session lasts.';
export const SHARED_CONNECTIONS_FIX = 'point DATABASE_URL at Postgres itself, or at session pooling';

/** Milliseconds. A pooler in session mode may have no second connection to give; then it has not shared the first. */
const ANSWER_MS = 2_000;

export class SharedConnections extends Failure {
  constructor() {
    super(
      'incompatible',
      `${SHARED_CONNECTIONS} ${SHARED_CONNECTIONS_FIX.replace(/^./, (first) => first.toUpperCase())}.`,
    );
  }
}

/**
 * @param config how to open a second connection like `client`; that happens only when a pooler is there
 * @throws {SharedConnections}
 */
export async function refuseSharedConnections(client: pg.ClientBase, config: pg.ClientConfig): Promise<void> {
  const own = await processOf(client);
  // Postgres says the process in its greeting; a pooler greets with a number of its own.
  if (!('processID' in client) || typeof client.processID !== 'number' || client.processID === own) return;
  if (await isShared(client, own, config)) throw new SharedConnections();
}

/** The second connection opens a transaction, which keeps its process, while the first is asked again. */
async function isShared(
  client: pg.ClientBase,
  own: number,
  { password, ...config }: pg.ClientConfig,
): Promise<boolean> {
  const second = new pg.Client({ ...config, password, connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS });
  second.on('error', () => {});
  try {
    await second.connect();
    await second.query('begin read only');
    const other = await processOf(second);
    return other === own || (await processOf(client)) !== own;
  } catch {
    return false;
  } finally {
    await second.end().catch(() => undefined);
  }
}

async function processOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  const [row] = rows;
  if (row === undefined) throw new Error('no process');
  return row.pid;
}
