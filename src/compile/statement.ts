/**
 * The three statements that conditions become: re-check of some contacts for many segments, the same for a range of
 * contacts, members of one segment. All give the same verdicts. Callers and-in the catalogue's base filter, and bind
 * `now` (timestamptz) where `render(...)` asks for it.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Condition } from '../condition/ast.ts';
import { ident, integer, join, list, literal, param, sql, tableName, type Fragment } from './fragment.ts';
import { TRUE, where, type LeafSql } from './leaf.ts';
import { members } from './member.ts';
import { pastLeaf } from './past-leaf.ts';
import { predicate } from './predicate.ts';
import type { SqlScope } from './scope.ts';
import { contactColumn } from './to-one-column.ts';
import { Columns, Layer } from './layer.ts';
import { aggregated, Leaves, RelationLayer, RelationLayers, Tally, type Sharing } from './shared.ts';

export interface CompiledSegment {
  readonly id: number;
  readonly condition: Condition;
  /** IANA zone of its calendar. */
  readonly timezone: string;
  readonly version?: number;
}

/** Which ends of a key range are bound: `low` exclusive, `high` inclusive, by params of those names. */
export interface Range {
  readonly low: boolean;
  readonly high: boolean;
}

export interface StatementOptions {
  /** Id of the segment that `in_segment` names. */
  segmentId(key: string): number;
}

/** `key` lies in the range; empty when the range has no end. */
function rangeFilter(catalogue: Catalogue, key: Fragment, range: Range): readonly Fragment[] {
  const { sqlType } = catalogue.contacts.key;
  return [
    ...(range.low ? [sql`${key} > ${param('low', sqlType)}`] : []),
    ...(range.high ? [sql`${key} <= ${param('high', sqlType)}`] : []),
  ];
}

/** Fewer segments share too little to pay for the levels that sharing needs. */
const WORTH_SHARING = 6;
/**
 * Leaves that repeat stand in a level of their own, which costs every contact 0.3 us: as much as it saves at so many
 * evaluations spared (measured: at 20 segments with 6 spared 5 % slower, at 60 with 58 3 % faster, at 1,000 half the time).
 */
const WORTH_LEVEL = 40;

/** How a statement over many segments finds its contacts, their related rows and their memberships. */
interface Plan {
  readonly contacts: readonly Fragment[];
  /** Joins one chunk of a relation's aggregates to the contacts. */
  relation(layer: RelationLayer, alias: Fragment, definitions: readonly Fragment[], key: Fragment): Fragment;
  /** Joins the contact's memberships in `ids` as `m.s`. */
  membership(ids: Fragment, key: Fragment): Fragment;
  /** Joins the contact's overrides in `ids` as `w`: for each kind an array of segments. */
  overrides(ids: Fragment, key: Fragment): Fragment;
  /** A count where the join may find no row. */
  zero(count: Fragment): Fragment;
  /** Related rows are read contact by contact, in sight of `k`. */
  readonly lateral: boolean;
}

const OVERRIDES = join(
  (['member', 'include', 'exclude'] as const).map(
    (kind) => sql`array_agg(w.segment_id) filter (where w.kind = ${literal(kind)}) as ${ident(kind)}`,
  ),
  sql`, `,
);

/** An uncorrelated subquery is computed once an execution, but each costs 5 µs to set up. */
function alone(expression: Fragment): Fragment {
  return sql`(select ${expression})`;
}

/** One pass over all segments: their predicates, and what the rows under them must provide. */
class Pass {
  readonly contact: Layer;
  /** Expressions over parameters: a generic plan would compute them at each row. */
  readonly constants = new Columns('k', 'k');
  readonly leaves: Leaves;
  readonly relations: RelationLayers;
  readonly members = new Set<number>();
  /** Segments whose predicates read overrides. */
  readonly overrides = new Set<number>();
  readonly key: Fragment;
  readonly predicates: readonly Fragment[];
  readonly #catalogue: Catalogue;

  constructor(
    catalogue: Catalogue,
    segments: readonly CompiledSegment[],
    options: StatementOptions,
    plan: Plan,
    sharing: Sharing,
    leaves: Sharing,
  ) {
    this.#catalogue = catalogue;
    this.contact = new Layer('c', sharing.shares);
    this.leaves = new Leaves('p', leaves);
    this.key = this.contact.raw(this.#column(catalogue.contacts.key.column));
    this.relations = new RelationLayers(
      catalogue,
      (rows, index) => new RelationLayer(rows, index, sharing, plan.lateral ? undefined : { constant: alone }),
    );
    const related = aggregated(
      (relation, least) => this.relations.get(relation, least),
      (count) => plan.zero(count),
    );
    this.predicates = segments.map((segment) =>
      predicate(this.#scope(segment.timezone, options, related), segment.condition),
    );
  }

  #column(name: string): Fragment {
    return sql`${ident('s')}.${ident(name)}`;
  }

  #scope(timezone: string, options: StatementOptions, related: SqlScope['related']): SqlScope {
    const reader = { catalogue: this.#catalogue, timezone };
    return {
      catalogue: this.#catalogue,
      timezone,
      column: (field) => this.contact.field(field, contactColumn(reader, ident('s'), field)),
      once: (expression) => this.contact.once(expression),
      constant: (expression) => this.constants.reference(expression) ?? alone(expression),
      leaf: (leaf) => this.leaves.share(leaf),
      related,
      member: (key): LeafSql => {
        const id = options.segmentId(key);
        this.members.add(id);
        const holds = sql`${integer(id)} = any(m.s)`;
        return { positive: holds, negative: sql`(${holds}) is not true` };
      },
      past: (leaf) => pastLeaf(leaf, { segment: integer(options.segmentId(leaf.key)), contact: this.key }),
      override: (segment, kind): LeafSql => {
        this.overrides.add(segment);
        const holds = sql`${integer(segment)} = any(w.${ident(kind)})`;
        return { positive: holds, negative: sql`(${holds}) is not true` };
      },
    };
  }
}

/** Rows (contact_id, segments) of the plan's contacts; `segments` ascending. */
function verdicts(
  catalogue: Catalogue,
  segments: readonly CompiledSegment[],
  options: StatementOptions,
  plan: Plan,
): Fragment {
  const ordered = [...segments].sort((a, b) => a.id - b.id);
  const tally = new Tally();
  const ofContact = new Tally();
  const shares = segments.length >= WORTH_SHARING;
  const run = (counting: boolean): Pass => {
    const level = shares && (counting || ofContact.spared >= WORTH_LEVEL);
    return new Pass(
      catalogue,
      ordered,
      options,
      plan,
      { shares, tally, counting },
      { shares: level, tally: ofContact, counting },
    );
  };
  // The first pass only counts equal leaves; the second names those that repeat.
  if (shares) run(true);
  const pass = run(false);
  const { table } = catalogue.contacts;
  const from = [
    ...(pass.constants.list.length > 0
      ? [
          sql`(select ${join(pass.constants.definitions, sql`, `)} offset 0) as k
cross join`,
        ]
      : []),
    pass.contact.from(sql`from ${tableName(table)} as s${where(plan.contacts)}`),
    ...pass.relations.all.flatMap((layer) =>
      layer.chunks.map(({ alias, definitions }) => plan.relation(layer, alias, definitions, pass.key)),
    ),
    ...(pass.members.size > 0 ? [plan.membership(list([...pass.members].map(String), 'int'), pass.key)] : []),
    ...(pass.overrides.size > 0 ? [plan.overrides(list([...pass.overrides].map(String), 'int'), pass.key)] : []),
    ...(pass.leaves.columns.list.length > 0
      ? [sql`cross join lateral (select ${join(pass.leaves.columns.definitions, sql`, `)} offset 0) as p`]
      : []),
  ];
  const cases = ordered.map((segment, index) => {
    const holds = pass.predicates[index] ?? TRUE;
    return holds === TRUE ? integer(segment.id) : sql`case when ${holds} then ${integer(segment.id)} end`;
  });
  return sql`select ${pass.key}::segmentd.contact_key as contact_id,
  array_remove(array[${join(cases, sql`, `)}]::int[], null) as segments
from ${join(
    from,
    sql`
`,
  )}`;
}

/**
 * Rows (contact_id, segments int[]): for every existing contact among param `contacts` (segmentd.contact_key[]) the ids,
 * ascending, of the segments that it matches. Param `now` where a segment uses time.
 */
export function recheckQuery(
  catalogue: Catalogue,
  segments: readonly CompiledSegment[],
  options: StatementOptions,
): Fragment {
  const key = sql`s.${ident(catalogue.contacts.key.column)}`;
  return verdicts(catalogue, segments, options, {
    contacts: [sql`${key} = any(${param('contacts', 'segmentd.contact_key[]')})`],
    relation: (layer, alias, definitions, contact) => {
      const read = layer.layer.from(layer.rows.of({ filter: (link) => [sql`${link} = ${contact}`] }), layer.leaves);
      return sql`cross join lateral (select ${join(definitions, sql`, `)} from ${read}${where(layer.common)}) as ${alias}`;
    },
    membership: (ids, contact) =>
      sql`cross join lateral (select array_agg(m.segment_id) as s from segmentd.membership m where m.contact_id = ${contact} and m.segment_id = any(${ids})) as m`,
    overrides: (ids, contact) =>
      sql`cross join lateral (select ${OVERRIDES} from segmentd.override w where w.contact_id = ${contact} and w.segment_id = any(${ids})) as w`,
    zero: (count) => count,
    lateral: true,
  });
}

/**
 * The same rows for the contacts in a range of keys: params `low` and `high` of the key's type where `range` says so.
 * Related rows are grouped and hash-joined instead of looked up contact by contact.
 */
export function rangeQuery(
  catalogue: Catalogue,
  segments: readonly CompiledSegment[],
  range: Range,
  options: StatementOptions,
): Fragment {
  const { table, key } = catalogue.contacts;
  const inRange = rangeFilter(catalogue, sql`s.${ident(key.column)}`, range);
  // Columns of text may sort by another collation than the contacts' key; then the range has to come from the contacts.
  const ordered = key.type !== 'text';
  return verdicts(catalogue, segments, options, {
    contacts: inRange,
    relation: (layer, alias, definitions, contact) => {
      const { rows } = layer;
      const link = layer.layer.raw(rows.contact);
      const source = rows.of({
        filter: (column) => (ordered ? rangeFilter(catalogue, column, range) : inRange),
        join: (column) =>
          ordered || inRange.length === 0
            ? sql``
            : sql` join ${tableName(table)} as s on s.${ident(key.column)} = ${column}`,
      });
      const read = layer.layer.from(source, layer.leaves);
      return sql`left join (select ${join([sql`${link} as k`, ...definitions], sql`, `)} from ${read}${where(layer.common)} group by ${link}) as ${alias} on ${alias}.k = ${contact}`;
    },
    membership: (ids, contact) => {
      const filter = ordered ? rangeFilter(catalogue, sql`m.contact_id`, range) : [];
      return sql`left join (select m.contact_id as k, array_agg(m.segment_id) as s from segmentd.membership m where ${join([sql`m.segment_id = any(${ids})`, ...filter], sql` and `)} group by m.contact_id) as m on m.k = ${contact}`;
    },
    overrides: (ids, contact) => {
      const filter = ordered ? rangeFilter(catalogue, sql`w.contact_id`, range) : [];
      return sql`left join (select w.contact_id as k, ${OVERRIDES} from segmentd.override w where ${join([sql`w.segment_id = any(${ids})`, ...filter], sql` and `)} group by w.contact_id) as w on w.k = ${contact}`;
    },
    zero: (count) => sql`coalesce(${count}, 0)`,
    lateral: false,
  });
}

/** Rows (contact_id): the members of one segment among the contacts in a range of keys. */
export function memberQuery(
  catalogue: Catalogue,
  segment: CompiledSegment,
  range: Range,
  options: StatementOptions,
): Fragment {
  return members({
    catalogue,
    timezone: segment.timezone,
    condition: segment.condition,
    segmentId: (key) => options.segmentId(key),
    keyFilter: (column) => rangeFilter(catalogue, column, range),
  });
}
