/**
 * Decisions by hand of contacts that are gone, as SQL: those that may be removed, locked without waiting for a caller, then looked
 * at again. A key that changed is not gone: what was decided of it is about to follow (key-change.ts).
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, param, sql, type Fragment } from '../compile/fragment.ts';
import type { Client } from '../postgres/pool.ts';
import { contactExists } from './override.ts';

export function deletedOverrides(catalogue: Catalogue, which: Fragment): Fragment {
  return sql`select w.ctid::text as row_id from segmentd.override w
    where ${which} and ${isGone(catalogue)}
    for update of w skip locked`;
}

export function purgedOverrides(catalogue: Catalogue): Fragment {
  return sql`delete from segmentd.override w where w.ctid = any (${param('rows', 'text[]')}::tid[]) and ${isGone(catalogue)}`;
}

function isGone(catalogue: Catalogue): Fragment {
  return sql`not ${contactExists(catalogue, sql`w.contact_id`)} and not exists (select from segmentd.key_change k where k.old_key = w.contact_id)`;
}

/** Removes what was decided of these contacts, where they are gone; for who has no session of a drain. */
export async function purgeOverridesOf(
  client: Client,
  catalogue: Catalogue,
  contacts: readonly string[],
): Promise<void> {
  const locked = render(
    deletedOverrides(catalogue, sql`w.contact_id = any (${param('contacts', 'segmentd.contact_key[]')})`),
  );
  const { rows } = await client.query<{ row_id: string }>(locked.text, locked.bind({ contacts }));
  const purged = render(purgedOverrides(catalogue));
  await client.query(purged.text, purged.bind({ rows: rows.map((row) => row.row_id) }));
}
