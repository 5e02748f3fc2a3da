/**
 * The instants at which a contact's verdict can change though no row does: for each edge of time, the rows of this
 * contact that cross the edge within the horizon, and the exact instants. An instant too many does no harm, because each
 * is evaluated; an instant too few hides a flip. Where local time decides, there is an instant for every offset that the
 * zone has within the horizon, and one for each change of the offset, so a midnight that is missing or comes twice needs
 * no case. Pure.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { monthDay, monthsFrom, now } from '../compile/calendar.ts';
import { crosses, edgeRows, offsetOf, waysOf, zoneOf, type Span } from '../compile/edge-crossing.ts';
import { integer, join, list, param, sql, value, type Fragment } from '../compile/fragment.ts';
import { dayOf } from '../compile/scalar.ts';
import { intervalText } from '../temporal/interval-text.ts';
import { periods } from '../condition/time-unit.ts';
import { isDaily, type Boundary, type Edge } from '../temporal/edge.ts';
import { periodStep } from '../temporal/period.ts';

/** So many seconds after an instant, which is text. */
export interface LaterInstant {
  readonly at: string;
  readonly seconds: number;
}

export const UNTIL: Fragment = param('until', 'timestamptz');

/** Instants that are evaluated at most, each over the contact's related rows. The search ends at the last of them. */
export const MOST_CANDIDATES = 2_000;

/**
 * CTEs that end in `candidate (at)`: instants after param `now` up to param `until`, ascending, at most one more than
 * MOST_CANDIDATES. Param `contact` is the key. Undefined when no row can ever cross.
 * @param instants others that are known
 */
export function flipCandidates(
  catalogue: Catalogue,
  edges: readonly Edge[],
  overridden: readonly number[] = [],
  instants: readonly LaterInstant[] = [],
): Fragment | undefined {
  const found = [
    ...edges.flatMap((edge) => waysOf(catalogue, edge)).flatMap((edge) => crossingsOf(catalogue, edge) ?? []),
    ...(overridden.length > 0 ? [overrideExpiries(overridden)] : []),
    ...(instants.length > 0 ? [known(instants)] : []),
  ];
  if (found.length === 0) return undefined;
  const east = (instant: Fragment): Fragment => sql`((${instant} at time zone tz) - (${instant} at time zone 'UTC'))`;
  return sql`found (tz, shift, wall, at) as materialized (
  ${join(
    found,
    sql`
  union
  `,
  )}
), clock as materialized (
  -- What the zone's clock shows counts after the shift: that is where its offsets are looked up. Clocks change on whole seconds.
  select f.tz, f.shift, g.t, ${east(sql`g.t`)} as east, lead(${east(sql`g.t`)}) over (partition by f.tz, f.shift order by g.t) as next
  from (select distinct found.tz, found.shift from found where found.tz is not null) as f,
    generate_series(date_trunc('minute', ${now} + f.shift) - interval '48 hours', ${UNTIL} + f.shift + interval '48 hours', interval '24 hours') as g(t)
), turn as (
  select clock.tz, clock.shift, second.t
  from clock
  cross join lateral (select min(m.t) as t from generate_series(clock.t, clock.t + interval '24 hours', interval '1 minute') as m(t) where ${east(sql`m.t`)} = clock.next) as minute
  cross join lateral (select min(s.t) as t from generate_series(minute.t - interval '1 minute', minute.t, interval '1 second') as s(t) where ${east(sql`s.t`)} = clock.next) as second
  where clock.east <> clock.next
), candidate (at) as materialized (
  select every.at from (
    select found.at from found where found.at is not null
    union
    select ((found.wall - o.east) at time zone 'UTC') - found.shift
    from found join (select distinct clock.tz, clock.shift, clock.east from clock) as o on o.tz = found.tz and o.shift = found.shift
    union
    select turn.t - turn.shift from turn
  ) as every(at)
  where every.at > ${now} and every.at <= ${UNTIL}
  order by every.at limit ${integer(MOST_CANDIDATES + 1)}
)`;
}

/** Instants as rows of `crossingsOf`. */
function known(instants: readonly LaterInstant[]): Fragment {
  const at = list(
    instants.map((instant) => instant.at),
    'timestamptz',
  );
  const later = list(
    instants.map(({ seconds }) => intervalText(seconds)),
    'interval',
  );
  return sql`select null::text, null::interval, null::timestamp, k.at + k.later from unnest(${at}, ${later}) as k(at, later)`;
}

/** The ends of overrides, as rows of `crossingsOf`. */
function overrideExpiries(segments: readonly number[]): Fragment {
  return sql`select null::text, null::interval, null::timestamp, w.expires_at from segmentd.override w
    where w.contact_id = ${param('contact', 'segmentd.contact_key')} and w.segment_id = any (${list(segments.map(String), 'int')})
      and w.expires_at > ${now} and w.expires_at <= ${UNTIL}`;
}

/** Rows (zone, shift, wall, at): the instant itself, or what the zone's clock shows when `shift` has passed after it. */
function crossingsOf(catalogue: Catalogue, edge: Edge): Fragment | undefined {
  const rows = edgeRows(catalogue, edge);
  const span: Span = { from: now, to: UNTIL };
  const { boundary } = edge;
  const read = (what: Fragment, from: Fragment = rows.from): Fragment =>
    sql`select ${what} from ${from} where ${rows.contact} = ${param('contact', 'segmentd.contact_key')} and ${crosses(edge, rows, span)}`;
  const nowhere = sql`null::text, null::interval, null::timestamp`;
  const { value: of } = rows.scalar;
  if (!isDaily(edge)) {
    const at = edge.type === 'timestamptz';
    return at
      ? read(sql`${nowhere}, ${of} - ${offsetOf(edge)}`)
      : read(sql`${zoneOf(edge)}, ${offsetOf(edge)}, ${of}, null::timestamptz`);
  }
  const onDay = (day: Fragment): Fragment =>
    sql`${zoneOf(edge)}, ${offsetOf(edge)}, (${day})::timestamp, null::timestamptz`;
  const day = dayOf(rows.scope, rows.scalar);
  if (boundary.kind === 'anniversary') {
    const years = sql`generate_series(extract(year from ${now})::integer - 2, extract(year from ${UNTIL})::integer + 2) as y(y)`;
    return read(
      onDay(sql`${anniversary(day, sql`y.y`)} - ${integer(boundary.days)}`),
      sql`${rows.from} cross join ${years}`,
    );
  }
  if (boundary.kind === 'anniversary_period') {
    const step = periodStep(boundary.unit, 1 - boundary.offset);
    if (!step) return undefined;
    // The anniversary lies as many years from now as its period.
    const { count, of } = periods[boundary.unit];
    const away = integer(Math.round((boundary.offset * count) / (of === 'months' ? 12 : 365)));
    const years = sql`generate_series(extract(year from ${now})::integer + ${away} - 2, extract(year from ${UNTIL})::integer + ${away} + 2) as y(y)`;
    const begin = sql`date_trunc(${value(step.unit, 'text')}, ${anniversary(day, sql`y.y`)}::timestamp)`;
    return read(onDay(sql`${begin} + ${value(step.start, 'interval')}`), sql`${rows.from} cross join ${years}`);
  }
  const first = firstDay(day, boundary);
  return first && read(onDay(first));
}

/** The day on which the boundary reaches a value of that day. It is near today: the row crosses within the horizon. */
function firstDay(
  day: Fragment,
  boundary: Exclude<Boundary, { kind: 'anniversary' | 'anniversary_period' }>,
): Fragment | undefined {
  switch (boundary.kind) {
    case 'rolling':
      return day;
    case 'months': {
      // Where the end of the month clamps, the day before the first of the next month does not reach the value yet.
      const back = monthsFrom(day, -boundary.months);
      return sql`(case when ${monthsFrom(back, boundary.months)} < ${day} then ${back} + 1 else ${back} end)`;
    }
    case 'age':
      return sql`(${day} + ${value(`${boundary.years} years`, 'interval')})`;
    case 'period': {
      const step = periodStep(boundary.unit, 1 - boundary.offset);
      return (
        step && sql`date_trunc(${value(step.unit, 'text')}, (${day})::timestamp) + ${value(step.start, 'interval')}`
      );
    }
    default:
      return unreachable(boundary);
  }
}

/** The day of a birthday in a year: 29 February falls on the 28th in common years. The date itself is never shifted. */
function anniversary(day: Fragment, year: Fragment): Fragment {
  const code = monthDay(day);
  return sql`(case when ${code} = 229 then make_date(${year}, 3, 1) - 1 else make_date(${year}, ${code} / 100, ${code} % 100) end)`;
}
