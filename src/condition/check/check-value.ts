/**
 * Values: what may stand inside a comparison. A field, a number derived from a date (`age` …), an aggregate over a relation's
 * rows, or a column of the first or last row.
 */
import type { Family, Field, Relation } from '../../catalogue/catalogue.ts';
import { originOf } from '../../catalogue/to-one-relation.ts';
import { aggregates, picks } from '../aggregate.ts';
import type {
  DerivedName,
  DerivedOperand,
  FieldAggregateOperand,
  FieldOperand,
  Operand,
  PickName,
  PickOperand,
} from '../ast.ts';
import { writtenName } from '../around-field.ts';
import { derived, measures } from '../operand.ts';
import { readOfOperand, readOfRows } from '../row-read.ts';
import { arithmeticOperand } from './check-arithmetic.ts';
import { bucketOperand } from './check-bucket.ts';
import { type Argument, type Check, type NameScope } from './check-context.ts';
import { movedOperand } from './check-moved.ts';
import { type Call, callOf, operatorOf } from './check-node.ts';
import { both, isBoundToRow, mappedRowsOf, noTime, rowsOf, scopeOf, sourceOf } from './check-rows.ts';
import { fieldNamed, nameOfVar } from './check-name.ts';
import { isValueName, operators, type ValueName } from '../operator.ts';

export function checkValue(c: Check, node: unknown, at: string, scope: NameScope): Operand | undefined {
  const call = callOf(c, node, at, 'value');
  if (!call) return undefined;
  const name = call.name;
  if (!isValueName(name)) {
    return c.issues.report(
      'not-a-value',
      at,
      `\`${name}\` is a condition, not a value.`,
      'use it on its own, or inside `and`, `or`, `!`',
    );
  }
  return handlers[name](c, call, scope);
}

type ValueHandler = (c: Check, call: Call, scope: NameScope) => Operand | undefined;

const handlers: Readonly<Record<ValueName, ValueHandler>> = {
  var(c, call, scope) {
    const field = fieldOfVar(c, call, scope);
    return field && { kind: 'field', field };
  },
  age: (c, { args: [date] }, scope) => derivedOperand(c, 'age', date, scope),
  weekday: (c, { args: [date] }, scope) => derivedOperand(c, 'weekday', date, scope),
  anniversary_month: (c, { args: [date] }, scope) => derivedOperand(c, 'anniversary_month', date, scope),
  length: (c, { args: [text] }, scope) => lengthOperand(c, text, scope),
  size: (c, { args: [array] }, scope) => sizeOperand(c, array, scope),
  '+': (c, call, scope) => arithmeticOperand(c, '+', call, scope),
  '-': (c, call, scope) => arithmeticOperand(c, '-', call, scope),
  '*': (c, call, scope) => arithmeticOperand(c, '*', call, scope),
  plus: (c, call, scope) => movedOperand(c, 'plus', call, scope),
  minus: (c, call, scope) => movedOperand(c, 'minus', call, scope),
  bucket: bucketOperand,
  count: (c, { args: [rows] }, scope) => countOperand(c, rows, scope),
  reduce: countByReduce,
  count_distinct: (c, { args: [rows] }, scope) => aggregateOperand(c, 'count_distinct', rows, scope),
  sum: (c, { args: [rows] }, scope) => aggregateOperand(c, 'sum', rows, scope),
  avg: (c, { args: [rows] }, scope) => aggregateOperand(c, 'avg', rows, scope),
  min_of: (c, { args: [rows] }, scope) => aggregateOperand(c, 'min', rows, scope),
  max_of: (c, { args: [rows] }, scope) => aggregateOperand(c, 'max', rows, scope),
  first: (c, call, scope) => pickOperand(c, 'first', call, scope),
  last: (c, call, scope) => pickOperand(c, 'last', call, scope),
};

/** The field in `{"var": "name"}`; anything else is an issue. */
export function checkField(c: Check, arg: Argument | undefined, scope: NameScope, instead: string): Field | undefined {
  const operand = arg && c.operand(arg.value, arg.at, scope);
  return arg && operand && asField(c, operand, arg.at, instead);
}

function asField(c: Check, operand: Operand, at: string, instead: string): Field | undefined {
  if (operand.kind === 'field') return operand.field;
  return c.issues.report('not-a-field', at, `Expected a field here: ${instead}.`);
}

function fieldOfVar(c: Check, call: Call, scope: NameScope): Field | undefined {
  const name = nameOfVar(c, call.args, call.at);
  return name === undefined ? undefined : fieldNamed(c, name, call.at, scope);
}

function derivedOperand(
  c: Check,
  kind: DerivedName,
  arg: Argument | undefined,
  scope: NameScope,
): DerivedOperand | undefined {
  const field = checkField(c, arg, scope, operators[kind].usage);
  if (!field || !arg) return undefined;
  return isOf(c, field, derived[kind].families, `\`${kind}\``, arg.at) ? { kind, field } : undefined;
}

function lengthOperand(c: Check, arg: Argument | undefined, scope: NameScope): Operand | undefined {
  const field = checkField(c, arg, scope, operators.length.usage);
  if (!field || !arg) return undefined;
  if (field.array)
    return c.issues.report(
      'wrong-type',
      arg.at,
      `\`length\` counts characters of a text; \`${writtenName(field)}\` is an array of ${field.family}.`,
      'use `size` for the number of its values',
    );
  return isOf(c, field, measures.length.families, '`length`', arg.at) ? { kind: 'length', field } : undefined;
}

function sizeOperand(c: Check, arg: Argument | undefined, scope: NameScope): Operand | undefined {
  const field = checkField(c, arg, scope, operators.size.usage);
  if (!field || !arg) return undefined;
  if (field.array) return { kind: 'size', field };
  const hint = field.family === 'text' ? 'use `length` for the characters of a text' : undefined;
  const what = `\`size\` counts values of an array; \`${writtenName(field)}\` is ${field.family}.`;
  return c.issues.report('wrong-type', arg.at, what, hint);
}

/** Reports when the field's type is not one of these, or is an array. */
export function isOf(c: Check, field: Field, families: readonly Family[], who: string, at: string): boolean {
  if (families.includes(field.family) && !field.array) return true;
  const actual = field.array ? `an array of ${field.family}` : field.family;
  const wanted = families.length === 0 ? 'another field' : `a field of type ${families.join(' or ')}`;
  c.issues.report('wrong-type', at, `${who} needs ${wanted}; \`${writtenName(field)}\` is ${actual}.`);
  return false;
}

function countOperand(c: Check, arg: Argument | undefined, scope: NameScope): Operand | undefined {
  const rows = rowsOf(c, arg, scope);
  if (!rows || !arg) return undefined;
  const { relation, where } = rows;
  return overRows(c, relation, arg.at, scope, { kind: 'aggregate', function: 'count', relation: relation.name, where });
}

function aggregateOperand(
  c: Check,
  name: FieldAggregateOperand['function'],
  arg: Argument | undefined,
  scope: NameScope,
): Operand | undefined {
  const { families, word } = aggregates[name];
  const mapped = mappedRowsOf(c, arg, scope);
  if (!mapped || !arg) return undefined;
  const made = (value: Operand): Operand | undefined => overRows(c, mapped.relation, arg.at, scope, value);
  const operand = c.operand(mapped.value.value, mapped.value.at, scopeOf(mapped.relation, scope));
  const rows = { kind: 'aggregate', function: name, relation: mapped.relation.name } as const;
  const origins = operand ? originsOf(c, rows.relation, operand) : {};
  if (operand?.kind === 'arithmetic')
    return mapped.where && made({ ...rows, of: operand, ...origins, where: mapped.where });
  const field = operand && asField(c, operand, mapped.value.at, '{"var": "total"}');
  if (!field || !mapped.where) return undefined;
  if (!isOf(c, field, families, `\`${word}\``, mapped.value.at)) return undefined;
  return made({ ...rows, field, ...origins, where: mapped.where });
}

/** A value over rows, unless these rows stand inside other rows without a word of how they belong to them. */
function overRows(c: Check, relation: Relation, at: string, scope: NameScope, operand: Operand): Operand | undefined {
  return isBoundToRow(c, relation, at, scope, readOfRows(operand)) ? operand : undefined;
}

function originsOf(c: Check, relation: string, operand: Operand): Pick<FieldAggregateOperand, 'origins'> {
  const found = [...readOfOperand(operand).own].flatMap((field) => {
    const origin = originOf(c.catalogue, relation, field);
    return origin === field.owner ? [] : [[field.owner, origin] as const];
  });
  return found.length === 0 ? {} : { origins: Object.fromEntries(found) };
}

function pickOperand(c: Check, which: PickName, call: Call, scope: NameScope): Operand | undefined {
  const [source, column, filter] = call.args;
  const rows = sourceOf(c, named(source), scope);
  if (!source || !column) return undefined;
  const inner = scopeOf(rows?.relation, scope);
  const field = checkField(c, named(column), inner, '{"var": "status"}');
  const where = filter
    ? c.condition(filter.value, filter.at, inner, 'alone')
    : { kind: 'constant' as const, value: true };
  if (filter && operatorOf(source?.value) === 'filter') {
    return c.issues.report('two-filters', filter.at, `\`${which}\` has a filter already.`, 'combine both with `and`');
  }
  if (!rows) return undefined;
  const time = rows.relation.time === undefined ? undefined : rows.relation.fields.get(rows.relation.time);
  if (!time) return noTime(c, which, rows.relation, call.at);
  if (!field || !where || !rows.where) return undefined;
  if (!isOf(c, field, picks[which].families, `\`${which}\``, column.at)) return undefined;
  const { relation } = rows;
  const taken = { kind: 'pick', which, relation: relation.name, field, time, where: both(rows.where, where) } as const;
  return overRows(c, relation, source.at, scope, taken);
}

/** `first` and `last` are not JsonLogic's own, so a bare name there means the same as `{"var": name}`. */
function named(arg: Argument | undefined): Argument | undefined {
  return arg && typeof arg.value === 'string' ? { value: { var: arg.value }, at: arg.at } : arg;
}

/** `{"reduce": [rows, {"+": [1, {"var": "accumulator"}]}, 0]}` is the count that query builders export. */
function countByReduce(c: Check, call: Call, scope: NameScope): Operand | undefined {
  const [source, step, start] = call.args;
  if (!isCountStep(step?.value) || start?.value !== 0) {
    return c.issues.report(
      'refused-operator',
      call.at,
      'Free `reduce` is not offered.',
      'use `count`, `sum`, `avg`, `min_of` or `max_of`',
    );
  }
  return countOperand(c, source, scope);
}

function isCountStep(node: unknown): boolean {
  if (operatorOf(node) !== '+') return false;
  const text = JSON.stringify(node);
  return (
    text === '{"+":[1,{"var":"accumulator"}]}' ||
    text === '{"+":[{"var":"accumulator"},1]}' ||
    text === '{"+":[1,{"var":["accumulator"]}]}'
  );
}

/** A value that the text operators compare: a field, or a field of the first or last row. */
export function asFieldOrPick(operand: Operand): FieldOperand | PickOperand | undefined {
  return operand.kind === 'field' || operand.kind === 'pick' ? operand : undefined;
}
