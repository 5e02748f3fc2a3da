/** What a row can be about, as a person chooses it: fields, ages, counts and sums of related rows, segments. Pure. */
import { derived, measures, type MeasureShape } from '../../condition/operand.ts';
import { aggregates, picks } from '../../condition/aggregate.ts';
import { isArithmetic, isMoved, operators, type ValueName } from '../../condition/operator.ts';
import type { MovedName } from '../../condition/ast.ts';
import type { Family } from '../../condition/condition.ts';
import type { Argument, Row, ValueArgument } from './builder-node.ts';
import type { NextId } from './builder-tree.ts';
import { columnOf, offersRelations, scopeOfRelation, type ScopeWords, type Vocabulary } from './builder-vocabulary.ts';
import { conditionForm, isOfSegment } from './condition-form.ts';
import {
  constant,
  everyRow,
  field,
  fixedRow,
  isTest,
  relationRow,
  subjectOf,
  whereOf,
  withSubject,
  withWhere,
} from './row-change.ts';

export interface SubjectOption {
  readonly value: string;
  readonly label: string;
  readonly group: string;
  readonly hint?: string;
}

const TYPE_WORDS: Readonly<Record<Family, string>> = {
  text: 'text',
  number: 'number',
  boolean: 'yes or no',
  date: 'day',
  instant: 'time',
  uuid: 'id',
  json: 'JSON',
  other: 'other',
};

/** The aggregates and picks over rows, in the order in which they are offered. */
const OVER_ROWS = [...Object.values(aggregates), ...Object.values(picks)].map(({ word, families }) => ({
  word,
  families: families as readonly Family[],
}));

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Everything that a row may be about where it stands. */
export function subjectOptions(scope: ScopeWords, vocabulary: Vocabulary): readonly SubjectOption[] {
  const group = capital(scope.label);
  const found: SubjectOption[] = [];
  for (const { name, label, family, array } of scope.fields.values()) {
    found.push({ value: `var:${name}`, label, group, hint: array ? 'list' : TYPE_WORDS[family] });
    for (const [word, { families }] of Object.entries(derived)) {
      if (!array && (families as readonly Family[]).includes(family))
        found.push({ value: `${word}:${name}`, label: valueLabel(word as ValueName, label), group, hint: 'number' });
    }
    if (family === 'instant' && !array)
      for (const word of MOVED)
        found.push({ value: `${word}:${name}`, label: valueLabel(word, label), group, hint: 'time' });
    for (const [word, of] of Object.entries(measures) as [ValueName, MeasureShape][]) {
      if (of.array === array && (of.families?.includes(family) ?? true))
        found.push({ value: `${word}:${name}`, label: valueLabel(word, label), group, hint: 'number' });
    }
  }
  found.push(CALCULATION);
  if (!offersRelations(scope)) return found;
  for (const [name, relation] of vocabulary.relations) {
    if (vocabulary.catalogue.relations.get(name)?.valuesOnly) continue;
    const of = capital(relation.label);
    const hint = (relation.only ?? null) === null ? 'has any, none, only' : `where ${relation.only}`;
    found.push({ value: `rows:${name}`, label: capital(relation.label), group: of, hint });
    for (const { word, families } of OVER_ROWS) {
      const columns = [...relation.fields.values()].filter((one) => !one.array && families.includes(one.family));
      if (families.length > 0 && columns.length === 0) continue;
      if (word in picks && vocabulary.catalogue.relations.get(name)?.time === undefined) continue;
      found.push({ value: `${word}:${name}`, label: overRowsLabel(word, relation.label), group: of });
    }
  }
  if (scope.relation !== null) return found;
  found.push(BUCKET);
  found.push({ value: 'in_segment:', label: 'Segment', group: 'Other', hint: 'is in, since when, entered, left' });
  if (vocabulary.catalogue.contacts.created !== undefined)
    found.push({ value: 'known_for:', label: 'Time as a contact', group: 'Other' });
  return found;
}

/** One option for all signs: a person chooses these between the numbers. */
export const CALCULATION: SubjectOption = {
  value: 'calculation:',
  label: 'Calculation',
  group: 'Other',
  hint: '+ − ×',
};

const MOVED = ['plus', 'minus'] as const satisfies readonly MovedName[];

const BUCKET: SubjectOption = { value: 'bucket:', label: 'Bucket', group: 'Other', hint: 'an even share of contacts' };

/** A calculation that is not filled in. */
export function emptyCalculation(second: Argument): ValueArgument {
  return { kind: 'value', name: '*', bare: false, arguments: [field(''), second] };
}

function valueLabel(name: ValueName, of: string): string {
  return capital(`${operators[name].label} ${of}`);
}

function overRowsLabel(word: ValueName, relation: string): string {
  if (word === 'count' || word === 'reduce') return `Number of ${relation}`;
  return `${capital(relation)}: ${operators[word].label}`;
}

/** The option that a row has now: its id, and its words also when it is not offered. */
export function subjectOptionOf(row: Row, scope: ScopeWords, vocabulary: Vocabulary): SubjectOption {
  const none = { value: '', label: '', group: '' };
  if (row.kind === 'raw') return none;
  if (row.kind === 'call' && !isTest(row)) {
    const { layout } = conditionForm(row.name);
    if (layout === 'fixed')
      return isOfSegment(row.name)
        ? { ...none, value: 'in_segment:', label: 'Segment' }
        : { ...none, value: `${row.name}:`, label: 'Time as a contact' };
    const [of] = row.arguments;
    const name = of?.kind === 'field' ? of.name : '';
    return { ...none, value: `rows:${name}`, label: capital(scopeOfRelation(vocabulary, name).label) };
  }
  return argumentOption(subjectOf(row), scope, vocabulary);
}

export function argumentOption(
  argument: Argument | undefined,
  scope: ScopeWords,
  vocabulary: Vocabulary,
): SubjectOption {
  if (argument?.kind === 'field') {
    const label = scope.fields.get(argument.name)?.label ?? argument.name;
    return { value: `var:${argument.name}`, label, group: '' };
  }
  if (argument?.kind !== 'value') return { value: '', label: '', group: '' };
  if (isArithmetic(argument.name)) return { ...CALCULATION, group: '' };
  const [moved] = argument.arguments;
  if (isMoved(argument.name) && moved?.kind === 'value') {
    const { value, label } = argumentOption(moved, scope, vocabulary);
    return { value: `${argument.name}:${value}`, label: valueLabel(argument.name, label), group: '' };
  }
  if (argument.name === 'bucket') return { ...BUCKET, group: '' };
  const column = columnOf(argument.arguments);
  if (column) {
    const relation = column.rows.relation.name;
    const label = overRowsLabel(argument.name, scopeOfRelation(vocabulary, relation).label);
    return { value: `${argument.name}:${relation}`, label, group: '' };
  }
  const [of] = argument.arguments;
  const name = of?.kind === 'field' ? of.name : '';
  const label = valueLabel(argument.name, scope.fields.get(name)?.label ?? name);
  return { value: `${argument.name}:${name}`, label, group: '' };
}

/** The value that an option means; rows of the same relation keep their condition. */
export function argumentOfOption(value: string, vocabulary: Vocabulary, where?: Row): Argument | undefined {
  const [word, name] = splitOption(value);
  if (word === 'var') return field(name);
  if (value === CALCULATION.value) return emptyCalculation(constant(2));
  if (isMoved(word))
    return { kind: 'value', name: word, bare: false, arguments: [field(name), constant(1), constant('day')] };
  if (value === BUCKET.value)
    return { kind: 'value', name: 'bucket', bare: false, arguments: [constant(''), constant(100)] };
  if (word in derived || word in measures)
    return { kind: 'value', name: word as ValueName, bare: false, arguments: [field(name)] };
  const over = OVER_ROWS.find((one) => one.word === word);
  if (!over) return undefined;
  const relation = { kind: 'field', name, bare: true } as const;
  const rows = { kind: 'rows', relation, where: undefined } as const;
  const columns = columnsFor(word, name, vocabulary);
  const column = { kind: 'field', name: (columns.find(isMeasure) ?? columns[0])?.name ?? '', bare: true } as const;
  const list: readonly Argument[] =
    over.families.length === 0 ? [rows] : word in picks ? [rows, column] : [{ kind: 'mapped', rows, field: column }];
  const made: Argument = { kind: 'value', name: over.word, bare: false, arguments: list };
  return where ? withWhere(made, where) : made;
}

/** Fields of a relation that an operator over its rows can read. */
export function columnsFor(word: string, relation: string, vocabulary: Vocabulary) {
  const families = OVER_ROWS.find((one) => one.word === word)?.families ?? [];
  const fields = [...scopeOfRelation(vocabulary, relation).fields.values()];
  return fields.filter((one) => !one.array && families.includes(one.family));
}

/** Whether people ask for its sum or its latest: keys are numbers too. */
function isMeasure({ name }: { readonly name: string }): boolean {
  return !/(?:^|[_.])id$|[a-z]Id$/.test(name);
}

/** The row after a person chose what it is about. */
export function rowOfOption(row: Row, value: string, scope: ScopeWords, vocabulary: Vocabulary, nextId: NextId): Row {
  const [word, name] = splitOption(value);
  const where = row.kind === 'call' && relationIn(row) === name ? whereOf(row.arguments) : undefined;
  if (word === 'in_segment' || word === 'known_for') return fixedRow(row.id, word);
  if (word === 'rows') return relationRow(row.id, 'some', name, where ?? everyRow(nextId));
  const subject = argumentOfOption(value, vocabulary, where);
  return subject ? withSubject(row, subject, scope, vocabulary) : row;
}

function relationIn(row: Row): string | undefined {
  if (row.kind !== 'call') return undefined;
  if (conditionForm(row.name).layout === 'relation') {
    const [of] = row.arguments;
    return of?.kind === 'field' ? of.name : undefined;
  }
  const subject = subjectOf(row);
  return subject?.kind === 'value' ? columnOf(subject.arguments)?.rows.relation.name : undefined;
}

function splitOption(value: string): readonly [word: string, name: string] {
  const at = value.indexOf(':');
  return [value.slice(0, at), value.slice(at + 1)];
}
