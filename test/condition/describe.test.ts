/** The English of conditions: complete, with brackets where and/or mix. */
import { expect, test } from 'vitest';
import { describe } from '../../src/condition/describe.ts';
import { accepted, v } from './ask.ts';

const es = { '==': [v('country'), 'ES'] };
const paid = { '==': [v('status'), 'paid'] };
const rows = { filter: [v('orders'), paid] };

test.each([
  [true, 'Everybody'],
  [false, 'Nobody'],
  [es, 'Country is "ES"'],
  [{ '!=': [v('country'), 'ES'] }, 'Country is not "ES" (or has no value)'],
  [{ and: [es, v('vip'), { '!': v('vip') }] }, 'Country is "ES" and vip is yes and vip is not yes (or has no value)'],
  [{ and: [es, { or: [v('vip'), { is_empty: [v('email')] }] }] }, 'Country is "ES" and (vip is yes or email is empty or missing)'],
  [{ or: [{ and: [es, v('vip')] }, { '==': [v('points'), 1] }] }, '(country is "ES" and vip is yes) or points is 1'],
  [{ '!': [{ or: [es, v('vip')] }] }, 'Not (country is "ES" or vip is yes)'],
  [{ '<=': [18, { age: [v('birth_date')] }, 35] }, 'The age by birth_date is between 18 and 35 (both included)'],
  [{ '<': [18, v('points'), 35] }, 'Points is greater than 18 and points is less than 35'],
  [{ in: [v('country'), ['ES', 'PT']] }, 'Country is one of ["ES", "PT"]'],
  [{ has_all: [v('tags'), ['a', 'b']] }, 'Tags has all of ["a", "b"]'],
  [{ icontains: [v('city'), 'x"y'] }, 'City contains "x\\"y" (upper or lower case)'],
  [{ '!': [{ in: ['a', v('city')] }] }, 'Not (city contains "a")'],
  [{ '!=': [v('city'), null] }, 'City has a value'],
  [{ '<': [v('created_at'), '2024-05-01'] }, 'Created_at is before 2024-05-01'],
  [{ '>=': [v('created_at'), '2024-05-01T10:00:00Z'] }, 'Created_at is on or after 2024-05-01T10:00:00Z'],
  [{ in_last: [v('created_at'), 1, 'day'] }, 'Created_at is within the last 1 day'],
  [{ before_last: [v('created_at'), 2, 'week'] }, 'Created_at is at least 2 weeks ago'],
  [{ in_period: [v('created_at'), 'month', -1] }, 'Created_at is in last month'],
  [{ in_period: [v('created_at'), 'year', 3] }, 'Created_at is in the year 3 years from now'],
  [{ anniversary_in_next: [v('birth_date'), 7] }, 'An anniversary of birth_date is today or in the next 7 days'],
  [{ some: [v('orders'), true] }, 'Has rows of orders'],
  [{ none: [v('orders'), paid] }, 'Has no rows of orders where (status is "paid")'],
  [{ all: [v('orders'), paid] }, 'Has rows of orders and every one of rows of orders, if any, satisfies (status is "paid")'],
  [{ '>=': [{ count: [rows] }, 3] }, 'The number of rows of orders where (status is "paid") is at least 3'],
  [{ '>': [{ sum: [{ map: [rows, v('total')] }] }, '250.00'] }, 'The sum of total over rows of orders where (status is "paid") is greater than 250'],
  [{ '==': [{ last: [v('orders'), v('status')] }, 'paid'] }, 'The last status (by placed_at) over rows of orders is "paid"'],
  [{ some: [v('items'), { and: [{ '==': [v('orders.status'), 'paid'] }, { '==': [v('sku'), 'a'] }] }] }, 'Has rows of items where (orders.status is "paid" and sku is "a")'],
  [{ '!': [{ in_segment: ['a'] }] }, 'Is not in the segment "a"'],
])('%j', (json, english) => expect(describe(accepted(json))).toBe(english));

test('long lists are summed up', () => {
  expect(describe(accepted({ in: [v('points'), Array.from({ length: 100 }, (_, i) => i)] }))).toMatch(/18, 19 … and 80 more\]$/);
});
