/**
 * Changes of what a row says: its word, what it is about, one of its values. Each keeps what still makes sense in the changed row.
 * Pure. Invariant: a row keeps its id.
 */
import { operators, type ArgumentForm, type ConditionName, type Operator } from '../../condition/operator.ts';
import type { Argument, CallRow, ConstantArgument, FieldRow, Row } from './builder-node.ts';
import { newGroup } from './builder-edit.ts';
import { listItems } from './constant-text.ts';
import type { NextId } from './builder-tree.ts';
import { valueWords, type ScopeWords, type ValueWords, type Vocabulary } from './builder-vocabulary.ts';
import {
  comparisonOf,
  comparisonsFor,
  conditionForm,
  formsBeside,
  negationFor,
  orderOf,
  subjectIndex,
  type Comparison,
} from './condition-form.ts';

/** A row with a value that it is about. */
export type TestRow = CallRow | FieldRow;

/** An argument beside the value that a row is about. */
export interface Beside {
  readonly index: number;
  readonly form: ArgumentForm;
  readonly argument: Argument;
}

/** What a comparison is about. */
export function subjectOf(row: TestRow): Argument | undefined {
  return row.kind === 'field' ? row.value : row.arguments[subjectIndex(orderOf(row))];
}

/** What a row has to fill in, in the order in which it is written. A row without a subject has all of its arguments here. */
export function besideOf(row: TestRow): readonly Beside[] {
  if (row.kind === 'field') return [];
  const order = orderOf(row);
  const subject = conditionForm(row.name).layout === 'comparison' ? subjectIndex(order) : -1;
  const form: Operator = operators[row.name];
  const forms = order === 'between' ? (form.range ?? []) : form.arguments;
  return row.arguments.flatMap((argument, index) => {
    if (index === subject) return [];
    const own =
      order === 'second' && row.name === 'in'
        ? ({ type: isList(argument) ? 'needles' : 'literal' } as const)
        : forms[Math.min(index, forms.length - 1)];
    return own ? [{ index, form: own, argument }] : [];
  });
}

/** Fixed values in a list. */
export function isList(argument: Argument): boolean {
  return argument.kind === 'constant' && Array.isArray(argument.json);
}

export function withArgument(row: Row, index: number, argument: Argument): Row {
  if (row.kind === 'field') return argument.kind === 'field' ? { ...row, value: argument } : row;
  return row.kind === 'call' ? { ...row, arguments: row.arguments.with(index, argument) } : row;
}

export function constant(json: unknown): ConstantArgument {
  return { kind: 'constant', json };
}

export function field(name: string): Argument {
  return { kind: 'field', name, bare: true };
}

/** The row with a list in place of its one text, or with one text in place of the list. Undefined for a row of another form. */
export function withOtherNeedles(row: TestRow): { readonly row: Row; readonly many: boolean } | undefined {
  const [only] = besideOf(row);
  if (only?.form.type !== 'needles' || only.argument.kind !== 'constant') return undefined;
  const items = listItems(only.argument.json);
  const many = !isList(only.argument);
  return { row: withArgument(row, only.index, constant(many ? items : (items[0] ?? ''))), many };
}

/** The same row with another word. What it is about stays, and so does every value that the word takes. */
export function withComparison(row: TestRow, next: Comparison, value: ValueWords | undefined): TestRow {
  const negation = negationFor(next.negated, row.negation);
  const subject = subjectOf(row);
  if (row.kind === 'call' && next.name === row.name && conditionForm(row.name).layout !== 'comparison')
    return { ...row, negation };
  if (row.kind === 'call' && next.name !== 'var' && conditionForm(row.name).layout === 'fixed')
    return { ...fixedRow(row.id, next.name), negation, arguments: fixedArguments(next.name, row.arguments) };
  if (row.kind === 'call' && next.name !== 'var' && conditionForm(row.name).layout === 'relation')
    return { ...row, name: next.name, negation };
  if (next.name === 'var')
    return subject?.kind === 'field' ? { kind: 'field', id: row.id, negation, value: subject } : row;
  const beside = next.missing ? [constant(null)] : filled(next, besideOf(row), value);
  const list = subject ? [...beside.slice(0, before(next)), subject, ...beside.slice(before(next))] : beside;
  return { kind: 'call', id: row.id, name: next.name, negation, bare: false, arguments: list };
}

/** How many values stand before what the row is about. */
function before({ order }: Comparison): number {
  return subjectIndex(order);
}

/** Arguments for each form, made of the values that are there. */
function filled(next: Comparison, beside: readonly Beside[], value: ValueWords | undefined): readonly Argument[] {
  // What stands in front of its subject is a fixed value.
  const mayBe = (one: Argument): boolean => (one.kind === 'constant' ? one.json !== null : next.order !== 'second');
  const left = beside.map(({ argument }) => argument).filter(mayBe);
  return formsBeside(next, value).map((form) => {
    for (const [n, argument] of left.entries()) {
      const fitting = fit(form, argument);
      if (!fitting) continue;
      left.splice(n, 1);
      return fitting;
    }
    return emptyArgument(form, value);
  });
}

function fit(form: ArgumentForm, argument: Argument): Argument | undefined {
  if (argument.kind !== 'constant')
    return form.type === 'literal' || (form.type === 'field' && argument.kind === 'field') ? argument : undefined;
  const { json } = argument;
  switch (form.type) {
    case 'literal':
      return Array.isArray(json) ? (json.length > 0 ? constant(json[0]) : undefined) : argument;
    case 'literals':
    case 'texts':
      return Array.isArray(json) ? argument : json === '' ? undefined : constant([json]);
    case 'text':
      if (Array.isArray(json)) return typeof json[0] === 'string' ? constant(json[0]) : undefined;
      return typeof json === 'string' ? argument : undefined;
    case 'needles':
      return typeof json === 'string' || Array.isArray(json) ? argument : undefined;
    case 'whole-number':
    case 'number':
      return typeof json === 'number' ? argument : undefined;
    case 'place':
      return Array.isArray(json) && json.length === 2 ? argument : undefined;
    case 'choice':
      return typeof json === 'string' && form.of.includes(json) ? argument : undefined;
    default:
      return undefined;
  }
}

/** What stands in a place before a person fills it. */
export function emptyArgument(form: ArgumentForm, value?: ValueWords): Argument {
  switch (form.type) {
    case 'literals':
    case 'texts':
      return constant([]);
    case 'field':
      return field('');
    case 'place':
      return constant([0, 0]);
    case 'number':
      return constant(10);
    case 'literal':
      return constant(value?.family === 'boolean' ? true : '');
    case 'whole-number':
      return constant(form.least === undefined ? 0 : form.least === 0 ? 7 : 30);
    case 'choice':
      return constant(form.initial);
    default:
      return constant('');
  }
}

/** The same row about another value, with its word and its values where they fit. */
export function withSubject(row: Row, subject: Argument, scope: ScopeWords, vocabulary: Vocabulary): TestRow {
  const value = valueWords(subject, scope, vocabulary);
  const offered = comparisonsFor(value, subject.kind);
  const test = row.kind !== 'raw' && isTest(row) ? row : undefined;
  const now = test && subjectOf(test);
  const was = now && valueWords(now, scope, vocabulary);
  const current = test && comparisonOf(test, was);
  const kept = offered.find(({ id }) => id === current?.id) ?? offered[0];
  const empty: TestRow = {
    kind: 'call',
    id: row.id,
    name: '==',
    negation: 'none',
    bare: false,
    arguments: [subject, constant('')],
  };
  if (!kept) return empty;
  if (!test || was?.family !== value?.family || was?.array !== value?.array)
    return withComparison({ ...empty, arguments: [subject] }, kept, value);
  if (test.kind === 'field')
    return subject.kind === 'field' && kept.name === 'var'
      ? { ...test, value: subject }
      : withComparison({ ...empty, arguments: [subject] }, kept, value);
  const same = withArgument(test, subjectIndex(orderOf(test)), subject);
  return same.kind === 'call' && kept.id !== current?.id ? withComparison(same, kept, value) : (same as TestRow);
}

/** Whether a row has a value that it is about. */
export function isTest(row: Row): boolean {
  return row.kind === 'field' || (row.kind === 'call' && conditionForm(row.name).layout === 'comparison');
}

/** Every row of a relation, in the place of a condition on them. */
export function everyRow(nextId: NextId): Row {
  return { kind: 'raw', id: nextId(), json: true };
}

/** A row over rows of a relation. */
export function relationRow(id: number, name: 'some' | 'none', relation: string, where: Row): CallRow {
  return {
    kind: 'call',
    id,
    name,
    negation: 'none',
    bare: false,
    arguments: [field(relation), { kind: 'row', row: where }],
  };
}

/** A row of an operator that takes fixed values only. */
export function fixedRow(id: number, name: ConditionName): CallRow {
  const form: Operator = operators[name];
  const list = form.arguments.map((one) => emptyArgument(one));
  return { kind: 'call', id, name, negation: 'none', bare: false, arguments: list };
}

/** What is filled in stays where the other operator takes the same in its place. */
function fixedArguments(name: ConditionName, filledIn: readonly Argument[]): readonly Argument[] {
  const form: Operator = operators[name];
  return form.arguments.map((one, place) => {
    const argument = filledIn[place];
    if (one.type === 'segment' && argument?.kind === 'constant') return argument;
    return (argument && fit(one, argument)) ?? emptyArgument(one);
  });
}

/** The rows' own condition in a value, wherever it stands. */
export function whereOf(list: readonly Argument[]): Row | undefined {
  return wheresOf(list)[0];
}

/** Every condition on the rows of a value: `first` and `last` can have one in their rows, and one of their own. */
export function wheresOf(list: readonly Argument[]): readonly Row[] {
  return list.flatMap((argument) => {
    if (argument.kind === 'row') return [argument.row];
    if (argument.kind === 'rows') return argument.where ? [argument.where] : [];
    if (argument.kind === 'mapped') return argument.rows.where ? [argument.rows.where] : [];
    return argument.kind === 'value' ? wheresOf(argument.arguments) : [];
  });
}

/** A value of a relation's rows with another condition on them, in the place of `before`. */
export function withWhere(argument: Argument, where: Row, before?: Row): Argument {
  if (argument.kind === 'row') return argument.row === before ? { ...argument, row: where } : argument;
  if (argument.kind === 'rows') return argument.where === before ? { ...argument, where } : argument;
  if (argument.kind === 'mapped')
    return argument.rows.where === before ? { ...argument, rows: { ...argument.rows, where } } : argument;
  if (argument.kind !== 'value') return argument;
  return { ...argument, arguments: argument.arguments.map((one) => withWhere(one, where, before)) };
}

/** Puts a first row, or one more, into the condition on a relation's rows. */
export function withOneMore(where: Row | undefined, row: Row, nextId: NextId): Row {
  if (!where) return newGroup('and', [row], nextId);
  return newGroup('and', [where, row], nextId);
}
