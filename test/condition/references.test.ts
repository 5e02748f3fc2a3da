/** What conditions read: columns by source, rows that matter by existing, segments, time. */
import { expect, test } from 'vitest';
import { references } from '../../src/condition/references.ts';
import { readOfRow } from '../../src/condition/row-read.ts';
import { accepted, v } from './ask.ts';
import { shop } from './catalogue.ts';

const contacts = 'public.contacts(id)';
const orders = 'public.orders(contact_id)';
const items = 'public.order_items(order_id)';

function read(json: unknown): {
  columns: Record<string, string[]>;
  rows: string[];
  segments: string[];
  usesTime: boolean;
} {
  const found = references(accepted(json), shop);
  return {
    columns: Object.fromEntries([...found.columns].map(([source, columns]) => [source, [...columns].sort()])),
    rows: [...found.rows].sort(),
    segments: [...found.segments],
    usesTime: found.usesTime,
  };
}

test('everybody depends on the contact being there', () => {
  expect(read(true)).toEqual({ columns: {}, rows: [contacts], segments: [], usesTime: false });
});

test('every field of a calculation, on both sides and inside of map, and what its rows are filtered by', () => {
  const paid = { filter: [v('orders'), { '==': [v('status'), 'paid'] }] };
  expect(
    read({
      '>': [
        { '+': [v('points'), { '*': [v('balance'), { age: [v('birth_date')] }] }] },
        { '-': [{ sum: [{ map: [v('items'), { '*': [v('quantity'), v('orders.rank')] }] }] }, { count: [paid] }] },
      ],
    }),
  ).toEqual({
    columns: {
      [contacts]: ['balance', 'birth_date', 'points'],
      [orders]: ['contact_id', 'id', 'rank', 'status'],
      [items]: ['order_id', 'quantity'],
    },
    rows: [contacts, items, orders].sort(),
    segments: [],
    usesTime: true,
  });
});

test('fields, two fields, jsonb paths by their column', () => {
  expect(
    read({
      and: [
        { '<': [v('points'), v('balance')] },
        { '==': [v('attributes.plan'), 'a'] },
        { is_empty: [v('email')] },
        { has_any: [v('tags'), ['a']] },
      ],
    }),
  ).toEqual({
    columns: { [contacts]: ['attributes', 'balance', 'email', 'points', 'tags'] },
    rows: [contacts],
    segments: [],
    usesTime: false,
  });
});

test('a relation: its link, its rows, its filter, its time', () => {
  expect(read({ '==': [{ last: [v('orders'), v('total'), { '==': [v('status'), 'paid'] }] }, 5] })).toEqual({
    columns: { [orders]: ['contact_id', 'placed_at', 'status', 'total'] },
    rows: [contacts, orders],
    segments: [],
    usesTime: false,
  });
  expect(read({ '>': [{ sum: [{ map: [v('orders'), v('total')] }] }, 1] }).columns).toEqual({
    [orders]: ['contact_id', 'total'],
  });
  expect(read({ '==': [{ count: [v('orders')] }, 0] }).columns).toEqual({ [orders]: ['contact_id'] });
});

test('two hops: the links and rows of both, columns of the row in between', () => {
  expect(
    read({ some: [v('items'), { and: [{ '==': [v('sku'), 'a'] }, { '==': [v('orders.status'), 'paid'] }] }] }),
  ).toEqual({
    columns: { [items]: ['order_id', 'sku'], [orders]: ['contact_id', 'id', 'status'] },
    rows: [contacts, items, orders],
    segments: [],
    usesTime: false,
  });
});

test('other segments', () => {
  expect(read({ or: [{ in_segment: ['a'] }, { '!': [{ in_segment: ['b'] }] }] }).segments).toEqual(['a', 'b']);
});

test.each([
  [{ in_last: [v('created_at'), 1, 'day'] }, true],
  [{ known_for: [1, 'day'] }, true],
  [{ is_past: [v('created_at')] }, true],
  [{ known_for: [1, 'year'] }, true],
  [{ in_period: [v('created_at'), 'day', 0] }, true],
  [{ '>=': [{ age: [v('birth_date')] }, 18] }, true],
  [{ anniversary_today: [v('birth_date')] }, true],
  [{ anniversary_in_period: [v('birth_date'), 'month', 0] }, true],
  [{ anniversary_in_last: [v('created_at'), 3] }, true],
  [{ '==': [{ anniversary_month: [v('created_at')] }, 1] }, false],
  [{ some: [v('orders'), { in_last: [v('placed_at'), 1, 'day'] }] }, true],
  [{ '==': [{ count: [{ filter: [v('orders'), { in_last: [v('placed_at'), 1, 'day'] }] }] }, 0] }, true],
  [{ '==': [{ weekday: [v('created_at')] }, 1] }, false],
  [{ '==': [{ anniversary_month: [v('birth_date')] }, 1] }, false],
  [{ '<': [v('created_at'), '2024-05-01'] }, false],
])('%j uses time: %s', (json, usesTime) => expect(read(json).usesTime).toBe(usesTime));

test('rows inside rows: the columns and rows of both, those of the rows around, and time on either level', () => {
  const later = { '>': [v('created_at'), v('outer.placed_at')] };
  expect(
    read({
      some: [
        v('orders'),
        {
          none: [
            v('items'),
            { and: [later, { '==': [v('sku'), v('contact.city')] }, { in_last: [v('orders.placed_at'), 1, 'day'] }] },
          ],
        },
      ],
    }),
  ).toEqual({
    columns: {
      [contacts]: ['city'],
      [orders]: ['contact_id', 'id', 'placed_at'],
      [items]: ['created_at', 'order_id', 'sku'],
    },
    rows: [contacts, items, orders].sort(),
    segments: [],
    usesTime: true,
  });
});

test('what is read of a row and of the rows around it, at each depth', () => {
  const inner = { and: [{ '==': [v('body'), v('outer.note')] }, { '==': [v('body'), v('contact.city')] }] };
  const condition = accepted({
    some: [
      v('orders'),
      {
        and: [
          { '>': [{ '*': [v('total'), { count: [{ filter: [v('notes'), inner] }] }] }, v('contact.points')] },
          { some: [v('notes'), { '==': [v('outer.rank'), 1] }] },
        ],
      },
    ],
  });
  if (condition.kind !== 'some') throw new Error('a some');
  const names = (list: Iterable<{ owner: string; name: string }>): string[] =>
    [...list].map(({ owner, name }) => `${owner}.${name}`).toSorted();
  const read = readOfRow(condition.where);
  expect(names(read.own)).toEqual(['orders.note', 'orders.rank', 'orders.total']);
  expect(names(read.contact)).toEqual(['contact.city', 'contact.points']);
  expect([names(read.outer), [...read.relations]]).toEqual([[], ['notes']]);
  const outside = readOfRow(condition);
  expect([names(outside.own), [...outside.relations]]).toEqual([[], ['orders']]);
});
