/** Chains and cycles of in_segment, whatever end of them is edited. */
import { expect, test } from 'vitest';
import { readFirst, readsOf, referenceIssues } from '../../src/segment/reference.ts';

const reads = (...keys: string[]): unknown => ({ and: keys.map((key) => ({ in_segment: [key] })) });
const graph = (text: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    text
      .split(' ')
      .map((part) => part.split(':'))
      .map(([key = '', list = '']) => [key, list === '' ? [] : list.split(',')]),
  );

test('readsOf finds every segment that a condition reads', () => {
  expect(
    readsOf({ or: [{ '!': [{ in_segment: ['a'] }] }, { and: [{ in_segment: ['b'] }, { in_segment: 'a' }] }] }),
  ).toEqual(['a', 'b']);
  expect(readsOf({ '==': [{ var: 'in_segment' }, 'c'] })).toEqual([]);
  expect(
    readsOf({
      and: [
        { member_for: ['a', 14, 'day'] },
        { '!': [{ left_in_last: ['b', 1, 'week'] }, { entered_in_last: ['a', 1, 'day'] }] },
      ],
    }),
    'of the past, the first argument is the key',
  ).toEqual(['a', 'b']);
  expect(referenceIssues('a', { member_for: ['b', 1, 'day'] }, new Map([['b', ['a']]]))).toMatchObject([
    { code: 'cycle', pointer: '/member_for' },
  ]);
});

test('a cycle is reported with its path, of any length, also under a negation', () => {
  const stored = graph('a:b b:c c: d:d2 d2:');
  expect(referenceIssues('c', { '!': [{ in_segment: ['a'] }] }, stored)).toEqual([
    {
      code: 'cycle',
      pointer: '/!/0/in_segment',
      message: 'A segment cannot depend on itself: c → a → b → c.',
      hint: 'Write the shared part as a segment of its own, read by both.',
    },
  ]);
  expect(referenceIssues('c', reads('c'), stored)[0]?.message).toContain('c → c.');
  expect(referenceIssues('c', reads('d'), stored)).toEqual([]);
});

test('a chain five deep is accepted and one six deep is not, readers above included', () => {
  const chain = 's5:s4 s4:s3 s3:s2 s2:s1 s1:s0 s0: side: side1:side';
  expect(referenceIssues('s5', reads('s4'), graph(chain))).toEqual([]);
  expect(referenceIssues('s6', reads('s5'), graph(chain))).toMatchObject([
    {
      code: 'too-deep',
      pointer: '/and/0/in_segment',
      message: expect.stringContaining('s6 → s5 → s4 → s3 → s2 → s1 → s0'),
    },
  ]);
  // at the foot of the chain
  expect(referenceIssues('s0', reads('side'), graph(chain))).toMatchObject([
    { code: 'too-deep', message: expect.stringContaining('this would be 6: s5 → s4 → s3 → s2 → s1 → s0 → side') },
  ]);
  // in the middle: three above, and the new branch below
  expect(referenceIssues('s2', reads('s1', 'side'), graph(chain))).toEqual([]);
  expect(referenceIssues('s1', reads('s0', 'side1'), graph(chain))).toMatchObject([
    { code: 'too-deep', pointer: '/and/1/in_segment' },
  ]);
});

test('a stored cycle does not make the check endless', () => {
  expect(referenceIssues('new', reads('a'), graph('a:b b:a'))).toMatchObject([{ code: 'too-deep' }]);
  expect(referenceIssues('a', reads('c'), graph('a:b b:a c:'))).toEqual([]);
});

test('a reader that is not bound does not count for the chain above', () => {
  const chain = graph('s6:s5 s5:s4 s4:s3 s3:s2 s2:s1 s1:s0 s0:');
  expect(referenceIssues('s1', reads('s0'), chain)).toMatchObject([{ code: 'too-deep' }]);
  expect(referenceIssues('s1', reads('s0'), chain, graph('s6: s5:s4 s4:s3 s3:s2 s2:s1'))).toEqual([]);
});

test('readFirst puts a segment after those that it reads, also in a cycle', () => {
  const order = (keys: string, text: string) =>
    readFirst(
      keys.split(' ').map((key) => ({ key })),
      graph(text),
    )
      .map(({ key }) => key)
      .join(' ');
  expect(order('a b c', 'a:b b:c c:d d:')).toBe('c b a');
  expect(order('a b c', 'a:c b: c:')).toBe('c a b');
  expect(order('a b c', 'a:b b:a c:c')).toBe('b a c');
});
