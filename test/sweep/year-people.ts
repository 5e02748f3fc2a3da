/** The rows of the sweep world as the year's expectations read them: instants as numbers, days as texts. */
import type { Pool } from '../../src/postgres/pool.ts';
import type { Person, Row } from './year-truth.ts';

/** An expression's microseconds since 1970, or ±Infinity. */
function micros(instant: string): string {
  return `(extract(epoch from ${instant}) * 1000000)::text`;
}

type Texts = Readonly<Record<string, string | null>>;

export async function readPeople(pool: Pool): Promise<ReadonlyMap<number, Person>> {
  const read = async (query: string): Promise<Texts[]> => (await pool.query<Texts>(query)).rows;
  const contacts = await read(
    `select c.id::text as id, ${micros('c.seen_at')} as seen_at, ${micros(`(c.local_at at time zone 'America/Havana')`)} as local_at, c.renews_on::text as renews_on, c.born::text as born,
       c.attributes ->> 'since' as "attributes.since", ${micros(`(c.attributes ->> 'seen')::timestamptz`)} as "attributes.seen", ${micros('c.created_at')} as created_at from public.contacts c`,
  );
  const order = `${micros('o.placed_at')} as "PLACEplaced_at", o.due_on::text as "PLACEdue_on"`;
  const orders = await read(
    `select o.contact_id::text as contact, o.total::text as total, ${order.replaceAll('PLACE', '')} from public.orders o`,
  );
  const items = await read(
    `select o.contact_id::text as contact, ${micros('i.sent_at')} as sent_at, ${micros(`(i.made_at at time zone 'America/Havana')`)} as made_at, ${order.replaceAll('PLACE', 'orders.')}
     from public.order_items i join public.orders o on o.id = i.order_id`,
  );
  const [ordersOf, itemsOf] = [byContact(orders), byContact(items)];
  return new Map(
    contacts.map((row) => [
      Number(row['id']),
      { own: rowOf(row), orders: ordersOf.get(row['id'] ?? '') ?? [], items: itemsOf.get(row['id'] ?? '') ?? [] },
    ]),
  );
}

function byContact(rows: readonly Texts[]): ReadonlyMap<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const contact = row['contact'] ?? '';
    found.set(contact, [...(found.get(contact) ?? []), rowOf(row)]);
  }
  return found;
}

const DAYS = ['renews_on', 'born', 'attributes.since', 'due_on', 'orders.due_on'];

function rowOf(texts: Texts): Row {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text === null || DAYS.includes(name) ? text : Number(text)]),
  );
}
