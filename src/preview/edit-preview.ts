/**
 * An edit tried before it is made: who would enter and leave, held against stored membership as the rebuild would hold it.
 * Limited in time like a preview. Reads only.
 */
import { Failure } from '../base/error.ts';
import { CALL_DEFAULTS, DEFAULT_SETTINGS } from '../base/option.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { integer, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { differenceInRange } from '../membership/stored-difference.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { differenceLines, differenceOf } from '../segment/edit-difference.ts';
import { GUARD_LIMITS, type GuardLimits } from '../lifecycle/guard-limit.ts';
import { exceeds, movementText, type Movement } from '../lifecycle/guard.ts';
import { planVersion, tablesRead } from '../followed/plan.ts';
import { checkChange, type SegmentChange } from '../segment/edit-segment.ts';
import { segmentIds } from '../segment/read-segment.ts';
import { sampledAmount, type Amount } from './amount.ts';
import { readPlanEstimate } from './plan-cost.ts';
import { enteringQuery, leavingQuery, type Draft } from './preview-query.ts';
import { inLimitedSession, type LimitedSession } from './limited-session.ts';
import { readContactSample, readMemberSample, type ContactSample } from './contact-sample.ts';
import { nameContacts, type NamedContact } from './named-contact.ts';
import type { PreviewMode, PreviewOptions } from './preview.ts';
import { refusedFor } from '../condition/refused-condition.ts';

export interface EditGuard {
  /** Percent of the members that enter or leave; null where there is no member. */
  readonly percent: number | null;
  readonly leaving: number;
  /** Whether the guard holds the edit, so that it has to be confirmed. */
  readonly exceeds: boolean;
  readonly limits: GuardLimits;
}

export interface EditPreviewOptions extends Omit<PreviewOptions, 'mode'> {
  /** `estimate`: from a sample, at once. `exact`, the default: counted, and estimated when there is no time to count. */
  readonly mode?: Exclude<PreviewMode, 'rows'>;
  /** Limits of the guard; default: those of the option table. */
  readonly guard?: GuardLimits;
}

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
  /** Some contacts that would enter, and leave. */
  readonly sample: { readonly entering: readonly NamedContact[]; readonly leaving: readonly NamedContact[] };
  /** What the guard of edits says: it holds an edit that moves more than both of its limits. */
  readonly guard: EditGuard;
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
  options: EditPreviewOptions = {},
): Promise<EditPreview> {
  const { timeout = TIMEOUT, sample: most = SAMPLE, signal, guard: limits = GUARD_LIMITS } = options;
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
    ...NO_MOVE,
    guard: guardOf({ ...base, ...NO_MOVE }, limits),
  };
  // A segment that becomes static or a snapshot keeps its members.
  if (kind !== 'dynamic' || (change.condition === undefined && change.timezone === undefined)) return nothing;
  return inLimitedSession(pool, { timeout, ...(signal ? { signal } : {}) }, async (session) => {
    const ids = await segmentIds(session.client);
    const id = ids.get(key) ?? 0;
    const planned = planVersion(catalogue, {
      segmentId: id,
      version: before.version + 1,
      ...after,
      overrides: await hasOverrides(session.client, id),
    });
    if (!planned.ok) throw refusedFor(planned.issues);
    await lockTables(session.client, tablesRead(catalogue, [planned.plan]));
    const draft: Draft = { catalogue, plan: planned.plan, segmentId: (other) => ids.get(other) ?? 0 };
    const now = (await session.client.query<{ instant: string }>({ ...statement('instant') })).rows[0]?.instant ?? '';
    const { keys, ...moved } = await movementOf(
      session,
      draft,
      { ...options, sample: most, members: before.members },
      now,
    );
    const name = (some: readonly string[]) => nameContacts(session.client, catalogue, some);
    return {
      ...base,
      ...moved,
      sample: { entering: await name(keys.entering), leaving: await name(keys.leaving) },
      guard: guardOf({ ...base, ...moved }, limits),
    };
  });
}

/** A segment without overrides is counted without them: its condition then leads to its contacts by any index. */
async function hasOverrides(client: Queryable, segment: number): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    'select exists (select from segmentd.override o where o.segment_id = $1) as found',
    [segment],
  );
  return rows[0]?.found === true;
}

interface MovementOptions {
  /** `estimate` counts nothing. */
  readonly mode?: 'estimate' | 'exact';
  /** Contacts to name of each side. */
  readonly sample: number;
  /** Of the segment, about. */
  readonly members: number;
}

type Moved = Pick<EditPreview, 'entering' | 'leaving' | 'basis' | 'bounds'> & {
  readonly keys: { readonly entering: readonly string[]; readonly leaving: readonly string[] };
};

const NO_MOVE = {
  entering: 0,
  leaving: 0,
  basis: 'exact',
  bounds: null,
  sample: { entering: [], leaving: [] },
} as const;

function guardOf(edit: Movement & Pick<EditPreview, 'live'>, limits: GuardLimits): EditGuard {
  const { entering, leaving, members, live } = edit;
  return {
    percent: members === 0 ? null : Math.round(((entering + leaving) * 1000) / members) / 10,
    leaving,
    exceeds: live && exceeds(edit, limits),
    limits,
  };
}

/**
 * Who would move: counted, or estimated when counting takes too long.
 * @throws {Failure} `failed` when there is no time for an estimate either
 */
export async function movementOf(
  session: LimitedSession,
  draft: Draft,
  options: MovementOptions,
  now: string,
): Promise<Moved> {
  const counted = options.mode === 'estimate' ? undefined : await countMovement(session, draft, options.sample, now);
  return counted ? { ...counted, basis: 'exact', bounds: null } : estimateMovement(session, draft, options, now);
}

/** An edit that the guard would hold is refused with its numbers. @throws {Failure} `conflict` */
export function refuseBeyond(edit: EditPreview, limits: GuardLimits = GUARD_LIMITS): void {
  if (!edit.live || !exceeds(edit, limits)) return;
  const about = edit.basis === 'exact' ? '' : 'By a sample, about ';
  throw new Failure(
    'conflict',
    `${about}${movementText(edit)}: more than ${limits.percent} % and more than ${limits.members.toLocaleString('en-US')}.`,
    { data: edit },
  );
}

async function countMovement(
  session: LimitedSession,
  draft: Draft,
  most: number,
  now: string,
): Promise<Pick<Moved, 'entering' | 'leaving' | 'keys'> | undefined> {
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
      keys: { entering: row.come, leaving: row.go },
    }
  );
}

/**
 * Who would move, from a sample of the contacts and one of the members: a member that leaves is looked for among members, so that
 * its bounds are narrow also where the segment is small.
 * @throws {Failure} `failed` when there is no time for that either
 */
export async function estimateMovement(
  session: LimitedSession,
  draft: Draft,
  { sample: most, members: stored }: MovementOptions,
  now: string,
): Promise<Moved> {
  const all = await readPlanEstimate(
    session.client,
    sql`select from ${tableName(draft.catalogue.contacts.table)}`,
    now,
  );
  const contacts = await readContactSample(session, draft, { kind: 'constant', value: true }, all.rows, now, EACH);
  const members = contacts && (await readMemberSample(session, draft, stored, now, EACH));
  const among = async (query: Fragment, { keys }: ContactSample) =>
    (await session.rowsInTime<Found>(render(query), { now, contacts: keys }, MOVEMENT_SHARE))?.[0];
  const come = members && (await among(enteringQuery(draft, most), contacts));
  const go = come && (await among(leavingQuery(draft, most), members));
  if (!go) throw new Failure('failed', 'There was no time to count who would move.');
  const of = ({ found }: Found, { keys, ...looked }: ContactSample) =>
    sampledAmount(found, { size: keys.length, ...looked });
  const [entering, leaving] = [of(come, contacts), of(go, members)];
  const boundsOf = ({ value, low, high }: Amount): Bounds => ({ low: low ?? value, high: high ?? value });
  const isExact = entering.basis === 'exact' && leaving.basis === 'exact';
  return {
    entering: entering.value,
    leaving: leaving.value,
    basis: isExact ? 'exact' : 'sample',
    bounds: isExact ? null : { entering: boundsOf(entering), leaving: boundsOf(leaving) },
    keys: { entering: come.keys ?? [], leaving: go.keys ?? [] },
  };
}

interface Found {
  readonly found: number;
  readonly keys: readonly string[] | null;
}

/** The two samples together are looked at as fast as that of a preview. */
const EACH = { wanted: 5_000 } as const;
/** Share of the time left for each of the two looks. */
const MOVEMENT_SHARE = 0.5;
