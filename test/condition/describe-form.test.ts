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
  [
    {
      some: [
        v('orders'),
        {
          some: [
            { newest: [1, { filter: [v('orders'), { '<': [v('placed_at'), v('outer.placed_at')] }] }] },
            { '>': [v('total'), v('outer.total')] },
          ],
        },
      ],
    },
    'has rows of orders where (the contact has rows among (the 1 newest of (rows of orders where (placed_at is before the value of outer.placed_at))) where (total is greater than the value of outer.total))',
  ],
  [
    { '==': [{ count: [{ oldest: [2, { filter: [v('orders'), { '<': [v('total'), v('contact.points')] }] }] }] }, 2] },
    'the number of the 2 oldest of (rows of orders where (total is less than the value of contact.points)) is 2',
  ],
])('%j', (json, words) => {
  expect(inWords(accepted(json), shop)).toBe(words);
});
