/**
 * One rebuild job from intent to live: barrier for each owed segment, one shared scan that stages all of them, then a
 * flip each. One connection goes from beginning to end, and others only read along: the stage is unlogged, and a build whose
 * session ended is begun again by whoever finds it owed. Must not be told what to build: it looks.
 */
import { isPoison, LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { withConnection } from '../postgres/with-connection.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { freezeSegment, rejectUnbuildable } from '../lifecycle/freeze.ts';
import type { GuardLimits, Movement } from '../lifecycle/guard.ts';
import { withOverrides } from '../followed/plan.ts';
import { cataloguePrint } from '../followed/fingerprint.ts';
import type { CatalogueSignals } from '../followed/catalogue-signal.ts';
import { CatalogueBehind, type Registry } from '../followed/registry.ts';
import { openBuild, passReferences } from './barrier.ts';
import { TooSlow, type Build, type BuildStep, type Owed } from './build.ts';
import { catchUpAndFlip, CatalogueMoved, type Flipped, type FlipOptions } from './flip.ts';
import { owedBuilds } from './owed.ts';
import { clearStage, stage, type StageOptions } from './stage.ts';

/** Segments that share one scan. */
const MOST_TOGETHER = 100;

/** How often one job begins builds again because the catalogue changed meanwhile. */
const MOST_AGAIN = 3;

export interface Rebuilt {
  readonly key: string;
  readonly segmentId: number;
  readonly version: number;
  readonly entered: number;
  readonly left: number;
}

/** An edit that was built and not let through: it moves too many and nobody confirmed it. */
export interface Held extends Movement {
  readonly key: string;
  readonly segmentId: number;
  readonly version: number;
}

/** Hears what becomes of builds. */
export interface RebuildReport {
  /** Share done, 0 to 1, of each segment that is being built. The build waits for it. */
  progress?(progress: Readonly<Record<string, number>>): Promise<void> | void;
  rebuilt?(rebuilt: Rebuilt): void;
  held?(held: Held): void;
  /** An error of Postgres that is about one segment's condition, before the segment is validated. */
  error?(error: unknown): void;
}

export interface RebuildOptions {
  /** Ends the builds at their next step. */
  readonly signal?: AbortSignal;
  /** Connections that read the contacts at the same time. */
  readonly connections: number;
  /** Waits between two attempts of a flip, milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Edits that move more are held; absent: none. */
  readonly guard?: GuardLimits;
  /** Absent: the catalogue is that of the registry for ever, and a build that it does not fit is given up. */
  readonly signals?: CatalogueSignals;
  readonly report?: RebuildReport;
  /** Steps at which tests stop a build. */
  readonly at?: (step: BuildStep) => Promise<void>;
}

/** Builds all that is owed, ≤ 100 segments at a time. Returns how many went live. */
export async function rebuildOwed(pool: Pool, registry: Registry, options: RebuildOptions): Promise<number> {
  return withConnection(pool, async (client) => {
    await client.query(`select set_config('segmentd.worker', 'on', false), set_config('jit', 'off', false)`);
    let live = 0;
    let begunAgain = 0;
    const tried = new Set<number>();
    while (options.signal?.aborted !== true) {
      const owed = await caughtUp(options, () => owedBuilds(client, registry, [...tried], MOST_TOGETHER));
      if (owed.length === 0) return live;
      for (const { id } of owed) tried.add(id);
      const built = await buildTogether(pool, client, registry, owed, options);
      live += built.live;
      // A catalogue that changes all the time leaves the rest to the next look.
      if (built.again.length > 0 && begunAgain < MOST_AGAIN) for (const id of built.again) tried.delete(id);
      if (built.again.length > 0) begunAgain += 1;
    }
    return live;
  });
}

/** Asks the registry; a catalogue that is behind is read again, and then the registry is asked once more. */
async function caughtUp<T>({ signals }: RebuildOptions, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CatalogueBehind) || !signals) throw error;
    await signals.catchUp();
    return ask();
  }
}

interface Built {
  /** How many went live. */
  readonly live: number;
  /** Those to be begun again, because the catalogue changed meanwhile. */
  readonly again: readonly number[];
}

async function buildTogether(
  pool: Pool,
  client: Client,
  registry: Registry,
  owed: readonly Owed[],
  options: RebuildOptions,
): Promise<Built> {
  const pause = options.at ?? (async () => {});
  const [first] = owed;
  if (!first) return { live: 0, again: [] };
  const { catalogue } = first;
  const total = await countContacts(client, catalogue);
  const opened: Build[] = [];
  for (const one of owed) {
    if (options.signal?.aborted === true) return { live: 0, again: [] };
    const build = await openBuild(client, one, total);
    if (build) opened.push(build);
  }
  await pause('barrier');
  const { idOfKey } = await caughtUp(options, () => registry.current(client));
  await passReferences(client, idOfKey, opened, options.signal);
  const builds = await askOverrides(client, opened);
  const shared = {
    catalogue,
    total,
    connections: options.connections,
    segmentId: (key: string) => idOfKey.get(key) ?? 0,
  };
  const onProgress = async (done: number): Promise<void> => {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    await options.report?.progress?.(Object.fromEntries(builds.map((build) => [build.key, share])));
    await pause('chunk');
  };
  const { signals, guard } = options;
  const flipOptions: FlipOptions = {
    ...shared,
    registry,
    wait: options.wait,
    beforeFlip: () => pause('flipping'),
    ...(signals ? { signals } : {}),
    ...(guard ? { guard } : {}),
  };
  let live = 0;
  const again: number[] = [];
  for (const staged of await stageOrSplit(
    pool,
    client,
    builds,
    { ...shared, onProgress, ...(options.signal ? { signal: options.signal } : {}) },
    options,
  )) {
    await pause('parked');
    const flipped = await flipOrFail(pool, client, staged, flipOptions, options);
    if (flipped === 'again') again.push(staged.id);
    if (!flipped || flipped === 'again') continue;
    const about = { key: staged.key, segmentId: staged.id, version: staged.plan.version };
    if ('held' in flipped) {
      options.report?.held?.({ ...about, ...flipped.held });
      continue;
    }
    live += 1;
    const [counts] = flipped.written;
    options.report?.rebuilt?.({ ...about, entered: counts?.entered ?? 0, left: counts?.left ?? 0 });
    await pause('flipped');
  }
  await clearStage(client, builds).catch((error: unknown) => {
    // Somebody else is staging right now; the next job clears.
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
  });
  return { live, again };
}

/** Whoever decides by hand from here on is parked; so only those who did before need to be asked about in the scan. */
async function askOverrides(client: Client, builds: readonly Build[]): Promise<readonly Build[]> {
  const { rows } = await client.query<{ id: number }>({
    ...statement('override-segment'),
    values: [builds.map((build) => build.id)],
  });
  const overridden = new Set(rows.map((row) => row.id));
  return builds.map((build) => (overridden.has(build.id) ? { ...build, plan: withOverrides(build.plan) } : build));
}

/**
 * One bad condition must not take the others of its scan with it: after an error the builds are staged one by one, and
 * the one that fails alone is failed with its SQLSTATE. One whose tables the team has locked is owed again.
 */
async function stageOrSplit(
  pool: Pool,
  client: Client,
  builds: readonly Build[],
  stageOptions: StageOptions,
  options: RebuildOptions,
): Promise<readonly Build[]> {
  try {
    return await stage(pool, client, builds, stageOptions);
  } catch (error) {
    const code = sqlState(error);
    if (
      code === undefined ||
      !(isPoison(code) || code === LOCK_NOT_AVAILABLE) ||
      (code === QUERY_CANCELED && !(error instanceof TooSlow))
    )
      throw error;
    if (code !== LOCK_NOT_AVAILABLE) options.report?.error?.(error);
    // Nothing was evaluated again yet: that is the flip's.
    await client.query(
      `delete from segmentd.stage_chunk st using unnest($1::int[], $2::int[]) as mine(segment_id, epoch)
       where st.segment_id = mine.segment_id and st.epoch = mine.epoch`,
      [builds.map((build) => build.id), builds.map((build) => build.epoch)],
    );
    const [only, ...others] = builds;
    if (only && others.length === 0) {
      if (code === LOCK_NOT_AVAILABLE) await giveBack(pool, only);
      else await explainOrFail(pool, only, code, options);
      return [];
    }
    const staged: Build[] = [];
    for (const build of builds) staged.push(...(await stageOrSplit(pool, client, [build], stageOptions, options)));
    return staged;
  }
}

async function flipOrFail(
  pool: Pool,
  client: Client,
  build: Build,
  flipOptions: FlipOptions,
  options: RebuildOptions,
): Promise<Flipped | 'again' | undefined> {
  try {
    return await catchUpAndFlip(client, build, flipOptions);
  } catch (error) {
    if (error instanceof CatalogueMoved) {
      await giveBack(pool, build);
      return 'again';
    }
    const code = sqlState(error);
    if (code === undefined || !isPoison(code) || (code === QUERY_CANCELED && !(error instanceof TooSlow))) throw error;
    options.report?.error?.(error);
    await explainOrFail(pool, build, code, options);
    return undefined;
  }
}

async function explainOrFail(pool: Pool, build: Build, code: string, options: RebuildOptions): Promise<void> {
  const explained = code.startsWith('42') && (await options.signals?.hasCatalogueChanged(build.catalogue)) === true;
  if (!explained) return fail(pool, build, code);
  await giveBack(pool, build);
}

/** Whatever is still wanted of it is owed again at once, not when the lease of this living session ends. */
async function giveBack(pool: Pool, build: Build): Promise<void> {
  await pool.query('update segmentd.build set owner = null where segment_id = $1 and epoch = $2', [
    build.id,
    build.epoch,
  ]);
}

async function fail(pool: Pool, build: Build, code: string): Promise<void> {
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

async function countContacts(client: Client, catalogue: Catalogue): Promise<number> {
  const { schema, name } = catalogue.contacts.table;
  const { rows } = await client.query<{ rows: number }>(
    // Not pg_partition_tree, which locks every partition.
    `with recursive part (oid) as (
       select format('%I.%I', $1::text, $2::text)::regclass::oid
       union select i.inhrelid from part join pg_catalog.pg_inherits i on i.inhparent = part.oid
     )
     select coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as rows from pg_catalog.pg_class c join part on part.oid = c.oid
     where c.relkind <> 'p'`,
    [schema, name],
  );
  return Math.round(rows[0]?.rows ?? 0);
}
