/**
 * Contacts that drains evaluated while a build was staging: evaluated again under the new version, under the slot held
 * alone, into a later round of the stage that outranks the scan. Every parked contact gets a row, also when nothing
 * differs, because the scan may have staged a difference that the change has undone. Overrides are always asked for
 * here: the first override of a segment may have come while the segment was being staged.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { integer, render, param, sql, value, type Statement } from '../compile/fragment.ts';
import { recheckQuery } from '../compile/statement.ts';
import { withOverrides } from '../followed/plan.ts';
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { Build } from './build.ts';

export interface ParkedOptions {
  readonly catalogue: Catalogue;
  readonly segmentId: (key: string) => number;
}

const COUNT = `select count(*)::int as parked from (select from segmentd_internal.recheck r where r.segment_id = $1 and r.epoch = $2 limit $3) as p`;

/** Counts no further than `most`. */
export async function countParked(client: Client, build: Build, most: number): Promise<number> {
  const { rows } = await client.query<{ parked: number }>(COUNT, [build.id, build.epoch, most]);
  return rows[0]?.parked ?? 0;
}

const CONSUME = `
  with taken as (
    delete from segmentd_internal.recheck r where r.ctid = any (array(
      select p.ctid from segmentd_internal.recheck p where p.segment_id = $1 and p.epoch = $2 limit $3))
    returning r.contact_id)
  select distinct taken.contact_id::text as contact_id from taken`;

/**
 * Consumes at most `limit` parked rows into the stage, at a fresh instant; returns how many contacts. Slot held, epoch
 * checked.
 */
export async function stageParked(
  client: Client,
  build: Build,
  round: number,
  limit: number,
  options: ParkedOptions,
): Promise<number> {
  const { rows } = await client.query<{ contact_id: string }>(CONSUME, [build.id, build.epoch, limit]);
  if (rows.length === 0) return 0;
  const at = await client.query<{ instant: string }>({ ...statement('instant') });
  const { text, bind } = again(build, round, options);
  // Read contact by contact like a recheck: the planner cannot know how few there are.
  await client.query('set local enable_seqscan = off');
  await client.query(text, bind({ now: at.rows[0]?.instant, contacts: rows.map((row) => row.contact_id) }));
  await client.query('set local enable_seqscan = on');
  return rows.length;
}

function again(build: Build, round: number, { catalogue, segmentId }: ParkedOptions): Statement {
  const verdicts = recheckQuery(catalogue, [withOverrides(build.plan)], { segmentId });
  return render(sql`insert into segmentd_internal.stage (segment_id, epoch, round, contact_id, wanted)
    with verdict as (${verdicts})
    select ${value(String(build.id), 'int')}, ${value(String(build.epoch), 'int')}, ${integer(round)}, parked.contact_id,
           coalesce(cardinality(verdict.segments), 0) > 0
    from unnest(${param('contacts', 'segmentd.contact_key[]')}) as parked(contact_id)
    left join verdict on verdict.contact_id = parked.contact_id`);
}
