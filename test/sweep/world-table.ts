/** The team's tables of the sweep world. */
export const TABLES = `
  create table public.contacts (id bigint primary key, country text, born date, seen_at timestamptz, local_at timestamp, renews_on date,
    attributes jsonb, created_at timestamptz);
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint, status text, total numeric, placed_at timestamptz, due_on date);
  create table public.order_items (id bigint generated always as identity primary key, order_id bigint, sku text, made_at timestamp, sent_at timestamptz);
  create index on public.orders (contact_id);
  create index on public.orders (placed_at);
  create index on public.order_items (order_id);
  create index on public.contacts (seen_at);`;

export const CONFIG = `
contacts: { table: public.contacts, key: id, created: created_at }
fields:
  attributes.since: { column: attributes, path: [since], type: date }
  attributes.seen: { column: attributes, path: [seen], type: instant }
relations:
  orders: { table: public.orders, contact: contact_id, time: placed_at }
  items: { table: public.order_items, through: orders, on: { order_id: id }, time: sent_at }
timezone: Europe/Madrid
timestamps: America/Havana
`;
