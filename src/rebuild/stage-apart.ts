/**
 * Stages builds together, and apart when they cannot be staged together: one bad condition must not take the other
 * builds of its scan with it. The build that fails alone is failed with its SQLSTATE. A build whose tables the team has
 * locked is owed again.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Build } from './build.ts';
import { blamedCode, failOrGiveBack, giveBack } from './failed-build.ts';
import type { Rebuilding } from './rebuild-option.ts';
import { stage, type StageOptions } from './stage.ts';

/** Returns the builds that are staged and still ours. @throws errors that are about no build */
export async function stageTogetherOrApart(
  rebuilding: Rebuilding,
  builds: readonly Build[],
  options: StageOptions,
): Promise<readonly Build[]> {
  const { pool, client } = rebuilding;
  try {
    return await stage(pool, client, builds, options);
  } catch (error) {
    const isLocked = sqlState(error) === LOCK_NOT_AVAILABLE;
    const code = blamedCode(error);
    if (code === undefined && !isLocked) throw error;
    if (code !== undefined) rebuilding.options.report?.error?.(error);
    await dropChunks(rebuilding, builds);
    const [only, ...others] = builds;
    if (only && others.length === 0) {
      if (code === undefined) await giveBack(rebuilding, only);
      else await failOrGiveBack(rebuilding, only, code);
      return [];
    }
    const staged: Build[] = [];
    for (const build of builds) staged.push(...(await stageTogetherOrApart(rebuilding, [build], options)));
    return staged;
  }
}

/** Parked contacts have not been evaluated yet: that is the flip's. */
async function dropChunks({ client }: Rebuilding, builds: readonly Build[]): Promise<void> {
  await client.query(
    `delete from segmentd_internal.stage_chunk st using unnest($1::int[], $2::int[]) as mine(segment_id, epoch)
     where st.segment_id = mine.segment_id and st.epoch = mine.epoch`,
    [builds.map((build) => build.id), builds.map((build) => build.epoch)],
  );
}
