/** Forms of rows in words: which rows are limited in number, and which are left of them. */
import { expect, test } from 'vitest';
import { describe as inWords } from '../../src/condition/describe/describe.ts';
import { accepted, v } from './ask.ts';
import { shop } from './catalogue.ts';

const paid = { '==': [v('status'), 'paid'] };

test.each([
  [
    { '>': [{ count: [{ newest: [5, v('orders')] }] }, 2] },
    'the number of the 5 newest rows of orders is greater than 2',
  ],
  [
    { '>': [{ count: [{ newest: [5, { filter: [v('orders'), paid] }] }] }, 2] },
    'the number of the 5 newest of (rows of orders where (status is paid)) is greater than 2',
  ],
  [
    { '>': [{ count: [{ filter: [{ oldest: [5, v('orders')] }, paid] }] }, 2] },
    'the number of rows among (the 5 oldest rows of orders) where (status is paid) is greater than 2',
  ],
  [
    { some: [{ newest: [3, v('orders')] }, paid] },
    'has rows among (the 3 newest rows of orders) where (status is paid)',
  ],
  [
    { none: [{ newest: [3, v('orders')] }, paid] },
    'has no rows among (the 3 newest rows of orders) where (status is paid)',
  ],
])('%j', (json, words) => {
  expect(inWords(accepted(json), shop)).toBe(words);
});
