/**
 * Purges overrides of deleted contacts. It locks their rows without waiting for a caller, and looks at them again. The overrides of a
 * changed key are not purged: they move to the new key (key-change.ts).
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, param, sql, type Fragment } from '../compile/fragment.ts';
import type { Client } from '../postgres/pool.ts';
import { contactExists } from './override.ts';

/** Locks the overrides of deleted contacts that no caller holds. */
export function deletedOverrides(catalogue: Catalogue, which: Fragment): Fragment {
  return sql`select w.ctid::text as row_id from segmentd.override w
    where ${which} and ${isDeleted(catalogue)}
    for update of w skip locked`;
}

/** Deletes those of the locked rows whose contact is still deleted. */
export function purgedOverrides(catalogue: Catalogue): Fragment {
  return sql`delete from segmentd.override w where w.ctid = any (${param('rows', 'text[]')}::tid[]) and ${isDeleted(catalogue)}`;
}

function isDeleted(catalogue: Catalogue): Fragment {
  return sql`not ${contactExists(catalogue, sql`w.contact_id`)} and not exists (select from segmentd_internal.key_change k where k.old_key = w.contact_id)`;
}

/** Purges the overrides of those of these contacts that are deleted, for code without a session of a drain. */
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
