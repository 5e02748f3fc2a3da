/** The small shop with relations of which not every row counts. */
import { CONTACT, type Catalogue, type Relation } from '../../src/catalogue/catalogue.ts';
import { field, fields, shop } from './catalogue.ts';

interface Wheres {
  readonly orders?: unknown;
  readonly items?: unknown;
  readonly firm?: unknown;
}

/** A shop of its own at each call: fields belong to one catalogue. */
export function shopWith({ orders, items, firm }: Wheres): Catalogue {
  const relation = (
    name: string,
    where: unknown,
    of: Omit<Relation, 'name' | 'table'>,
  ): readonly [string, Relation] => [
    name,
    { name, table: { schema: 'public', name }, ...of, ...(where === undefined ? {} : { where }) },
  ];
  return {
    ...shop,
    relations: new Map([
      relation('orders', orders, {
        link: { kind: 'contact', column: 'contact_id', sqlType: 'bigint' },
        time: 'placed_at',
        key: ['id'],
        fields: fields(
          field('orders', 'id', 'number', { integer: true }),
          field('orders', 'status', 'text'),
          field('orders', 'total', 'number'),
          field('orders', 'placed_at', 'instant'),
          field('orders', 'deleted_at', 'instant'),
        ),
      }),
      relation('items', items, {
        link: {
          kind: 'through',
          relation: 'orders',
          column: 'order_id',
          sqlType: 'bigint',
          target: 'id',
          single: true,
        },
        fields: fields(field('items', 'sku', 'text'), field('items', 'until', 'instant')),
      }),
      relation('firm', firm, {
        link: { kind: 'through', relation: CONTACT, column: 'id', sqlType: 'bigint', target: 'firm_id', single: true },
        unique: true,
        fields: fields(field('firm', 'name', 'text'), field('firm', 'closes_at', 'instant')),
      }),
    ]),
  };
}
