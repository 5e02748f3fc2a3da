/** Rows that count cost what a filter costs: the SQL is that of the same condition with the catalogue's `where` written out. */
import { expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { render } from '../../src/compile/fragment.ts';
import { memberQuery, rangeQuery, recheckQuery } from '../../src/compile/statement.ts';
import { accepted, v } from '../condition/ask.ts';
import { shopWith } from '../condition/narrowed-shop.ts';

const options = { segmentId: () => 1 };

/** All three statements. */
function sqlOf(json: unknown, catalogue: Catalogue): readonly string[] {
  const segment = { id: 1, condition: accepted(json, { catalogue }), timezone: 'UTC' };
  return [
    memberQuery(catalogue, segment, { low: false, high: false }, options),
    recheckQuery(catalogue, [segment], options),
    rangeQuery(catalogue, [segment], { low: true, high: true }, options),
  ].map((query) => render(query).text);
}

const kept = { '==': [v('deleted_at'), null] };
const paid = { '==': [v('status'), 'paid'] };
const filtered = (where: unknown) => ({ filter: [v('orders'), where] });
const total = (rows: unknown) => ({ '>': [{ sum: [{ map: [rows, v('total')] }] }, 9] });

test.each([
  [{ some: [v('orders'), paid] }, { some: [v('orders'), { and: [kept, paid] }] }],
  [{ none: [v('orders'), paid] }, { none: [v('orders'), { and: [kept, paid] }] }],
  [{ '>': [{ count: [v('orders')] }, 2] }, { '>': [{ count: [filtered(kept)] }, 2] }],
  [total(filtered(paid)), total(filtered({ and: [kept, paid] }))],
  [total({ newest: [3, v('orders')] }), total({ newest: [3, filtered(kept)] })],
  [
    { '==': [{ last: [v('orders'), v('status')] }, 'paid'] },
    { '==': [{ last: [filtered(kept), v('status')] }, 'paid'] },
  ],
  [
    { some: [v('items'), { '==': [v('sku'), 'a'] }] },
    { some: [v('items'), { and: [{ '==': [v('orders.deleted_at'), null] }, { '==': [v('sku'), 'a'] }] }] },
  ],
])('%j', (json, writtenOut) => {
  expect(sqlOf(json, shopWith({ orders: kept }))).toEqual(sqlOf(writtenOut, shopWith({})));
});

test('a value of the one row is looked up among the rows that count', () => {
  const [members, recheck] = sqlOf(
    { '==': [v('firm.name'), 'a'] },
    shopWith({ firm: { is_future: [v('closes_at')] } }),
  );
  expect(recheck).toContain(
    `(select q0."name" from "public"."firm" as "q0" where "s"."firm_id" = "q0"."id" and "q0"."closes_at" > $2::timestamptz limit 1)`,
  );
  expect(members).toContain(
    `where c."firm_id" = "r0"."id" and "r0"."closes_at" > $1::timestamptz and "r0"."name" = $2::text`,
  );
});
