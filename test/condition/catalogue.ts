/** A small shop as a catalogue, for tests that need no database: every family, arrays, jsonb paths, two hops. */
import type { Catalogue, Family, Field, Relation } from '../../src/catalogue/catalogue.ts';

const sqlTypes: Readonly<Record<Family, string>> = {
  text: 'text',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  instant: 'timestamp with time zone',
  uuid: 'uuid',
  json: 'jsonb',
  other: 'point',
};

export function field(owner: string, name: string, family: Family, options: Partial<Field> = {}): Field {
  const array = options.array ?? false;
  return {
    name,
    owner,
    column: name,
    family,
    array,
    sqlType: options.path ? 'jsonb' : sqlTypes[family] + (array ? '[]' : ''),
    integer: false,
    castText: false,
    collate: false,
    ...options,
  };
}

export function fields(...list: Field[]): ReadonlyMap<string, Field> {
  return new Map(list.map((item) => [item.name, item]));
}

const orders: Relation = {
  name: 'orders',
  table: { schema: 'public', name: 'orders' },
  link: { kind: 'contact', column: 'contact_id', sqlType: 'bigint' },
  time: 'placed_at',
  key: ['id'],
  fields: fields(
    field('orders', 'id', 'number', { sqlType: 'bigint', integer: true }),
    field('orders', 'status', 'text', {
      sqlType: 'public.order_status',
      castText: true,
      labels: ['new', 'paid', 'refunded'],
    }),
    field('orders', 'note', 'text'),
    field('orders', 'total', 'number', { sqlType: 'numeric(12,2)' }),
    field('orders', 'rank', 'number', { sqlType: 'integer', integer: true }),
    field('orders', 'gift', 'boolean'),
    field('orders', 'due_on', 'date'),
    field('orders', 'placed_at', 'instant'),
    field('orders', 'token', 'uuid'),
    field('orders', 'codes', 'text', { array: true }),
  ),
};

const items: Relation = {
  name: 'items',
  table: { schema: 'public', name: 'order_items' },
  link: { kind: 'through', relation: 'orders', column: 'order_id', sqlType: 'bigint', target: 'id' },
  time: 'created_at',
  fields: fields(
    field('items', 'sku', 'text'),
    field('items', 'quantity', 'number', { sqlType: 'integer', integer: true }),
    field('items', 'price', 'number'),
    field('items', 'created_at', 'instant'),
  ),
};

const notes: Relation = {
  name: 'notes',
  table: { schema: 'crm', name: 'Note' },
  link: { kind: 'contact', column: 'person', sqlType: 'bigint' },
  fields: fields(field('notes', 'body', 'text')),
};

export const shop: Catalogue = {
  contacts: {
    table: { schema: 'public', name: 'contacts' },
    key: { column: 'id', type: 'bigint', sqlType: 'bigint' },
    created: 'created_at',
    fields: fields(
      field('contact', 'id', 'number', { sqlType: 'bigint', integer: true }),
      field('contact', 'country', 'text'),
      field('contact', 'city', 'text'),
      field('contact', 'email', 'text', { sqlType: 'citext', castText: true }),
      field('contact', 'points', 'number', { sqlType: 'integer', integer: true }),
      field('contact', 'balance', 'number'),
      field('contact', 'score', 'number', { sqlType: 'double precision' }),
      field('contact', 'vip', 'boolean'),
      field('contact', 'birth_date', 'date'),
      field('contact', 'renews_on', 'date'),
      field('contact', 'created_at', 'instant'),
      field('contact', 'last_seen_at', 'instant'),
      field('contact', 'local_seen', 'instant', { sqlType: 'timestamp without time zone' }),
      field('contact', 'token', 'uuid'),
      field('contact', 'tags', 'text', { array: true }),
      field('contact', 'sizes', 'number', { sqlType: 'integer[]', array: true, integer: true }),
      field('contact', 'attributes', 'json'),
      field('contact', 'place', 'other'),
      field('contact', 'attributes.plan', 'text', { column: 'attributes', path: ['plan'] }),
      field('contact', 'attributes.age', 'number', { column: 'attributes', path: ['age'], integer: true }),
      field('contact', 'attributes.rate', 'number', { column: 'attributes', path: ['rate'] }),
      field('contact', 'attributes.active', 'boolean', { column: 'attributes', path: ['active'] }),
      field('contact', 'attributes.since', 'date', { column: 'attributes', path: ['since'] }),
      field('contact', 'attributes.seen', 'instant', { column: 'attributes', path: ['seen'] }),
      field('contact', 'attributes.likes', 'text', { column: 'attributes', path: ['likes'], array: true }),
    ),
  },
  relations: new Map([
    ['orders', orders],
    ['items', items],
    ['notes', notes],
  ]),
  timezone: 'Europe/Madrid',
  timestamps: 'UTC',
  foldCollation: 'und-x-icu',
};
