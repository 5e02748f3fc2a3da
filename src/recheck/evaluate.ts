/**
 * Evaluates the pairs of a drain again under the live versions: one statement compares the verdicts of all its segments
 * for all its contacts with the stored membership and writes the differences; one more for each level of segments that
 * read others. Invariant: a pair that was asked for is evaluated once, after the segments that its segment reads. It
 * must not take locks of ours.
 */
import { tablesRead, type VersionPlan } from '../followed/plan.ts';
import type { RegistryView } from '../followed/registry.ts';
import { dependentParams, type Written } from '../membership/diff.ts';
import { type Reason } from '../membership/reason.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { LockedSegments } from './lock-segments.ts';
import type { Changed, Group } from './group.ts';
import { recheckStatement, statementKey } from './recheck-statement.ts';
import type { DrainSession } from './drain-session.ts';

/** What pairs are evaluated with. The caller holds the shards and the slots. */
export interface Evaluation {
  readonly session: DrainSession;
  readonly view: RegistryView;
  /** The instant of all verdicts, as text. */
  readonly at: string;
  /** Evaluates no other segment than those asked for. */
  readonly exact: boolean;
}

export interface Batch {
  readonly contacts: readonly string[];
  /** Only these pairs are written, though the statement may evaluate more. */
  readonly reasons: ReadonlyMap<number, Reason>;
  readonly changedFor: Group['changedFor'];
}

/** The pairs whose segment this drain may write and which has a live version. */
export function batchesOf({ view, groups, has }: LockedSegments): readonly Batch[] {
  return groups.flatMap(({ contacts, reasons, changedFor }) => {
    const own = new Map([...reasons].filter(([id]) => has(id) && view.segments.get(id)?.live));
    return own.size > 0 ? [{ contacts, reasons: own, changedFor }] : [];
  });
}

export async function reevaluate(evaluation: Evaluation, batches: readonly Batch[]): Promise<Written[]> {
  const { session, view } = evaluation;
  const written: Written[] = [];
  const levels = byLevel(view, batches);
  // Several statements: the later ones may wait for no table of the team while the locks of the first are held.
  const isOne = levels.length <= 1 && batches.length <= 1 && view.live.size <= session.together(view.live.size);
  if (!isOne) await lockTables(session.client, tablesRead(view.catalogue, plansOf(evaluation, batches)));
  for (const level of levels) written.push(...(await evaluateLevel(evaluation, level)));
  return written;
}

/** Of the statements to come: a statement may evaluate every live segment, but for `exact`. */
function plansOf({ view: { live }, exact }: Evaluation, batches: readonly Batch[]): readonly VersionPlan[] {
  return exact ? plansAsked(live, batches) : [...live.values()];
}

function plansAsked(live: RegistryView['live'], batches: readonly Batch[]): readonly VersionPlan[] {
  const ids = new Set(batches.flatMap((batch) => [...batch.reasons.keys()]));
  return [...live.values()].filter((plan) => ids.has(plan.id));
}

/**
 * A segment that is read comes before its readers, each level in a statement of its own that sees what the ones before
 * wrote. Evaluated together, a new contact would enter "not in A" until a recheck says that the contact is in A.
 */
function byLevel({ levels }: RegistryView, batches: readonly Batch[]): readonly (readonly Batch[])[] {
  if (levels.size === 0) return [batches];
  const found = new Map<number, Batch[]>();
  for (const { contacts, reasons, changedFor } of batches) {
    const own = new Map<number, Map<number, Reason>>();
    for (const [id, reason] of reasons) {
      const level = levels.get(id) ?? 0;
      own.set(level, (own.get(level) ?? new Map<number, Reason>()).set(id, reason));
    }
    for (const [level, part] of own)
      found.set(level, [...(found.get(level) ?? []), { contacts, reasons: part, changedFor }]);
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, level]) => level);
}

/**
 * Two statements at most. A new contact concerns every segment, and must not make the other contacts of its batch as
 * expensive. Planning a set of segments costs more than evaluating all segments for a few contacts, so a set gets a
 * statement of its own once it recurs.
 */
async function evaluateLevel(evaluation: Evaluation, batches: readonly Batch[]): Promise<Written[]> {
  const { session, view, exact } = evaluation;
  const all = [...view.live.values()];
  const wide: Batch[] = [];
  const narrow: Batch[] = [];
  for (const batch of batches) (batch.reasons.size * 2 > all.length && !exact ? wide : narrow).push(batch);
  const written: Written[] = [];
  if (narrow.length > 0) {
    const plans = plansAsked(view.live, narrow);
    const own =
      exact || (plans.length * 2 <= all.length && session.prepared.isWorthPreparing(statementKey(view, plans)));
    written.push(...(await evaluateSets(evaluation, own ? plans : all, narrow)));
  }
  if (wide.length > 0) written.push(...(await evaluateSets(evaluation, all, wide)));
  return written;
}

/**
 * No more segments in a statement than can be planned well within its time limit: one statement for 5,000 never came to
 * its end.
 */
async function evaluateSets(
  evaluation: Evaluation,
  plans: readonly VersionPlan[],
  batches: readonly Batch[],
): Promise<Written[]> {
  const together = evaluation.session.together(plans.length);
  if (plans.length <= together) return evaluateSet(evaluation, plans, batches);
  const written: Written[] = [];
  for (let from = 0; from < plans.length; from += together) {
    const some = plans.slice(from, from + together);
    const ids = new Set(some.map((plan) => plan.id));
    const asked = batches.flatMap(({ contacts, reasons, changedFor }) => {
      const own = new Map([...reasons].filter(([id]) => ids.has(id)));
      return own.size > 0 ? [{ contacts, reasons: own, changedFor }] : [];
    });
    if (asked.length > 0) written.push(...(await evaluateSet(evaluation, some, asked)));
  }
  return written;
}

async function evaluateSet(
  { session, view, at, exact }: Evaluation,
  plans: readonly VersionPlan[],
  batches: readonly Batch[],
): Promise<Written[]> {
  if (plans.length === 0) return [];
  const asked: Asked[] = [];
  const contacts: string[] = [];
  const groupOfContact: number[] = [];
  for (const [group, batch] of batches.entries()) {
    for (const contact of batch.contacts) {
      contacts.push(contact);
      groupOfContact.push(group);
    }
    asked.push(...askedOf(view, group, batch));
  }
  const params = {
    now: at,
    at,
    contacts,
    group_of_contact: groupOfContact,
    asked_group: asked.map((row) => row.group),
    asked_reason: asked.map((row) => row.reason),
    asked_source: asked.map(({ changed }) => changed?.source ?? null),
    asked_mask: asked.map(({ changed }) => changed?.mask ?? null),
    asked_segments: asked.map((row) => `{${row.segments.join(',')}}`),
    asked_versions: asked.map((row) => `{${row.versions.join(',')}}`),
    ...dependentParams(view.dependents, new Set(asked.flatMap((row) => row.segments))),
  };
  const { rows } = await (exact
    ? session.prepared.once<Written>(recheckStatement(view, plans), params)
    : session.prepared.run<Written>(statementKey(view, plans), () => recheckStatement(view, plans), params));
  return rows;
}

/**
 * Segments that one group asks about for one reason and one change. Travels as a row with arrays: a row a segment was a third of a
 * drain over a thousand.
 */
interface Asked {
  readonly group: number;
  readonly reason: Reason;
  readonly changed: Changed | undefined;
  readonly segments: number[];
  readonly versions: number[];
}

function askedOf(view: RegistryView, group: number, batch: Batch): readonly Asked[] {
  const byReason = new Map<Reason, Map<string, Asked>>();
  const rows: Asked[] = [];
  // A group of one cause gives every segment the same object: its text is made once.
  let last: Changed | undefined;
  let text = '';
  for (const [segment, reason] of batch.reasons) {
    const plan = view.live.get(segment);
    if (plan === undefined) continue;
    const changed = batch.changedFor(segment);
    if (changed !== last) {
      last = changed;
      text = changed === undefined ? '' : `${changed.source} ${changed.mask ?? ''}`;
    }
    let byChange = byReason.get(reason);
    if (byChange === undefined) byReason.set(reason, (byChange = new Map<string, Asked>()));
    let row = byChange.get(text);
    if (row === undefined) {
      row = { group, reason, changed, segments: [], versions: [] };
      byChange.set(text, row);
      rows.push(row);
    }
    row.segments.push(segment);
    row.versions.push(plan.version);
  }
  return rows;
}
