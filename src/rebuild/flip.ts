/**
 * B3 and B4: catches up with what drains parked, then makes the new version live in one transaction. Readers see the
 * old members or the new ones. When the wanted version moved meanwhile, the flip of this valid version still happens
 * and a new build follows. Only delete, pause and archive cancel a build, by raising its epoch. It must not write
 * states by itself (lifecycle/). So all members of a segment come from one version (I5).
 */
import { render, sql, value } from '../compile/fragment.ts';
import { differingParts, type Fingerprint } from '../followed/fingerprint.ts';
import { planVersion } from '../followed/plan.ts';
import { bumpGeneration, type Registry, type RegistryView } from '../followed/registry.ts';
import type { GuardLimits } from '../lifecycle/guard-limit.ts';
import { guardFlip, holdVersion, type Movement } from '../lifecycle/guard.ts';
import { requestRebuilds } from '../lifecycle/request-rebuild.ts';
import { endBuild } from '../lifecycle/write-build.ts';
import { markLive } from '../lifecycle/write-segment.ts';
import { dropCondition, recordFingerprint } from '../lifecycle/write-version.ts';
import { dependentParams, type Written } from '../membership/diff.ts';
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { TIMEOUTS, type Build } from './build.ts';
import { countParked, stageParked, type ParkedOptions } from './parked.ts';
import { countStaged, stagedDifference, writeStaged, type Staged } from './staged-difference.ts';
import { EpochMoved, underSlot, type SlotOptions } from './under-slot.ts';

/** Parked rows that the flip itself evaluates at most, so that its transaction stays short. */
const PARKED_IN_FLIP = 2_000;
/** Beyond this many differences each dependent is rebuilt rather than re-checked contact by contact. */
const RECHECK_DEPENDENTS = 10_000;

/**
 * The catalogue is another than the one that the build was staged under, and the segment reads what differs: it is
 * begun again.
 */
export class CatalogueMoved extends Error {}

export interface FlipOptions extends ParkedOptions, SlotOptions {
  readonly registry: Registry;
  /** Edits that move more are held; absent: none. */
  readonly guard?: GuardLimits;
  /** Called before the flip's transaction; tests stop a build there. */
  readonly beforeFlip?: () => Promise<void>;
}

/** What the flip wrote, or what it would have when the guard held it back. */
export type Flipped = { readonly written: readonly Written[] } | { readonly held: Movement };

/** Undefined when the build was cancelled or taken over. */
export async function catchUpAndFlip(client: Client, build: Build, options: FlipOptions): Promise<Flipped | undefined> {
  try {
    let round = 1;
    while ((await countParked(client, build, PARKED_IN_FLIP + 1)) > PARKED_IN_FLIP) {
      const own = round;
      await underSlot(client, build, TIMEOUTS.own, options, () =>
        stageParked(client, build, own, PARKED_IN_FLIP, options),
      );
      round += 1;
    }
    await options.beforeFlip?.();
    return await underSlot(client, build, TIMEOUTS.flip, options, () => flip(client, build, round, options));
  } catch (error) {
    if (error instanceof EpochMoved) return undefined;
    throw error;
  }
}

/** Members may go live under the catalogue of now, or under one that says the same of what the segment reads. */
function refuseMoved({ segments }: RegistryView, { id, plan }: Build): void {
  const now = segments.get(id)?.building?.plan;
  if (!now || differingParts(plan.fingerprint, now.fingerprint).length > 0) throw new CatalogueMoved();
}

/** A snapshot that is made by this flip depends on its condition no more. */
function builtUnder({ id, plan, catalogue }: Build): Fingerprint {
  if (plan.kind !== 'snapshot') return plan.fingerprint;
  const made = planVersion(catalogue, {
    segmentId: id,
    version: plan.version,
    condition: null,
    timezone: plan.timezone,
    kind: 'snapshot',
  });
  return made.ok ? made.plan.fingerprint : plan.fingerprint;
}

/**
 * B4: evaluates the last parked contacts, applies what is staged, and makes the version live. Every statement sees what
 * was committed before it, and the slot keeps drains of the segment out until the commit.
 */
async function flip(client: Client, build: Build, lastRound: number, options: FlipOptions): Promise<Flipped> {
  const { id, plan } = build;
  const before = await options.registry.current(client);
  refuseMoved(before, build);
  for (let round = lastRound; (await stageParked(client, build, round, PARKED_IN_FLIP, options)) > 0;) round += 1;
  const staged = await countStaged(client, build);
  const held = await guarded(client, build, staged, options.guard);
  if (held) {
    await holdVersion(client, { id, version: plan.version }, held);
    return { held };
  }
  const written = await applyStaged(client, build, staged, options);
  await finish(client, build);
  return { written };
}

async function applyStaged(
  client: Client,
  build: Build,
  staged: Staged,
  { registry, catalogue }: FlipOptions,
): Promise<readonly Written[]> {
  const { rows } = await client.query<{ instant: string }>({ ...statement('instant') });
  const { dependents } = await registry.current(client);
  const readers = dependents.get(build.id) ?? [];
  const many = staged.entering + staged.leaving > RECHECK_DEPENDENTS;
  const dependent = dependentParams(many ? new Map() : dependents, [build.id]);
  await client.query(`set local work_mem = '64MB'`);
  const written = await writeStaged(client, build, staged, catalogue, { at: rows[0]?.instant, ...dependent });
  if (many && readers.length > 0) await requestRebuilds(client, readers, 'segment');
  return written;
}

/** Everything that makes the built version the live one. */
async function finish(client: Client, build: Build): Promise<void> {
  const version = { id: build.id, version: build.plan.version };
  await markLive(client, version.id, version.version);
  await recordFingerprint(client, version, builtUnder(build));
  await client.query('delete from segmentd_internal.segment_edge where segment_id = $1 and version <> $2', [
    build.id,
    build.plan.version,
  ]);
  await keepOverrides(client, build);
  await endBuild(client, build.id, build.epoch);
  await bumpGeneration(client);
}

/**
 * A snapshot becomes overrides of its members and loses its condition. Members that were added to a static segment mean
 * nothing to a dynamic one.
 */
async function keepOverrides(client: Client, { id, plan }: Build): Promise<void> {
  if (plan.kind === 'dynamic')
    await client.query(`delete from segmentd.override where segment_id = $1 and kind = 'member'`, [id]);
  if (plan.kind === 'snapshot' && !plan.overrides) {
    await client.query({ ...statement('override-take-over'), values: [id] });
    await dropCondition(client, { id, version: plan.version });
    await client.query('delete from segmentd_internal.segment_edge where segment_id = $1', [id]);
  }
}

/** Only an edit of a live version is guarded. No more contacts can move than are staged. */
async function guarded(
  client: Client,
  build: Build,
  staged: Staged,
  limits: GuardLimits | undefined,
): Promise<Movement | undefined> {
  const { id, plan, liveVersion } = build;
  if (
    !limits ||
    liveVersion === null ||
    liveVersion === plan.version ||
    staged.entering + staged.leaving <= limits.members
  )
    return undefined;
  return guardFlip(client, { id, version: plan.version }, limits, async () => {
    const { text, bind } = render(sql`select count(*) filter (where d.wanted and m.contact_id is null) as entering,
        count(*) filter (where not d.wanted and m.contact_id is not null) as leaving
      from (${stagedDifference(build, staged.late)}) as d
      full join (select m.contact_id from segmentd.membership m where m.segment_id = ${value(String(id), 'int')}) as m on m.contact_id = d.contact_id`);
    const { rows } = await client.query<{ entering: string; leaving: string }>(text, bind());
    return { entering: Number(rows[0]?.entering ?? 0), leaving: Number(rows[0]?.leaving ?? 0) };
  });
}
