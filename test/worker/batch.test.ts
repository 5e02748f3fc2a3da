import { expect, test } from 'vitest';
import { BatchSize, nextBatch } from '../../src/worker/batch.ts';

test('a batch that took too long is followed by smaller ones, down to an eighth, and grows again when they are quick', () => {
  const sizes = [1_000];
  for (const ms of [130, 300, 600, 600, 600, 600, 200, 100, 100, 100, 100])
    sizes.push(nextBatch(sizes.at(-1) ?? 0, 1_000, ms));
  expect(sizes).toEqual([1_000, 1_000, 1_000, 500, 250, 125, 125, 125, 250, 500, 1_000, 1_000]);
});

test('a batch of one stays one', () => {
  expect([nextBatch(1, 1, 5_000), nextBatch(1, 1, 1)]).toEqual([1, 1]);
});

test('a batch below the least is not made larger for being slow', () => {
  expect(nextBatch(3, 1_000, 5_000)).toBe(3);
});

test('a batch that failed is tried again with an eighth of what it took, down to one', () => {
  const size = new BatchSize(1_000, () => 0);
  const sizes: number[] = [];
  for (let contacts = 1_000; contacts > 1; contacts = size.size) {
    size.failed(contacts, false);
    sizes.push(size.size);
  }
  expect(sizes).toEqual([125, 15, 1]);
  for (let n = 0; n < 10; n += 1) size.took(10);
  expect([size.size, size.reduced, size.limit(5_000)]).toEqual([1_000, false, 5_000]);
});

test('a size that was too much is remembered for a minute, then doubled; its statements are given up sooner', () => {
  let now = 0;
  const size = new BatchSize(1_000, () => now);
  size.failed(800, true);
  for (let n = 0; n < 10; n += 1) size.took(10);
  expect([size.size, size.reduced, size.limit(5_000)]).toEqual([100, true, 2_000]);
  now = 60_001;
  for (let n = 0; n < 10; n += 1) size.took(10);
  expect(size.size).toBe(200);
  size.relax();
  for (let n = 0; n < 10; n += 1) size.took(10);
  expect([size.size, size.reduced]).toEqual([1_000, false]);
});
