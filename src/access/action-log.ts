/** The action log: who did what. Entries hold the keys of segments and contacts, and no values of rows. */
import { sqlState } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { Action, ReadAction } from './action.ts';

export interface ActionEntry {
  /** Rises with time. */
  readonly id: string;
  /** ISO 8601 with microseconds, UTC. */
  readonly at: string;
  /** The person; null: not known. */
  readonly actor: string | null;
  /** The login of Postgres that did it. */
  readonly databaseRole: string;
  /** How the person came in: `link`, `oidc`, `session`, `token` or `proxy`; else the application name of the session. */
  readonly way: string | null;
  readonly action: Action;
  /** Key of the segment, as it was then. */
  readonly segment: string | null;
  readonly contact: string | null;
  /** What else is known, such as the version. */
  readonly detail: Readonly<Record<string, unknown>> | null;
}

export interface ActionFilter {
  readonly segment?: string;
  readonly actor?: string;
  readonly contact?: string;
  readonly action?: Action;
  /** At most so many; default 50. */
  readonly limit?: number;
  /** Begins behind the entry with this id. */
  readonly after?: string;
}

/** What a person did that changes no table. */
export interface ReadNote {
  readonly action: ReadAction;
  readonly segment?: string;
  readonly contact?: string;
  /** No values of rows: names of columns, numbers. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

interface EntryRow extends Omit<ActionEntry, 'databaseRole'> {
  readonly database_role: string;
}

/** The latest first. */
export async function listActions(client: Queryable, filter: ActionFilter = {}): Promise<readonly ActionEntry[]> {
  const { segment, actor, contact, action, limit = 50, after } = filter;
  const found = await client
    .query<EntryRow>({
      ...statement('action-list'),
      values: [segment ?? null, actor ?? null, contact ?? null, action ?? null, after ?? null, limit],
    })
    .catch((error: unknown) => {
      // What cannot be the key of a contact, or the id of an entry, has no entries.
      if (contact === undefined && after === undefined) throw error;
      if (sqlState(error)?.startsWith('22') !== true) throw error;
      return { rows: [] };
    });
  return found.rows.map(({ database_role: databaseRole, ...same }) => ({ ...same, databaseRole }));
}

/** Appends an entry for the person and the login of the connection. What cannot be the key of a contact is left out. */
export async function noteAction(client: Queryable, { action, segment, contact, detail }: ReadNote): Promise<void> {
  const note = (key: string | null) =>
    client.query({
      ...statement('action-note'),
      values: [action, segment ?? null, key, detail === undefined ? null : JSON.stringify(detail)],
    });
  await note(contact ?? null).catch((error: unknown) => {
    if (contact === undefined || sqlState(error)?.startsWith('22') !== true) throw error;
    return note(null);
  });
}

/** Prunes entries older than `days`; 0: none. */
export async function pruneActions(client: Queryable, days: number): Promise<void> {
  if (days === 0) return;
  for (let more = true; more;) {
    const { rows } = await client.query<{ pruned: number }>('select segmentd_internal.prune_actions($1) as pruned', [
      days,
    ]);
    more = (rows[0]?.pruned ?? 0) > 0;
  }
}
