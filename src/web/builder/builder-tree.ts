/**
 * JsonLogic to the builder's tree. Reads what the operator table lists and nothing else: an object that differs from it in
 * any way becomes a raw row, whole. So nothing is dropped, and nothing is guessed. Never throws on JSON.
 */
import type { LimitName } from '../../condition/ast.ts';
import {
  arityOf,
  isArithmetic,
  isValueName,
  operatorNamed,
  operators,
  type ArgumentForm,
  type OperatorArgument,
  type OperatorName,
} from '../../condition/operator.ts';
import type {
  Argument,
  CallRow,
  FieldArgument,
  MappedArgument,
  Negation,
  Row,
  RowId,
  RowsArgument,
  ValueArgument,
} from './builder-node.ts';

/** Gives each row its id; one counter for the life of an editor, so that an id never comes back. */
export type NextId = () => RowId;

export function rowIds(): NextId {
  let last = 0;
  return () => ++last;
}

/** The tree of a condition. @param json anything that `JSON.parse` can return */
export function builderTree(json: unknown, nextId: NextId): Row {
  return rowOf(json, nextId) ?? { kind: 'raw', id: nextId(), json };
}

function rowOf(json: unknown, nextId: NextId): Row | undefined {
  const { negation, inner } = negationOf(json);
  const field = fieldOf(inner);
  if (field) return { kind: 'field', id: nextId(), negation, value: field };
  const call = callOf(inner);
  if (!call || isValueName(call.name)) return negation === 'none' ? undefined : negatedRow(json, nextId);
  const read = argumentsOf(call.name, call.list, nextId);
  if (!read) return undefined;
  const { name, bare } = call;
  return { kind: 'call', id: nextId(), name, negation, bare, arguments: read };
}

/** `!` around what has no form of its own: the `!` is a row, and what it denies is raw. */
function negatedRow(json: unknown, nextId: NextId): CallRow | undefined {
  const call = callOf(json);
  if (call?.name !== '!' || call.list.length !== 1) return undefined;
  const row = builderTree(call.list[0], nextId);
  return {
    kind: 'call',
    id: nextId(),
    name: '!',
    negation: 'none',
    bare: call.bare,
    arguments: [{ kind: 'row', row }],
  };
}

/** The `!` around a row, when what it denies is not a `!` itself. */
function negationOf(json: unknown): { readonly negation: Negation; readonly inner: unknown } {
  const outer = callOf(json);
  if (outer?.name !== '!' || outer.list.length !== 1) return { negation: 'none', inner: json };
  const [inner] = outer.list;
  if (callOf(inner)?.name === '!') return { negation: 'none', inner: json };
  return { negation: outer.bare ? 'bare' : 'list', inner };
}

interface Call {
  readonly name: OperatorName;
  readonly list: readonly unknown[];
  readonly bare: boolean;
}

/** An object with exactly one key, an operator's. */
function callOf(json: unknown): Call | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const [entry, ...others] = Object.entries(json);
  if (!entry || others.length > 0) return undefined;
  const [name, value] = entry as [string, unknown];
  if (!operatorNamed(name)) return undefined;
  const bare = !Array.isArray(value);
  return { name: name as OperatorName, list: bare ? [value] : (value as readonly unknown[]), bare };
}

function fieldOf(json: unknown): FieldArgument | undefined {
  const call = callOf(json);
  const [name, ...others] = call?.list ?? [];
  if (call?.name !== 'var' || typeof name !== 'string' || others.length > 0) return undefined;
  return { kind: 'field', name, bare: call.bare };
}

/** The arguments of a call, each by its form; undefined when their number or one of them is not as the table says. */
function argumentsOf(name: OperatorName, list: readonly unknown[], nextId: NextId): readonly Argument[] | undefined {
  const operator = operatorNamed(name);
  if (!operator) return undefined;
  const { least, most } = arityOf(operator);
  // An empty group is a place for rows: the checker asks for the first one.
  const isEmptyGroup = list.length === 0 && isGroupName(name);
  if ((list.length < least && !isEmptyGroup) || list.length > most) return undefined;
  const forms = operator.range?.length === list.length ? operator.range : operator.arguments;
  const read: Argument[] = [];
  for (const [n, json] of list.entries()) {
    const form = forms[Math.min(n, forms.length - 1)];
    const argument = form && argumentOf(form, json, nextId);
    if (!argument) return undefined;
    read.push(argument);
  }
  return read;
}

type ReadArgument = (json: unknown, nextId: NextId) => Argument | undefined;

const row: ReadArgument = (json, nextId) => ({ kind: 'row', row: builderTree(json, nextId) });
const field: ReadArgument = (json) => fieldOf(json);
/** Objects are logic; a constant is what holds none. */
const constant: ReadArgument = (json) => (holdsObject(json) ? undefined : { kind: 'constant', json });
const valueOrConstant: ReadArgument = (json, nextId) =>
  fieldOf(json) ?? valueOf(json, nextId) ?? constant(json, nextId);

/** How the argument of each form is read. A form that the table gains does not compile without its line here. */
const readers = {
  condition: row,
  'row-condition': row,
  relation: field,
  column: field,
  field,
  rows: rowsOf,
  'mapped-rows': mappedOf,
  value: valueOrConstant,
  literal: valueOrConstant,
  literals: valueOrConstant,
  text: constant,
  texts: constant,
  needles: constant,
  place: constant,
  number: constant,
  'whole-number': constant,
  choice: constant,
  segment: constant,
  name: constant,
  // The two fixed arguments of a count that query builders export: kept as they are.
  'count-step': (json) => ({ kind: 'constant', json }),
  zero: constant,
} satisfies Record<ArgumentForm['type'], ReadArgument>;

function argumentOf({ type }: OperatorArgument, json: unknown, nextId: NextId): Argument | undefined {
  return readers[type](json, nextId);
}

function valueOf(json: unknown, nextId: NextId): ValueArgument | undefined {
  const call = callOf(json);
  if (!call || !isValueName(call.name)) return undefined;
  const read = argumentsOf(call.name, call.list, nextId);
  return read && { kind: 'value', name: call.name, bare: call.bare, arguments: read };
}

function calculationOf(json: unknown, nextId: NextId): ValueArgument | undefined {
  const value = valueOf(json, nextId);
  return value && isArithmetic(value.name) ? value : undefined;
}

function rowsOf(json: unknown, nextId: NextId): RowsArgument | undefined {
  const all = fieldOf(json);
  if (all) return { kind: 'rows', relation: all, where: undefined };
  for (const name of ['newest', 'oldest'] as const) {
    const [count, inner] = pairOf(name, json) ?? [];
    const rows = inner === undefined || holdsObject(count) ? undefined : rowsOf(inner, nextId);
    if (rows) return rows.limit ? undefined : { ...rows, limit: { name, count, of: 'matching' } };
  }
  const [from, where] = pairOf('filter', json) ?? [];
  const rows = from === undefined ? undefined : rowsOf(from, nextId);
  if (!rows || rows.where) return undefined;
  const filtered = { ...rows, where: builderTree(where, nextId) };
  return rows.limit ? { ...filtered, limit: { ...rows.limit, of: 'all' } } : filtered;
}

function mappedOf(json: unknown, nextId: NextId): MappedArgument | undefined {
  const [from, to] = pairOf('map', json) ?? [];
  const of = fieldOf(to) ?? calculationOf(to, nextId);
  const filtered = of && rowsOf(from, nextId);
  return filtered && { kind: 'mapped', rows: filtered, field: of };
}

/** The two arguments of `filter`, of `map` and of a limit, which stand inside other operators and are none of their own. */
function pairOf(name: 'filter' | 'map' | LimitName, json: unknown): readonly [unknown, unknown] | undefined {
  if (typeof json !== 'object' || json === null || Object.keys(json).length !== 1) return undefined;
  const list: unknown = (json as Readonly<Record<string, unknown>>)[name];
  return Array.isArray(list) && list.length === 2 ? [list[0], list[1]] : undefined;
}

function holdsObject(json: unknown): boolean {
  if (Array.isArray(json)) return json.some(holdsObject);
  return typeof json === 'object' && json !== null;
}

/** The operators whose arguments are conditions, any number of them: the builder shows them as groups. */
export function isGroupName(name: OperatorName): name is 'and' | 'or' {
  const forms: readonly OperatorArgument[] = operators[name].arguments;
  return name !== 'if' && forms.every(({ type }) => type === 'condition') && forms.some(({ repeated }) => repeated);
}
