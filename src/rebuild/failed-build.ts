/**
 * What becomes of a build that failed. Invariant: a segment is blamed only for an error that its condition or its data
 * made, and only when the catalogue has not changed under it. All other builds are owed again. States are written by
 * lifecycle/.
 */
import { isPoison, QUERY_CANCELED, sqlState } from '../base/error.ts';
import { cataloguePrint } from '../followed/fingerprint.ts';
import { freezeSegment, rejectUnbuildable } from '../lifecycle/freeze.ts';
import { TooSlow, type Build } from './build.ts';
import type { Rebuilding } from './rebuild-option.ts';

/**
 * SQLSTATE of an error that is about the builds it came from; undefined for any other. A cancel by a person is about no
 * build.
 */
export function blamedCode(error: unknown): string | undefined {
  const code = sqlState(error);
  if (code === undefined || !isPoison(code)) return undefined;
  return code === QUERY_CANCELED && !(error instanceof TooSlow) ? undefined : code;
}

/** Fails the build with its SQLSTATE, unless a catalogue that changed explains the error: then the build is owed again. */
export async function failOrGiveBack({ pool, options }: Rebuilding, build: Build, code: string): Promise<void> {
  const explained = code.startsWith('42') && (await options.signals?.hasCatalogueChanged(build.catalogue)) === true;
  if (explained) return giveBack({ pool }, build);
  const error = {
    code: 'failed',
    sqlstate: code,
    message: `Postgres refused to evaluate the condition (SQLSTATE ${code}).`,
  } as const;
  const under = cataloguePrint(build.catalogue);
  if (build.liveVersion !== null && build.liveVersion !== build.plan.version)
    await rejectUnbuildable(pool, build.id, build.plan.version, error, under);
  else await freezeSegment(pool, build.id, { state: 'failed', error }, 'build', under);
}

/** What is still wanted of the build is owed again at once, not when the lease of this living session ends. */
export async function giveBack({ pool }: Pick<Rebuilding, 'pool'>, build: Build): Promise<void> {
  await pool.query('update segmentd_internal.build set owner = null where segment_id = $1 and epoch = $2', [
    build.id,
    build.epoch,
  ]);
}
