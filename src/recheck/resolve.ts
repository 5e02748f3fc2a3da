/**
 * Rule R of PROTOCOL.md.
 * Turns links of second-hop tables into contacts: consumes link rows and, in a new statement, joins them upwards to
 * ordinary change rows, in one transaction. Looking the contact up inside the team's trigger would lose a middle row
 * that moves meanwhile. "Everything in this source" (a TRUNCATE, a table that could not be read) becomes requests to
 * rebuild. It must not evaluate anything.
 */
import { acceptFiles } from '../capture/drift.ts';
import {
  contactSource,
  relationPath,
  relationSource,
  type Catalogue,
  type Relation,
  type Table,
} from '../catalogue/catalogue.ts';
import { ident, keyword, render, param, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { waysFrom } from '../catalogue/way.ts';
import { linked } from '../compile/link.ts';
import { canBeKey } from '../compile/relation-rows.ts';
import { lockClass } from '../postgres/advisory-lock.ts';
import { lockTables } from '../postgres/give-way.ts';
import { SHARDS, tryShards } from '../postgres/lock.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { followKeys, keysChanged, KEY_CHANGE_TIMEOUT } from '../override/key-change.ts';
import { sourcesRead } from '../followed/plan.ts';
import type { Registry, RegistryView } from '../followed/registry.ts';
import { purgeAllDeleted } from './purge-deleted.ts';
import type { DrainSession } from './drain-session.ts';

interface LinkRow {
  readonly source: number;
  readonly link: string | null;
  readonly mask: string | null;
  readonly origin: string;
}

/** Milliseconds that one statement may take. */
export const RESOLVE_TIMEOUT = 30_000;
/** The session's `lock_timeout` stands: see `prepare`. */
const TIMEOUTS = { statementTimeout: RESOLVE_TIMEOUT, idleTimeout: 30_000 } as const;
const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

/**
 * Resolves at most `limit` rows, then follows keys that changed; returns how many it took. Two transactions: a caller
 * who holds a decision delays no links.
 * @param options.coarse joins nothing: whatever reads the sources is rebuilt. For rows that cannot be joined any more.
 */
export async function resolve(
  session: DrainSession,
  registry: Registry,
  limit: number,
  options: { readonly coarse?: boolean } = {},
): Promise<number> {
  const { client } = session;
  const resolved = await resolveLinks(session, registry, limit, options);
  if (options.coarse === true || !(await keysChanged(client))) return resolved;
  return (
    resolved +
    (await inTransaction(client, { ...TIMEOUTS, statementTimeout: KEY_CHANGE_TIMEOUT }, () =>
      followKeys(client, registry.catalogue),
    ))
  );
}

async function resolveLinks(
  session: DrainSession,
  registry: Registry,
  limit: number,
  options: { readonly coarse?: boolean },
): Promise<number> {
  const { client } = session;
  return inTransaction(client, TIMEOUTS, async () => {
    const found = await client.query<{ shard: number }>({ ...statement('find-link'), values: [ALL_SHARDS] });
    if (found.rows.length === 0) return 0;
    const shards = await tryShards(
      client,
      lockClass.link,
      found.rows.map((row) => row.shard),
    );
    if (shards.length === 0) return 0;
    const { rows } = await client.query<LinkRow>({ ...statement('consume-link'), values: [shards, limit] });
    const view = await registry.current(client);
    const keys = await sourceKeys(session);
    await lockTables(client, tablesJoined(registry.catalogue, new Set(rows.map((row) => keys.get(row.source)))));
    for (const [source, links] of bySource(rows)) {
      const key = keys.get(source);
      if (key === undefined) continue;
      if (options.coarse === true || links.some((row) => row.link === null))
        await everything(session, registry.catalogue, view, key);
      if (options.coarse === true) continue;
      await appendContacts(
        session,
        registry.catalogue,
        view.catalogueEpoch,
        source,
        key,
        links.filter((row) => row.link !== null),
      );
    }
    return rows.length;
  });
}

/** One statement a source follows, and the contacts are looked at for what was emptied. */
function tablesJoined(catalogue: Catalogue, keys: ReadonlySet<string | undefined>): readonly Table[] {
  const relations = [...catalogue.relations.values()].filter((relation) => keys.has(relationSource(relation)));
  return [
    catalogue.contacts.table,
    ...relations.flatMap(({ name }) =>
      relationPath(catalogue, name)
        .slice(1)
        .map((hop) => hop.table),
    ),
  ];
}

function bySource(rows: readonly LinkRow[]): Map<number, LinkRow[]> {
  const sources = new Map<number, LinkRow[]>();
  for (const row of rows) {
    const own = sources.get(row.source);
    if (own) own.push(row);
    else sources.set(row.source, [row]);
  }
  return sources;
}

async function sourceKeys(session: DrainSession): Promise<Map<number, string>> {
  const { rows } = await session.client.query<{ id: number; key: string }>(
    'select so.id, so.key from segmentd_internal.source so',
  );
  return new Map(rows.map((row) => [row.id, row.key]));
}

/**
 * Requests a rebuild of each segment that reads the source. Emptied contacts also leave the frozen segments, with
 * their overrides.
 */
async function everything(session: DrainSession, catalogue: Catalogue, view: RegistryView, key: string): Promise<void> {
  const readers = [...view.segments.values()]
    .filter((segment) =>
      [segment.live, segment.building?.plan].some((plan) => plan && sourcesRead(catalogue, plan).has(key)),
    )
    .map((segment) => segment.id);
  await session.client.query(
    `insert into segmentd_internal.rebuild_request (segment_id, reason) select unnest($1::int[]), $2`,
    [readers, key === contactSource(catalogue) ? 'contact' : 'related'],
  );
  await acceptFiles(session.client, catalogue, key);
  if (key !== contactSource(catalogue)) return;
  await purgeAllDeleted(session, catalogue, view.catalogueEpoch);
  const frozen = [...view.segments.values()].filter((segment) => !segment.live).map((segment) => segment.id);
  await session.client.query(
    `insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason)
     select segmentd_internal.shard(m.contact_id::text), m.segment_id, m.contact_id, 'delete'
     from segmentd.membership m where m.segment_id = any ($1::int[])`,
    [frozen],
  );
}

async function appendContacts(
  session: DrainSession,
  catalogue: Catalogue,
  epoch: number,
  source: number,
  key: string,
  links: readonly LinkRow[],
): Promise<void> {
  if (links.length === 0) return;
  for (const [way, relation] of waysFrom(catalogue, key).entries())
    await session.prepared.run(`resolve ${epoch} ${source} ${way}`, () => render(upwards(catalogue, relation)), {
      source,
      links: links.map((row) => row.link),
      masks: links.map((row) => row.mask),
      origins: links.map((row) => row.origin),
    });
}

/** link → middle row(s) → contact. The mask speaks of the second-hop table's columns, and so does the source. */
function upwards(catalogue: Catalogue, relation: Relation): Fragment {
  const [, ...middles] = relationPath(catalogue, relation.name);
  let joins = sql``;
  let wanted = sql`l.link::${keyword(relation.link.sqlType)}`;
  let below: Relation = relation;
  let contact = sql`null`;
  for (const [index, middle] of middles.entries()) {
    const alias = ident(`m${index}`);
    if (below.link.kind !== 'through') break;
    joins = sql`${joins} join ${tableName(middle.table)} ${alias} on ${linked(below.link, sql`${alias}.${ident(below.link.target)}`, wanted)}`;
    wanted = sql`${alias}.${ident(middle.link.column)}`;
    contact = wanted;
    below = middle;
  }
  return sql`insert into segmentd_internal.change (shard, source, contact_id, mask, origin)
    select distinct segmentd_internal.shard(${contact}::text), ${param('source', 'smallint')}, ${contact}::segmentd.contact_key, l.mask, l.origin
    from unnest(${param('links', 'text[]')}, ${param('masks', 'bigint[]')}, ${param('origins', 'text[]')}::xid8[]) as l(link, mask, origin)
    ${joins}
    where ${canBeKey(catalogue, contact)}`;
}
