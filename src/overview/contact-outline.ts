/** One contact as its page shows it: columns, the segments that it is in and why, overrides, what happened. Reads only. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { param, render, sql } from '../compile/fragment.ts';
import { contactJoin, printedColumns, readPrinted, type Printed } from '../export/printed-row.ts';
import { queryByContactKey } from '../membership/contact-key.ts';
import type { Reason } from '../membership/reason.ts';
import { contactExists, type Override } from '../override/override.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { listEvents, type ListedEvent } from './event-list.ts';
import { shownColumns, shownValues, type ShownOptions, type ShownValues } from './shown-column.ts';

/** All instants are ISO 8601 with microseconds, UTC. */
export interface ContactOutline {
  readonly contactId: string;
  /** Whether the contacts table has it, also where `contacts.where` shuts it out. */
  readonly exists: boolean;
  readonly values: ShownValues;
  readonly segments: readonly ContactSegment[];
  readonly overrides: readonly ContactOverride[];
  /** The newest 50 over all segments. */
  readonly events: readonly ListedEvent[];
}

/** A segment that the contact is in. */
export interface ContactSegment {
  readonly key: string;
  readonly name: string | null;
  readonly enteredAt: string;
  /** Null when the history no longer reaches back so far. */
  readonly reason: Reason | null;
}

export interface ContactOverride extends Omit<Override, 'contactId'> {
  /** Key of the segment. */
  readonly segment: string;
}

const EVENTS = 50;
const TIMEOUTS = { statementTimeout: 10_000, patience: 3_000 } as const;

/** @throws {Failure} `usage` when `contact` cannot be a contact's key; `permission` */
export async function outlineContact(
  pool: Pool,
  catalogue: Catalogue,
  contact: string,
  options: ShownOptions = {},
): Promise<ContactOutline> {
  const shown = await shownColumns(pool, catalogue, options);
  const { columns } = shown;
  const key = sql`${param('contact', 'text')}::segmentd.contact_key`;
  const { text, bind } =
    render(sql`select r.contact_id::text as contact_id, ${contactExists(catalogue, sql`r.contact_id`)} as exists,
      ${printedColumns(columns)} as printed
    from (select ${key} as contact_id) as r${contactJoin(catalogue, columns)}`);
  const reads = { ...columns, tables: [...new Set([catalogue.contacts.table, ...columns.tables])] };
  const found = await readPrinted(pool, reads, TIMEOUTS, (client) =>
    queryByContactKey(contact, async () => {
      const [row] = (
        await client.query<{ contact_id: string; exists: boolean; printed: Printed }>(text, bind({ contact }))
      ).rows;
      const segments = await client.query<{
        key: string;
        name: string | null;
        entered_at: string;
        reason: Reason | null;
      }>({
        ...statement('contact-membership'),
        values: [contact],
      });
      const overrides = await client.query<{
        segment: string;
        kind: Override['kind'];
        note: string | null;
        created_by: string;
        database_role: string;
        created_at: string;
        expires_at: string | null;
      }>({ ...statement('contact-override'), values: [contact] });
      return { row, segments: segments.rows, overrides: overrides.rows };
    }),
  );
  const { events } = await listEvents(pool, catalogue, { columns: [], contact, limit: EVENTS });
  return {
    contactId: found.row?.contact_id ?? contact,
    exists: found.row?.exists ?? false,
    values: shownValues(shown, found.row?.printed ?? []),
    segments: found.segments.map(({ entered_at, ...same }) => ({ ...same, enteredAt: entered_at })),
    overrides: found.overrides.map(({ created_by, database_role, created_at, expires_at, ...same }) => ({
      ...same,
      createdBy: created_by,
      databaseRole: database_role,
      createdAt: created_at,
      expiresAt: expires_at,
    })),
    events,
  };
}
