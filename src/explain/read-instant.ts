/** The instant of an explanation: that of the database's clock. */
import { render, sql } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import { instantText } from './value-text.ts';

/** ISO 8601 with microseconds, UTC. */
export async function readInstant(client: Queryable): Promise<string> {
  const { text, bind } = render(sql`select ${instantText(sql`i.i`)} as instant from segmentd.instant() as i(i)`);
  const { rows } = await client.query<{ instant: string }>(text, bind());
  const [row] = rows;
  if (!row) throw new Error('the clock returned nothing');
  return row.instant;
}
