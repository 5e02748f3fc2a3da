/**
 * The tables of kinds and operators hold together: each row has a case that is checked, described and evaluated, names all
 * its parts, and agrees with the edges; what the operator table offers is what the checker accepts.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Family, Field } from '../../src/catalogue/catalogue.ts';
import { aggregates, picks } from '../../src/condition/aggregate.ts';
import type { Condition, Operand } from '../../src/condition/ast.ts';
import { describe as inWords } from '../../src/condition/describe/describe.ts';
import { countEdges } from '../../src/condition/measure.ts';
import { derived, fieldsOfOperand, operandsInside, operandShapes, rowsOfOperand } from '../../src/condition/operand.ts';
import {
  isValueName,
  type Operator,
  type OperatorArgument,
  type OperatorName,
  operators,
} from '../../src/condition/operator.ts';
import { references } from '../../src/condition/references.ts';
import { childrenOf, conditionShapes, mapChildren, operandsOf, shapeOf, walk } from '../../src/condition/shape.ts';
import { windows } from '../../src/condition/time-unit.ts';
import { edgesOf } from '../../src/temporal/edge.ts';
import { contactScope, randomRule } from '../oracle/random-condition.ts';
import { catalogueWith } from '../oracle/oracle-world.ts';
import { random } from '../support/random.ts';
import { accepted, issuesOf, v } from './ask.ts';
import { shop } from './catalogue.ts';
import { holds } from './evaluate/holds.ts';
import { samples } from './sample.ts';

const names = Object.keys(operators) as OperatorName[];

/** The sample's own condition, before `normalise` and the like can hide a part: every node of it. */
function nodesOf(condition: Condition): Condition[] {
  const nodes: Condition[] = [];
  walk(condition, (node) => nodes.push(node));
  return nodes;
}

const sampled = names.flatMap((name) => nodesOf(accepted(samples[name].json)));
const sampledOperands = sampled.flatMap(operandsOf);

describe.each(names)('the operator %s', (name) => {
  const sample = samples[name];

  test('stands in its sample', () => expect(JSON.stringify(sample.json)).toContain(JSON.stringify(name)));
  test('is described', () => expect(inWords(accepted(sample.json), shop)).toBe(sample.words));
  test('holds for one document and not for another', () => {
    expect([holds(sample.json, sample.holds), holds(sample.json, sample.fails)]).toEqual([true, false]);
    expect([holds({ '!': [sample.json] }, sample.holds), holds({ '!': [sample.json] }, sample.fails)]).toEqual([
      false,
      true,
    ]);
  });
});

describe('a sample has every', () => {
  test('kind of condition but those for which the language has no word', () => {
    const known = Object.keys(conditionShapes).filter((kind) => kind !== 'override' && kind !== 'admitted');
    expect(new Set(sampled.map(({ kind }) => kind))).toEqual(new Set(known));
  });

  test('kind of operand', () => {
    expect(new Set(sampledOperands.map(({ kind }) => kind))).toEqual(new Set(Object.keys(operandShapes)));
  });

  test('aggregate and pick', () => {
    const found = sampledOperands.flatMap((operand) =>
      operand.kind === 'aggregate' ? [operand.function] : operand.kind === 'pick' ? [operand.which] : [],
    );
    expect(new Set(found)).toEqual(new Set([...Object.keys(aggregates), ...Object.keys(picks)]));
  });

  test('window', () => {
    const found = sampled.flatMap((node) => (node.kind === 'window' ? [node.operator] : []));
    expect(new Set(found)).toEqual(new Set(Object.keys(windows)));
  });
});

test('the words of aggregates, picks and derived values are operators that make a value', () => {
  const words = [...Object.values(aggregates), ...Object.values(picks)].map(({ word }) => word);
  expect([...words, ...(Object.keys(derived) as OperatorName[])].filter((word) => !isValueName(word))).toEqual([]);
});

const isField = (value: object): value is Field => 'owner' in value && 'sqlType' in value;

/** Conditions, operands and fields right inside a node or an operand, found without the tables. */
function partsInside(node: object): { conditions: Condition[]; operands: Operand[]; fields: Field[] } {
  const found = { conditions: [] as Condition[], operands: [] as Operand[], fields: [] as Field[] };
  for (const value of Object.values(node).flat() as unknown[]) {
    if (typeof value !== 'object' || value === null) continue;
    if (isField(value)) found.fields.push(value);
    else if ('kind' in value && String(value.kind) in conditionShapes) found.conditions.push(value as Condition);
    else if ('kind' in value && String(value.kind) in operandShapes) found.operands.push(value as Operand);
  }
  return found;
}

describe('a row of the table names', () => {
  test('every condition, operand and field inside of a node', () => {
    for (const node of sampled) {
      const { conditions, operands, fields } = partsInside(node);
      const shape = shapeOf(node);
      expect(shape.conditions(node), node.kind).toEqual(conditions);
      expect(shape.operands(node), node.kind).toEqual(operands);
      expect(shape.fields(node), node.kind).toEqual(fields);
      if ('relation' in node) expect(shape.relation(node), node.kind).toBe(node.relation);
      if ('key' in node) expect(shape.segments(node), node.kind).toEqual([node.key]);
    }
  });

  test('every field and filter inside of an operand', () => {
    for (const operand of sampledOperands) {
      const { conditions, operands, fields } = partsInside(operand);
      expect(operandsInside(operand), operand.kind).toEqual(operands);
      expect(fieldsOfOperand(operand), operand.kind).toEqual(fields);
      const rows = rowsOfOperand(operand);
      expect(rows ? [rows.where] : [], operand.kind).toEqual(conditions);
      if ('relation' in operand) expect(rows?.relation, operand.kind).toBe(operand.relation);
    }
  });

  test('every child when the children are changed', () => {
    const no: Condition = { kind: 'constant', value: false };
    for (const node of sampled) {
      const changed = childrenOf(mapChildren(node, () => no)).map(({ condition }) => condition);
      expect(changed, node.kind).toEqual(childrenOf(node).map(() => no));
    }
  });
});

const catalogue = catalogueWith('UTC');

function randomConditions(count: number): { readonly json: unknown; readonly condition: Condition }[] {
  const found: { readonly json: unknown; readonly condition: Condition }[] = [];
  for (let n = 1; found.length < count; n += 1) {
    const json = randomRule(contactScope(random(n), catalogue, ['a']), 3);
    if (issuesOf(json, { catalogue }).length === 0) found.push({ json, condition: accepted(json, { catalogue }) });
  }
  return found;
}

test('random conditions, which the compiler is compared with, have every operator, aggregate and kind', () => {
  const made = randomConditions(1_500);
  const texts = made.map(({ json }) => JSON.stringify(json));
  expect(names.filter((name) => !texts.some((text) => text.includes(`{${JSON.stringify(name)}:`)))).toEqual([]);
  const nodes = made.flatMap(({ condition }) => nodesOf(condition));
  const operands = nodes.flatMap(operandsOf);
  const functions = operands.flatMap((operand) => (operand.kind === 'aggregate' ? [operand.function] : []));
  expect(Object.keys(conditionShapes).filter((kind) => !nodes.some((node) => node.kind === kind))).toEqual([
    'override',
  ]);
  expect(Object.keys(operandShapes).filter((kind) => !operands.some((operand) => operand.kind === kind))).toEqual([]);
  expect(Object.keys(aggregates).filter((name) => !functions.some((found) => found === name))).toEqual([]);
});

test('a condition has edges exactly when it uses time', () => {
  for (const condition of sampled) {
    const made = edgesOf(condition, shop, 'Europe/Madrid').length;
    expect(made > 0, condition.kind).toBe(countEdges(condition) > 0);
    expect(references(condition, shop).usesTime, condition.kind).toBe(made > 0);
  }
});

test('a random condition never has more edges than are counted for the limit', () => {
  for (const { condition } of randomConditions(400)) {
    const counted = countEdges(condition);
    expect(references(condition, catalogue).usesTime).toBe(counted > 0);
    expect(edgesOf(condition, catalogue, 'Europe/Madrid').length).toBeLessThanOrEqual(counted);
  }
});

/** Other spellings of an operator: the manual has the one that people should write. */
const spelledAs: Readonly<Partial<Record<OperatorName, OperatorName>>> = { '===': '==', '!==': '!=', reduce: 'count' };

test.each(names.filter((name) => name !== 'var'))('the manual says that there is %s', (name) => {
  const manual = readFileSync(new URL('../../src/manual/condition.md', import.meta.url), 'utf8');
  const written = spelledAs[name] ?? name;
  expect(['`', ' ['].some((end) => manual.includes(`\`${written}${end}`))).toBe(true);
});

/** A field of the shop for each family, or an array of it, with a value that it may have. */
const fieldOf: Readonly<Record<Family | 'array', readonly [name: string, literal: unknown]>> = {
  text: ['country', 'ES'],
  number: ['points', 3],
  boolean: ['vip', true],
  date: ['birth_date', '2024-05-01'],
  instant: ['created_at', '2024-05-01T10:00:00Z'],
  uuid: ['token', '00000000-0000-4000-8000-000000000000'],
  json: ['attributes', 'x'],
  other: ['place', 'x'],
  array: ['tags', 'vip'],
};
const columnOf: Readonly<Partial<Record<Family, string>>> = {
  text: 'note',
  number: 'total',
  boolean: 'gift',
  date: 'due_on',
  instant: 'placed_at',
  uuid: 'token',
};
const paid = { '==': [v('status'), 'paid'] };

/** An argument of that form, whose field is of that family. */
function argument(form: OperatorArgument, family: Family | 'array'): unknown {
  const [name, literal] = fieldOf[family];
  switch (form.type) {
    case 'condition':
      return v('vip');
    case 'row-condition':
      return paid;
    case 'relation':
    case 'rows':
      return v('orders');
    case 'mapped-rows':
      return { map: [v('orders'), v(columnOf[family as Family] ?? 'codes')] };
    case 'column':
      return v(columnOf[family as Family] ?? 'codes');
    case 'field':
    case 'value':
      return v(name);
    case 'literal':
      return literal;
    case 'literals':
      return [literal];
    case 'text':
      return 'a';
    case 'texts':
      return ['a'];
    case 'needles':
      return 'a';
    case 'place':
      return [40.42, '-3.70'];
    case 'number':
      return 25;
    case 'whole-number':
      return form.least ?? 1;
    case 'choice':
      return form.of[0];
    case 'segment':
      return 'a';
    case 'name':
      return name;
    case 'count-step':
      return { '+': [1, v('accumulator')] };
    case 'zero':
      return 0;
  }
}

/** Families that the form offers, by the argument that chooses one; every family where no argument does. */
function offered(forms: readonly OperatorArgument[]): readonly (Family | 'array')[] {
  for (const form of forms) {
    if (form.type === 'field' && form.array) return ['array'];
    if (form.type === 'field' && !form.families) return Object.keys(fieldOf) as (Family | 'array')[];
    if ('families' in form && form.families) return form.families;
  }
  return ['boolean'];
}

/** A value compared with what fits it; a condition as it is. */
function asCondition(name: OperatorName, forms: readonly OperatorArgument[], family: Family | 'array'): unknown {
  const call = { [name]: forms.map((form) => argument(form, family)) };
  if (!isValueName(name) || name === 'var') return call;
  const isNumber = !['first', 'last', 'min_of', 'max_of', 'plus', 'minus'].includes(name);
  return { '==': [call, isNumber ? 1 : fieldOf[family][1]] };
}

/** Each list of arguments that the operator's row offers: with and without what may be left out, and as a range. */
function listsOf(name: OperatorName): readonly (readonly OperatorArgument[])[] {
  const { arguments: all, range = all }: Operator = operators[name];
  return [all, all.filter(({ optional }) => !optional), all.filter(({ repeated }) => !repeated), range];
}

test.each(names)('the checker accepts every form that the row of %s offers', (name) => {
  for (const family of offered(operators[name].arguments))
    for (const forms of listsOf(name))
      expect(issuesOf(asCondition(name, forms, family)), `${family}, ${forms.length} arguments`).toEqual([]);
});

const choosing = names.filter((name) =>
  operators[name].arguments.some(
    (form: OperatorArgument) => 'families' in form || (form.type === 'field' && form.array),
  ),
);

test.each(choosing)('the checker refuses every family that the row of %s does not offer', (name) => {
  const forms = operators[name].arguments;
  const others = (Object.keys(fieldOf) as (Family | 'array')[]).filter((family) => !offered(forms).includes(family));
  expect(others.filter((family) => issuesOf(asCondition(name, forms, family)).length === 0)).toEqual([]);
});
