/** `createSegmentd<Shop>()` types conditions. `npm run types` compiles this file, so a line that should be an error must be one. */
import { expect, test } from 'vitest';
import { createSegmentd, type ConditionOver, type NewSegment } from '../../src/index.ts';

interface Shop {
  contacts: { country: string | null; age: number | null; tags: string[] | null; created_at: Date };
  relations: { orders: { status: string | null; total: string | null; placed_at: Date } };
}

const shop = createSegmentd<Shop>({ databaseUrl: 'postgres://localhost/none' });
const bare = createSegmentd({ databaseUrl: 'postgres://localhost/none' });

/** Compiled and never called. */
const CALLS = [
  () => shop.segments.create({ key: 'a', condition: { '==': [{ var: 'country' }, 'ES'] } }),
  () =>
    shop.segments.create({ key: 'a', condition: { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] } }),
  () => shop.segments.edit('a', { condition: { and: [true, { in_last: [{ var: 'created_at' }, 30, 'day'] }] } }),
  () => shop.segments.edit('a', { name: 'A name needs no condition' }),
  () => shop.segments.preview({ condition: { '>': [{ var: 'age' }, 18] } }),
  () => shop.segments.preview({ key: 'a' }),
  () => shop.segments.previewEdit('a', { condition: { has_any: [{ var: 'tags' }, ['vip']] } }),
  // @ts-expect-error: there is no field `contry`
  () => shop.segments.create({ key: 'a', condition: { '==': [{ var: 'contry' }, 'ES'] } }),
  // @ts-expect-error: there is no operator `equals`
  () => shop.segments.create({ key: 'a', condition: { equals: [{ var: 'country' }, 'ES'] } }),
  // @ts-expect-error: an age is no text
  () => shop.segments.edit('a', { condition: { '>': [{ var: 'age' }, true] } }),
  // @ts-expect-error: there is no relation `invoices`
  () => shop.segments.preview({ condition: { some: [{ var: 'invoices' }, true] } }),
  // @ts-expect-error: orders have no `age`
  () => shop.segments.previewEdit('a', { condition: { all: [{ var: 'orders' }, { '>': [{ var: 'age' }, 1] }] } }),
  // @ts-expect-error: there is no unit `fortnight`
  () => shop.segments.describe({ condition: { in_last: [{ var: 'created_at' }, 1, 'fortnight'] } }),
  // Without row types anything compiles, and the check at save decides.
  () => bare.segments.create({ key: 'a', condition: { '==': [{ var: 'contry' }, 'ES'] } }),
];

test('conditions are typed over the row types that createSegmentd is given, and over nothing without them', () => {
  const condition: ConditionOver<Shop> = { '==': [{ var: 'country' }, 'ES'] };
  const input: NewSegment<Shop> = { key: 'a', condition };
  expect(input.condition).toBe(condition);
  expect(CALLS.every((call) => typeof call === 'function')).toBe(true);
});
