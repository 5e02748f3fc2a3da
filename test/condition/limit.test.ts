/** Every limit: just inside is accepted, one more is refused. */
import { expect, test } from 'vitest';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { shop } from './catalogue.ts';
import { issuesOf, v } from './ask.ts';

const leaf = { '==': [v('country'), 'ES'] };
const codes = (json: unknown): string[] => issuesOf(json).map((issue) => issue.code);

function nested(levels: number): unknown {
  let json: unknown = leaf; // two levels: == and var
  for (let i = 0; i < levels - 2; i += 1) json = { '!': [json] };
  return json;
}

test('depth', () => {
  expect(codes(nested(20))).toEqual([]);
  expect(codes(nested(21))).toEqual(['too-deep']);
  expect(issuesOf(nested(21))[0]?.pointer).toBe(`${'/!/0'.repeat(19)}/==/0`);
});

test('a depth that would overflow the stack is an issue, not a crash', () => {
  for (const wrap of [
    (json: unknown) => ({ '!': json }),
    (json: unknown) => [json],
    (json: unknown) => ({ and: [json] }),
  ]) {
    let json: unknown = leaf;
    for (let i = 0; i < 100_000; i += 1) json = wrap(json);
    expect(codes(json)).toContain('too-deep');
  }
});

test('nodes', () => {
  const group = (count: number): unknown => ({ and: Array.from({ length: count }, () => leaf) });
  expect(codes(group(249))).toEqual([]); // 249 × 2 + 1
  expect(codes(group(250))).toEqual(['too-many-nodes']);
});

test('a graph of shared objects without end is an issue', () => {
  let json: unknown = leaf;
  for (let i = 0; i < 18; i += 1) json = { and: [json, json, json, json] };
  expect(codes(json)).toEqual(['too-large']);
});

test('nested ifs that would explode when written out are refused', () => {
  let json: unknown = leaf;
  for (let i = 0; i < 16; i += 1) json = { if: [json, leaf, leaf] };
  expect(codes(json)).toEqual(['too-many-nodes']);
});

test('relation subqueries', () => {
  const group = (count: number): unknown => ({
    and: Array.from({ length: count }, () => ({ some: [v('orders'), true] })),
  });
  expect(codes(group(20))).toEqual([]);
  expect(codes(group(21))).toEqual(['too-many-relations']);
  expect(codes(group(25))).toEqual(['too-many-relations']);
});

test('edges of time', () => {
  const ages = (count: number, step: number): unknown => ({
    in: [{ age: [v('birth_date')] }, Array.from({ length: count }, (_, i) => i * step)],
  });
  expect(codes(ages(250, 2))).toEqual([]);
  expect(codes(ages(251, 2))).toEqual(['too-many-edges']);
  expect(
    codes({
      and: [ages(150, 2), { '!': [{ some: [v('orders'), { in_last: [v('placed_at'), 1, 'day'] }] }] }, ages(101, 3)],
    }),
  ).toEqual(['too-many-edges']);
  // Neighbours are one range.
  expect(codes(ages(10_000, 1))).toEqual([]);
  // What is written operator by operator never comes so far.
  expect(
    codes({ or: Array.from({ length: 249 }, (_, n) => ({ in_period: [v('created_at'), 'day', -2 * n] })) }),
  ).toEqual([]);
});

test('values in a list', () => {
  const list = (count: number): unknown => ({ in: [v('points'), Array.from({ length: count }, (_, i) => i)] });
  expect(codes(list(10_000))).toEqual([]);
  expect(codes(list(10_001))).toEqual(['too-many-values']);
});

test('texts that are looked for inside a text', () => {
  const list = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
  for (const of of [
    (texts: string[]) => ({ ends_with: [v('city'), texts] }),
    (texts: string[]) => ({ in: [texts, v('city')] }),
  ]) {
    expect(codes(of(list(1_000)))).toEqual([]);
    expect(codes(of(list(1_001)))).toEqual(['too-many-values']);
    expect(codes(of(list(10_001)))).toEqual(['too-many-values']);
  }
  expect(codes({ iin: [v('city'), list(10_000)] })).toEqual([]);
});

test('values in a calculation', () => {
  const sum = (count: number): unknown => ({ '+': Array.from({ length: count }, () => v('points')) });
  expect(codes({ '>': [sum(20), 1] })).toEqual([]);
  expect(codes({ '>': [sum(21), 1] })).toEqual(['too-many-terms']);
  expect(codes({ '>': [{ '*': [sum(10), sum(10)] }, sum(20)] })).toEqual([]);
  expect(codes({ '>': [{ '*': [sum(10), sum(11)] }, 1] })).toEqual(['too-many-terms']);
});

test('dates in a list for an instant', () => {
  const dates = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => new Date(Date.UTC(2000, 0, 1 + i)).toISOString().slice(0, 10));
  expect(codes({ in: [v('created_at'), dates(10_000)] })).toEqual([]);
  expect(codes({ in: [{ max_of: [{ map: [v('orders'), v('placed_at')] }] }, dates(10_000)] })).toEqual([]);
});

test('values that an average is compared with, which are written out', () => {
  const average = { avg: [{ map: [v('orders'), v('total')] }] };
  const list = (count: number): unknown => ({ in: [average, Array.from({ length: count }, (_, i) => i)] });
  expect(codes(list(1_999))).toEqual([]); // each with the relation's filter
  expect(issuesOf(list(2_000))).toMatchObject([
    {
      code: 'too-many-nodes',
      message: expect.stringContaining('lists that an average is compared with'),
    },
  ]);
});

test('bytes', () => {
  const list = (size: number): unknown => ({
    in: [v('country'), Array.from({ length: 400 }, (_, i) => String(i).padEnd(size, 'é'))],
  });
  expect(codes(list(300))).toEqual([]);
  expect(codes(list(400))).toEqual(['too-large']);
});

test('length of text, in characters', () => {
  expect(codes({ '==': [v('city'), '💐'.repeat(1000)] })).toEqual([]);
  expect(codes({ '==': [v('city'), 'x'.repeat(1001)] })).toEqual(['text-too-long']);
});

test('digits of a number', () => {
  expect(codes({ '<': [v('balance'), `${'9'.repeat(15)}.${'9'.repeat(15)}`] })).toEqual([]);
  expect(codes({ '<': [v('balance'), '9'.repeat(31)] })).toEqual(['too-many-digits']);
  expect(codes({ '<': [v('balance'), 1e-31] })).toEqual(['too-many-digits']);
});

test('length of windows', () => {
  expect(codes({ in_last: [v('created_at'), 36_500, 'day'] })).toEqual([]);
  expect(codes({ in_last: [v('created_at'), 36_501, 'day'] })).toEqual(['out-of-range']);
  expect(codes({ in_last: [v('created_at'), 5_214, 'week'] })).toEqual([]);
  expect(codes({ in_last: [v('created_at'), 5_215, 'week'] })).toEqual(['out-of-range']);
  for (const [most, unit] of [
    [1_200, 'month'],
    [400, 'quarter'],
    [100, 'year'],
  ] as const) {
    expect(codes({ in_next: [v('created_at'), most, unit] })).toEqual([]);
    expect(codes({ in_next: [v('created_at'), most + 1, unit] })).toEqual(['out-of-range']);
    expect(codes({ known_for: [most + 1, unit] })).toEqual(['out-of-range']);
  }
  expect(codes({ in_period: [v('created_at'), 'day', -36_501] })).toEqual(['out-of-range']);
});

test('years', () => {
  expect(codes({ '<': [v('birth_date'), '9999-12-31'] })).toEqual([]);
  expect(codes({ '<': [v('birth_date'), '0001-01-01'] })).toEqual([]);
  expect(codes({ '<': [v('birth_date'), '10000-01-01'] })).toEqual(['wrong-type']);
});

test('limits can be set', () => {
  const checked = checkCondition(nested(6), { catalogue: shop, limits: { depth: 5 } });
  expect(checked.ok).toBe(false);
});

test('very many issues are summed up', () => {
  const issues = issuesOf({ in: [v('points'), Array.from({ length: 5_000 }, () => null)] });
  expect(issues).toHaveLength(101);
  expect(issues.at(-1)).toMatchObject({ code: 'more-issues', message: '4900 more issues are not listed.' });
});
