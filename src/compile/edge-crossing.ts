/**
 * The rows that cross an edge of time between two instants, as SQL. The bare column is compared with bounds that `from` and
 * `to` alone decide. So an index serves, and no row raises, whatever its year. NULL and ±infinity never lie between two
 * bounds. Right-continuous: a row at exactly `to` has crossed; a row at exactly `from` crossed before.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Unit } from '../condition/ast.ts';
import { waysFrom } from '../catalogue/way.ts';
import { intervalText } from '../temporal/interval-text.ts';
import { isDaily, type Edge } from '../temporal/edge.ts';
import { periodStep } from '../temporal/period.ts';
import { unreachable } from '../base/unreachable.ts';
import { daysLeaf, latestBirthOn, monthDay, monthsFrom } from './calendar.ts';
import { ident, integer, sql, tableName, value, type Fragment } from './fragment.ts';
import { all } from './leaf.ts';
import { pastRows, segmentNamed } from './past-leaf.ts';
import { canBeKey, rowsOf } from './relation-rows.ts';
import { rowAlone } from './row-alone.ts';
import { dayOf, fieldScalar } from './scalar.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

/** Two instants, the later second: timestamptz expressions without columns of the team's tables. */
export interface Span {
  readonly from: Fragment;
  readonly to: Fragment;
}

/** Where an edge's rows are, and how they lead to contacts. */
export interface EdgeRows {
  /** The rows that carry the field, alone. */
  readonly rows: Fragment;
  /** The same, joined up to the contact. */
  readonly from: Fragment;
  /** The column that equals the contact's key; may be NULL. */
  readonly contact: Fragment;
  /** Holds where `contact` can be the key of a contact. */
  readonly leads: Fragment;
  /** The field's value. */
  readonly scalar: Scalar;
  readonly scope: SqlScope;
}

/**
 * The edge once for each way on which its rows lead to contacts. Segments share an edge, whichever way each of them reads its rows by, so
 * that a row that crosses concerns the contacts of every way.
 */
export function waysOf(catalogue: Catalogue, edge: Edge): readonly Edge[] {
  return edge.relation === undefined
    ? [edge]
    : waysFrom(catalogue, edge.source).map(({ name }) => ({ ...edge, relation: name }));
}

export function edgeRows(catalogue: Catalogue, edge: Edge): EdgeRows {
  const { contacts } = catalogue;
  const reader = { catalogue, timezone: edge.zone ?? catalogue.timezone };
  if (edge.past !== undefined) {
    const alias = sql`past`;
    const scope = rowAlone(reader, alias);
    const rows = sql`${pastRows(edge.past.of, segmentNamed(edge.past.segment))} as ${alias}`;
    const contact = sql`${alias}.contact_id`;
    return { rows, from: rows, contact, leads: sql`true`, scalar: fieldScalar(scope, edge.field), scope };
  }
  if (edge.relation === undefined) {
    const alias = sql`c`;
    const rows = sql`${tableName(contacts.table)} as ${alias}`;
    const scope = rowAlone(reader, alias);
    const contact = sql`${alias}.${ident(contacts.key.column)}`;
    return { rows, from: rows, contact, leads: sql`true`, scalar: fieldScalar(scope, edge.field), scope };
  }
  const { alias: aliases, from, contact } = rowsOf(catalogue, edge.relation);
  const alias = aliases.get(edge.relation);
  const table = catalogue.relations.get(edge.relation)?.table;
  if (!table || !alias) throw new Error(`relation ${edge.relation} is not in the catalogue`);
  const scope = rowAlone(reader, alias);
  return {
    rows: sql`${tableName(table)} as ${alias}`,
    from,
    contact,
    leads: canBeKey(catalogue, contact),
    scalar: fieldScalar(scope, edge.field),
    scope,
  };
}

/** The window's length as an interval, negative for the past. Hours, minutes, seconds only. */
export function offsetOf(edge: Edge): Fragment {
  const seconds = edge.boundary.kind === 'rolling' ? edge.boundary.seconds : 0;
  const length = value(intervalText(Math.abs(seconds)), 'interval');
  return seconds < 0 ? sql`(- ${length})` : length;
}

/** The rows that may have crossed between the ends of the span. */
export function crosses(edge: Edge, { scalar, scope }: EdgeRows, span: Span): Fragment {
  const { boundary } = edge;
  if (!isDaily(edge)) return rollingCrosses(scalar, edge.zone, span, offsetOf(edge));
  const { low, high } = wallRange(span, zoneOf(edge), offsetOf(edge));
  const [first, last] = [sql`${low}::date`, sql`${high}::date`];
  // Depends on the span alone, so Postgres computes it once and reads no row of a day that is not over.
  const over = sql`${first} <> ${last}`;
  if (boundary.kind === 'anniversary')
    return all([
      over,
      anniversaryCrosses(
        scope,
        scalar,
        sql`(${first} + ${integer(boundary.days)})`,
        sql`(${last} + ${integer(boundary.days)})`,
      ),
    ]);
  if (boundary.kind === 'anniversary_period') {
    const [after, until] = [dayBefore(boundary, first), dayBefore(boundary, last)];
    return all([over, sql`${after} <> ${until}`, anniversaryCrosses(scope, scalar, after, until)]);
  }
  const bound = (day: Fragment): Fragment => {
    switch (boundary.kind) {
      case 'rolling':
        return day;
      case 'period':
        return dayBefore(boundary, day);
      case 'months':
        return monthsFrom(day, boundary.months);
      case 'age':
        return latestBirthOn(day, boundary.years);
      default:
        return unreachable(boundary);
    }
  };
  // Without the subselect Postgres computes the bound for every row: an age took 3.3 s instead of 0.1 s over 1,000,000
  // contacts without an index.
  const once = (day: Fragment): Fragment => sql`(select ${day})`;
  const passed = daysLeaf(scope, scalar, [
    { operator: '>', day: once(bound(first)) },
    { operator: '<=', day: once(bound(last)) },
  ]);
  return all([over, passed.positive]);
}

/** The day before the k-th period from that of a day begins. */
function dayBefore({ unit, offset }: { readonly unit: Unit; readonly offset: number }, day: Fragment): Fragment {
  const step = periodStep(unit, offset);
  if (!step) throw new Error('a period too far away has no edge');
  return sql`((date_trunc(${value(step.unit, 'text')}, ${day}::timestamp) + ${value(step.start, 'interval')})::date - 1)`;
}

/** The bounds of a span as the field's type has them, moved by the offset: above `low`, up to `high`. */
export function rollingBounds(
  scalar: Scalar,
  zone: string | undefined,
  { from, to }: Span,
  offset: Fragment,
): { readonly low: Fragment; readonly high: Fragment } {
  if (scalar.type === 'timestamptz') return { low: sql`${from} + ${offset}`, high: sql`${to} + ${offset}` };
  if (zone === undefined) throw new Error('a wall clock needs its zone');
  return wallRange({ from, to }, value(zone, 'text'), offset);
}

function rollingCrosses(scalar: Scalar, zone: string | undefined, span: Span, offset: Fragment): Fragment {
  const { low, high } = rollingBounds(scalar, zone, span, offset);
  return all([sql`${scalar.value} > ${low}`, sql`${scalar.value} <= ${high}`]);
}

export function zoneOf(edge: Edge): Fragment {
  if (edge.zone === undefined) throw new Error('a local date needs its zone');
  return value(edge.zone, 'text');
}

/**
 * Lowest and highest that the zone's clock shows between the ends of the span. Clocks run back when summer time ends: with
 * a change of offset between the ends, or enough time for one, what was shown meanwhile may lie three hours beyond either
 * (no zone has changed by more in this century but by leaping a day ahead, which only rises).
 */
export function wallRange(
  span: Span,
  zone: Fragment,
  offset: Fragment,
): { readonly low: Fragment; readonly high: Fragment } {
  const clock = (instant: Fragment): Fragment => sql`((${instant} + ${offset}) at time zone ${zone})`;
  const east = (instant: Fragment): Fragment =>
    sql`(${clock(instant)} - ((${instant} + ${offset}) at time zone 'UTC'))`;
  const { from, to } = span;
  const slack = sql`(case when ${to} - interval '12 hours' > ${from} or ${east(from)} <> ${east(to)} then interval '3 hours' else interval '0' end)`;
  return {
    low: sql`(least(${clock(from)}, ${clock(to)}) - ${slack})`,
    high: sql`(greatest(${clock(from)}, ${clock(to)}) + ${slack})`,
  };
}

/** Rows with an anniversary on a day of (after, until]. 29 February is kept on the 28th in common years. */
function anniversaryCrosses(scope: SqlScope, scalar: Scalar, after: Fragment, until: Fragment): Fragment {
  const day = sql`d.d::date`;
  const span = sql`generate_series((${after} + 1)::timestamp, ${until}::timestamp, interval '24 hours') as d(d)`;
  const passed = sql`array(select ${monthDay(day)} from ${span} union select 229 from ${span} where ${monthDay(day)} = 228)`;
  return sql`${monthDay(dayOf(scope, scalar))} = any(${passed})`;
}
