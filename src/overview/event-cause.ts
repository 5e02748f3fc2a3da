/**
 * What an event says of its cause: the relation whose row changed, and the row of the condition that alone reads what changed.
 * The event stores the source and the bits of the columns; which row reads them follows from the condition of its version.
 * Nothing is said where several rows read what changed, or the base filter does, or where the condition no longer fits.
 */
import { contactSource, relationSource, type Catalogue } from '../catalogue/catalogue.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { checkFilter } from '../condition/check/check-filter.ts';
import { describe } from '../condition/describe/describe.ts';
import { pastsOf, references, type References } from '../condition/references.ts';
import { writtenLeaves, writtenRows } from '../condition/written-row.ts';
import type { Reason } from '../membership/reason.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface EventCause {
  /** The relation whose row changed; null for the contact itself, and where several relations share the table. */
  readonly relation: string | null;
  /** The row of the condition that alone reads what changed, in words, and its JSON pointer. */
  readonly leaf: string | null;
  readonly pointer: string | null;
}

/** What an event stores. */
export interface Caused {
  readonly key: string;
  readonly version: number;
  readonly reason: Reason;
  readonly source: number | null;
  /** Decimal text of the bits; null: all columns may have changed. */
  readonly mask: string | null;
}

interface Source {
  readonly id: number;
  readonly key: string;
  readonly columns: Readonly<Record<string, number>>;
}

interface Version {
  readonly segment: string;
  readonly version: number;
  readonly condition: unknown;
  readonly timezone: string | null;
}

interface Leaf {
  readonly pointer: string;
  readonly text: string;
  readonly reads: References;
  /** It reads the past of a membership. */
  readonly readsPast: boolean;
}

/** The cause of each event, in the same order; null where none is known. */
export async function causesOf(
  client: Queryable,
  catalogue: Catalogue,
  events: readonly Caused[],
): Promise<readonly (EventCause | null)[]> {
  const known = events.filter(({ source }) => source !== null);
  if (known.length === 0) return events.map(() => null);
  const versions = new Map(known.map((event) => [versionKey(event.key, event.version), event]));
  const { rows } = await client.query<{ sources: readonly Source[]; versions: readonly Version[] }>({
    ...statement('event-cause'),
    values: [
      [...new Set(known.map(({ source }) => source))],
      [...versions.values()].map(({ key }) => key),
      [...versions.values()].map(({ version }) => version),
    ],
  });
  const sources = new Map(rows[0]?.sources.map((source) => [source.id, source]));
  const leaves = new Map(
    rows[0]?.versions.map((version) => [versionKey(version.segment, version.version), leavesOf(catalogue, version)]),
  );
  return events.map((event) => {
    const source = event.source === null ? undefined : sources.get(event.source);
    return source ? causeOf(catalogue, event, source, leaves.get(versionKey(event.key, event.version)) ?? []) : null;
  });
}

const versionKey = (key: string, version: number): string => `${version} ${key}`;

/** The rows of a condition; none when one of them no longer fits the tables. */
function leavesOf(catalogue: Catalogue, { condition, timezone }: Version): readonly Leaf[] {
  if (condition === null) return [];
  const leaves: Leaf[] = [];
  for (const { pointer, json } of writtenLeaves(writtenRows(condition))) {
    const checked = checkCondition(json, { catalogue, timezone: timezone ?? catalogue.timezone });
    if (!checked.ok) return [];
    leaves.push({
      pointer,
      readsPast: pastsOf(checked.condition).size > 0,
      text: describe(checked.condition, catalogue),
      reads: references(checked.condition, catalogue),
    });
  }
  return leaves;
}

function causeOf(catalogue: Catalogue, event: Caused, source: Source, leaves: readonly Leaf[]): EventCause {
  const reading = leaves.filter(
    ({ reads, readsPast }) =>
      isRead(reads, catalogue, source, event) || (readsPast && isOfPast(catalogue, source, event)),
  );
  const filter = checkFilter(catalogue);
  const isFiltered = !filter.ok || isRead(references(filter.condition, catalogue), catalogue, source, event);
  const [only] = reading.length === 1 && !isFiltered ? reading : [];
  return {
    relation: relationOf(catalogue, source),
    leaf: only?.text ?? null,
    pointer: only?.pointer ?? null,
  };
}

function isRead(reads: References, catalogue: Catalogue, { key, columns }: Source, event: Caused): boolean {
  if (event.reason === 'time' && !reads.usesTime) return false;
  const read = reads.columns.get(key);
  const { mask } = event;
  if (mask !== null) return [...(read ?? [])].some((column) => hasBit(mask, columns[column]));
  // Every condition counts the contact's own row: that alone says nothing of one part of it.
  return key === contactSource(catalogue) ? read !== undefined : reads.rows.has(key) || read !== undefined;
}

/** A window over the past of a membership has run out, perhaps: its crossings name the contacts' own source. */
function isOfPast(catalogue: Catalogue, { key }: Source, { reason, mask }: Caused): boolean {
  return reason === 'time' && mask === null && key === contactSource(catalogue);
}

function hasBit(mask: string, bit: number | undefined): boolean {
  return bit !== undefined && ((BigInt.asUintN(64, BigInt(mask)) >> BigInt(bit)) & 1n) === 1n;
}

/** The relation of the source; null for the contacts table, and where several relations share the source. */
function relationOf(catalogue: Catalogue, { key }: Source): string | null {
  if (key === contactSource(catalogue)) return null;
  const named = [...catalogue.relations.values()].filter((relation) => relationSource(relation) === key);
  return named.length === 1 ? (named[0]?.name ?? null) : null;
}
