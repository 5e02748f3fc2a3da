/**
 * Names that the migration to the schema segmentd_internal left behind, for capture functions that began before it. They
 * go when no such function runs any more: `install` replaces every function while it locks out the writers of its
 * table, and `uninstall` drops the triggers. This step is the last of both.
 */
import { keyword, sql } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { InstallStep } from './install-step.ts';

const LEFT_BEHIND = [
  'view if exists segmentd.change, segmentd.key_change',
  'sequence if exists segmentd.key_change_id_seq',
  'function if exists segmentd.shard(text), segmentd.link_shard(text), segmentd.doorbell()',
] as const;

/** No step when no name is there. */
export async function stepToDropFormerNames(database: Queryable): Promise<readonly InstallStep[]> {
  const { rows } = await database.query<{ present: boolean }>(
    `select to_regclass('segmentd.change') is not null as present`,
  );
  if (rows[0]?.present !== true) return [];
  return [
    {
      title: 'former names of what capture uses',
      tables: [],
      locksOutWriters: false,
      commands: LEFT_BEHIND.map((names) => sql`drop ${keyword(names)}`),
      finish: undefined,
      closing: undefined,
      changes: [],
    },
  ];
}
