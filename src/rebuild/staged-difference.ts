/**
 * From the stage to membership: how many contacts a build staged, and the statements that write them. Invariant: where
 * a contact was evaluated again after the scan, its last verdict counts. It must run under the slot of the segment,
 * held alone.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { empty, ident, render, sql, tableName, value, type Fragment } from '../compile/fragment.ts';
import { writeDifference, writeEntered, type Dependents, type Written } from '../membership/diff.ts';
import type { Client } from '../postgres/pool.ts';
import type { Build } from './build.ts';

/** Contacts that a build staged, by side. */
export interface Staged {
  readonly entering: number;
  readonly leaving: number;
  /** Contacts were evaluated again. */
  readonly late: boolean;
}

/** What the scan and the parked contacts have staged. */
export async function countStaged(client: Client, build: Build): Promise<Staged> {
  const { rows } = await client.query<{ rows: string; wanted: string; late: boolean }>(
    `select scan.rows + again.rows as rows, scan.wanted, again.rows > 0 as late
     from (select coalesce(sum(st.size), 0) as rows, coalesce(sum(st.size) filter (where st.wanted), 0) as wanted
           from segmentd_internal.stage_chunk st where st.segment_id = $1 and st.epoch = $2) as scan,
          (select count(*) as rows from segmentd_internal.stage st where st.segment_id = $1 and st.epoch = $2) as again`,
    [build.id, build.epoch],
  );
  const { rows: count = '0', wanted = '0', late = false } = rows[0] ?? {};
  return { entering: Number(wanted), leaving: Number(count) - Number(wanted), late };
}

/**
 * Applies the differences, with events and counts. Drains park every contact that they evaluate meanwhile. Where none
 * was parked, membership is what the scan compared with, so no contact that enters is stored already.
 */
export async function writeStaged(
  client: Client,
  build: Build,
  { entering, leaving, late }: Staged,
  catalogue: Catalogue,
  params: Dependents & { readonly at: string | undefined },
): Promise<readonly Written[]> {
  const label = { reason: value(build.reason, 'text'), version: value(String(build.plan.version), 'int') };
  const write = async (rows: Fragment): Promise<readonly Written[]> => {
    const labelled = build.reason === 'contact' ? { rows: deletedOrNot(catalogue, rows, label) } : { rows, label };
    const { text, bind } = render(writeDifference({ ...labelled, maybeStored: late }));
    return (await client.query<Written>(text, bind({ ...params }))).rows;
  };
  if (late || params.dependent_of.length > 0 || entering === 0) return write(stagedDifference(build, late));
  const left = leaving === 0 ? [] : await write(stagedDifference(build, false, sql` and not st.wanted`));
  const { text, bind } = render(writeEntered(stagedDifference(build, false, sql` and st.wanted`), label));
  await client.query(text, bind({ at: params.at }));
  return [{ segment_id: build.id, entered: entering, left: left[0]?.left ?? 0 }];
}

interface Label {
  readonly reason: Fragment;
  readonly version: Fragment;
}

/** All contacts were replaced: a contact that is not there any more was deleted. */
function deletedOrNot({ contacts: { table, key } }: Catalogue, rows: Fragment, { reason, version }: Label): Fragment {
  const there = sql`exists (select from ${tableName(table)} c where c.${ident(key.column)} = d.contact_id)`;
  return sql`select d.segment_id, d.contact_id, d.wanted, case when d.wanted or ${there} then ${reason} else 'delete' end as reason, ${version} as version
    from (${rows}) as d`;
}

/** Differences of the scan; where contacts were evaluated again, their last word. */
export function stagedDifference(build: Build, late: boolean, only: Fragment = empty): Fragment {
  const id = value(String(build.id), 'int');
  const epoch = value(String(build.epoch), 'int');
  // Several connections staged it; written in the order of the contacts, which each chunk is in, the indexes stay
  // small.
  const scan = sql`select sorted.segment_id, unnest(sorted.contacts) as contact_id, sorted.wanted
    from (select st.segment_id, st.contacts, st.wanted from segmentd_internal.stage_chunk st where st.segment_id = ${id} and st.epoch = ${epoch}${only} order by st.contacts[1]) as sorted`;
  return late
    ? sql`select distinct on (found.contact_id) found.segment_id, found.contact_id, found.wanted
          from (
            select scan.segment_id, scan.contact_id, scan.wanted, 0 as round from (${scan}) as scan
            union all
            select st.segment_id, st.contact_id, st.wanted, st.round from segmentd_internal.stage st where st.segment_id = ${id} and st.epoch = ${epoch}
          ) as found
          order by found.contact_id, found.round desc`
    : scan;
}
