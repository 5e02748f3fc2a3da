/** What is refused of the forms of values and rows, with its code, its place and what it hints at. */
import { expect, test } from 'vitest';
import { issuesOf, v } from './ask.ts';

type Refusal = readonly [name: string, json: unknown, code: string, pointer: string, hint?: RegExp];

const bucket = (...list: unknown[]): unknown => ({ '<': [{ bucket: list }, 1] });

const near = (...list: unknown[]): unknown => ({ within_km: list });

const moved = (...list: unknown[]): unknown => ({ '<': [v('last_seen_at'), { plus: list }] });

const counted = (rows: unknown): unknown => ({ '>': [{ count: [rows] }, 1] });

const refusals: readonly Refusal[] = [
  [
    'different values without map',
    { '>': [{ count_distinct: [v('orders')] }, 1] },
    'not-mapped',
    '/>/0/count_distinct/0',
    /map/,
  ],
  [
    'different values compared with null',
    { '==': [{ count_distinct: [{ map: [v('orders'), v('total')] }] }, null] },
    'never-missing',
    '',
    /0/,
  ],
  [
    'another word for different values',
    { '>': [{ distinct: [v('orders')] }, 1] },
    'refused-operator',
    '/>/0',
    /count_distinct/,
  ],
  ['an empty seed', bucket('', 100), 'wrong-type', '/</0/bucket/0', /name/],
  ['a seed that is a number', bucket(1, 100), 'wrong-type', '/</0/bucket/0', /name/],
  ['one bucket', bucket('a', 1), 'out-of-range', '/</0/bucket/1', /100/],
  ['a fraction of buckets', bucket('a', 2.5), 'out-of-range', '/</0/bucket/1'],
  ['too many buckets', bucket('a', 1_000_001), 'out-of-range', '/</0/bucket/1'],
  ['a number of buckets in quotes', bucket('a', '100'), 'wrong-type', '/</0/bucket/1'],
  ['a bucket that there is not', { '==': [{ bucket: ['a', 10] }, 11] }, 'out-of-range', '/==/1'],
  ['a bucket in quotes', { '==': [{ bucket: ['a', 10] }, 'x'] }, 'wrong-type', '/==/1'],
  ['a bucket that is null', { '==': [{ bucket: ['a', 10] }, null] }, 'never-missing', ''],
  ['a bucket alone', { bucket: ['a', 10] }, 'not-a-condition', ''],
  [
    'a bucket inside a relation',
    { some: [v('orders'), { '<': [{ bucket: ['a', 10] }, 1] }] },
    'outer-field',
    '/some/1/</0',
    /outside/,
  ],
  ['a place that is no list', near(v('points'), v('balance'), 'Madrid', 5), 'wrong-type', '/within_km/2', /40/],
  ['a place of three numbers', near(v('points'), v('balance'), [1, 2, 3], 5), 'wrong-type', '/within_km/2', /40/],
  [
    'a latitude beyond the pole',
    near(v('points'), v('balance'), [90.1, 2], 5),
    'out-of-range',
    '/within_km/2/0',
    /first/,
  ],
  ['a longitude beyond the date line', near(v('points'), v('balance'), [9, -181], 5), 'out-of-range', '/within_km/2/1'],
  ['a field in a place', near(v('points'), v('balance'), [v('points'), 2], 5), 'wrong-type', '/within_km/2/0'],
  ['a latitude that is no number', near(v('country'), v('balance'), [1, 2], 5), 'wrong-type', '/within_km/0'],
  [
    'a longitude that is computed',
    near(v('points'), { '+': [v('points'), 1] }, [1, 2], 5),
    'not-a-field',
    '/within_km/1',
  ],
  ['no distance', near(v('points'), v('balance'), [1, 2], 0), 'out-of-range', '/within_km/3'],
  ['a distance around the Earth', near(v('points'), v('balance'), [1, 2], 20_016), 'out-of-range', '/within_km/3'],
  ['a distance with its unit', near(v('points'), v('balance'), [1, 2], '5 km'), 'wrong-type', '/within_km/3'],
  ['a number that is moved', moved(v('points'), 1, 'day'), 'wrong-type', '/</1/plus/0', /`\+`/],
  ['a date that is moved', moved(v('birth_date'), 1, 'day'), 'wrong-type', '/</1/plus/0', /instants/],
  [
    'an instant that is moved twice',
    moved({ minus: [v('created_at'), 1, 'day'] }, 1, 'day'),
    'wrong-type',
    '/</1/plus/0',
    /add/,
  ],
  ['a month after', moved(v('created_at'), 1, 'month'), 'unknown-unit', '/</1/plus/2', /days/],
  ['an unknown unit', moved(v('created_at'), 1, 'days'), 'unknown-unit', '/</1/plus/2', /`day`/],
  ['a fraction of days', moved(v('created_at'), 1.5, 'day'), 'out-of-range', '/</1/plus/1'],
  ['no days', moved(v('created_at'), 0, 'day'), 'out-of-range', '/</1/plus/1'],
  ['more days than a window has', moved(v('created_at'), 36_501, 'day'), 'out-of-range', '/</1/plus/1'],
  ['two arguments of plus', { '<': [{ plus: [v('points'), 1] }, 3] }, 'wrong-arity', '/</0', /hour/],
  [
    'a window over a moved instant',
    { in_last: [{ plus: [v('created_at'), 1, 'day'] }, 30, 'day'] },
    'wrong-type',
    '/in_last/0',
    /window/,
  ],
  [
    'a moved instant beside a date',
    { '<': [{ plus: [v('created_at'), 1, 'day'] }, v('birth_date')] },
    'wrong-type',
    '',
  ],
  ['no newest rows', counted({ newest: [0, v('orders')] }), 'out-of-range', '/>/0/count/0/newest/0'],
  ['too many newest rows', counted({ newest: [1_001, v('orders')] }), 'out-of-range', '/>/0/count/0/newest/0'],
  ['newest rows without a number', counted({ newest: [v('orders')] }), 'wrong-arity', '/>/0/count/0', /5/],
  [
    'newest rows without a time',
    counted({ newest: [5, v('notes')] }),
    'no-time-column',
    '/>/0/count/0',
    /relations\.notes/,
  ],
  ['newest rows without a key', counted({ oldest: [5, v('items')] }), 'no-row-key', '/>/0/count/0', /primary key/],
  ['newest of a field', counted({ newest: [5, v('country')] }), 'field-as-relation', '/>/0/count/0/newest/1'],
  ['newest alone', { newest: [5, v('orders')] }, 'refused-operator', '', /rows/],
  ['a limit', { limit: [5, v('orders')] }, 'refused-operator', '', /`newest`/],
  [
    'newest rows inside the rows that lead to them',
    { some: [v('items'), { some: [{ newest: [1, v('orders')] }, { '==': [v('status'), 'paid'] }] }] },
    'nested-relation',
    '/some/1/some/0',
    /outer/,
  ],
  [
    'newest rows two relations deep',
    {
      some: [
        v('orders'),
        {
          some: [
            { newest: [1, { filter: [v('orders'), { some: [{ newest: [1, v('orders')] }, true] }] }] },
            { '<': [v('total'), v('outer.total')] },
          ],
        },
      ],
    },
    'nested-relation',
    '/some/1/some/0/newest/1/filter/1/some/0/newest/1',
  ],
  [
    'an unknown field under newest',
    { some: [{ newest: [5, v('orders')] }, { '==': [v('x'), 1] }] },
    'unknown-field',
    '/some/1/==/0',
  ],
];

test.each(refusals.map((refusal) => ({ refusal, name: refusal[0] })))('$name', ({ refusal }) => {
  const [, json, code, pointer, hint = /./] = refusal;
  const issue = issuesOf(json).find((found) => found.code === code && found.pointer === pointer);
  expect(issue, JSON.stringify(issuesOf(json))).toBeDefined();
  expect(issue?.message).toMatch(/\.$/);
  expect(issue?.hint).toMatch(hint);
});
