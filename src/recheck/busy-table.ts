/**
 * Which segments read a table that the team has locked. Their work is queued, and the work of all other segments goes
 * on. Asked only while the session is careful (a lock was refused a moment ago), because each table costs three
 * statements.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Catalogue, Table } from '../catalogue/catalogue.ts';
import { lockTables } from '../postgres/give-way.ts';
import { tablesRead } from '../followed/plan.ts';
import type { RegistryView } from '../followed/registry.ts';
import type { DrainSession } from './drain-session.ts';

/**
 * The tables that are free are held from here on. @throws 55P03 when the contacts are locked: nothing can be evaluated
 * then
 */
export async function blockedSegments(
  session: DrainSession,
  catalogue: Catalogue,
  view: RegistryView,
  segments: ReadonlySet<number>,
): Promise<ReadonlySet<number>> {
  const blocked = new Set<number>();
  if (!session.isCareful) return blocked;
  await lockTables(session.client, [catalogue.contacts.table]);
  const tried = new Map<string, boolean>();
  for (const id of segments) {
    const plan = view.live.get(id);
    if (plan === undefined) continue;
    for (const table of tablesRead(catalogue, [plan])) {
      const name = JSON.stringify([table.schema, table.name]);
      if (!tried.has(name)) tried.set(name, await isFree(session, table));
      if (tried.get(name) === false) blocked.add(id);
    }
  }
  if (blocked.size > 0) session.beCareful();
  return blocked;
}

async function isFree({ client }: DrainSession, table: Table): Promise<boolean> {
  await client.query('savepoint tried');
  try {
    await lockTables(client, [table]);
    await client.query('release savepoint tried');
    return true;
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    await client.query('rollback to savepoint tried; release savepoint tried');
    return false;
  }
}
