/**
 * Re-checks a batch: one statement evaluates all its segments for all its contacts, compares with the stored membership
 * and writes the differences; one more for each level of segments that read others. Statements are compiled per set of
 * plans and kept prepared on the connection.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { list, render, param, sql, type Fragment, type Statement } from '../compile/fragment.ts';
import { recheckQuery } from '../compile/statement.ts';
import { dependentParams, writeDifference, type Reason, type Written } from '../membership/diff.ts';
import { lockTables } from '../postgres/give-way.ts';
import { tablesRead, type VersionPlan } from '../followed/plan.ts';
import type { RegistryView } from '../followed/registry.ts';
import type { DrainSession } from './session.ts';

export interface Batch {
  readonly contacts: readonly string[];
  /** Only pairs asked for are written, though the statement may evaluate more. */
  readonly reasons: ReadonlyMap<number, Reason>;
}

/** Every pair of `batches` under the live plans of `view`, as of `at`. The caller holds shards and slots. */
export async function recheckBatches(
  session: DrainSession,
  catalogue: Catalogue,
  view: RegistryView,
  batches: readonly Batch[],
  at: string,
  /** Evaluates no other segment than those asked for. */
  exact = false,
): Promise<Written[]> {
  const written: Written[] = [];
  const levels = byLevel(view, batches);
  // Several statements: the later ones may wait for no table of the team while the locks of the first are held.
  const isOne = levels.length <= 1 && batches.length <= 1 && view.live.size <= session.together(view.live.size);
  if (!isOne) await lockTables(session.client, tablesRead(catalogue, plansOf(view, batches, exact)));
  for (const level of levels) written.push(...(await recheckLevel(session, catalogue, view, level, at, exact)));
  return written;
}

/** Of the statements to come: a statement may evaluate every live segment, but for `exact`. */
function plansOf({ live }: RegistryView, batches: readonly Batch[], exact: boolean): readonly VersionPlan[] {
  if (!exact) return [...live.values()];
  const ids = new Set(batches.flatMap((batch) => [...batch.reasons.keys()]));
  return [...live.values()].filter((plan) => ids.has(plan.id));
}

/**
 * Who is read comes before who reads, each in a statement of its own that sees what the ones before wrote: evaluated
 * together, a new contact would enter "not in A" for as long as it takes to be told that it is in A.
 */
function byLevel({ levels }: RegistryView, batches: readonly Batch[]): readonly (readonly Batch[])[] {
  if (levels.size === 0) return [batches];
  const found = new Map<number, Batch[]>();
  for (const { contacts, reasons } of batches) {
    const own = new Map<number, Map<number, Reason>>();
    for (const [id, reason] of reasons) {
      const level = levels.get(id) ?? 0;
      own.set(level, (own.get(level) ?? new Map<number, Reason>()).set(id, reason));
    }
    for (const [level, part] of own) found.set(level, [...(found.get(level) ?? []), { contacts, reasons: part }]);
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, level]) => level);
}

async function recheckLevel(
  session: DrainSession,
  catalogue: Catalogue,
  view: RegistryView,
  batches: readonly Batch[],
  at: string,
  exact: boolean,
): Promise<Written[]> {
  const { live } = view;
  const wide: Batch[] = [];
  const narrow: Batch[] = [];
  for (const batch of batches) (batch.reasons.size * 2 > live.size && !exact ? wide : narrow).push(batch);
  const written: Written[] = [];
  // Planning a set costs more than evaluating all segments for a few contacts: a set gets its own statement once it recurs.
  // Two statements at most: a new contact concerns every segment, and must not make the others of its batch as dear.
  if (narrow.length > 0) {
    const ids = new Set(narrow.flatMap((batch) => [...batch.reasons.keys()]));
    const plans = [...live.values()].filter((plan) => ids.has(plan.id));
    const own = exact || (plans.length * 2 <= live.size && session.prepared.worthwhile(statementKey(view, plans)));
    const set = own ? plans : [...live.values()];
    written.push(...(await recheckSets(session, catalogue, view, set, narrow, at, exact)));
  }
  if (wide.length > 0)
    written.push(...(await recheckSets(session, catalogue, view, [...live.values()], wide, at, exact)));
  return written;
}

/** No more segments in a statement than can be planned well within its time limit: one statement for 5,000 never came to its end. */
async function recheckSets(
  session: DrainSession,
  catalogue: Catalogue,
  view: RegistryView,
  plans: readonly VersionPlan[],
  batches: readonly Batch[],
  at: string,
  exact: boolean,
): Promise<Written[]> {
  const together = session.together(plans.length);
  if (plans.length <= together) return recheckSet(session, catalogue, view, plans, batches, at, exact);
  const written: Written[] = [];
  for (let from = 0; from < plans.length; from += together) {
    const some = plans.slice(from, from + together);
    const ids = new Set(some.map((plan) => plan.id));
    const asked = batches.flatMap(({ contacts, reasons }) => {
      const own = new Map([...reasons].filter(([id]) => ids.has(id)));
      return own.size > 0 ? [{ contacts, reasons: own }] : [];
    });
    if (asked.length > 0) written.push(...(await recheckSet(session, catalogue, view, some, asked, at, exact)));
  }
  return written;
}

async function recheckSet(
  session: DrainSession,
  catalogue: Catalogue,
  view: RegistryView,
  plans: readonly VersionPlan[],
  batches: readonly Batch[],
  at: string,
  exact: boolean,
): Promise<Written[]> {
  if (plans.length === 0) return [];
  const asked: Asked[] = [];
  const contacts: string[] = [];
  const groupOfContact: number[] = [];
  for (const [grp, batch] of batches.entries()) {
    for (const contact of batch.contacts) {
      contacts.push(contact);
      groupOfContact.push(grp);
    }
    asked.push(...askedOf(view, grp, batch));
  }
  const slots = {
    now: at,
    at,
    contacts,
    group_of_contact: groupOfContact,
    asked_group: asked.map((row) => row.grp),
    asked_reason: asked.map((row) => row.reason),
    asked_segments: asked.map((row) => `{${row.segments.join(',')}}`),
    asked_versions: asked.map((row) => `{${row.versions.join(',')}}`),
    ...dependentParams(view.dependents, new Set(asked.flatMap((row) => row.segments))),
  };
  const make = (): Statement => recheckStatement(catalogue, view, plans);
  const { rows } = await (exact
    ? session.prepared.once<Written>(make(), slots)
    : session.prepared.run<Written>(statementKey(view, plans), make, slots));
  return rows;
}

/** Segments that one group asks about for one reason. Travels as a row with arrays: a row a segment was a third of a drain over a thousand. */
interface Asked {
  readonly grp: number;
  readonly reason: Reason;
  readonly segments: number[];
  readonly versions: number[];
}

function askedOf(view: RegistryView, grp: number, batch: Batch): readonly Asked[] {
  const byReason = new Map<Reason, Asked>();
  for (const [segment, reason] of batch.reasons) {
    const plan = view.live.get(segment);
    if (plan === undefined) continue;
    let row = byReason.get(reason);
    if (row === undefined) byReason.set(reason, (row = { grp, reason, segments: [], versions: [] }));
    row.segments.push(segment);
    row.versions.push(plan.version);
  }
  return [...byReason.values()];
}

function statementKey(view: RegistryView, plans: readonly VersionPlan[]): string {
  return `${view.catalogueEpoch}: ${plans.map((plan) => `${plan.id}.${plan.version}${plan.overrides ? 'w' : ''}`).join(' ')}`;
}

function recheckStatement(catalogue: Catalogue, view: RegistryView, plans: readonly VersionPlan[]): Statement {
  return render(writeDifference({ prelude: comparison(catalogue, view, plans), rows: ASKED_DIFFERENCE }));
}

/**
 * Verdicts and stored memberships as one sorted array a contact each: an equal pair of arrays, the usual case, costs one
 * comparison instead of a join of all members. The verdict is materialized, or the planner evaluates all conditions of a
 * contact again wherever its verdict is mentioned. The joins are full joins, narrowed by what no planner sees through,
 * because those can only hash or merge: a generic plan takes every array for ten elements, and its nested loops are quadratic.
 */
function comparison(catalogue: Catalogue, view: RegistryView, plans: readonly VersionPlan[]): Fragment {
  const verdict = recheckQuery(catalogue, plans, { segmentId: (key) => view.idOfKey.get(key) ?? 0 });
  return sql`verdict as materialized (${verdict}),
touched as materialized (
  select contact_id, grp
  from unnest(${param('contacts', 'segmentd.contact_key[]')}, ${param('group_of_contact', 'int[]')}) as t(contact_id, grp)
),
held as (
  select touched.contact_id, own.segment_id
  from touched cross join lateral (select m.segment_id from segmentd.membership m where m.contact_id = touched.contact_id) as own
),
stored as (
  select held.contact_id, array_agg(held.segment_id order by held.segment_id) as segments
  from held full join unnest(${list(
    plans.map((plan) => String(plan.id)),
    'int',
  )}) as known(id) on known.id = held.segment_id
  where coalesce(known.id, 0) > 0 and coalesce(held.segment_id, 0) > 0
  group by held.contact_id
),
unequal as materialized (
  select touched.contact_id, touched.grp, verdict.contact_id is null as gone,
         coalesce(verdict.segments, '{}') as wanted, coalesce(stored.segments, '{}') as stored
  from touched
  full join verdict on verdict.contact_id = touched.contact_id
  full join stored on stored.contact_id = touched.contact_id
  where coalesce(touched.grp, -1) >= 0 and coalesce(verdict.segments, '{}') <> coalesce(stored.segments, '{}')
),
moving (contact_id, grp, gone, segment_id, wanted) as materialized (
  select unequal.contact_id, unequal.grp, unequal.gone, w.id, true
  from unequal cross join lateral unnest(unequal.wanted) as w(id) where w.id <> all (unequal.stored)
  union all
  select unequal.contact_id, unequal.grp, unequal.gone, s.id, false
  from unequal cross join lateral unnest(unequal.stored) as s(id) where s.id <> all (unequal.wanted)
),
asked as (
  select a.grp, own.segment_id, own.version, a.reason
  from unnest(${param('asked_group', 'int[]')}, ${param('asked_reason', 'text[]')}, ${param('asked_segments', 'text[]')},
              ${param('asked_versions', 'text[]')}) as a(grp, reason, segments, versions)
  cross join lateral unnest(a.segments::int[], a.versions::int[]) as own(segment_id, version)
  where exists (select from moving)
),`;
}

const ASKED_DIFFERENCE = sql`select asked.segment_id, moving.contact_id, moving.wanted,
    case when moving.gone then 'delete' else asked.reason end as reason, asked.version
  from moving full join asked on asked.grp = moving.grp and asked.segment_id = moving.segment_id
  where coalesce(asked.grp, -1) >= 0 and coalesce(moving.grp, -1) >= 0`;
