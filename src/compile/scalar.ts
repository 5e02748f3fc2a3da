/**
 * Typed values: how a field, plain or inside jsonb, reads as one Postgres type. Invariant: reading never raises, and a
 * value that is absent or of the wrong type is NULL. A NaN is missing too, but it is cheaper to keep it out in the few
 * comparisons that it could satisfy (see `hasNan`).
 */
import type { Field } from '../catalogue/catalogue.ts';
import { isWallClock } from '../catalogue/text-reading.ts';
import { ident, keyword, list, sql, value, type Fragment } from './fragment.ts';
import type { LeafSql } from './leaf.ts';
import type { Citext, Scalar, ScalarType } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';
import { needsString, readText } from './text-value.ts';

/** `of = operand`; `operand` is of the scalar's own type. */
export function equality({ citext }: Pick<Scalar, 'citext'>, of: Fragment, operand: Fragment): Fragment {
  return citext ? sql`${of} operator(${ident(citext.schema)}.=) ${operand}` : sql`${of} = ${operand}`;
}

export function citextOf(field: Field): Citext | undefined {
  return field.citext === undefined || field.path !== undefined
    ? undefined
    : { schema: field.citext, type: field.sqlType.replace(/(\[\])+$/, '') };
}

export function hasNan(scalar: Scalar): boolean {
  return !scalar.computed && (scalar.type === 'numeric' || scalar.type === 'float4' || scalar.type === 'float8');
}

export function isNan(of: Fragment): Fragment {
  return sql`${of} = 'NaN'`;
}

/** The leaf `make(value)`; `make` must be true or false wherever its argument is not NULL. */
export function test(scalar: Scalar, make: (of: Fragment) => Fragment): LeafSql {
  const positive = make(scalar.bare ?? scalar.value);
  const whole = make(scalar.value);
  const complement = scalar.computed ? sql`(${whole}) is not true` : sql`(${scalar.value} is null or not (${whole}))`;
  return {
    positive: scalar.guard ? sql`(${positive} and ${scalar.guard})` : positive,
    negative: scalar.nullable ? complement : sql`not (${whole})`,
  };
}

/** Type of a plain field's value, from its family and the column's type (or the element's, for an array). */
export function typeOf(field: Field): ScalarType {
  switch (field.family) {
    case 'text':
    case 'boolean':
    case 'date':
    case 'uuid':
      return field.family;
    case 'number':
      if (field.path !== undefined || field.reading !== undefined) return 'numeric';
      if (field.integer) return 'integer';
      if (field.sqlType.startsWith('real')) return 'float4';
      return field.sqlType.startsWith('double precision') ? 'float8' : 'numeric';
    case 'instant':
      return isWallClock(field) ? 'timestamp' : 'timestamptz';
    case 'json':
      return field.path === undefined && field.sqlType === 'json' ? 'json' : 'jsonb';
    case 'other':
      return field.path === undefined ? 'opaque' : 'jsonb';
  }
}

/** A value at `path` under a jsonb expression, as `field`'s declared type. */
export function jsonScalar(field: Field, at: Fragment, path: Fragment): Scalar {
  const type = typeOf(field);
  const text = sql`(${at} #>> ${path})`;
  const is = (name: Fragment): Fragment => sql`jsonb_typeof(${at} #> ${path}) = ${name}`;
  const nullable = true;
  if (field.reading !== undefined) {
    const { reading } = field;
    return {
      type,
      value: readText(reading, needsString(reading) ? sql`(case when ${is(sql`'string'`)} then ${text} end)` : text),
      nullable,
    };
  }
  switch (field.family) {
    case 'text': {
      const guard = is(sql`'string'`);
      return { type, value: sql`(case when ${guard} then ${text} end)`, bare: text, guard, nullable };
    }
    case 'number': {
      const number = sql`(case when ${is(sql`'number'`)} then ${text}::numeric end)`;
      // A fraction is a wrong type for a path declared integer.
      if (!field.integer) return { type, value: number, nullable, vast: true };
      const whole = sql`case when ${text}::numeric = trunc(${text}::numeric) then ${text}::numeric end`;
      return { type, value: sql`(case when ${is(sql`'number'`)} then ${whole} end)`, nullable, vast: true };
    }
    case 'boolean':
      return { type, value: sql`(case when ${is(sql`'boolean'`)} then ${text}::boolean end)`, nullable };
    case 'date':
      return { type, value: sql`segmentd.json_date(${text})`, nullable };
    case 'instant':
      return { type, value: sql`segmentd.json_instant(${text})`, nullable };
    case 'uuid':
      return {
        type,
        value: sql`(case when ${text} ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' then ${text}::uuid end)`,
        nullable,
      };
    case 'json':
    case 'other':
      return { type, value: sql`(${at} #> ${path})`, nullable };
  }
}

/** Text that compares exactly: other types by their text, nondeterministic collations by their bytes. */
export function exactText(field: Field, column: Fragment): Fragment {
  const citext = citextOf(field);
  if (citext) {
    // A domain has no operators of its own. Of a collation citext takes none for equality, and LIKE refuses one that is nondeterministic.
    const value = sql`${column}::${keyword(citext.type)}`;
    return field.collate ? sql`(${value} collate ${ident('pg_catalog', 'default')})` : value;
  }
  const text = field.castText ? sql`${column}::text` : column;
  return field.collate ? sql`(${text} collate "C")` : text;
}

export function fieldScalar(scope: SqlScope, field: Field): Scalar {
  const column = scope.column(field);
  if (field.path !== undefined) {
    const scalar = jsonScalar(field, column, list(field.path, 'text'));
    const once = scope.once(scalar.value);
    return once === scalar.value
      ? scalar
      : { type: scalar.type, value: once, nullable: true, ...(scalar.vast ? { vast: true } : {}) };
  }
  if (field.reading !== undefined)
    return { type: typeOf(field), value: scope.once(readText(field.reading, column)), nullable: true };
  const of = field.family === 'text' ? exactText(field, column) : column;
  const citext = citextOf(field);
  return {
    type: typeOf(field),
    value: of,
    nullable: true,
    column: true,
    ...(citext ? { citext } : {}),
    ...(field.sqlType === 'numeric' ? { vast: true } : {}),
  };
}

/**
 * `at time zone` raises 22008 where the offset leads out of the type's range. In the last two days at either end of it
 * (4714 BC, 294276), where only a weekday could show a difference, and for ±infinity, the zone is UTC.
 */
function zoneFor(of: Fragment, type: 'timestamp' | 'timestamptz', zone: string): Fragment {
  const low = type === 'timestamp' ? sql`timestamp '4714-11-26 BC'` : sql`timestamptz '4714-11-26 00:00:00+00 BC'`;
  const high = type === 'timestamp' ? sql`timestamp '294276-12-30'` : sql`timestamptz '294276-12-30 00:00:00+00'`;
  return sql`(case when ${of} between ${low} and ${high} then ${value(zone, 'text')} else 'UTC' end)`;
}

/** A timestamp without zone as the instant that it is in the catalogue's zone. */
export function instantOf(scope: SqlScope, timestamp: Fragment): Fragment {
  return sql`(${timestamp} at time zone ${zoneFor(timestamp, 'timestamp', scope.catalogue.timestamps)})`;
}

/** The local date, in the segment's zone, of a date or instant. */
export function dayOf(scope: SqlScope, scalar: Scalar): Fragment {
  if (scalar.type === 'date') return scalar.value;
  if (scalar.type === 'timestamp' && scope.timezone === scope.catalogue.timestamps) return sql`${scalar.value}::date`;
  const instant = scalar.type === 'timestamp' ? instantOf(scope, scalar.value) : scalar.value;
  return sql`(${instant} at time zone ${zoneFor(instant, 'timestamptz', scope.timezone)})::date`;
}

/** What is computed of a plain column may be computed with the row, for all leaves that need it. */
export function computedOf(scope: SqlScope, scalar: Scalar, expression: Fragment): Fragment {
  return scalar.column ? scope.once(expression) : expression;
}
