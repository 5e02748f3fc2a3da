/**
 * What is stored of a segment and of one contact in it, and what waits: queued work, and edges that time has passed and
 * no sweep has handled. Reads only.
 */
import { masked } from '../base/mask.ts';
import { Failure, noSegment, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { now } from '../compile/calendar.ts';
import { crosses, edgeRows, waysOf } from '../compile/edge-crossing.ts';
import { join, render, param, sql, value } from '../compile/fragment.ts';
import type { Reason } from '../membership/reason.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { VersionPlan } from '../followed/plan.ts';
import { edgesOf } from '../temporal/edge.ts';
import type { ExplainedOverride } from './explanation.ts';
import { contactKey, contactTable } from './contact-scope.ts';
import type { SegmentKind } from '../lifecycle/state.ts';

export interface StoredSegment {
  readonly id: number;
  readonly state: string;
  readonly live_version: number | null;
  readonly explained_version: number | null;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly kind: SegmentKind | null;
  readonly frozen_at: string | null;
  readonly building: number | null;
}

export interface StoredContact {
  readonly entered_at: string | null;
  readonly at: string | null;
  readonly reason: Reason | null;
  readonly version: number | null;
  readonly override: ExplainedOverride | null;
  readonly changes: number;
  readonly rechecks: number;
  readonly unresolved: boolean;
  readonly rebuild: boolean;
}

export interface StoredState {
  readonly segment: StoredSegment;
  readonly contact: StoredContact;
  readonly exists: boolean;
}

/** A segment with the version that its members come from, or the wanted one before the first build. @throws {Failure} `not-found` */
export async function readExplainedSegment(client: Queryable, key: string): Promise<StoredSegment> {
  const { rows } = await client.query<StoredSegment>({ ...statement('explain-segment'), values: [key] });
  const [segment] = rows;
  if (!segment) throw noSegment(key);
  return segment;
}

/** The stored state. @throws {Failure} `not-found` for an unknown segment; `usage` when `contact` cannot be a contact's key */
export async function readStoredState(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  contact: string,
): Promise<StoredState> {
  const segment = await readExplainedSegment(client, key);
  const bad = (): Failure =>
    new Failure('usage', `${JSON.stringify(masked(contact))} cannot be the key of a contact here.`);
  if (contact.includes('\0')) throw bad();
  try {
    const { rows } = await client.query<StoredContact>({
      ...statement('explain-contact'),
      values: [segment.id, contact],
    });
    const state = rows[0];
    if (!state) throw new Error('explain-contact returned nothing');
    const row = sql`select from ${contactTable(catalogue)} where ${contactKey(catalogue)} = ${param('contact', 'segmentd.contact_key')}`;
    const { text, bind } = render(sql`select exists (${row}) as exists`);
    const found = await client.query<{ exists: boolean }>(text, bind({ contact }));
    return { segment, contact: state, exists: found.rows[0]?.exists === true };
  } catch (error) {
    // 22P02 not of the type, 22003 out of its range
    if (['22P02', '22003'].includes(sqlState(error) ?? '')) throw bad();
    throw error;
  }
}

/** Whether a row of this contact crossed an edge since the edge was last swept. */
export async function hasUnsweptEdge(
  client: Queryable,
  catalogue: Catalogue,
  plan: VersionPlan,
  contact: string,
  at: string,
): Promise<boolean> {
  const edges = edgesOf(plan.condition, catalogue, plan.timezone);
  if (edges.length === 0) return false;
  const ways = edges.flatMap((edge) => waysOf(catalogue, edge));
  const crossed = ways.map((edge) => {
    const rows = edgeRows(catalogue, edge);
    const since = crosses(edge, rows, { from: sql`e.watermark`, to: now });
    return sql`exists (select from segmentd_internal.edge e, ${rows.from}
      where e.key = ${value(edge.key, 'text')} and e.watermark < ${now} and ${rows.contact} = ${param('contact', 'segmentd.contact_key')} and ${since})`;
  });
  const { text, bind } = render(sql`select ${join(crossed, sql` or `)} as crossed`);
  const { rows } = await client.query<{ crossed: boolean }>(text, bind({ contact, now: at }));
  return rows[0]?.crossed === true;
}
