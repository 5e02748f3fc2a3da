/** The same read of the same person is noted once in ten minutes. */
import { expect, test } from 'vitest';
import { NotedReads } from '../../src/access/noted-read.ts';

test('what was noted is known for ten minutes, and nothing else is', () => {
  const noted = new NotedReads();
  const read = ['ana', 'link', { action: 'explain', segment: 'vip', contact: '7' }];
  expect(noted.has(read, 0)).toBe(false);
  noted.add(read, 0);
  expect(noted.has(structuredClone(read), 599_999)).toBe(true);
  expect(noted.has(read, 600_000)).toBe(false);
  for (const other of [
    ['rui', 'link', { action: 'explain', segment: 'vip', contact: '7' }],
    ['ana', 'token', { action: 'explain', segment: 'vip', contact: '7' }],
    ['ana', 'link', { action: 'reveal', segment: 'vip', contact: '7' }],
    ['ana', 'link', { action: 'explain', segment: 'vip', contact: '8' }],
  ])
    expect(noted.has(other, 1), JSON.stringify(other)).toBe(false);
});

test('the oldest is forgotten first, so that the memory has a bound', () => {
  const noted = new NotedReads();
  for (let n = 0; n <= 10_000; n += 1) noted.add([n], n);
  expect([noted.has([0], 10_001), noted.has([1], 10_001), noted.has([10_000], 10_001)]).toEqual([false, true, true]);
});
