/**
 * Rule B of PROTOCOL.md.
 * One rebuild job from intent to live: a barrier for each owed segment, one shared scan that stages all of them, then a
 * flip each. One connection goes from beginning to end, and others only read along: the stage is unlogged, and a build
 * whose session ended is begun again by the worker that finds it owed. A job carries nothing: it looks up what is owed.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import { caughtUp } from '../followed/catalogue-signal.ts';
import { withOverrides } from '../followed/plan.ts';
import type { Registry } from '../followed/registry.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { withConnection } from '../postgres/with-connection.ts';
import { openBuild, passReferences } from './barrier.ts';
import type { Build, Owed } from './build.ts';
import { estimateContacts } from './estimate-contacts.ts';
import { blamedCode, failOrGiveBack, giveBack } from './failed-build.ts';
import { catchUpAndFlip, CatalogueMoved, type Flipped, type FlipOptions } from './flip.ts';
import { owedBuilds } from './owed.ts';
import type { Rebuilding, RebuildOptions } from './rebuild-option.ts';
import { stageTogetherOrApart } from './stage-apart.ts';
import { clearStage, type StageOptions } from './stage.ts';

/** Segments that share one scan. */
const MOST_TOGETHER = 100;

/** How often one job begins builds again because the catalogue changed meanwhile. */
const MOST_AGAIN = 3;

/** Builds all that is owed, ≤ 100 segments at a time. Returns how many went live. */
export async function rebuildOwed(pool: Pool, registry: Registry, options: RebuildOptions): Promise<number> {
  return withConnection(pool, async (client) => {
    await client.query(`select set_config('segmentd.worker', 'on', false), set_config('jit', 'off', false)`);
    let live = 0;
    let begunAgain = 0;
    const tried = new Set<number>();
    while (options.signal?.aborted !== true) {
      const owed = await caughtUp(options.signals, () => owedBuilds(client, registry, [...tried], MOST_TOGETHER));
      if (owed.length === 0) return live;
      for (const { id } of owed) tried.add(id);
      const built = await buildTogether({ pool, client, registry, options }, owed);
      live += built.live;
      // A catalogue that changes all the time leaves the rest to the next look.
      if (built.again.length > 0 && begunAgain < MOST_AGAIN) for (const id of built.again) tried.delete(id);
      if (built.again.length > 0) begunAgain += 1;
    }
    return live;
  });
}

interface Built {
  /** How many went live. */
  readonly live: number;
  /** Those to be begun again, because the catalogue changed meanwhile. */
  readonly again: readonly number[];
}

async function buildTogether(rebuilding: Rebuilding, owed: readonly Owed[]): Promise<Built> {
  const { client, registry, options } = rebuilding;
  const pause = options.at ?? (async () => {});
  const [first] = owed;
  if (!first) return { live: 0, again: [] };
  const { catalogue } = first;
  const total = await estimateContacts(client, catalogue);
  // B1
  const opened: Build[] = [];
  for (const one of owed) {
    if (options.signal?.aborted === true) return { live: 0, again: [] };
    const build = await openBuild(client, one, total);
    if (build) opened.push(build);
  }
  await pause('barrier');
  const { idOfKey } = await caughtUp(options.signals, () => registry.current(client));
  await passReferences(client, idOfKey, opened, options.signal);
  const builds = await askOverrides(client, opened);
  // B2
  const shared = { catalogue, total, segmentId: (key: string) => idOfKey.get(key) ?? 0 };
  const staged = await stageTogetherOrApart(rebuilding, builds, {
    ...shared,
    ...stageOptions(rebuilding, builds, total),
  });
  // B3 and B4
  let live = 0;
  const again: number[] = [];
  for (const build of staged) {
    await pause('parked');
    const flipped = await flipOrFail(rebuilding, build, { ...shared, ...flipOptions(rebuilding) });
    if (flipped === 'again') again.push(build.id);
    if (!flipped || flipped === 'again') continue;
    report(rebuilding, build, flipped);
    if ('held' in flipped) continue;
    live += 1;
    await pause('flipped');
  }
  await clearStage(client, builds).catch((error: unknown) => {
    // Another builder is staging at this moment; the next job clears.
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
  });
  return { live, again };
}

/**
 * An override that is written from here on is parked; so only segments that have overrides now are asked for them in
 * the scan.
 */
async function askOverrides(client: Client, builds: readonly Build[]): Promise<readonly Build[]> {
  const { rows } = await client.query<{ id: number }>({
    ...statement('override-segment'),
    values: [builds.map((build) => build.id)],
  });
  const overridden = new Set(rows.map((row) => row.id));
  return builds.map((build) => (overridden.has(build.id) ? { ...build, plan: withOverrides(build.plan) } : build));
}

function stageOptions(
  { options }: Rebuilding,
  builds: readonly Build[],
  total: number,
): Pick<StageOptions, 'connections' | 'onProgress' | 'signal'> {
  const { connections, signal, at } = options;
  return {
    connections,
    async onProgress(done) {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      await options.report?.progress?.(Object.fromEntries(builds.map((build) => [build.key, share])));
      await at?.('chunk');
    },
    ...(signal ? { signal } : {}),
  };
}

function flipOptions({ registry, options }: Rebuilding): Omit<FlipOptions, 'catalogue' | 'segmentId'> {
  const { wait, signals, guard, at } = options;
  return {
    registry,
    wait,
    beforeFlip: async () => at?.('flipping'),
    ...(signals ? { signals } : {}),
    ...(guard ? { guard } : {}),
  };
}

async function flipOrFail(
  rebuilding: Rebuilding,
  build: Build,
  options: FlipOptions,
): Promise<Flipped | 'again' | undefined> {
  try {
    return await catchUpAndFlip(rebuilding.client, build, options);
  } catch (error) {
    if (error instanceof CatalogueMoved) {
      await giveBack(rebuilding, build);
      return 'again';
    }
    const code = blamedCode(error);
    if (code === undefined) throw error;
    rebuilding.options.report?.error?.(error);
    await failOrGiveBack(rebuilding, build, code);
    return undefined;
  }
}

function report({ options }: Rebuilding, { key, id, plan }: Build, flipped: Flipped): void {
  const about = { key, segmentId: id, version: plan.version };
  if ('held' in flipped) return options.report?.held?.({ ...about, ...flipped.held });
  const [counts] = flipped.written;
  options.report?.rebuilt?.({ ...about, entered: counts?.entered ?? 0, left: counts?.left ?? 0 });
}
