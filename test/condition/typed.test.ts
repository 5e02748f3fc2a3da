/** Conditions typed over a team's rows: what the check accepts compiles, and what it would refuse does not. */
import { expect, test } from 'vitest';
import type { ConditionOver } from '../../src/index.ts';
import { accepted } from './ask.ts';

interface Shop {
  contacts: {
    country: string | null;
    email: string;
    points: number;
    balance: string;
    vip: boolean;
    tags: string[];
    created_at: string;
    birth_date: Date | null;
    'attributes.plan': string;
  };
  relations: { orders: { status: string; total: string; placed_at: Date }; items: { sku: string } };
}

const paid = { '==': [{ var: 'status' }, 'paid'] } as const;

const FINE: readonly ConditionOver<Shop>[] = [
  true,
  { in: [{ var: 'country' }, ['ES', 'PT']] },
  {
    and: [{ '!': [{ icontains: [{ var: 'email' }, '@test.'] }] }, { '<=': [18, { age: [{ var: 'birth_date' }] }, 35] }],
  },
  {
    or: [
      { has_any: [{ var: 'tags' }, ['vip']] },
      { in: ['press', { var: 'tags' }] },
      { var: 'vip' },
      { '!': { var: 'vip' } },
    ],
  },
  {
    if: [
      { '==': [{ var: 'country' }, null] },
      { '>': [{ var: 'points' }, '12'] },
      { '<': [{ var: 'points' }, { var: 'balance' }] },
    ],
  },
  {
    or: [
      { in_last: [{ var: 'created_at' }, 30, 'day'] },
      { anniversary_in_next: [{ var: 'birth_date' }, 7] },
      { in_period: [{ var: 'created_at' }, 'month', -1] },
    ],
  },
  {
    '>=': [
      { count: [{ filter: [{ var: 'orders' }, { and: [paid, { in_last: [{ var: 'placed_at' }, 90, 'day'] }] }] }] },
      3,
    ],
  },
  { '>': [{ sum: [{ map: [{ filter: [{ var: 'orders' }, paid] }, { var: 'total' }] }] }, '250.00'] },
  { in_last: [{ max_of: [{ map: [{ var: 'orders' }, { var: 'placed_at' }] }] }, 1, 'week'] },
  { '==': [{ last: [{ var: 'orders' }, { var: 'status' }, paid] }, 'paid'] },
  { none: [{ var: 'items' }, { '==': [{ var: 'sku' }, 'a'] }] },
  { some: [{ var: 'orders' }, { '<': [{ var: 'placed_at' }, { var: 'contact.created_at' }] }] },
  {
    some: [
      { var: 'orders' },
      { and: [paid, { none: [{ var: 'orders' }, { '>': [{ var: 'placed_at' }, { var: 'outer.placed_at' }] }] }] },
    ],
  },
  {
    some: [
      { var: 'items' },
      {
        '>=': [{ count: [{ filter: [{ var: 'orders' }, { '==': [{ var: 'status' }, { var: 'outer.sku' }] }] }] }, 2],
      },
    ],
  },
  { '>': [{ count: [{ filter: [{ newest: [5, { var: 'orders' }] }, paid] }] }, 2] },
  {
    some: [
      { var: 'orders' },
      {
        some: [
          { oldest: [1, { filter: [{ var: 'orders' }, { '>': [{ var: 'placed_at' }, { var: 'outer.placed_at' }] }] }] },
          paid,
        ],
      },
    ],
  },
  { '==': [{ var: 'attributes.plan' }, 'pro'] },
  { '!': [{ in_segment: ['x'] }] },
  { known_for: [30, 'day'] },
  { '>': [{ sum: [{ map: [{ var: 'orders' }, { '*': [{ var: 'total' }, '1.21'] }] }] }, { var: 'points' }] },
  { '>': [{ '*': [2, { count: [{ var: 'orders' }] }] }, { count: [{ var: 'items' }] }] },
  { '==': [{ '-': [{ var: 'points' }, { length: [{ var: 'email' }] }] }, 0] },
  { and: [{ '>': [{ length: [{ var: 'email' }] }, 30] }, { '<=': [1, { size: [{ var: 'tags' }] }, 3] }] },
  { or: [{ ends_with: [{ var: 'email' }, ['.es', '.pt']] }, { in: [['ana', 'eva'], { var: 'email' }] }] },
  {
    or: [
      { anniversary_in_last: [{ var: 'created_at' }, 7] },
      { anniversary_in_period: [{ var: 'birth_date' }, 'week', -1] },
    ],
  },
  { or: [{ known_for: [1, 'quarter'] }, { in_last: [{ var: 'created_at' }, 3, 'month'] }] },
  { or: [{ is_past: [{ var: 'birth_date' }] }, { is_future: { var: 'created_at' } }] },
  { is_future: [{ max_of: [{ map: [{ var: 'orders' }, { var: 'placed_at' }] }] }] },
];

test.each(FINE.map((condition) => [JSON.stringify(condition), condition] as const))('%s', (_, condition) => {
  expect(accepted(condition, { segments: () => true })).toHaveProperty('kind');
});

test('what does not exist does not compile', () => {
  const wrong: readonly ConditionOver<Shop>[] = [
    // @ts-expect-error no such field
    { '==': [{ var: 'contry' }, 'ES'] },
    // @ts-expect-error a boolean is not compared with a text
    { '==': [{ var: 'vip' }, 'yes'] },
    // @ts-expect-error no such relation
    { some: [{ var: 'invoices' }, true] },
    // @ts-expect-error a field of the contact, in the scope of an order
    { some: [{ var: 'orders' }, { '==': [{ var: 'country' }, 'ES'] }] },
    // @ts-expect-error no such operator
    { like: [{ var: 'email' }, '%x'] },
    // @ts-expect-error no such field in a calculation
    { '>': [{ '+': [{ var: 'pionts' }, 1] }, 1] },
    // @ts-expect-error no such unit
    { in_last: [{ var: 'created_at' }, 1, 'fortnight'] },
    // @ts-expect-error every anniversary is in the year
    { anniversary_in_period: [{ var: 'birth_date' }, 'year', 0] },
    // @ts-expect-error the present has no length
    { is_past: [{ var: 'created_at' }, 1, 'day'] },
    // @ts-expect-error no such field of the relation
    { '>': [{ sum: [{ map: [{ var: 'orders' }, { var: 'price' }] }] }, 1] },
  ];
  expect(wrong).toHaveLength(10);
});

test('ranks are numbers, by the names of the config', () => {
  const fine: readonly ConditionOver<Shop & { ranks: { monetary: number; recency: number } }>[] = [
    { '==': [{ var: 'ranks.monetary' }, 5] },
    { '<=': [2, { var: 'ranks.recency' }, 4] },
    { and: [{ in: [{ var: 'ranks.recency' }, [1, 2]] }, { '!=': [{ var: 'ranks.monetary' }, null] }] },
    { '<': [{ var: 'ranks.recency' }, { var: 'ranks.monetary' }] },
    { '>=': [{ '+': [{ var: 'ranks.recency' }, { var: 'ranks.monetary' }] }, 8] },
    // @ts-expect-error no such rank
    { '==': [{ var: 'ranks.monetry' }, 5] },
  ];
  const none: readonly ConditionOver<Shop>[] = [
    // @ts-expect-error these tables have no ranks
    { '==': [{ var: 'ranks.monetary' }, 5] },
  ];
  expect([fine.length, none.length]).toEqual([6, 1]);
});
