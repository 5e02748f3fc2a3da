/**
 * Random conditions as people would write them: raw JsonLogic, well typed, every operator and every way to write it.
 * Literals come from the pools that the rows are drawn from.
 */
import type { Catalogue, Field, Relation } from '../../src/catalogue/catalogue.ts';
import { relationPath } from '../../src/catalogue/catalogue.ts';
import { toOneRelations } from '../../src/catalogue/to-one-relation.ts';
import {
  anyWindow,
  calendarWindows,
  dates,
  instant,
  labels,
  monthEnds,
  nows,
  numbers,
  texts,
  uuids,
  windows,
} from './pool.ts';
import { random, seed, type Random } from '../support/random.ts';

type Json = unknown;

interface Scope {
  readonly r: Random;
  readonly catalogue: Catalogue;
  readonly fields: readonly (readonly [name: string, field: Field])[];
  readonly relation?: Relation;
  /** Inside the rows of a relation: the relation whose rows stand around. */
  readonly around?: Relation;
  /** Keys for `in_segment`. */
  readonly segments: readonly string[];
  /** Choices of rows inside rows and of fields of rows around: apart, so that they change no other choice. */
  readonly aside: Random;
  /** In a relation: some fields of the rows around. */
  readonly outside: Scope['fields'];
}

export function contactScope(r: Random, catalogue: Catalogue, segments: readonly string[] = []): Scope {
  const fields = [...catalogue.contacts.fields, ...ones(catalogue)];
  return { r, catalogue, fields, segments, aside: random(seed() + 77), outside: [] };
}

function rowScope(scope: Scope, relation: Relation): Scope {
  const [, ...middle] = relationPath(scope.catalogue, relation.name);
  const outer = middle.flatMap((hop) =>
    [...hop.fields].map(([name, field]) => [`${hop.name}.${name}`, field] as const),
  );
  return {
    ...scope,
    relation,
    ...(scope.relation ? { around: scope.relation } : {}),
    fields: [...relation.fields, ...outer, ...ones(scope.catalogue, relation.name)],
    outside: fieldsAround(scope),
  };
}

/** Some fields of the rows around a relation: of the contact, and of the enclosing row. */
function fieldsAround({ aside, catalogue, relation, fields }: Scope): Scope['fields'] {
  const some = (word: string, of: Scope['fields']): Scope['fields'] =>
    aside.some(of, 4).map(([name, field]) => [`${word}.${name}`, field] as const);
  const contact = [...catalogue.contacts.fields, ...ones(catalogue)];
  if (!relation) return some(aside.chance(0.8) ? 'contact' : 'outer', contact);
  return [...some('contact', contact), ...some('outer', fields)];
}

/** A condition that says how rows belong to the row around, where people would take them for rows of that row. */
function boundToRow(scope: Scope, relation: Relation, where: Json): Json {
  const { catalogue } = scope;
  if (!scope.relation) return where;
  const isOnWay = (from: string, to: string): boolean =>
    relationPath(catalogue, from).some(({ name }) => from !== to && name === to);
  if (!isOnWay(relation.name, scope.relation.name) && !isOnWay(scope.relation.name, relation.name)) return where;
  const [name] = [...scope.relation.fields.keys()];
  const said = { '!': [{ is_empty: [v(`outer.${name}`)] }] };
  return where === true ? said : { and: [where, said] };
}

/** Fields of the one row of each to-one relation. */
function ones(catalogue: Catalogue, relation?: string): Scope['fields'] {
  return [...toOneRelations(catalogue, relation).values()].flatMap(({ name: owner, fields }) =>
    [...fields].map(([name, field]) => [`${owner}.${name}`, field] as const),
  );
}

const v = (name: string): Json => ({ var: name });

/** A random condition, at most `depth` groups deep. */
export function randomRule(scope: Scope, depth: number): Json {
  const { r } = scope;
  if (depth > 0 && r.chance(0.55)) {
    const children = (least: number): Json[] =>
      Array.from({ length: least + r.below(3) }, () => randomRule(scope, depth - 1));
    switch (r.below(6)) {
      case 0:
        return { and: children(1) };
      case 1:
        return { or: children(1) };
      case 2:
        return { '!': [randomRule(scope, depth - 1)] };
      case 3:
        return { '!': [{ [r.pick(['and', 'or'])]: children(2) }] };
      case 4:
        return {
          if: [
            randomRule(scope, depth - 1),
            r.chance(0.3) ? r.chance(0.5) : randomRule(scope, depth - 1),
            ...(r.chance(0.8) ? [randomRule(scope, depth - 1)] : []),
          ],
        };
      default:
        return { '!!': randomRule(scope, depth - 1) };
    }
  }
  return randomLeaf(scope);
}

export function randomLeaf(scope: Scope): Json {
  const leaf = plainLeaf(scope);
  const { aside, relation, around, fields, outside } = scope;
  if (!relation) return leaf;
  const apart: Scope = { ...scope, r: aside };
  if (!around && aside.chance(0.15)) return related(apart);
  return aside.chance(0.2) ? plainLeaf({ ...apart, fields: [...aside.some(fields, 4), ...outside] }) : leaf;
}

function plainLeaf(scope: Scope): Json {
  const { r } = scope;
  if (!scope.relation) {
    if (r.chance(0.3)) return related(scope);
    if (r.chance(0.03) && scope.segments.length > 0) return { in_segment: [r.pick(scope.segments)] };
    if (r.chance(0.03)) return bucket(r);
    if (r.chance(0.05) && scope.segments.length > 0) {
      const [amount, unit] = r.pick(windows);
      return { [r.pick(['member_for', 'entered_in_last', 'left_in_last'])]: [r.pick(scope.segments), amount, unit] };
    }
    if (r.chance(0.03)) {
      return { known_for: [...anyWindow(r)] };
    }
  }
  if (r.chance(0.07)) return calculation(scope);
  if (r.chance(0.04)) return near(scope);
  const [name, field] = r.pick(scope.fields);
  if (r.chance(0.06)) return { is_empty: [v(name)] };
  if (r.chance(0.06))
    return {
      [r.pick(['==', '!=', '===', '!=='])]: r.pick([
        [v(name), null],
        [null, v(name)],
      ]),
    };
  if (field.array) return arrayLeaf(scope, name, field);
  if (field.family === 'json' || field.family === 'other') return { is_empty: v(name) };
  if (r.chance(0.12)) {
    const pair = twoFields(scope, name, field);
    if (pair !== undefined) return pair;
  }
  return valueLeaf(scope, v(name), field, true);
}

/** A leaf about a value of the field's type: the field itself, or a pick or bound over rows. */
function valueLeaf(scope: Scope, value: Json, field: Field, isField: boolean): Json {
  const { r } = scope;
  switch (field.family) {
    case 'text':
      if (isField && r.chance(0.12)) return compareWhole(r, { length: [value] }, [0, 6]);
      return r.chance(0.65) ? textLeaf(scope, value, field) : equality(scope, value, field);
    case 'number':
      return r.chance(0.25) ? equality(scope, value, field) : ordering(scope, value, field);
    case 'boolean':
      if (isField && r.chance(0.5)) return r.chance(0.5) ? value : { '!': [value] };
      return { [r.pick(['==', '!='])]: [value, r.chance(0.5)] };
    case 'uuid':
      return equality(scope, value, field);
    case 'date':
    case 'instant':
      return timeLeaf(scope, value, field, isField);
    default:
      throw new Error('not a value');
  }
}

function equality(scope: Scope, value: Json, field: Field): Json {
  const { r } = scope;
  if (r.chance(0.4)) return { in: [value, Array.from({ length: 1 + r.below(4) }, () => literal(r, field))] };
  const sides = r.chance(0.3) ? [literal(r, field), value] : [value, literal(r, field)];
  return { [r.pick(['==', '!=', '===', '!=='])]: sides };
}

function ordering(scope: Scope, value: Json, field: Field): Json {
  const { r } = scope;
  if (r.chance(0.25)) return { [r.pick(['<', '<='])]: [literal(r, field), value, literal(r, field)] };
  const sides = r.chance(0.3) ? [literal(r, field), value] : [value, literal(r, field)];
  return { [r.pick(['<', '<=', '>', '>='])]: sides };
}

function textLeaf(scope: Scope, value: Json, field: Field): Json {
  const { r } = scope;
  const needle = (): string => r.pick(field.labels ? [...labels, 'e', 'A', 'ü'] : texts.filter((text) => text !== ''));
  const part = (): string => {
    const whole = [...needle()];
    return r.chance(0.5) ? whole.join('') : whole.slice(0, 1 + r.below(whole.length)).join('');
  };
  const parts = (): Json =>
    r.chance(0.3) ? Array.from({ length: r.chance(0.1) ? 25 : 1 + r.below(3) }, part) : part();
  switch (r.below(8)) {
    case 0:
      return { in: [parts(), value] };
    case 1:
      return { iin: [value, Array.from({ length: 1 + r.below(3) }, needle)] };
    case 2:
      return { ieq: [value, needle()] };
    default:
      return { [r.pick(['starts_with', 'ends_with', 'icontains', 'istarts_with', 'iends_with'])]: [value, parts()] };
  }
}

function timeLeaf(scope: Scope, value: Json, field: Field, isField: boolean): Json {
  const { r } = scope;
  const [amount, unit] = anyWindow(r);
  switch (r.below(isField ? 9 : 7)) {
    case 0:
    case 1:
    case 2:
      return { [r.pick(['in_last', 'before_last', 'in_next'])]: [value, amount, unit] };
    case 3:
      return {
        in_period: [value, r.pick(['day', 'week', 'month', 'quarter', 'year']), r.pick([0, 0, 0, -1, 1, -2, 5, -13])],
      };
    case 4:
      return equality(scope, value, field);
    case 5:
      return ordering(scope, field.family === 'instant' && r.chance(0.4) ? moved(r, value) : value, field);
    case 6:
      return { [r.pick(['is_past', 'is_future'])]: r.chance(0.5) ? value : [value] };
    case 7:
      return compareWhole(r, { weekday: [value] }, [1, 7]);
    default:
      if (r.chance(0.5)) return anniversary(r, value);
      return field.family === 'date' ? birthday(r, value) : ordering(scope, value, field);
  }
}

/** Of a date or an instant. */
function anniversary(r: Random, value: Json): Json {
  switch (r.below(6)) {
    case 0:
      return { anniversary_today: [value] };
    case 1:
    case 2:
      return {
        [r.pick(['anniversary_in_next', 'anniversary_in_last'])]: [value, r.pick([0, 0, 1, 7, 30, 364, 365, 366])],
      };
    case 3:
    case 4:
      return { anniversary_in_period: [value, r.pick(['week', 'month']), r.pick([0, 0, -1, 1, 9, -14, 53])] };
    default:
      return compareWhole(r, { anniversary_month: value }, [1, 12]);
  }
}

function birthday(r: Random, value: Json): Json {
  switch (r.below(6)) {
    case 0:
    case 1:
    case 2:
      return anniversary(r, value);
    default:
      return compareWhole(
        r,
        { age: [value] },
        r.pick([
          [18, 19],
          [22, 23],
          [18, 23],
          [0, 2],
          [2000, 2070],
        ]),
      );
  }
}

function compareWhole(r: Random, value: Json, [low, high]: readonly [number, number] | readonly number[]): Json {
  const from = low ?? 0;
  const whole = (): number => from + r.below((high ?? from) - from + 1);
  if (r.chance(0.2)) return { '<=': [whole(), value, whole()] };
  if (r.chance(0.2)) return { in: [value, [whole(), whole()]] };
  return { [r.pick(['==', '!=', '<', '<=', '>', '>='])]: [value, whole()] };
}

function arrayLeaf(scope: Scope, name: string, field: Field): Json {
  const { r } = scope;
  const element = (): Json => (field.family === 'instant' ? instant(r) : literal(r, field));
  if (r.chance(0.2)) return compareWhole(r, { size: r.chance(0.5) ? v(name) : [v(name)] }, [0, 3]);
  if (r.chance(0.4)) return { in: [element(), v(name)] };
  return { [r.pick(['has_any', 'has_all', 'has_only'])]: [v(name), Array.from({ length: 1 + r.below(3) }, element)] };
}

function twoFields(scope: Scope, name: string, field: Field): Json | undefined {
  const { r } = scope;
  const others = scope.fields.filter(
    ([other, { family, array }]) => other !== name && !array && family === field.family,
  );
  if (others.length === 0) return undefined;
  const [other] = r.pick(others);
  if (field.family === 'instant' && r.chance(0.5))
    return {
      [r.pick(['==', '<', '<=', '>', '>='])]: r.pick([
        [v(other), moved(r, v(name))],
        [moved(r, v(name)), moved(r, v(other))],
      ]),
    };
  const ordered = field.family === 'number' || field.family === 'date' || field.family === 'instant';
  return { [r.pick(ordered ? ['==', '!=', '<', '<=', '>', '>='] : ['==', '!='])]: [v(name), v(other)] };
}

/** A leaf on one of the narrow boundaries that rules at large hit too rarely. */
export function randomBoundary(scope: Scope): Json {
  const { r } = scope;
  const named = (wanted: (field: Field) => boolean): readonly [string, Field] =>
    r.pick(scope.fields.filter(([, field]) => !field.array && wanted(field)));
  if (r.chance(0.06)) return near(scope);
  switch (r.below(7)) {
    case 0: {
      const [name, field] = named(({ family }) => family === 'date' || family === 'instant');
      // Of the periods, weeks have the most ways to be wrong.
      if (r.chance(0.3))
        return { in_period: [v(name), r.pick(['week', 'week', 'month', 'quarter']), r.pick([0, 0, -1, 1])] };
      // The end of a month is clamped on few days: the rows of these two fields stand there most often.
      if (r.chance(0.35))
        return {
          [r.pick(['in_last', 'before_last', 'in_next'])]: [
            v(r.pick(['renews_on', 'birth_date'])),
            ...r.pick(calendarWindows),
          ],
        };
      return timeLeaf(scope, v(name), field, true);
    }
    case 1: {
      const [name] = named(({ family, path }) => family === 'instant' && path === undefined);
      const [amount, unit] = r.pick(windows.filter(([, , seconds]) => seconds % 86_400 === 0));
      return { [r.pick(['in_last', 'before_last', 'in_next'])]: [v(name), amount, unit] };
    }
    case 2:
    case 3:
      return birthday(r, v('birth_date'));
    case 4: {
      const [name] = named(({ family, labels: known }) => family === 'text' && known === undefined);
      const needle = r.pick(['50%', '50%_', '5_0', 'a\\b', 'a\\\\b', '\\', '%', '_', 'É', 'ας', 'i\u0307', 'ß']);
      return r.pick([
        { in: [needle, v(name)] },
        { starts_with: [v(name), needle] },
        { ends_with: [v(name), needle] },
        { icontains: [v(name), needle] },
        { ieq: [v(name), needle] },
      ]);
    }
    case 5: {
      const average = { avg: [{ map: [v('orders'), v(r.pick(['total', 'rank', 'meta.worth']))] }] };
      return {
        [r.pick(['==', '<', '<=', '>', '>='])]: [
          average,
          r.pick([0, 0.1, '0.15', 0.2, 0.25, 0.5, 1, 1.5, 2, '2.50', 3, 18, 18.5]),
        ],
      };
    }
    default: {
      const picked = { [r.pick(['first', 'last'])]: [v('orders'), v('note')] };
      // Whether ties have a value, and which.
      return r.chance(0.4) ? { '==': [picked, null] } : { in: [picked, r.some(texts, 20)] };
    }
  }
}

/** A number of the row in scope, or of the contact's related rows. */
function amount(scope: Scope, depth: number): Json {
  const { r, catalogue } = scope;
  const numeric = scope.fields.filter(([, { family, array }]) => family === 'number' && !array);
  const dates = scope.fields.filter(([, { family, array }]) => family === 'date' && !array);
  if (!scope.relation && r.chance(0.05)) return { bucket: [r.pick(['a', 'b']), r.pick([3, 10])] };
  if (depth > 0 && r.chance(0.6)) return arithmetic(scope, depth - 1);
  if (!scope.relation && r.chance(0.45)) {
    const relation = r.pick(relationsWithRows(catalogue));
    const inner = rowScope(scope, relation);
    const rows = r.chance(0.7) ? v(relation.name) : { filter: [v(relation.name), randomRule(inner, 0)] };
    const fields = inner.fields.filter(([, { family, array }]) => family === 'number' && !array);
    if (fields.length === 0 || r.chance(0.3)) return { count: [rows] };
    return { [r.pick(['sum', 'avg', 'avg', 'min_of', 'max_of'])]: [{ map: [rows, mappedNumber(inner)] }] };
  }
  if (dates.length > 0 && r.chance(0.05)) return { [r.pick(['age', 'anniversary_month'])]: [v(r.pick(dates)[0])] };
  return numeric.length > 0 ? v(r.pick(numeric)[0]) : { weekday: [v(r.pick(dates)[0])] };
}

function arithmetic(scope: Scope, depth: number): Json {
  const { r } = scope;
  const operator = r.pick(['+', '-', '*']);
  const term = (): Json => (r.chance(0.25) ? literal(r, plainNumber) : amount(scope, depth));
  const terms = [amount(scope, depth), ...(operator !== '-' && r.chance(0.2) ? [term()] : [])];
  return { [operator]: r.chance(0.5) ? [...terms, term()] : [term(), ...terms] };
}

/** A numeric field of the rows, or what is computed of their fields. */
function mappedNumber(inner: Scope): Json {
  const { r } = inner;
  const fields = inner.fields.filter(([, { family, array }]) => family === 'number' && !array);
  return r.chance(0.4) ? arithmetic(inner, r.below(2)) : v(r.pick(fields)[0]);
}

function hasNumber({ fields }: Scope): boolean {
  return fields.some(([, { family, array }]) => family === 'number' && !array);
}

/** A calculation with a fixed number, or two numbers of any kind with each other. */
function calculation(scope: Scope): Json {
  const { r } = scope;
  if (!hasNumber(scope)) return { is_empty: [v(r.pick(scope.fields)[0])] };
  const value = arithmetic(scope, r.below(2));
  if (r.chance(0.1)) return { [r.pick(['==', '!='])]: [value, null] };
  if (r.chance(0.4)) return valueLeaf(scope, value, plainNumber, false);
  return { [r.pick(['==', '!=', '<', '<=', '>', '>='])]: [r.chance(0.5) ? value : amount(scope, 0), amount(scope, 1)] };
}

/** Something about the rows of a relation. */
function related(scope: Scope): Json {
  const { r, catalogue } = scope;
  const relations = relationsWithRows(catalogue);
  // Those that have most rows and fields come twice as often.
  const relation = r.pick([...relations, ...relations.slice(0, 3)]);
  const inner = rowScope(scope, relation);
  const where = (): Json =>
    boundToRow(scope, relation, r.chance(0.15) ? true : randomRule(inner, r.below(scope.relation ? 2 : 3)));
  const all = (): Json =>
    r.chance(0.3) && !scope.relation ? v(relation.name) : { filter: [v(relation.name), where()] };
  const source = (): Json => (relation.key === undefined || r.chance(0.7) ? all() : limited(r, all(), where));
  const kind = r.below(10);
  if (kind < 4) {
    const rows = relation.key === undefined || r.chance(0.7) ? v(relation.name) : limited(r, all(), where);
    return { [r.pick(['some', 'none', 'all'])]: [rows, where()] };
  }
  if (kind < 6) return r.chance(0.4) ? countDistinct(inner, source()) : count(r, source());
  const numeric = inner.fields.filter(([, field]) => field.family === 'number' && !field.array);
  const ordered = inner.fields.filter(
    ([, { family, array }]) => !array && (family === 'number' || family === 'date' || family === 'instant'),
  );
  if (kind < 8 && numeric.length > 0) {
    const [name] = r.pick(numeric);
    const value = { [r.pick(['sum', 'avg'])]: [{ map: [source(), r.chance(0.3) ? mappedNumber(inner) : v(name)] }] };
    if (r.chance(0.1) && 'avg' in value) return { [r.pick(['==', '!='])]: [value, null] };
    return valueLeaf(scope, value, { ...plainNumber }, false);
  }
  if (kind === 8 || relation.time === undefined) {
    const [name, field] = r.pick(ordered.length > 0 ? ordered : [...relation.fields]);
    if (field.family !== 'number' && field.family !== 'date' && field.family !== 'instant') return count(r, source());
    const value = { [r.pick(['min_of', 'max_of'])]: [{ map: [source(), v(name)] }] };
    return r.chance(0.1) ? { '!=': [value, null] } : valueLeaf(scope, value, field, false);
  }
  const [name, field] = r.pick(
    inner.fields.filter(([, { array, family }]) => !array && family !== 'json' && family !== 'other'),
  );
  const value = {
    [r.pick(['first', 'last'])]: r.chance(0.5) ? [source(), v(name)] : [v(relation.name), v(name), where()],
  };
  return r.chance(0.1) ? { '==': [value, null] } : valueLeaf(scope, value, field, false);
}

const plainNumber: Field = {
  name: 'value',
  owner: '',
  column: 'value',
  family: 'number',
  array: false,
  sqlType: 'numeric',
  integer: false,
  castText: false,
  collate: false,
};

function count(r: Random, source: Json): Json {
  const value = r.chance(0.3) ? { reduce: [source, { '+': [1, v('accumulator')] }, 0] } : { count: [source] };
  const bound = r.pick([0, 0, 1, 1, 2, 3, 0.5, -1, '1.5']);
  if (r.chance(0.1)) return { in: [value, [0, 2, 2.5]] };
  return r.chance(0.2) ? { '<=': [0, value, bound] } : { [r.pick(['==', '!=', '<', '<=', '>', '>='])]: [value, bound] };
}

/** So many rows by time, alone, under a filter, or among so many others. */
function limited(r: Random, rows: Json, where: () => Json): Json {
  const limit = (of: Json): Json => ({ [r.pick(['newest', 'oldest'])]: [1 + r.below(3), of] });
  switch (r.below(4)) {
    case 0:
      return limit({ filter: [limit(rows), where()] });
    case 1:
      return limit(limit(rows));
    default:
      return limit(rows);
  }
}

/** An instant moved by a fixed duration; rarely so far that Postgres does not know it. */
function moved(r: Random, value: Json): Json {
  const length = r.pick([
    [1, 'minute'],
    [2, 'hour'],
    [1, 'day'],
    [30, 'day'],
    [1, 'week'],
    [36_500, 'day'],
  ]);
  return { [r.pick(['plus', 'minus'])]: [value, ...length] };
}

/** Places that the rows' numbers make, some of them behind the date line or a pole. */
const PLACES: readonly Json[] = [
  [0, 0],
  [18.4, '-0.3'],
  [0.3, -172],
  [2, '-176.5'],
  [-1, 178],
  [89.5, 0],
  [-90, 20],
  [40.42, -3.7],
];

function near(scope: Scope): Json {
  const { r } = scope;
  const names = scope.fields.flatMap(([name, { family, array }]) => (family === 'number' && !array ? [name] : []));
  if (names.length === 0) return { is_empty: [v(r.pick(scope.fields)[0])] };
  // Of all numbers, prices are large enough to lie behind the date line.
  if (names.includes('price') && r.chance(0.3))
    return {
      within_km: [
        v(r.pick(names)),
        v('price'),
        r.pick([
          [2, '-176.5'],
          [0.3, -172],
        ]),
        r.pick([9_700, 9_900]),
      ],
    };
  const km = r.pick([1, 25, '110.5', 500, 2_500, 9_900, 9_990.5, 15_000, 20_015]);
  return { within_km: [v(r.pick(names)), v(r.pick(names)), r.pick(PLACES), km] };
}

function bucket(r: Random): Json {
  const of = r.pick([2, 3, 10, 100]);
  return compareWhole(r, { bucket: [r.pick(texts.filter((text) => text !== '')), of] }, [0, of]);
}

function countDistinct(inner: Scope, source: Json): Json {
  const { r } = inner;
  const names = inner.fields.flatMap(([name, { array, family }]) =>
    array || family === 'json' || family === 'other' ? [] : [name],
  );
  const of = r.chance(0.1) && hasNumber(inner) ? mappedNumber(inner) : v(r.pick(names));
  return compareWhole(r, { count_distinct: [{ map: [source, of] }] }, [0, 3]);
}

function literal(r: Random, field: Field): Json {
  switch (field.family) {
    case 'text':
      return field.labels ? r.pick(labels) : r.pick(texts);
    case 'number': {
      const text = r.pick(numbers);
      const number = Number(text);
      return r.chance(0.4) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : text;
    }
    case 'boolean':
      return r.chance(0.5);
    case 'date':
      return r.chance(0.8) ? r.pick(dates) : r.pick(monthEnds);
    case 'instant':
      return r.chance(0.35) ? r.pick(dates) : r.chance(0.5) ? r.pick(nows) : instant(r);
    default:
      return r.chance(0.5) ? r.pick(uuids) : r.pick(uuids).toUpperCase();
  }
}

/** Conditions ask for rows of these. */
function relationsWithRows(catalogue: Catalogue): Relation[] {
  return [...catalogue.relations.values()].filter(({ valuesOnly }) => valuesOnly !== true);
}
