/** Which fields' values an explanation shows: one that is masked masks what is computed of it, on either side. */
import { expect, test } from 'vitest';
import type { LeafCondition } from '../../src/condition/ast.ts';
import { shownFields, thresholdFields } from '../../src/explain/leaf-detail.ts';
import { accepted, v } from '../condition/ask.ts';

function shown(json: unknown): readonly (readonly string[])[] {
  const leaf = accepted(json) as LeafCondition;
  return [shownFields(leaf), thresholdFields(leaf)].map((fields) => fields.map(({ name }) => name));
}

test.each([
  [{ '>': [v('points'), 3] }, ['points'], []],
  [{ '>': [v('points'), v('balance')] }, ['points'], ['balance']],
  [{ '>': [{ length: [v('email')] }, 3] }, ['email'], []],
  [
    { '>': [{ '+': [v('points'), { '*': [v('balance'), 2] }] }, { '-': [v('score'), 1] }] },
    ['points', 'balance'],
    ['score'],
  ],
  [
    { '>': [{ sum: [{ map: [v('items'), { '*': [v('quantity'), v('price')] }] }] }, { count: [v('orders')] }] },
    ['quantity', 'price'],
    [],
  ],
])('%j', (json, actual, threshold) => {
  expect(shown(json)).toEqual([actual, threshold]);
});
