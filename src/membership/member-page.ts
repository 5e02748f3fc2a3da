/**
 * Pages of a segment's members, in order of the contact's key. Reads what is committed; never waits for a worker.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { queryByContactKey } from './contact-key.ts';
import { segmentIdOf } from './segment-id.ts';

export interface Member {
  /** The contact's key, as text whatever its type. */
  readonly contactId: string;
  /** ISO 8601 with microseconds, UTC. */
  readonly enteredAt: string;
}

/** Members in one page. */
export const PAGE = 1_000;

/**
 * A page of members in order of the contact's key.
 * @param options.after the last `contactId` of the previous page
 * @param options.limit the most rows to return; default 1,000
 * @throws {Failure} `not-found`; `usage` when `after` cannot be a contact's key
 */
export async function readMembers(
  client: Queryable,
  key: string,
  options: { readonly limit?: number; readonly after?: string } = {},
): Promise<readonly Member[]> {
  const id = await segmentIdOf(client, key);
  return readPage(client, id, options.after ?? null, options.limit ?? PAGE);
}

/**
 * All members, one query a page, so memory stays constant. A change that commits between two pages may or may not show.
 * @throws {Failure} as `readMembers`
 */
export async function* readMemberPages(
  client: Queryable,
  key: string,
  options: { readonly limit?: number; readonly after?: string } = {},
): AsyncGenerator<readonly Member[], void, void> {
  const id = await segmentIdOf(client, key);
  let after = options.after ?? null;
  for (let left = options.limit ?? Infinity; left > 0;) {
    const rows = await readPage(client, id, after, Math.min(left, PAGE));
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.contactId;
    left -= rows.length;
  }
}

async function readPage(
  client: Queryable,
  id: number,
  after: string | null,
  limit: number,
): Promise<readonly Member[]> {
  const { rows } = await queryByContactKey(after, () =>
    client.query<{ contact_id: string; entered_at: string }>({
      ...statement('member-page'),
      values: [id, after, limit],
    }),
  );
  return rows.map((row) => ({ contactId: row.contact_id, enteredAt: row.entered_at }));
}
