/** The segments that a contact is a member of. Reads what is committed; never waits for a worker. */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { queryByContactKey } from './contact-key.ts';

export interface SegmentOfContact {
  readonly key: string;
  readonly name: string | null;
  readonly enteredAt: string;
}

/** @throws {Failure} `usage` when `contact` cannot be a contact's key */
export async function readSegmentsOfContact(client: Queryable, contact: string): Promise<readonly SegmentOfContact[]> {
  const { rows } = await queryByContactKey(contact, () =>
    client.query<{ key: string; name: string | null; entered_at: string }>({
      ...statement('contact-segment'),
      values: [contact],
    }),
  );
  return rows.map((row) => ({ key: row.key, name: row.name, enteredAt: row.entered_at }));
}
