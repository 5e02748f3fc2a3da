import { describe, expect, test } from 'vitest';
import type { Condition } from '../../src/condition/ast.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { countEdges } from '../../src/condition/measure.ts';
import { agesBetween } from '../../src/temporal/deciding-age.ts';
import { definitionOf, edgesOf, isDaily, type Boundary, type EdgeDefinition } from '../../src/temporal/edge.ts';
import { field, shop } from '../condition/catalogue.ts';

function checked(json: unknown): Condition {
  const result = checkCondition(json, { catalogue: shop });
  if (!result.ok) expect.fail(JSON.stringify(result.issues));
  return result.condition;
}

function definitions(json: unknown, timezone = 'Europe/Madrid'): EdgeDefinition[] {
  return edgesOf(checked(json), shop, timezone).map(definitionOf);
}

/** `source.column kind:number` of every edge. */
function brief(json: unknown): string[] {
  const number = (boundary: Boundary): number | string => {
    switch (boundary.kind) {
      case 'rolling':
        return boundary.seconds;
      case 'anniversary_period':
      case 'period':
        return `${boundary.unit}${boundary.offset}`;
      case 'months':
        return boundary.months;
      case 'age':
        return boundary.years;
      case 'anniversary':
        return boundary.days;
    }
  };
  return definitions(json)
    .map(({ source, column, boundary }) => `${source}.${column} ${boundary.kind}:${number(boundary)}`)
    .toSorted();
}

const v = (name: string): unknown => ({ var: name });
const CONTACT = 'public.contacts(id)';
const ORDERS = 'public.orders(contact_id)';
const ITEMS = 'public.order_items(order_id)';
const recent = (name: string): unknown => ({ in_last: [v(name), 1, 'minute'] });

describe('what each leaf turns on', () => {
  test.each<[string, unknown, string[]]>([
    ['in_last', recent('created_at'), [`${CONTACT}.created_at rolling:-60`, `${CONTACT}.created_at rolling:0`]],
    ['before_last', { before_last: [v('created_at'), 2, 'hour'] }, [`${CONTACT}.created_at rolling:-7200`]],
    [
      'in_next',
      { in_next: [v('created_at'), 1, 'week'] },
      [`${CONTACT}.created_at rolling:0`, `${CONTACT}.created_at rolling:604800`],
    ],
    ['is_past', { is_past: [v('created_at')] }, [`${CONTACT}.created_at rolling:0`]],
    [
      'rows inside rows, and the rows around them',
      {
        some: [
          v('orders'),
          {
            and: [
              { before_last: [v('placed_at'), 2, 'hour'] },
              {
                none: [
                  v('items'),
                  {
                    or: [
                      { before_last: [v('created_at'), 1, 'minute'] },
                      { before_last: [v('outer.placed_at'), 1, 'hour'] },
                      { before_last: [v('contact.created_at'), 1, 'day'] },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
      [
        `${CONTACT}.created_at rolling:-86400`,
        `${ITEMS}.created_at rolling:-60`,
        `${ORDERS}.placed_at rolling:-3600`,
        `${ORDERS}.placed_at rolling:-7200`,
      ],
    ],
    ['not is_future, of a date', { '!': [{ is_future: [v('birth_date')] }] }, [`${CONTACT}.birth_date rolling:0`]],
    [
      'in_last, in months',
      { in_last: [v('created_at'), 2, 'quarter'] },
      [`${CONTACT}.created_at months:-6`, `${CONTACT}.created_at rolling:0`],
    ],
    ['before_last, in years', { before_last: [v('birth_date'), 1, 'year'] }, [`${CONTACT}.birth_date months:-12`]],
    [
      'in_next, in months',
      { in_next: [v('created_at'), 1, 'month'] },
      [`${CONTACT}.created_at months:1`, `${CONTACT}.created_at rolling:0`],
    ],
    ['known_for, in months', { known_for: [3, 'month'] }, [`${CONTACT}.created_at months:-3`]],
    ['known_for', { known_for: [1, 'day'] }, [`${CONTACT}.created_at rolling:-86400`]],
    [
      'in_period',
      { in_period: [v('created_at'), 'month', -1] },
      [`${CONTACT}.created_at period:month-1`, `${CONTACT}.created_at period:month0`],
    ],
    ['age', { '>=': [{ age: [v('birth_date')] }, 18] }, [`${CONTACT}.birth_date age:18`]],
    [
      'age between',
      { '<=': [18, { age: [v('birth_date')] }, 35] },
      [`${CONTACT}.birth_date age:18`, `${CONTACT}.birth_date age:36`],
    ],
    [
      'age in',
      { in: [{ age: [v('birth_date')] }, [20, 21]] },
      [`${CONTACT}.birth_date age:20`, `${CONTACT}.birth_date age:22`],
    ],
    [
      'ages in, with a gap',
      { in: [{ age: [v('birth_date')] }, [21, 40, 20, '21.0', 9_000]] },
      [20, 22, 40, 41].map((age) => `${CONTACT}.birth_date age:${age}`),
    ],
    [
      'all ages in',
      { in: [{ age: [v('birth_date')] }, Array.from({ length: 10_000 }, (_, age) => age)] },
      [`${CONTACT}.birth_date age:0`],
    ],
    ['ages that no calendar holds', { in: [{ age: [v('birth_date')] }, [6_501, 9_999]] }, []],
    [
      'anniversary',
      { anniversary_in_next: [v('birth_date'), 7] },
      [`${CONTACT}.birth_date anniversary:-1`, `${CONTACT}.birth_date anniversary:7`],
    ],
    [
      'an anniversary in the last days, of an instant',
      { anniversary_in_last: [v('created_at'), 7] },
      [`${CONTACT}.created_at anniversary:-8`, `${CONTACT}.created_at anniversary:0`],
    ],
    [
      'an anniversary in a week',
      { anniversary_in_period: [v('birth_date'), 'week', -1] },
      [`${CONTACT}.birth_date anniversary_period:week-1`, `${CONTACT}.birth_date anniversary_period:week0`],
    ],
    ['an anniversary in the last year', { anniversary_in_last: [v('birth_date'), 365] }, []],
    ['an anniversary at any time', { anniversary_in_next: [v('birth_date'), 365] }, []],
    [
      'weekday and month of the value',
      { and: [{ '==': [{ weekday: [v('created_at')] }, 1] }, { '==': [{ anniversary_month: [v('birth_date')] }, 2] }] },
      [],
    ],
    ['a day', { '>=': [v('created_at'), '2024-01-01'] }, []],
    ['in_segment', { in_segment: ['other'] }, []],
    [
      'some',
      { some: [v('orders'), recent('placed_at')] },
      [`${ORDERS}.placed_at rolling:-60`, `${ORDERS}.placed_at rolling:0`],
    ],
    [
      'a negated count',
      { '!': [{ '>': [{ count: [{ filter: [v('orders'), { before_last: [v('placed_at'), 1, 'minute'] }] }] }, 2] }] },
      [`${ORDERS}.placed_at rolling:-60`],
    ],
    [
      'an aggregate and its filter',
      {
        before_last: [
          { max_of: [{ map: [{ filter: [v('orders'), { before_last: [v('due_on'), 1, 'day'] }] }, v('placed_at')] }] },
          1,
          'hour',
        ],
      },
      [`${ORDERS}.due_on rolling:-86400`, `${ORDERS}.placed_at rolling:-3600`],
    ],
    [
      'a pick',
      { before_last: [{ last: [v('orders'), 'placed_at'] }, 1, 'hour'] },
      [`${ORDERS}.placed_at rolling:-3600`],
    ],
    [
      'two hops, and the row in the middle',
      {
        some: [
          v('items'),
          {
            and: [
              { before_last: [v('created_at'), 1, 'minute'] },
              { before_last: [v('orders.placed_at'), 1, 'minute'] },
            ],
          },
        ],
      },
      [`${ITEMS}.created_at rolling:-60`, `${ORDERS}.placed_at rolling:-60`],
    ],
    [
      'if',
      { if: [recent('created_at'), { some: [v('orders'), { before_last: [v('placed_at'), 1, 'minute'] }] }, false] },
      [`${CONTACT}.created_at rolling:-60`, `${CONTACT}.created_at rolling:0`, `${ORDERS}.placed_at rolling:-60`],
    ],
  ])('%s', (_name, json, expected) => {
    expect(brief(json)).toEqual(expected.toSorted());
    // What is counted against the limit is never less.
    expect(countEdges(checked(json))).toBeGreaterThanOrEqual(expected.length);
  });
});

test('an age inside of a calculation turns on any birthday, of the contact or of a row', () => {
  const age = (name: string): unknown => ({ age: [{ var: name }] });
  expect(brief({ '>': [{ '+': [{ var: 'points' }, age('birth_date')] }, 3] })).toEqual([
    'public.contacts(id).birth_date anniversary:0',
  ]);
  const sum = { sum: [{ map: [{ var: 'orders' }, { '*': [age('due_on'), { var: 'rank' }] }] }] };
  expect(brief({ '>': [sum, 3] })).toEqual(['public.orders(contact_id).due_on anniversary:0']);
  expect(countEdges(checked({ '>': [sum, age('birth_date')] }))).toBe(2);
});

test('equal edges are one, whatever segment they come from', () => {
  const one = edgesOf(
    checked({ or: [recent('created_at'), { '!': [recent('created_at')] }, { in_next: [v('created_at'), 1, 'hour'] }] }),
    shop,
    'Europe/Madrid',
  );
  expect(one.length).toBe(3);
  const other = edgesOf(checked({ in_last: [v('created_at'), 1, 'minute'] }), shop, 'Asia/Tokyo');
  // An instant has no zone.
  expect(other.map(({ key }) => key)).toEqual(
    one.filter(({ boundary }) => boundary.kind === 'rolling' && boundary.seconds <= 0).map(({ key }) => key),
  );
  expect(one.map(({ key }) => key)).toEqual(one.map(({ key }) => key).toSorted());
});

test('the zone is part of what looks at days', () => {
  const at = (zone: string): string[] =>
    edgesOf(
      checked({ and: [{ in_period: [v('created_at'), 'day', 0] }, { in_last: [v('birth_date'), 1, 'day'] }] }),
      shop,
      zone,
    ).map(({ key }) => key);
  expect(at('Europe/Madrid').filter((key) => at('Asia/Tokyo').includes(key))).toEqual([]);
  expect(edgesOf(checked({ in_period: [v('created_at'), 'day', 0] }), shop, 'Asia/Tokyo').every(isDaily)).toBe(true);
  expect(edgesOf(checked(recent('created_at')), shop, 'Asia/Tokyo').some(isDaily)).toBe(false);
});

test('a wall clock takes the zone that the config reads it in, and the segment zone for its days', () => {
  const wall = field('contact', 'local_at', 'instant', { sqlType: 'timestamp without time zone' });
  const catalogue = { ...shop, timestamps: 'America/Havana' };
  const window: Condition = {
    kind: 'window',
    operator: 'before_last',
    operand: { kind: 'field', field: wall },
    amount: 1,
    unit: 'hour',
    seconds: 3_600,
  };
  expect(
    edgesOf(window, catalogue, 'Asia/Tokyo').map(({ type, zone, timestamps }) => ({ type, zone, timestamps })),
  ).toEqual([{ type: 'timestamp', zone: 'America/Havana', timestamps: undefined }]);
  const period: Condition = { kind: 'period', operand: { kind: 'field', field: wall }, unit: 'day', offset: 0 };
  expect(edgesOf(period, catalogue, 'Asia/Tokyo').map(({ zone, timestamps }) => ({ zone, timestamps }))).toEqual([
    { zone: 'Asia/Tokyo', timestamps: 'America/Havana' },
    { zone: 'Asia/Tokyo', timestamps: 'America/Havana' },
  ]);
});

test('a key fits into an index however long the path', () => {
  const long = field('contact', 'deep', 'instant', {
    column: 'attributes',
    path: Array.from({ length: 200 }, (_, n) => `step ${n}`),
  });
  const condition: Condition = {
    kind: 'window',
    operator: 'before_last',
    operand: { kind: 'field', field: long },
    amount: 1,
    unit: 'hour',
    seconds: 3_600,
  };
  const [edge] = edgesOf(condition, shop, 'UTC');
  expect(edge?.key).toMatch(/^sha256 [0-9a-f]{64}$/);
});

test('ages that decide', () => {
  expect(agesBetween('>=', '18')).toEqual([18]);
  expect(agesBetween('>', '18')).toEqual([19]);
  expect(agesBetween('<', '18.5')).toEqual([19]);
  expect(agesBetween('<=', '18.5')).toEqual([19]);
  expect(agesBetween('<', '-0.5')).toEqual([0]);
  expect(agesBetween('==', '18')).toEqual([18, 19]);
  expect(agesBetween('==', '18.5')).toEqual([]);
  expect(agesBetween('>=', '100000')).toEqual([]);
});
