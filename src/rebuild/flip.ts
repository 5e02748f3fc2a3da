/**
 * B3 and B4: catches up with what drains parked, then makes the new version live in one transaction. Readers see the old
 * members or the new ones. If the wanted version moved meanwhile the flip of this valid version still happens and a new
 * build follows; only delete, pause and archive cancel, by raising the epoch.
 */
import { isOwnTimeout, LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { empty, ident, render, sql, tableName, value, type Fragment } from '../compile/fragment.ts';
import { dependentParams, writeDifference, writeEntered, type Dependents, type Written } from '../membership/diff.ts';
import { takeSlot } from '../postgres/lock.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import type { Client } from '../postgres/pool.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction, type TransactionOptions } from '../postgres/transaction.ts';
import { guardFlip, holdVersion, type GuardLimits, type Movement } from '../lifecycle/guard.ts';
import { requestRebuilds } from '../lifecycle/request-rebuild.ts';
import { endBuild } from '../lifecycle/write-build.ts';
import { markLive } from '../lifecycle/write-segment.ts';
import { dropCondition, recordFingerprint } from '../lifecycle/write-version.ts';
import { differingParts, type Fingerprint } from '../followed/fingerprint.ts';
import { planVersion } from '../followed/plan.ts';
import type { CatalogueSignals } from '../followed/catalogue-signal.ts';
import { bumpGeneration, CatalogueBehind, type Registry, type RegistryView } from '../followed/registry.ts';
import { leaseOf } from './build-lease.ts';
import { TIMEOUTS, TooSlow, type Build } from './build.ts';
import { countParked, stageParked, type ParkedOptions } from './parked.ts';

/** Parked rows that the flip itself evaluates at most, so that its transaction stays short. */
const PARKED_IN_FLIP = 2_000;
/** Milliseconds between two attempts while a caller holds the segment's row, or a drain its slot. */
const PAUSE_MS = 50;
/** Beyond this many differences each dependent is rebuilt rather than re-checked contact by contact. */
const RECHECK_DEPENDENTS = 10_000;

/** Thrown inside a transaction to leave it: somebody raised the epoch. */
class EpochMoved extends Error {}

/** The catalogue is another than the one that the build was staged under, and the segment reads what differs: it is begun again. */
export class CatalogueMoved extends Error {}

export interface FlipOptions extends ParkedOptions {
  readonly registry: Registry;
  /** Edits that move more are held; absent: none. */
  readonly guard?: GuardLimits;
  /** Called before the flip's transaction; tests stop a build there. */
  readonly beforeFlip?: () => Promise<void>;
  /** Absent: a build is given up when the catalogue is behind. */
  readonly signals?: Pick<CatalogueSignals, 'catchUp'>;
  /** Milliseconds between tries while a caller's transaction holds the segment's row. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** What the flip wrote, or what it would have when the guard held it back. */
export type Flipped = { readonly written: readonly Written[] } | { readonly held: Movement };

/** Undefined when the build was cancelled or taken over. */
export async function catchUpAndFlip(client: Client, build: Build, options: FlipOptions): Promise<Flipped | undefined> {
  try {
    let round = 1;
    while ((await countParked(client, build, PARKED_IN_FLIP + 1)) > PARKED_IN_FLIP) {
      const own = round;
      await alone(client, build, TIMEOUTS.own, options, () => stageParked(client, build, own, PARKED_IN_FLIP, options));
      round += 1;
    }
    await options.beforeFlip?.();
    return await alone(client, build, TIMEOUTS.flip, options, () => flip(client, build, round, options));
  } catch (error) {
    if (error instanceof EpochMoved) return undefined;
    throw error;
  }
}

type Limits = TransactionOptions & { readonly statementTimeout: number };

/** Under the segment's row and slot, with the epoch checked. A busy row or slot is tried again, holding nothing. */
async function alone<T>(
  client: Client,
  build: Build,
  timeouts: Limits,
  options: FlipOptions,
  fn: () => Promise<T>,
): Promise<T> {
  const { signals, wait } = options;
  const lease = leaseOf(
    [build],
    () => client,
    () => null,
  );
  const attempt = async (): Promise<T> => {
    const started = performance.now();
    try {
      return await inTransaction(client, timeouts, async () => {
        await client.query('select from segmentd.segment s where s.id = $1 for no key update nowait', [build.id]);
        await takeSlot(client, build.id);
        const { rowCount } = await client.query(
          'select from segmentd.build b where b.segment_id = $1 and b.epoch = $2',
          [build.id, build.epoch],
        );
        if (rowCount === 0) throw new EpochMoved();
        // The slot was waited for with nothing of the team's in hand.
        await client.query(SHORT_WAIT);
        return fn();
      });
    } catch (error) {
      if (isOwnTimeout(error, performance.now() - started, timeouts.statementTimeout))
        throw new TooSlow('a statement of the flip took too long', { cause: error });
      throw error;
    }
  };
  return retryLocked(attempt, {
    patience: Infinity,
    isRefusal: (error) => isRetried(error) || (error instanceof CatalogueBehind && signals !== undefined),
    async onRefusal(error) {
      if (error instanceof CatalogueBehind) await signals?.catchUp();
      if ((await lease.renew()).length === 0) throw new EpochMoved();
    },
    pause: () => wait(PAUSE_MS),
  });
}

/** A cancel by a person is no reason to give up either. */
function isRetried(error: unknown): boolean {
  const code = sqlState(error);
  return code === LOCK_NOT_AVAILABLE || (code === QUERY_CANCELED && !(error instanceof TooSlow));
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

async function flip(client: Client, build: Build, lastRound: number, options: FlipOptions): Promise<Flipped> {
  const before = await options.registry.current(client);
  refuseMoved(before, build);
  for (let round = lastRound; (await stageParked(client, build, round, PARKED_IN_FLIP, options)) > 0;) round += 1;
  const staged = await client.query<{ rows: string; wanted: string; late: boolean }>(
    `select scan.rows + again.rows as rows, scan.wanted, again.rows > 0 as late
     from (select coalesce(sum(st.size), 0) as rows, coalesce(sum(st.size) filter (where st.wanted), 0) as wanted
           from segmentd.stage_chunk st where st.segment_id = $1 and st.epoch = $2) as scan,
          (select count(*) as rows from segmentd.stage st where st.segment_id = $1 and st.epoch = $2) as again`,
    [build.id, build.epoch],
  );
  const { rows: count = '0', wanted = '0', late = false } = staged.rows[0] ?? {};
  const held = await guarded(client, build, Number(count), late, options.guard);
  if (held) {
    await holdVersion(client, { id: build.id, version: build.plan.version }, held);
    return { held };
  }
  const at = await client.query<{ instant: string }>({ ...statement('instant') });
  const { dependents } = await options.registry.current(client);
  const readers = dependents.get(build.id) ?? [];
  const many = Number(count) > RECHECK_DEPENDENTS;
  const told = dependentParams(many ? new Map() : dependents, [build.id]);
  await client.query(`set local work_mem = '64MB'`);
  const written = await apply(
    client,
    build,
    { entering: Number(wanted), leaving: Number(count) - Number(wanted), late },
    options.catalogue,
    { at: at.rows[0]?.instant, ...told },
  );
  if (many && readers.length > 0) {
    await requestRebuilds(client, readers, 'segment');
  }
  const version = { id: build.id, version: build.plan.version };
  await markLive(client, version.id, version.version);
  await recordFingerprint(client, version, builtUnder(build));
  await client.query('delete from segmentd.segment_edge where segment_id = $1 and version <> $2', [
    build.id,
    build.plan.version,
  ]);
  await keepByHand(client, build);
  await endBuild(client, build.id, build.epoch);
  await bumpGeneration(client);
  return { written };
}

/** A snapshot is made by this flip, and its condition is no more; a dynamic segment has no more use for added members. */
async function keepByHand(client: Client, { id, plan }: Build): Promise<void> {
  if (plan.kind === 'dynamic')
    await client.query(`delete from segmentd.override where segment_id = $1 and kind = 'member'`, [id]);
  if (plan.kind === 'snapshot' && !plan.overrides) {
    await client.query({ ...statement('override-take-over'), values: [id] });
    await dropCondition(client, { id, version: plan.version });
    await client.query('delete from segmentd.segment_edge where segment_id = $1', [id]);
  }
}

/** Only an edit of what is live is guarded; what was staged bounds what would move. */
async function guarded(
  client: Client,
  build: Build,
  staged: number,
  late: boolean,
  limits: GuardLimits | undefined,
): Promise<Movement | undefined> {
  const { id, plan, liveVersion } = build;
  if (!limits || liveVersion === null || liveVersion === plan.version || staged <= limits.members) return undefined;
  return guardFlip(client, { id, version: plan.version }, limits, async () => {
    const { text, bind } = render(sql`select count(*) filter (where d.wanted and m.contact_id is null) as entering,
        count(*) filter (where not d.wanted and m.contact_id is not null) as leaving
      from (${difference(build, late)}) as d
      full join (select m.contact_id from segmentd.membership m where m.segment_id = ${value(String(id), 'int')}) as m on m.contact_id = d.contact_id`);
    const { rows } = await client.query<{ entering: string; leaving: string }>(text, bind());
    return { entering: Number(rows[0]?.entering ?? 0), leaving: Number(rows[0]?.leaving ?? 0) };
  });
}

interface Staged {
  readonly entering: number;
  readonly leaving: number;
  /** Contacts were evaluated again. */
  readonly late: boolean;
}

/** Drains park every contact that they touch meanwhile; with none parked, membership is what the scan compared with, so nobody who enters is stored. */
async function apply(
  client: Client,
  build: Build,
  { entering, leaving, late }: Staged,
  catalogue: Catalogue,
  slots: Dependents & { readonly at: string | undefined },
): Promise<readonly Written[]> {
  const label = { reason: value(build.reason, 'text'), version: value(String(build.plan.version), 'int') };
  const write = async (rows: Fragment): Promise<readonly Written[]> => {
    const labelled = build.reason === 'contact' ? { rows: deletedOrNot(catalogue, rows, label) } : { rows, label };
    const { text, bind } = render(writeDifference({ ...labelled, perhapsStored: late }));
    return (await client.query<Written>(text, bind({ ...slots }))).rows;
  };
  if (late || slots.dependent_of.length > 0 || entering === 0) return write(difference(build, late));
  const left = leaving === 0 ? [] : await write(difference(build, false, sql` and not st.wanted`));
  const { text, bind } = render(writeEntered(difference(build, false, sql` and st.wanted`), label));
  await client.query(text, bind({ at: slots.at }));
  return [{ segment_id: build.id, entered: entering, left: left[0]?.left ?? 0 }];
}

interface Label {
  readonly reason: Fragment;
  readonly version: Fragment;
}

/** All contacts were replaced: those who did not come back were deleted. */
function deletedOrNot({ contacts: { table, key } }: Catalogue, rows: Fragment, { reason, version }: Label): Fragment {
  const there = sql`exists (select from ${tableName(table)} c where c.${ident(key.column)} = d.contact_id)`;
  return sql`select d.segment_id, d.contact_id, d.wanted, case when d.wanted or ${there} then ${reason} else 'delete' end as reason, ${version} as version
    from (${rows}) as d`;
}

/** Differences of the scan; where contacts were evaluated again, their last word. */
function difference(build: Build, late: boolean, only: Fragment = empty): Fragment {
  const id = value(String(build.id), 'int');
  const epoch = value(String(build.epoch), 'int');
  // Several connections staged it; written in the order of the contacts, which each chunk is in, the indexes stay small.
  const scan = sql`select sorted.segment_id, unnest(sorted.contacts) as contact_id, sorted.wanted
    from (select st.segment_id, st.contacts, st.wanted from segmentd.stage_chunk st where st.segment_id = ${id} and st.epoch = ${epoch}${only} order by st.contacts[1]) as sorted`;
  return late
    ? sql`select distinct on (found.contact_id) found.segment_id, found.contact_id, found.wanted
          from (
            select scan.segment_id, scan.contact_id, scan.wanted, 0 as round from (${scan}) as scan
            union all
            select st.segment_id, st.contact_id, st.wanted, st.round from segmentd.stage st where st.segment_id = ${id} and st.epoch = ${epoch}
          ) as found
          order by found.contact_id, found.round desc`
    : scan;
}
