/**
 * A typed condition as a rule of json-logic-js over one contact's document: one row for each kind of condition and of
 * operand. Literals become typed values here, once. A name is looked up among an object's own properties only, so
 * `constructor` is no field. Pure.
 */
import { CONTACT, type Field } from '../../catalogue/catalogue.ts';
import { admissionsOf } from '../admission.ts';
import type {
  AggregateOperand,
  ArithmeticOperand,
  Condition,
  DerivedOperand,
  Literal,
  Operand,
  PickOperand,
} from '../ast.ts';
import { plainField } from '../around-field.ts';
import { parseDay } from '../civil.ts';
import { parseDecimal } from '../decimal.ts';
import { byKind, type PerKind } from '../kind.ts';
import { parseInstant } from '../literal.ts';
import { PAST_TIME } from '../past-time.ts';
import { readOfOperand } from '../row-read.ts';
import { limitOf } from '../shape.ts';
import { pasts, type PastShape } from '../time-unit.ts';
import { asTerm, calculated } from './calculated.ts';
import type { DocumentRow, MembershipPast } from './document.ts';
import { allOf, anyOf, applyRule, call, filterOf, mapOf, readScope, someOf, type Rule } from './json-logic.ts';
import {
  compareDay,
  compareLiteral,
  compareOperands,
  hasAnniversaryInPeriodOf,
  hasAnniversaryWithin,
  hasElements,
  hasTenseOf,
  isEmpty,
  isInCalendarWindowOf,
  isInPeriodOf,
  isInWindowOf,
  isMissing,
  isOneOf,
  isWithin,
  matchesText,
} from './leaf-verdict.ts';
import type { Moment } from './moment.ts';
import { readValue } from './read-value.ts';
import {
  aggregateValue,
  aggregates,
  bucketOf,
  rowCount,
  derivedValue,
  distinctRows,
  lengthOf,
  limitedRows,
  movedValue,
  pickedValue,
  sizeOf,
} from './row-value.ts';
import { contactOf, rowsInScope, scopeAround, type RowInScope, type RuleScope } from './row-scope.ts';
import { singleValue, type FieldValue, type OperandValue, type TypedValue } from './typed-value.ts';

/** Where a rule is read: over the contact, or over a row of `relation`, which stands in the place around. */
interface Place {
  readonly moment: Moment;
  readonly relation?: string;
  readonly around?: Place;
  /** Fields are read without asking whether their row counts: that is what is being decided. */
  readonly asked?: true;
}

/** The rule of a whole condition. @throws {Error} on an override, which is no part of the condition language */
export function ruleOfCondition(condition: Condition, moment: Moment): Rule<boolean> {
  return conditionRule(condition, { moment });
}

const conditionRules: PerKind<Condition, [Place], Rule<boolean>> = {
  constant: ({ value }) => call(() => value),
  and: ({ children }, place) => allOf(children.map((child) => conditionRule(child, place))),
  or: ({ children }, place) => anyOf(children.map((child) => conditionRule(child, place))),
  not: ({ child }, place) => call((holds) => !holds, conditionRule(child, place)),
  compare({ operator, left, right }, place) {
    const { moment } = place;
    if (right.kind !== 'literal')
      return call(
        (a, b) => compareOperands(operator, a, b, moment),
        operandRule(left, place),
        operandRule(right, place),
      );
    const literal = typedLiteral(right);
    return call((value) => compareLiteral(operator, value, literal, moment), operandRule(left, place));
  },
  compare_day({ operator, left, day }, place) {
    const number = canonical(parseDay(day));
    return call((value) => compareDay(operator, value, number, place.moment), operandRule(left, place));
  },
  missing: ({ operand }, place) => call(isMissing, operandRule(operand, place)),
  empty: ({ field }, place) => call(isEmpty, fieldRule(field, place)),
  in({ operand, values }, place) {
    const literals = values.map(typedLiteral);
    return call((value) => isOneOf(value, literals, place.moment), operandRule(operand, place));
  },
  text: ({ operator, fold, operand, needles }, place) =>
    call((value) => matchesText(operator, fold, value, needles), operandRule(operand, place)),
  array({ operator, field, values }, place) {
    const literals = values.map(typedLiteral);
    return call((value) => hasElements(operator, value, literals, place.moment), fieldRule(field, place));
  },
  tense: ({ operand, tense }, place) =>
    call((value) => hasTenseOf(value, tense, place.moment), operandRule(operand, place)),
  window: (window, place) =>
    call((value) => isInWindowOf(window, value, place.moment), operandRule(window.operand, place)),
  calendar_window: (window, place) =>
    call((value) => isInCalendarWindowOf(window, value, place.moment), operandRule(window.operand, place)),
  period: ({ operand, unit, offset }, place) =>
    call((value) => isInPeriodOf(value, unit, offset, place.moment), operandRule(operand, place)),
  anniversary: (anniversary, place) =>
    call((value) => hasAnniversaryWithin(anniversary, value, place.moment), fieldRule(anniversary.field, place)),
  anniversary_period: (period, place) =>
    call((value) => hasAnniversaryInPeriodOf(period, value, place.moment), fieldRule(period.field, place)),
  within_km: (within, place) =>
    call(
      (north, east) => isWithin(within, north, east),
      fieldRule(within.latitude, place),
      fieldRule(within.longitude, place),
    ),
  some: ({ relation, where }, place) =>
    limitOf(where).limit
      ? call((rows) => rows.length > 0, matchingRows({ relation, where }, place))
      : someOf(rowsRule(relation), rowRule(where, relation, place)),
  among() {
    throw new Error('rows are limited where they are read');
  },
  admitted: ({ where }, place) => conditionRule(where, { ...place, asked: true }),
  segment: ({ key }) => readScope((scope) => contactOf(scope).segments.includes(key)),
  past({ operator, key, seconds }, { moment }) {
    const { of, window } = pasts[operator];
    return readScope((scope) =>
      timesOf(own(contactOf(scope).pasts ?? {}, key), of).some((time) =>
        isInWindowOf({ operator: window, seconds }, readValue(PAST_TIME, time), moment),
      ),
    );
  },
  override() {
    throw new Error('an override is not part of a condition');
  },
};

function conditionRule(condition: Condition, place: Place): Rule<boolean> {
  return byKind(conditionRules, condition, place);
}

const operandRules: PerKind<Operand, [Place], Rule<OperandValue>> = {
  field: ({ field }, place) => fieldRule(field, place),
  age: derivedRule,
  weekday: derivedRule,
  anniversary_month: derivedRule,
  length: ({ field }, place) => call(lengthOf, fieldRule(field, place)),
  size: ({ field }, place) => call(sizeOf, fieldRule(field, place)),
  arithmetic: arithmeticRule,
  moved: ({ direction, operand, seconds }, place) =>
    call(
      (value) => movedValue(value, direction === 'plus' ? seconds : -seconds, place.moment),
      operandRule(operand, place),
    ),
  bucket: ({ seed, of }) => readScope((scope) => bucketOf(seed, of, contactOf(scope).key)),
  aggregate: aggregateRule,
  pick({ which, field, time, relation, where }, place) {
    const { moment } = place;
    const inner: Place = { moment, relation, around: place };
    const picked = call(
      (at, value) => ({ time: singleValue(at), value: singleValue(value) }),
      fieldRule(time, inner),
      fieldRule(field, inner),
    );
    return call((rows) => pickedValue(which, rows, moment), mapOf(matchingRows({ relation, where }, place), picked));
  },
};

function operandRule(operand: Operand, place: Place): Rule<OperandValue> {
  return byKind(operandRules, operand, place);
}

function derivedRule({ kind, field }: DerivedOperand, place: Place): Rule<OperandValue> {
  return call((value) => derivedValue(kind, value, place.moment), fieldRule(field, place));
}

function arithmeticRule({ operator, terms }: ArithmeticOperand, place: Place): Rule<OperandValue> {
  const rules = terms.map((term): Rule<OperandValue> => {
    if (term.kind === 'literal') {
      const literal = typedLiteral(term);
      return call((): OperandValue => literal);
    }
    return term.kind === 'arithmetic' ? arithmeticRule(term, place) : call(asTerm, operandRule(term, place));
  });
  return call((...values: readonly OperandValue[]) => calculated(operator, values), ...rules);
}

function aggregateRule(operand: AggregateOperand, place: Place): Rule<OperandValue> {
  const { function: name, relation } = operand;
  const { moment } = place;
  const inner: Place = { moment, relation, around: place };
  const matching = matchingRows(operand, place);
  const once = (owners: readonly string[]): Rule<readonly DocumentRow[]> =>
    call((rows) => distinctRows(rows, owners), matching);
  if (name === 'count') return call(rowCount, once([relation]));
  const of: Operand = operand.field ? { kind: 'field', field: operand.field } : operand.of;
  const owners = [...readOfOperand(of).own].map(({ owner }) => own(operand.origins ?? {}, owner) ?? owner);
  const rows = aggregates[name].countsRowOnce ? once([relation, ...owners]) : matching;
  return call((values) => aggregateValue(name, values, moment), mapOf(rows, operandRule(of, inner)));
}

function matchingRows(
  { relation, where }: Pick<AggregateOperand | PickOperand, 'relation' | 'where'>,
  place: Place,
): Rule<readonly DocumentRow[]> {
  const { limit, rest } = limitOf(where);
  if (!limit) return filterOf(rowsRule(relation), rowRule(where, relation, place));
  const inner: Place = { moment: place.moment, relation, around: place };
  const ranked = call(
    (row, time, ...key) => ({ row, time: singleValue(time), key: key.map(singleValue) }),
    readScope((row) => row),
    fieldRule(limit.time, inner),
    ...limit.rowKey.map((field) => fieldRule(field, inner)),
  );
  const limited = call(
    (rows) => limitedRows(limit.which, limit.count, rows, place.moment),
    mapOf(matchingRows({ relation, where: limit.where }, place), ranked),
  );
  return rest.length === 0 ? limited : filterOf(limited, rowRule({ kind: 'and', children: rest }, relation, place));
}

/** The contact's rows, each in the scope that asks for them. */
function rowsRule(relation: string): Rule<readonly RowInScope[]> {
  return readScope((scope) => rowsInScope(own(contactOf(scope).relations, relation) ?? [], scope));
}

function rowRule(where: Condition, relation: string, place: Place): Rule<boolean> {
  return conditionRule(where, { moment: place.moment, relation, around: place });
}

/** A field of the contact or the row in scope, of a row in between, of the one row of a to-one relation, or of a row around. */
function fieldRule(field: Field, place: Place): Rule<FieldValue> {
  const plain = plainField(field);
  const { around, relation } = place;
  if (field.around === undefined) return fieldOfRule(plain, place, (scope) => scope, relation);
  if (field.around === 'contact') return fieldOfRule(plain, place, contactOf, undefined);
  return fieldOfRule(plain, place, scopeAround, around?.relation);
}

/**
 * A field of a row that is found from the scope. The rows in scope count, because their filter asks for that; the one row of a to-one
 * relation is no row where it does not count, or one on the way to it does not.
 */
function fieldOfRule(
  field: Field,
  { moment, asked }: Place,
  rowOf: (scope: RuleScope) => RuleScope,
  relation: string | undefined,
): Rule<FieldValue> {
  const admissions = asked ? [] : admissionsOf(field).filter((one) => one.relation !== relation);
  if (admissions.length === 0) return readScope((scope) => readField(field, rowOf(scope), relation));
  const place: Place = { moment, asked: true, ...(relation === undefined ? {} : { relation }) };
  const rules = admissions.map((one) => ({ relation: one.relation, counts: conditionRule(one.where, place) }));
  return readScope((scope) => {
    const row = rowOf(scope);
    const inScope = 'middle' in row ? (row.middle ?? {}) : {};
    const counts = rules.every((one) => Object.hasOwn(inScope, one.relation) || applyRule(one.counts, row));
    return counts ? readField(field, row, relation) : readValue(field, undefined);
  });
}

function readField(
  field: Field,
  { fields, middle = {}, one = {} }: DocumentRow,
  relation: string | undefined,
): FieldValue {
  const isOwn = field.owner === (relation ?? CONTACT);
  const columns = isOwn ? fields : (own(middle, field.owner) ?? own(one, field.owner));
  return readValue(field, columns && own(columns, field.name));
}

/** A contact without a past of that segment never entered it. */
function timesOf(past: MembershipPast | undefined, of: PastShape['of']): readonly string[] {
  if (past === undefined) return [];
  if (of !== 'members') return past[of];
  return past.since === null ? [] : [past.since];
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

const literalReaders: Readonly<Record<Literal['family'], (text: string) => TypedValue>> = {
  text: (value) => ({ family: 'text', value }),
  uuid: (value) => ({ family: 'uuid', value }),
  boolean: (value) => ({ family: 'boolean', value: value === 'true' }),
  number: (value) => ({ family: 'number', value: canonical(parseDecimal(value)) }),
  date: (value) => ({ family: 'date', value: canonical(parseDay(value)) }),
  instant: (value) => ({ family: 'instant', value: { micros: canonical(parseInstant(value)), wall: false } }),
};

function typedLiteral({ family, value }: Literal): TypedValue {
  return literalReaders[family](value);
}

function canonical<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a checked literal is canonical');
  return value;
}
