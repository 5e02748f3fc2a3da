/**
 * The real packages: every operator that they offer on every type means the same in Postgres as the builder means, or is refused with
 * a hint. The fields are those that `segmentd fields --for` writes.
 */
import { createRequire } from 'node:module';
import type * as Awesome from '@react-awesome-query-builder/core';
import { defaultOperators, type RuleGroupType, type RuleType } from '@react-querybuilder/core';
import { formatQuery } from '@react-querybuilder/core/formatQuery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  awesomeFields,
  queryBuilderFields,
  type AwesomeField,
  type QueryBuilderField,
} from '../../../src/condition/foreign/builder-field.ts';
import { createBuilderWorld, type BuilderWorld } from './builder-world.ts';

type Core = typeof Awesome;
const { Utils, CoreConfig, BasicFuncs } = createRequire(import.meta.url)('@react-awesome-query-builder/core') as Core;

let world: BuilderWorld;
beforeAll(async () => {
  world = await createBuilderWorld();
});
afterAll(() => world.end());

/** Values that rows have, and some that none has. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  name: ['ana', 'Ana', 'a', '50%_', 'Zoe'],
  'company.name': ['Acme', 'acme gmbh'],
  'attributes.plan': ['pro', 'basic'],
  token: ['11111111-1111-4111-8111-111111111111', '33333333-3333-4333-8333-333333333333'],
  tags: ['vip', 'press'],
  sizes: ['1', '5'],
  stage: ['won', 'new'],
  level: ['0', '2'],
  status: ['paid', 'sent'],
};
const OF_INPUT: Readonly<Record<string, readonly string[]>> = {
  number: ['0', '5', '10.5'],
  date: ['2024-07-10', '2024-07-01', '2024-08-01'],
  'datetime-local': ['2024-07-10T12:30', '2024-07-06T00:00', '2024-07-12T08:15'],
};

function valuesOf({ name, inputType, valueEditorType }: QueryBuilderField): readonly unknown[] {
  if (valueEditorType === 'checkbox') return [true, false];
  return OF_INPUT[inputType ?? ''] ?? TEXTS[name] ?? ['x', '1'];
}

/** Compares both answers of an accepted export. Returns the hints of a refused one. */
async function hintsOf(given: unknown): Promise<readonly string[]> {
  const json: unknown = JSON.parse(JSON.stringify(given));
  const answer = await world.ask(json);
  if ('issues' in answer) return answer.issues.map(({ hint = '', message }) => `${message} ${hint}`);
  expect(answer.found, JSON.stringify(json)).toEqual(world.means(json));
  return [];
}

function exported(rule: RuleType | RuleType[], combinator = 'and', not = false): unknown {
  const query: RuleGroupType = { combinator, not, rules: [rule].flat() };
  return formatQuery(query, { format: 'jsonlogic' });
}

function rulesOf(field: QueryBuilderField, operator: string): RuleType[] {
  const values = valuesOf(field);
  if (operator === 'null' || operator === 'notNull') return [{ field: field.name, operator, value: null }];
  if (/between$/i.test(operator)) return [{ field: field.name, operator, value: values.slice(0, 2).toReversed() }];
  if (/in$/i.test(operator) && !operator.includes('ontain'))
    return [{ field: field.name, operator, value: values.slice(0, 2) }];
  return values.map((value) => ({ field: field.name, operator, value }));
}

describe('react-querybuilder', () => {
  test('every operator of the list of fields is accepted, and means the same', async () => {
    let asked = 0;
    for (const field of queryBuilderFields(world.catalogue)) {
      for (const { name: operator } of field.operators ?? []) {
        for (const [index, rule] of rulesOf(field, operator).entries()) {
          expect(await hintsOf(exported(rule, 'and', index === 1)), JSON.stringify(rule)).toEqual([]);
          asked += 1;
        }
      }
    }
    expect(asked).toBeGreaterThan(200);
  });

  test('every other operator means the same, or is refused with a hint', async () => {
    const refused = new Map<string, string>();
    for (const field of queryBuilderFields(world.catalogue)) {
      const offered = new Set(field.operators?.map(({ name }) => name));
      for (const { name: operator } of defaultOperators) {
        if (offered.has(operator)) continue;
        for (const rule of rulesOf(field, operator)) {
          const hints = await hintsOf(exported(rule));
          for (const hint of hints) expect(hint, JSON.stringify(rule)).toMatch(/\. \S+/);
          if (hints[0] !== undefined) refused.set(`${field.name} ${operator}`, hints[0]);
        }
      }
    }
    expect(refused.get('name <')).toMatch(/no order.*`==`, `in`, `starts_with`/);
    expect(refused.get('tags =')).toMatch(/`has_any` or `has_all`/);
    expect(refused.get('points contains')).toMatch(/`in` looks into/);
    expect(refused.get('orders =')).toMatch(/is a relation.*`some`/);
    expect(refused.get('born beginsWith')).toMatch(/needs a text field/);
  });

  test.each(['all', 'some', 'none', 'atLeast', 'atMost', 'exactly'] as const)('rows that match: %s', async (mode) => {
    const orders = queryBuilderFields(world.catalogue).find(({ name }) => name === 'orders');
    expect(orders?.matchModes).toBe(true);
    const match = { mode, threshold: 1 };
    for (const field of orders?.subproperties?.fields ?? []) {
      for (const { name: operator } of field.operators ?? []) {
        const [rule] = rulesOf(field, operator);
        const value = { combinator: 'and', rules: [rule] };
        // JsonLogic's own operators on rows do not stop at a missing value, as `all` of no rows does.
        expect(await hintsOf(exported({ field: 'orders', operator: '=', match, value }))).toEqual([]);
      }
    }
  });

  test.each(['all', 'some', 'none'] as const)('values of an array that match: %s', async (mode) => {
    for (const operator of ['=', '!=', 'in', 'notIn']) {
      const value = {
        combinator: 'and',
        rules: [{ field: '', operator, value: ['vip', 'press'].slice(0, operator.includes('=') ? 1 : 2) }],
      };
      const [first] = value.rules;
      if (first && operator.includes('=')) first.value = 'vip' as unknown as string[];
      expect(await hintsOf(exported({ field: 'tags', operator: '=', match: { mode }, value }))).toEqual([]);
    }
  });

  test('xor of two, and its complement', async () => {
    const rules = [
      { field: 'vip', operator: '=', value: true },
      { field: 'name', operator: 'beginsWith', value: 'A' },
    ];
    expect(await hintsOf(exported(rules, 'xor'))).toEqual([]);
    expect(await hintsOf(exported(rules, 'xor', true))).toEqual([]);
    expect(await hintsOf(exported([...rules, ...rules], 'xor'))).toEqual([expect.stringMatching(/xor.*two/)]);
  });
});

describe('react-awesome-query-builder', () => {
  const config = () => {
    const settings = { ...CoreConfig.settings, fixJsonLogicDateCompareOp: false };
    return {
      ...CoreConfig,
      settings,
      funcs: BasicFuncs,
      fields: awesomeFields(world.catalogue),
    } as unknown as Awesome.Config;
  };

  /** What the builder exports of one rule. */
  function exportedRule(properties: object, inside?: object): unknown {
    const rule = { id: Utils.uuid(), type: 'rule', properties };
    const row = inside ? { id: Utils.uuid(), type: 'rule_group', properties: inside, children1: [rule] } : rule;
    const tree = Utils.loadTree({ id: Utils.uuid(), type: 'group', children1: [row] } as never);
    const { logic, errors = [], data } = Utils.jsonLogicFormat(tree, config());
    if (errors.length > 0 || logic === undefined) return { logic, data, errors };
    // The whole answer is a condition too.
    return data && Object.keys(data).length % 2 === 1 ? { logic, data, errors } : logic;
  }

  const SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
    number: [5, 0, 10.5],
    boolean: [true, false],
    date: ['2024-07-10', '2024-07-01'],
    datetime: ['2024-07-10 12:30:00', '2024-07-06 00:00:00'],
  };

  function rulesFor(key: string, field: AwesomeField, operator: string): object[] {
    const name = key.replace(/^.*\./, '').replaceAll(/^(company|attributes)_/g, '$1.');
    const values = SAMPLES[field.type] ?? TEXTS[name] ?? ['x', 'y'];
    const isMany = /^(select_any|select_not_any|multiselect)/.test(operator);
    const rule = (value: readonly unknown[]): object => ({
      field: key,
      operator,
      value,
      valueSrc: value.map(() => 'value'),
      valueType: value.map(() => (isMany ? 'multiselect' : field.type)),
    });
    if (operator.startsWith('is_')) return [rule([])];
    if (isMany) return [rule([values.slice(0, 2)]), rule([values.slice(0, 1)])];
    if (operator.endsWith('between')) return [rule(values.slice(0, 2).toSorted(inOrder))];
    return values.map((value) => rule([value]));
  }

  const inOrder = (a: unknown, b: unknown): number =>
    typeof a === 'number' ? a - Number(b) : String(a) < String(b) ? -1 : 1;

  const meansSame = async (given: unknown, what: unknown): Promise<void> => {
    const json: unknown = JSON.parse(JSON.stringify(given));
    const logic: unknown = typeof json === 'object' && json !== null && 'logic' in json ? json.logic : json;
    const answer = await world.ask(json);
    expect(answer, JSON.stringify([what, json])).toEqual({ found: world.means(logic) });
  };

  test('every operator of the record of fields is accepted, and means the same', async () => {
    let asked = 0;
    for (const [key, field] of Object.entries(awesomeFields(world.catalogue))) {
      for (const operator of field.operators ?? []) {
        for (const rule of rulesFor(key, field, operator)) {
          await meansSame(exportedRule(rule), rule);
          asked += 1;
        }
      }
    }
    expect(asked).toBeGreaterThan(120);
  });

  test('an operator that it leaves out of its export is refused by its own words', async () => {
    const given = exportedRule({
      field: 'name',
      operator: 'starts_with',
      value: ['a'],
      valueSrc: ['value'],
      valueType: ['text'],
    });
    expect(await world.ask(JSON.parse(JSON.stringify(given)))).toMatchObject({
      issues: [{ code: 'incomplete-export', message: expect.stringContaining('starts_with is not supported') }],
    });
  });

  test('groups over related rows: some, all, none, and counts', async () => {
    const orders = awesomeFields(world.catalogue)['orders'];
    for (const [key, field] of Object.entries(orders?.subfields ?? {})) {
      for (const operator of field.operators ?? []) {
        const [rule = {}] = rulesFor(`orders.${key}`, field, operator);
        for (const mode of ['some', 'all', 'none'])
          await meansSame(
            exportedRule(rule, { mode: 'array', field: 'orders', operator: mode, conjunction: 'AND' }),
            rule,
          );
      }
    }
    const paid = {
      field: 'orders.status',
      operator: 'equal',
      value: ['paid'],
      valueSrc: ['value'],
      valueType: ['text'],
    };
    for (const operator of [
      'equal',
      'not_equal',
      'less',
      'less_or_equal',
      'greater',
      'greater_or_equal',
      'between',
      'not_between',
    ]) {
      const value = operator.includes('between') ? [1, 2] : [1];
      const count = { operator, value, valueSrc: value.map(() => 'value'), valueType: value.map(() => 'number') };
      await meansSame(exportedRule(paid, { mode: 'array', field: 'orders', conjunction: 'AND', ...count }), operator);
    }
  });

  const func = (name: string, args: Readonly<Record<string, unknown>> = {}) => ({
    func: name,
    args: Object.fromEntries(
      Object.entries(args).map(([key, value]) => [
        key,
        { value, valueSrc: typeof value === 'object' ? 'func' : 'value' },
      ]),
    ),
  });
  const relative = (op: string, val: number, dim: string) =>
    func('RELATIVE_DATETIME', { date: func('NOW'), op, val, dim });
  const relativeDate = (op: string, val: number, dim: string) =>
    func('RELATIVE_DATE', { date: func('TODAY'), op, val, dim });

  test.each([
    ['seen', 'datetime', func('NOW')],
    ['seen', 'datetime', relative('minus', 2, 'day')],
    ['seen', 'datetime', relative('plus', 36, 'hour')],
    ['seen', 'datetime', relative('minus', 1, 'week')],
    ['born', 'date', func('TODAY')],
    ['born', 'date', relativeDate('minus', 5, 'day')],
    ['born', 'date', relativeDate('plus', 1, 'day')],
    ['born', 'date', relativeDate('plus', 2, 'week')],
  ])('%s against the clock', async (field, type, value) => {
    const order = ['less', 'less_or_equal', 'greater', 'greater_or_equal'];
    const equal = value.func === 'TODAY' || JSON.stringify(value).includes('"day"') ? ['equal', 'not_equal'] : [];
    for (const operator of [...order, ...(type === 'date' ? equal : [])])
      await meansSame(exportedRule({ field, operator, value: [value], valueSrc: ['func'], valueType: [type] }), [
        operator,
        value,
      ]);
  });

  test('the beginning of today', async () => {
    for (const operator of ['less', 'greater_or_equal'])
      await meansSame(
        exportedRule({
          field: 'seen',
          operator,
          value: [func('START_OF_TODAY')],
          valueSrc: ['func'],
          valueType: ['datetime'],
        }),
        operator,
      );
  });
});
