/** Which rows of a relation count, as the catalogue says: what such a condition may read, and all that it becomes a part of. */
import { describe, expect, test } from 'vitest';
import { catalogueFromJson, catalogueToJson, type CatalogueJson } from '../../src/catalogue/catalogue-json.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { refuseFilters } from '../../src/condition/check/check-filter.ts';
import { describe as inWords } from '../../src/condition/describe/describe.ts';
import { measure } from '../../src/condition/measure.ts';
import { namesRead, references } from '../../src/condition/references.ts';
import { RefusedCondition } from '../../src/condition/refused-condition.ts';
import { edgesOf } from '../../src/temporal/edge.ts';
import { accepted, issuesOf, v } from './ask.ts';
import { shopWith } from './narrowed-shop.ts';

const kept = { '==': [v('deleted_at'), null] };
const valid = { '!': [{ is_past: [v('until')] }] };
const open = { '!': [{ is_past: [v('closes_at')] }] };
const catalogue = shopWith({ orders: kept, items: valid, firm: open });
const read = (json: unknown, of = catalogue) => accepted(json, { catalogue: of });
const isWhere = (text: string): boolean => text.includes('"admitted"');

describe('a condition over rows asks for those that count', () => {
  test.each([
    { some: [v('orders'), true] },
    { none: [v('orders'), { '==': [v('status'), 'x'] }] },
    { all: [v('orders'), { '==': [v('status'), 'x'] }] },
    { '>': [{ count: [v('orders')] }, 2] },
    { '>': [{ count: [{ filter: [v('orders'), { '==': [v('status'), 'x'] }] }] }, 2] },
    { '>': [{ sum: [{ map: [v('orders'), v('total')] }] }, 2] },
    { '>': [{ sum: [{ map: [{ newest: [2, v('orders')] }, v('total')] }] }, 2] },
    { '==': [{ last: [v('orders'), v('status')] }, 'x'] },
    { '==': [{ reduce: [v('orders'), { '+': [1, v('accumulator')] }, 0] }, 1] },
    { in_last: [{ max_of: [{ map: [v('orders'), v('placed_at')] }] }, 1, 'day'] },
  ])('%j', (json) => {
    expect(isWhere(JSON.stringify(read(json)))).toBe(true);
    // In words and in size it is as if the others were not there.
    expect(inWords(read(json), catalogue)).toBe(inWords(read(json, shopWith({})), shopWith({})));
    expect(measure(read(json)).depth).toBeLessThanOrEqual(measure(read(json, shopWith({}))).depth + 1);
  });

  test('of what it goes through too', () => {
    const text = JSON.stringify(read({ some: [v('items'), { '==': [v('sku'), 'a'] }] }));
    expect(text.match(/"kind":"admitted","relation":"(\w+)"/g)).toEqual([
      '"kind":"admitted","relation":"items"',
      '"kind":"admitted","relation":"orders"',
    ]);
  });

  test('and where every row counts, nothing is added', () => {
    expect(isWhere(JSON.stringify(read({ some: [v('orders'), true] }, shopWith({ orders: true }))))).toBe(false);
  });
});

test('what decides is read: columns that are captured, edges of time, names', () => {
  const items = read({ some: [v('items'), { '==': [v('sku'), 'a'] }] });
  const { columns } = references(items, catalogue);
  expect(columns.get('public.orders(contact_id)')).toContain('deleted_at');
  expect(columns.get('public.items(order_id)')).toContain('until');
  expect(edgesOf(items, catalogue, 'UTC').map(({ column }) => column)).toEqual(['until']);
  expect(namesRead(items, catalogue)).toEqual(['items', 'items.sku', 'items.until', 'orders', 'orders.deleted_at']);
});

test('the same of a value of the one row', () => {
  for (const json of [
    { '==': [v('firm.name'), 'a'] },
    { '!': [{ '==': [v('firm.name'), 'a'] }] },
    { some: [v('orders'), { '==': [v('contact.firm.name'), v('status')] }] },
  ]) {
    const condition = read(json);
    const { columns, usesTime } = references(condition, catalogue);
    expect(columns.get('public.firm(id)')).toContain('closes_at');
    expect(usesTime).toBe(true);
    expect(edgesOf(condition, catalogue, 'UTC').map(({ column }) => column)).toEqual(['closes_at']);
  }
});

test('a page has it: checker and words are those of the server', () => {
  const page = catalogueFromJson(JSON.parse(JSON.stringify(catalogueToJson(catalogue))) as CatalogueJson);
  const json = { some: [v('items'), { '==': [v('sku'), 'a'] }] };
  const checked = checkCondition(json, { catalogue: page });
  expect(checked.ok && isWhere(JSON.stringify(checked.condition))).toBe(true);
});

describe('it reads columns of the row alone', () => {
  const hint = 'ask for it in the condition of the segment';
  test.each([
    [{ '==': [v('contact.country'), 'ES'] }, 'other-row-in-where', hint],
    [{ '==': [v('outer.country'), 'ES'] }, 'other-row-in-where', hint],
    [{ some: [v('orders'), true] }, 'other-row-in-where', 'ask for them in the condition of the segment'],
    [
      { '==': [v('orders.status'), 'x'] },
      'other-row-in-where',
      'give the relation `orders` a `where` of its own, which counts for what goes through it too',
    ],
    [{ in_segment: ['a'] }, 'outer-field', 'combine both with `and` outside'],
    [{ '==': [v('skew'), 'x'] }, 'unknown-field', 'did you mean `sku`?'],
    [{ '<': [{ bucket: ['a', 10] }, 3] }, expect.any(String), expect.any(String)],
    [{ known_for: [1, 'day'] }, expect.any(String), expect.any(String)],
    [{}, 'empty-object', 'write `true` for every contact'],
  ])('%j', (where, code, said) => {
    const wrong = shopWith({ items: where });
    const json = { some: [v('items'), { '==': [v('sku'), 'a'] }] };
    const [issue, ...others] = issuesOf(json, { catalogue: wrong });
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ code: 'relation-where', pointer: '/some/0' });
    expect(issue?.message).toContain('The `where` of the relation `items` is refused: ');
    expect(issue?.hint).toContain('change `relations.items.where` in the config');
    let refused: unknown;
    try {
      refuseFilters(wrong);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(RefusedCondition);
    expect((refused as RefusedCondition).issues[0]).toMatchObject({ code, hint: said });
  });
});

test('a wrong one is reported once, wherever the relation stands, and leaves other conditions alone', () => {
  const wrong = shopWith({ orders: { '==': [v('nothing'), 1] }, firm: { '==': [v('nothing'), 1] } });
  const codes = (json: unknown) => issuesOf(json, { catalogue: wrong }).map(({ code, pointer }) => [code, pointer]);
  const some = { some: [v('orders'), true] };
  expect(codes({ and: [some, some, { some: [v('items'), true] }] })).toEqual([['relation-where', '/and/0/some/0']]);
  expect(codes({ '==': [v('firm.name'), 'a'] })).toEqual([['relation-where', '/==/0']]);
  expect(codes({ '==': [v('country'), 'ES'] })).toEqual([]);
});

test('a field belongs to one catalogue: a copy in which other rows count is refused', () => {
  const orders = catalogue.relations.get('orders');
  if (!orders) throw new Error('orders');
  const copy = { ...catalogue, relations: new Map([['orders', { ...orders, where: true }]]) };
  expect(() => checkCondition(true, { catalogue: copy })).toThrow('two catalogues');
});
