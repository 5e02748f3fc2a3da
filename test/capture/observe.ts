/**
 * The oracle of capture. It reads the team's tables before and after a statement and says what the outbox must hold by
 * comparing the two, knowing nothing of triggers: for every source, the links whose rows differ and the columns in which
 * they do.
 */
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { ident, join, render, sql, tableName } from '../../src/compile/fragment.ts';
import type { Queryable } from '../../src/postgres/pool.ts';
import { planSources, type SourcePlan } from '../../src/capture/source.ts';

/** Source key → link → column → the values of that column in all rows of that link, sorted; `''` stands for whole rows. */
type Picture = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, string>>>;

export async function picture(database: Queryable, catalogue: Catalogue): Promise<Picture> {
  const sources = new Map<string, ReadonlyMap<string, ReadonlyMap<string, string>>>();
  for (const plan of planSources(catalogue)) sources.set(plan.key, await linksOf(database, plan));
  return sources;
}

async function linksOf(
  database: Queryable,
  plan: SourcePlan,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const columns = [...plan.columns.map((column) => column.name), ...plan.targets];
  const parts = columns.map((column) => sql`coalesce(${ident(column)}::text, '∅')`);
  const list = parts.length === 0 ? sql`array[]::text[]` : sql`array[${join(parts, sql`, `)}]`;
  const { rows } = await database.query<{ link: string; row: string[] }>(
    render(
      sql`select ${ident(plan.link.column)}::text as link, ${list} as row from ${tableName(plan.table)} where ${ident(plan.link.column)} is not null`,
    ).text,
  );
  const links = new Map<string, string[][]>();
  for (const { link, row } of rows) links.set(link, [...(links.get(link) ?? []), row]);
  return new Map(
    [...links].map(([link, own]) => [
      link,
      new Map([
        ['', JSON.stringify(own.map((row) => JSON.stringify(row)).sort())],
        ...columns.map((column, index) => [column, JSON.stringify(own.map((row) => row[index]).sort())] as const),
      ]),
    ]),
  );
}

export interface Captured {
  readonly key: string;
  readonly link: string | null;
  readonly mask: string | null;
}

/** Takes everything out of the outbox. */
export async function takeChanges(database: Queryable): Promise<readonly Captured[]> {
  const { rows } = await database.query<Captured & { right: boolean }>(
    `with taken as (delete from segmentd_internal.change returning *)
     select s.key, coalesce(t.contact_id::text, t.link) as link, t.mask::text as mask,
       (t.contact_id is null) = (s.kind = 'through' or coalesce(t.contact_id::text, t.link) is null)
         and t.shard = coalesce(segmentd_internal.shard(t.contact_id::text), segmentd_internal.link_shard(t.link), 64) as right
     from taken t join segmentd_internal.source s on s.id = t.source`,
  );
  if (rows.some((row) => !row.right))
    throw new Error(`a row of the outbox has the wrong shape: ${JSON.stringify(rows)}`);
  return rows.map(({ key, link, mask }) => ({ key, link, mask }));
}

/**
 * What is wrong with `captured` as the account of going from `before` to `after`; empty when nothing is. `repeats`: each row
 * may have a row of its own in the outbox.
 */
export async function validate(
  database: Queryable,
  before: Picture,
  after: Picture,
  captured: readonly Captured[],
  options: { readonly exact: boolean; readonly repeats: boolean },
): Promise<readonly string[]> {
  const { rows } = await database.query<{ key: string; column_name: string; bit: number }>(
    'select s.key, c.column_name, c.bit from segmentd_internal.source s join segmentd_internal.source_column c on c.source_id = s.id',
  );
  const bits = new Map(rows.map((row) => [`${row.key} ${row.column_name}`, BigInt(row.bit)]));
  const wrong: string[] = [];
  for (const [key, then] of before) {
    const now = after.get(key) ?? new Map<string, ReadonlyMap<string, string>>();
    const own = captured.filter((row) => row.key === key);
    if (own.some((row) => row.link === null)) {
      if (options.exact) wrong.push(`${key}: everything`);
      continue;
    }
    const byLink = new Map<string | null, Captured[]>();
    for (const row of own) byLink.set(row.link, [...(byLink.get(row.link) ?? []), row]);
    for (const link of new Set([...then.keys(), ...now.keys()])) {
      const said = byLink.get(link) ?? [];
      const [old, current] = [then.get(link), now.get(link)];
      if (old?.get('') === current?.get('')) {
        if (options.exact && said.length > 0)
          wrong.push(`${key} ${link}: nothing changed, but ${JSON.stringify(said)}`);
        continue;
      }
      if (said.some((row) => row.mask === null)) continue;
      const mask = said.reduce((all, row) => all | BigInt(row.mask ?? 0), 0n);
      if (said.length === 0) wrong.push(`${key} ${link}: not captured`);
      else if (old === undefined || current === undefined) wrong.push(`${key} ${link}: came or went with a mask`);
      else {
        for (const [column, value] of old) {
          if (column === '' || current.get(column) === value) continue;
          const bit = bits.get(`${key} ${column}`);
          if (bit === undefined || ((mask >> bit) & 1n) === 0n) wrong.push(`${key} ${link}: ${column} changed unseen`);
        }
      }
    }
    if (options.exact && !options.repeats && new Set(own.map((row) => `${row.link} ${row.mask}`)).size < own.length)
      wrong.push(`${key}: the same row twice`);
  }
  return wrong;
}
