/**
 * An edit tried before it is made: who would enter and leave, held against stored membership as the rebuild would hold it.
 * Limited in time like a preview. Reads only.
 */
import { Failure } from '../base/error.ts';
import { CALL_DEFAULTS, DEFAULT_SETTINGS } from '../base/option.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { integer, render, sql, tableName } from '../compile/fragment.ts';
import { differenceInRange } from '../membership/stored-difference.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { differenceLines, differenceOf } from '../segment/edit-difference.ts';
import { exceeds, movementText, type GuardLimits, type Movement } from '../lifecycle/guard.ts';
import { planVersion, tablesRead } from '../followed/plan.ts';
import { checkChange, type SegmentChange } from '../segment/edit-segment.ts';
import { segmentIds } from '../segment/read-segment.ts';
import { extrapolatedAmount, type Amount } from './amount.ts';
import { readPlanEstimate } from './plan-cost.ts';
import { movementQuery, type Draft } from './preview-query.ts';
import { inLimitedSession, type LimitedSession } from './limited-session.ts';
import type { PreviewOptions } from './preview.ts';
import { readSampledKeys } from './contact-sample.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';

interface Bounds {
  readonly low: number;
  readonly high: number;
}

export interface EditPreview extends Movement {
  readonly key: string;
  /** What the condition and zone would say that they do not say now. */
  readonly changes: readonly string[];
  /** What `entering` and `leaving` rest on. */
  readonly basis: 'exact' | 'sample';
  /** Of a sample: the true numbers lie between these for 95 of 100 samples. */
  readonly bounds: { readonly entering: Bounds; readonly leaving: Bounds } | null;
  /** Keys of contacts that would enter, and leave. */
  readonly sample: { readonly entering: readonly string[]; readonly leaving: readonly string[] };
  /** Whether a version is live already: before the first build there is no member who could leave. */
  readonly live: boolean;
}

const TIMEOUT = DEFAULT_SETTINGS.previewTimeout;
const SAMPLE = CALL_DEFAULTS.previewSample;
/** Share of the time for the exact count; the rest is kept for the estimate. */
const EXACT_SHARE = 0.8;

/** @throws {Failure} `not-found`; `RefusedCondition` */
export async function previewEdit(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  change: SegmentChange,
  options: PreviewOptions = {},
): Promise<EditPreview> {
  const { timeout = TIMEOUT, sample: most = SAMPLE, signal } = options;
  const before = await checkChange(pool, catalogue, key, change);
  const { kind = before.kind } = change;
  const after = {
    condition: kind === 'dynamic' ? (change.condition ?? before.condition) : null,
    timezone: change.timezone === undefined ? before.timezone : change.timezone || null,
  };
  const base = {
    key,
    changes: [
      ...(kind === before.kind ? [] : [`kind: ${before.kind} → ${kind}`]),
      ...differenceLines(differenceOf(catalogue, before, after)),
    ],
    live: before.liveVersion !== null,
    members: before.members,
  };
  const nothing: EditPreview = {
    ...base,
    entering: 0,
    leaving: 0,
    basis: 'exact',
    bounds: null,
    sample: { entering: [], leaving: [] },
  };
  // A segment that becomes static or a snapshot keeps its members.
  if (kind !== 'dynamic' || (change.condition === undefined && change.timezone === undefined)) return nothing;
  return inLimitedSession(pool, { timeout, ...(signal ? { signal } : {}) }, async (session) => {
    const ids = await segmentIds(session.client);
    const planned = planVersion(catalogue, {
      segmentId: ids.get(key) ?? 0,
      version: before.version + 1,
      ...after,
      overrides: true,
    });
    if (!planned.ok) throw new RefusedCondition('The condition is refused.', planned.issues);
    await lockTables(session.client, tablesRead(catalogue, [planned.plan]));
    const draft: Draft = { catalogue, plan: planned.plan, segmentId: (other) => ids.get(other) ?? 0 };
    const now = (await session.client.query<{ instant: string }>({ ...statement('instant') })).rows[0]?.instant ?? '';
    return { ...nothing, ...(await movementOf(session, draft, most, now)) };
  });
}

/** Who would move: counted, or estimated when counting takes too long. @throws {Failure} `failed` when there is no time for that either */
export async function movementOf(
  session: LimitedSession,
  draft: Draft,
  most: number,
  now: string,
): Promise<Pick<EditPreview, 'entering' | 'leaving' | 'basis' | 'bounds' | 'sample'>> {
  const counted = await countMovement(session, draft, most, now);
  if (counted) return { ...counted, basis: 'exact', bounds: null };
  return { ...(await estimateMovement(session, draft, now)), sample: { entering: [], leaving: [] } };
}

/** An edit that the guard would hold is refused with its numbers. @throws {Failure} `conflict` */
export function refuseBeyond(edit: EditPreview, limits: GuardLimits): void {
  if (!edit.live || !exceeds(edit, limits)) return;
  const about = edit.basis === 'exact' ? '' : 'By a sample, about ';
  throw new Failure(
    'conflict',
    `${about}${movementText(edit)}: more than ${limits.percent} % and more than ${limits.members.toLocaleString('en-US')}. --dry-run names them, --yes makes the edit.`,
    { data: edit },
  );
}

async function countMovement(
  session: LimitedSession,
  draft: Draft,
  most: number,
  now: string,
): Promise<Pick<EditPreview, 'entering' | 'leaving' | 'sample'> | undefined> {
  const { catalogue, plan, segmentId } = draft;
  const difference = differenceInRange(catalogue, [plan], { low: undefined, high: undefined }, { segmentId });
  const some = (wanted: boolean) =>
    sql`array(select d.contact_id::text from difference d where d.wanted = ${wanted ? sql`true` : sql`false`} limit ${integer(most)})`;
  const query = sql`with difference as materialized (${difference})
select (select count(*) from difference d where d.wanted) as entering, (select count(*) from difference d where not d.wanted) as leaving,
  ${some(true)} as come, ${some(false)} as go`;
  const rows = await session.rowsInTime<{ entering: string; leaving: string; come: string[]; go: string[] }>(
    render(query),
    { now },
    EXACT_SHARE,
  );
  const row = rows?.[0];
  return (
    row && {
      entering: Number(row.entering),
      leaving: Number(row.leaving),
      sample: { entering: row.come, leaving: row.go },
    }
  );
}

/** Who would move, from a sample of the contacts. @throws {Failure} `failed` when there is no time for that either */
export async function estimateMovement(
  session: LimitedSession,
  draft: Draft,
  now: string,
): Promise<Pick<EditPreview, 'entering' | 'leaving' | 'basis' | 'bounds'>> {
  const all = await readPlanEstimate(
    session.client,
    sql`select from ${tableName(draft.catalogue.contacts.table)}`,
    now,
  );
  const contacts = await readSampledKeys(session, draft, { kind: 'constant', value: true }, all.rows, now);
  const rows =
    contacts &&
    (await session.rowsInTime<{ entering: number; leaving: number }>(render(movementQuery(draft)), {
      now,
      contacts: contacts.keys,
    }));
  const row = rows?.[0];
  if (!contacts || contacts.keys.length === 0 || !row)
    throw new Failure('failed', 'There was no time to count who would move; --preview-timeout gives more.');
  const { sample } = contacts;
  if (sample.complete) return { ...row, basis: 'exact', bounds: null };
  const [entering, leaving] = [extrapolatedAmount(row.entering, sample), extrapolatedAmount(row.leaving, sample)];
  const boundsOf = ({ value, low, high }: Amount): Bounds => ({ low: low ?? value, high: high ?? value });
  return {
    entering: entering.value,
    leaving: leaving.value,
    basis: 'sample',
    bounds: { entering: boundsOf(entering), leaving: boundsOf(leaving) },
  };
}
