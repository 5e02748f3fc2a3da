/**
 * From consumed work to groups: contacts that are concerned by exactly the same segments for the same reasons. A batch
 * has few of them (one statement of the team usually changes one column of many contacts), so all that follows is per
 * group.
 */
import { firstReason, REASONS, type Reason } from '../membership/reason.ts';
import type { RegistryView } from '../followed/registry.ts';
import type { Change, Recheck } from './consume.ts';

/** The rows of one source that changed: what an event says of its cause. */
export interface Changed {
  readonly source: number;
  /** Bits of the columns as decimal text; null: all of them may have changed, or a window ran out. */
  readonly mask: string | null;
}

export interface Group {
  readonly contacts: readonly string[];
  /** Segment → reason that an event of it will carry. */
  readonly reasons: ReadonlyMap<number, Reason>;
  /** What changed for a segment; undefined when several sources did, or no row. */
  readonly changedFor: (segment: number) => Changed | undefined;
}

/** More groups than this are drawn together: the reasons of a mixed burst get coarser, membership does not. */
const MOST_GROUPS = 64;

interface Cause {
  readonly key: string;
  readonly segments: readonly number[];
  readonly reason: Reason;
  readonly changed?: Changed;
}

export function groupByContact(view: RegistryView, changes: readonly Change[], rechecks: readonly Recheck[]): Group[] {
  const causes = new Map<string, Map<string, Cause>>();
  const add = (contact: string, cause: Cause): void => {
    const known = causes.get(contact);
    if (known) known.set(cause.key, cause);
    else causes.set(contact, new Map([[cause.key, cause]]));
  };
  const known = new Map<string, Cause>();
  for (const change of changes) {
    const key = change.edge === null ? `${change.source} ${change.mask ?? ''}` : `e${change.edge}`;
    let cause = known.get(key);
    if (!cause) {
      cause = { key, ...concerned(view, change) };
      known.set(key, cause);
    }
    add(change.contact_id, cause);
  }
  for (const recheck of rechecks) {
    const key = `r${recheck.segment_id} ${recheck.reason}`;
    add(recheck.contact_id, { key, segments: [recheck.segment_id], reason: reasonOf(recheck.reason) });
  }
  return gather(causes);
}

/** Resolved only now, after the change was consumed: a version that was linked to the edge meanwhile is among them. */
function concerned(view: RegistryView, { source, mask, edge }: Change): Omit<Cause, 'key'> {
  const changed = { source, mask };
  if (edge !== null) return { segments: view.edges.segments.get(edge) ?? [], reason: 'time', changed };
  const reason = view.route.isContact(source) ? 'contact' : 'related';
  return { segments: view.route.affected(source, mask), reason, changed };
}

function gather(causes: ReadonlyMap<string, ReadonlyMap<string, Cause>>): Group[] {
  const groups = new Map<string, { contacts: string[]; causes: readonly Cause[] }>();
  for (const [contact, own] of causes) {
    const key = own.size === 1 ? firstKey(own) : [...own.keys()].toSorted().join('\n');
    const group = groups.get(key);
    if (group) group.contacts.push(contact);
    else groups.set(key, { contacts: [contact], causes: [...own.values()] });
  }
  const all = [...groups.values()];
  const merged =
    all.length <= MOST_GROUPS
      ? all
      : [{ contacts: all.flatMap((group) => group.contacts), causes: all.flatMap((group) => group.causes) }];
  return merged.map(({ contacts, causes: own }) => ({
    contacts,
    reasons: reasonsOf(own),
    changedFor: changedBy(own),
  }));
}

/** Most groups have one cause, and then nothing is looked up for each segment. */
function changedBy(causes: readonly Cause[]): Group['changedFor'] {
  const [only] = causes;
  if (only !== undefined && causes.length === 1) return () => only.changed;
  let found: ReadonlyMap<number, Changed | undefined> | undefined;
  return (segment) => (found ??= changesOf(causes)).get(segment);
}

function changesOf(causes: readonly Cause[]): ReadonlyMap<number, Changed | undefined> {
  const found = new Map<number, Changed | undefined>();
  for (const { segments, changed } of causes) {
    for (const id of segments) found.set(id, found.has(id) ? both(found.get(id), changed) : changed);
  }
  return found;
}

/** Two changes of the same source are one of both their columns. */
function both(a: Changed | undefined, b: Changed | undefined): Changed | undefined {
  if (a === undefined || b === undefined || a.source !== b.source) return undefined;
  const mask = a.mask === null || b.mask === null ? null : String(BigInt(a.mask) | BigInt(b.mask));
  return { source: a.source, mask };
}

function firstKey(causes: ReadonlyMap<string, Cause>): string {
  for (const key of causes.keys()) return key;
  return '';
}

function reasonsOf(causes: readonly Cause[]): ReadonlyMap<number, Reason> {
  const reasons = new Map<number, Reason>();
  for (const { segments, reason } of causes) {
    for (const id of segments) reasons.set(id, firstReason(reasons.get(id) ?? reason, reason));
  }
  return reasons;
}

function reasonOf(text: string): Reason {
  const reason = REASONS.find((known) => known === text);
  if (!reason) throw new Error(`unknown reason in the recheck queue: ${text}`);
  return reason;
}

export function segmentsOf(groups: readonly Group[]): Set<number> {
  const ids = new Set<number>();
  for (const group of groups) for (const id of group.reasons.keys()) ids.add(id);
  return ids;
}
