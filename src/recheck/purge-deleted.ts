/**
 * A deleted contact leaves every segment in every state. Followed segments lose it by the recheck itself. This finds
 * the memberships that the contact still has in segments that are frozen (paused, failed, invalid, archived) or not
 * asked in this batch, its overrides, and its ranks.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, render, param, sql, tableName, value, type Fragment } from '../compile/fragment.ts';
import { dependentParams, writeDifference, type Written } from '../membership/diff.ts';
import { slotOf, trySlotsShared } from '../postgres/lock.ts';
import { deletedOverrides, purgedOverrides } from '../override/purge-override.ts';
import { appendRechecks, originsOf, type Change, type Recheck } from './consume.ts';
import type { LockedSegments } from './lock-segments.ts';
import type { DrainSession } from './drain-session.ts';

/** Only a change without a mask can be a deletion, and a rank may have been stored after it; a recheck of a frozen segment exists for nothing else. */
function maybeDeleted(locked: LockedSegments, changes: readonly Change[], rechecks: readonly Recheck[]): string[] {
  const { route, segments } = locked.view;
  const contacts = new Set<string>();
  for (const { mask, edge, source, contact_id } of changes)
    if (edge === null && (route.isRank(source) || (mask === null && route.isContact(source)))) contacts.add(contact_id);
  // An override may name a contact that is not there, or the change that said so found the segment busy.
  for (const row of rechecks)
    if (['manual', 'contact', 'delete'].includes(row.reason) || !segments.get(row.segment_id)?.live)
      contacts.add(row.contact_id);
  return [...contacts];
}

export interface PurgeContext {
  readonly session: DrainSession;
  readonly locked: LockedSegments;
  /** The instant of the drain, as text. */
  readonly at: string;
}

/** Returns what it wrote. */
export async function purgeDeleted(
  { session, locked, at }: PurgeContext,
  changes: readonly Change[],
  rechecks: readonly Recheck[],
): Promise<Written[]> {
  const { catalogue } = locked.view;
  const contacts = maybeDeleted(locked, changes, rechecks);
  if (contacts.length === 0) return [];
  const epoch = locked.view.catalogueEpoch;
  const left = await session.prepared.run<{ segment_id: number; contact_id: string }>(
    `deleted ${epoch}`,
    () => render(leftovers(catalogue)),
    { contacts },
  );
  await purgeOverrides(session, catalogue, epoch, contacts);
  if (catalogue.ranks)
    await session.prepared.run(
      `purge rank ${epoch}`,
      () => render(purgedRanks(catalogue, sql`r.contact_id = any (${param('contacts', 'segmentd.contact_key[]')})`)),
      { contacts },
    );
  if (left.rows.length === 0) return [];
  const held = await trySlotsShared(session.client, [...new Set(left.rows.map((row) => slotOf(row.segment_id)))]);
  const mine = left.rows.filter((row) => held.has(slotOf(row.segment_id)));
  const others = left.rows.filter((row) => !held.has(slotOf(row.segment_id)));
  const origins = others.length === 0 ? new Map<string, string>() : originsOf([...changes, ...rechecks]);
  await appendRechecks(
    session,
    others.map((row) => ({
      segmentId: row.segment_id,
      contact: row.contact_id,
      reason: 'delete',
      epoch: null,
      origin: origins.get(row.contact_id) ?? null,
    })),
  );
  const written = await session.prepared.run<Written>(
    `purge ${epoch}`,
    () => render(writeDifference({ rows: purge(catalogue) })),
    {
      at,
      segments: mine.map((row) => row.segment_id),
      contacts: mine.map((row) => row.contact_id),
      ...dependentParams(locked.view.dependents, new Set(mine.map((row) => row.segment_id))),
    },
  );
  return written.rows;
}

/**
 * Deletes the overrides of deleted contacts. They are locked first, never waiting for a caller, and looked at again in
 * a new statement: the contact may have come back meanwhile. A caller that overrides it anew writes the row, and a
 * recheck with it.
 */
async function purgeOverrides(
  session: DrainSession,
  catalogue: Catalogue,
  epoch: number,
  contacts: readonly string[],
): Promise<void> {
  const locked = await session.prepared.run<{ row_id: string }>(
    `deleted override ${epoch}`,
    () => render(deletedOverrides(catalogue, sql`w.contact_id = any (${param('contacts', 'segmentd.contact_key[]')})`)),
    { contacts },
  );
  await purgeLocked(session, catalogue, epoch, locked);
}

/** Overrides and ranks of all contacts, after a TRUNCATE. */
export async function purgeAllDeleted(session: DrainSession, catalogue: Catalogue, epoch: number): Promise<void> {
  if (catalogue.ranks)
    await session.prepared.run(`purge any rank ${epoch}`, () => render(purgedRanks(catalogue, sql`true`)), {});
  await purgeLocked(
    session,
    catalogue,
    epoch,
    await session.prepared.run(
      `any deleted override ${epoch}`,
      () => render(deletedOverrides(catalogue, sql`true`)),
      {},
    ),
  );
}

async function purgeLocked(
  session: DrainSession,
  catalogue: Catalogue,
  epoch: number,
  locked: { readonly rows: readonly { row_id: string }[] },
): Promise<void> {
  if (locked.rows.length === 0) return;
  const rows = locked.rows.map((row) => row.row_id);
  await session.prepared.run(`purge override ${epoch}`, () => render(purgedOverrides(catalogue)), { rows });
}

/**
 * A computation locks the rows that it writes until its commit. This waits for none of them: the trigger then reports each of these
 * contacts, and their drain comes here again.
 */
function purgedRanks(catalogue: Catalogue, which: Fragment): Fragment {
  return sql`delete from segmentd.contact_rank d using (
      select r.contact_id from segmentd.contact_rank r where ${which} and not ${exists(catalogue, sql`r.contact_id`)}
      for update of r skip locked
    ) as purged where d.contact_id = purged.contact_id`;
}

function exists(catalogue: Catalogue, key: Fragment): Fragment {
  const { table, key: own } = catalogue.contacts;
  return sql`exists (select from ${tableName(table)} c where c.${ident(own.column)} = ${key})`;
}

/**
 * Without members that this transaction admitted: their change that reports the deletion is still to come, with its own
 * events.
 */
function leftovers(catalogue: Catalogue): Fragment {
  return sql`select m.segment_id, m.contact_id::text as contact_id from segmentd.membership m
    where m.contact_id = any (${param('contacts', 'segmentd.contact_key[]')}) and m.xmin <> pg_current_xact_id()::xid
      and not ${exists(catalogue, sql`m.contact_id`)}`;
}

/** Looked at again under the slot: a contact may have come back meanwhile, and then its own change is on the way. */
function purge(catalogue: Catalogue): Fragment {
  return sql`select m.segment_id, m.contact_id, false as wanted, ${value('delete', 'text')} as reason,
      coalesce(s.live_version, s.version) as version
    from unnest(${param('segments', 'int[]')}, ${param('contacts', 'segmentd.contact_key[]')}) as p(segment_id, contact_id)
    join segmentd.membership m on m.segment_id = p.segment_id and m.contact_id = p.contact_id
    join segmentd.segment s on s.id = m.segment_id
    where not ${exists(catalogue, sql`m.contact_id`)}`;
}
