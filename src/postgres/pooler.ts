/**
 * Detects a pooler that shares its server connections by the transaction. Behind one, a session lock stays with the
 * next client, so do settings and prepared statements, and a LISTEN receives nothing. The check runs before any setting
 * is made: a pinned `search_path` would break the team's own statements.
 */
import type pg from 'pg';
import { Failure } from '../base/error.ts';

export const SHARED_CONNECTIONS =
  'Connections are shared by the transaction here (a pooler), but segmentd holds locks, settings, prepared statements and a LISTEN for as long as a session lasts.';
export const SHARED_CONNECTIONS_FIX = 'point DATABASE_URL at Postgres itself, or at session pooling';

/**
 * Milliseconds to wait for the second connection. A pooler in session mode may have none to give; then it does not
 * share the first.
 */
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
 * @param another makes a second client like `client`, which gives up after so many milliseconds; only when a pooler is there
 * @throws {SharedConnections}
 */
export async function refuseSharedConnections(
  client: pg.ClientBase,
  another: (connectLimit: number) => pg.Client,
): Promise<void> {
  const own = await processOf(client);
  // Postgres sends its process id when it greets; a pooler sends a number of its own.
  if (!('processID' in client) || typeof client.processID !== 'number' || client.processID === own) return;
  if (await isShared(client, own, another)) throw new SharedConnections();
}

/**
 * Opens a transaction on a second connection, which keeps its process, and then asks the first connection for its
 * process again.
 */
async function isShared(
  client: pg.ClientBase,
  own: number,
  another: (connectLimit: number) => pg.Client,
): Promise<boolean> {
  const second = another(ANSWER_MS);
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
