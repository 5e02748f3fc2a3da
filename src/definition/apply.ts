/**
 * Makes the segments what the files of a folder say: all of it in one transaction, or nothing. Applied again it does nothing.
 * What is not in the folder stays, unless it is pruned.
 */
import { createHash } from 'node:crypto';
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Client, Pool, Queryable } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { readEventLog } from '../segment/log-reach.ts';
import { knownZones } from '../postgres/known-zone.ts';
import { insertSegment } from '../segment/create-segment.ts';
import { updateSegment } from '../segment/edit-segment.ts';
import { listSegments, type Segment } from '../segment/read-segment.ts';
import { wantState } from '../segment/want-state.ts';
import { capIssues } from '../condition/check/check-context.ts';
import type { BuilderNote } from '../condition/foreign/foreign-condition.ts';
import { overtaken, overtakenSentence, type Overtaken } from '../segment/expected-version.ts';
import { usesOf } from '../segment/where-used.ts';
import { readFolder, type DefinitionFile } from './definition-folder.ts';
import { inOwnWords } from './file-words.ts';
import { issuesOf, planSteps, withoutFile, type PlannedStep, type Step } from './apply-plan.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';

export interface ApplyOptions {
  /** Only says what would be done. */
  readonly dryRun?: boolean;
  /** Deletes what no file has. */
  readonly prune?: boolean;
  /** However many members the edits move; and prunes even if the folder is empty. Otherwise the worker may hold an edit. */
  readonly yes?: boolean;
  /** Takes the keys of deleted segments. */
  readonly reuse?: boolean;
  /** Also where a segment was changed otherwise since `pull` wrote its file. Otherwise that is refused. */
  readonly overwrite?: boolean;
  /** `plan` of a dry run: nothing is done when there is anything else to do by now. */
  readonly ifPlan?: string;
}

export interface Applied {
  /** False for a dry run. */
  readonly applied: boolean;
  /** Names these steps on these versions; another plan has another name. */
  readonly plan: string;
  readonly steps: readonly Step[];
  /** Segments that were as their files say. */
  readonly unchanged: number;
  /** Keys of segments that no file has and that stay. */
  readonly withoutFile: readonly string[];
  /** What was read how where a query builder wrote the condition of a file. Pointers begin with the file's path. */
  readonly notes: readonly BuilderNote[];
}

const MOST_CONFLICTS = 5;
/** A caller's transaction may hold a row for long; no other session waits for ours meanwhile. */
const TIMEOUTS = { lockTimeout: 5_000, statementTimeout: 60_000, idleTimeout: 30_000 } as const;

/** @throws {RefusedCondition} with all issues of all files. @throws {Failure} `conflict` when something that is read would be deleted,
 *   when a segment was changed since its file was pulled (`data: Overtaken[]`), or when the plan is not `ifPlan` */
export async function applyFolder(
  pool: Pool,
  catalogue: Catalogue,
  folder: string,
  options: ApplyOptions = {},
): Promise<Applied> {
  const { issues, ...read } = await readFolder(folder);
  const { files, notes, placed, builderIssues } = inOwnWords(catalogue, read.files);
  return inTransaction(pool, TIMEOUTS, async (client) => {
    if (options.dryRun !== true) await client.query('select from segmentd.segment s order by s.id for no key update');
    const current = await listSegments(client);
    const all = [
      ...issues,
      ...builderIssues,
      ...placed(
        issuesOf(catalogue, files, current, options.prune === true, {
          zones: await knownZones(client, [...new Set(files.flatMap(({ definition }) => definition.timezone ?? []))]),
          log: await readEventLog(client),
        }),
      ),
    ];
    if (all.length > 0)
      throw new RefusedCondition(
        all.length === 1 ? 'The folder is refused.' : `The folder is refused for ${all.length} reasons.`,
        capIssues(all),
      );
    refuseEmptying(folder, files, current, options);
    const steps = planSteps(catalogue, files, current, options.prune === true);
    const plan = planName(steps, current);
    if (options.ifPlan !== undefined && options.ifPlan !== plan)
      throw new Failure(
        'conflict',
        `The plan is ${plan} now, not ${options.ifPlan}: files or segments were changed since. Nothing was done; --dry-run shows what would be.`,
        { exitCode: 1 },
      );
    if (options.overwrite !== true) await refuseOvertaken(client, catalogue, files, steps, current);
    if (options.dryRun === true) await refuseTaken(client, steps, options);
    else await carryOut(client, steps, options);
    const changed = new Set(steps.map(({ key }) => key));
    return {
      applied: options.dryRun !== true,
      plan,
      steps: steps.map(({ key, action, file, changes }) => ({ key, action, file, changes })),
      unchanged: files.filter(({ definition }) => !changed.has(definition.key)).length,
      withoutFile: options.prune === true ? [] : withoutFile(files, current).map(({ key }) => key),
      notes,
    };
  });
}

function refuseEmptying(
  folder: string,
  files: readonly DefinitionFile[],
  current: readonly Segment[],
  { prune, yes }: ApplyOptions,
): void {
  if (prune !== true || yes === true || files.length > 0 || current.length === 0) return;
  throw new Failure(
    'conflict',
    `${folder} holds no segment, so --prune would delete all ${current.length}; --yes does it.`,
  );
}

function planName(steps: readonly PlannedStep[], current: readonly Segment[]): string {
  const versions = new Map(current.map(({ key, version }) => [key, version]));
  return createHash('sha256')
    .update(JSON.stringify(steps.map((step) => [step, versions.get(step.key) ?? 0])))
    .digest('hex')
    .slice(0, 12);
}

/**
 * A file that names its version is refused when an edit by other means made a later version. Versions that `apply` made of files are
 * no conflict: git merges files.
 */
async function refuseOvertaken(
  client: Queryable,
  catalogue: Catalogue,
  files: readonly DefinitionFile[],
  steps: readonly PlannedStep[],
  current: readonly Segment[],
): Promise<void> {
  const edits = new Set(steps.filter(({ action }) => action === 'edit').map(({ key }) => key));
  const now = new Map(current.map((segment) => [segment.key, segment.version]));
  const found: Overtaken[] = [];
  for (const {
    definition: { key, version },
  } of files) {
    const latest = now.get(key);
    if (version === undefined || latest === undefined || latest <= version || !edits.has(key)) continue;
    const one = await overtaken(client, key, version, latest, catalogue);
    if (one.by.some(({ applied }) => !applied)) found.push(one);
  }
  if (found.length === 0) return;
  const said = found.slice(0, MOST_CONFLICTS).map(overtakenSentence).join('; ');
  const more = found.length > MOST_CONFLICTS ? `; and ${found.length - MOST_CONFLICTS} more` : '';
  throw new Failure(
    'conflict',
    `Nothing was done, for segments were changed since their files were pulled: ${said}${more}. segmentd pull brings the changes in, --overwrite takes their place.`,
    { data: found, exitCode: 1 },
  );
}

async function carryOut(
  client: Client,
  steps: readonly PlannedStep[],
  { yes = false, reuse = false }: ApplyOptions,
): Promise<void> {
  // The versions that this makes are those of the files (sql/object/segment-trigger.sql).
  await client.query(`select set_config('segmentd.applied', 'on', true)`);
  for (const { key, definition, change, state } of steps) {
    if (definition) {
      const { name, description, timezone, condition, kind, tags } = definition;
      const input = {
        key,
        name,
        kind,
        tags,
        ...(description === null ? {} : { description }),
        ...(timezone === null ? {} : { timezone }),
        ...(condition === null ? {} : { condition }),
      };
      await insertSegment(client, input, { reuse });
    }
    if (change) await updateSegment(client, key, change, { confirm: yes });
    const wanted = state ?? definition?.state;
    if (wanted !== undefined) await wantState(client, key, wanted);
  }
  await deleteAll(
    client,
    steps.filter(({ action }) => action === 'delete').map(({ key }) => key),
  );
}

/** Readers before what they read; what is still read by others, also by a version that is about to go, is refused. */
async function deleteAll(client: Client, keys: readonly string[]): Promise<void> {
  for (let left = [...keys]; left.length > 0;) {
    const free: string[] = [];
    for (const key of left) if ((await usesOf(client, key)).length === 0) free.push(key);
    for (const key of free.length > 0 ? free : left) await wantState(client, key, 'deleted');
    left = left.filter((key) => !free.includes(key));
  }
}

/** A dry run says what the real one would refuse. */
async function refuseTaken(client: Queryable, steps: readonly PlannedStep[], { reuse }: ApplyOptions): Promise<void> {
  if (reuse === true) return;
  const keys = steps.filter(({ action }) => action === 'create').map(({ key }) => key);
  const { rows } = await client.query<{ key: string }>(
    'select s.key from segmentd.segment s where s.key = any ($1::text[]) order by s.key',
    [keys],
  );
  if (rows.length > 0)
    throw new Failure(
      'conflict',
      `Segments with these keys were deleted: ${rows.map(({ key }) => key).join(', ')}; segmentd restore KEY brings one back, --reuse gives their keys to new ones.`,
    );
}
