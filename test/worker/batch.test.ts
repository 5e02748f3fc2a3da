import { expect, test } from 'vitest';
import { nextBatch } from '../../src/worker/batch.ts';

test('a batch that took too long is followed by smaller ones, down to an eighth, and grows again when they are quick', () => {
  const sizes = [1_000];
  for (const ms of [130, 300, 600, 600, 600, 600, 200, 100, 100, 100, 100]) sizes.push(nextBatch(sizes.at(-1) ?? 0, 1_000, ms));
  expect(sizes).toEqual([1_000, 1_000, 1_000, 500, 250, 125, 125, 125, 250, 500, 1_000, 1_000]);
});

test('a batch of one stays one', () => {
  expect([nextBatch(1, 1, 5_000), nextBatch(1, 1, 1)]).toEqual([1, 1]);
});
