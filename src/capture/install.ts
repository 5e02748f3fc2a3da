/**
 * Installs the capture triggers on the team's tables. Each table has one short transaction that first locks out
 * writers. A writer without the trigger, or under the function before, has then ended, so nothing of it is lost, and
 * `installed_at` is true from the commit on. The installation changes only what differs. Processes take turns under the
 * setup lock.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CaptureSetting } from '../catalogue/config.ts';
import { refuseOtherSchema } from '../postgres/migrate.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { withSetupLock } from '../postgres/setup-lock.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { grantAccess } from './column-access.ts';
import { stepToDropFormerNames } from './former-name.ts';
import { runStep, stepScript } from './run-step.ts';
import { refuseDistributed } from './distributed.ts';
import { refuseHiddenRows } from './hidden-rows.ts';
import { buildIndexes, type IndexProgress } from './build-index.ts';
import { missingIndexes, refuseMissing } from './link-index.ts';
import { stepsToInstall, proveInstalled, titleOf, type InstallStep } from './install-step.ts';
import { stepsToRemove } from './removal-step.ts';
import { registerSources } from './source-row.ts';
import { planSources, unionOfSources, type SourcePlan, type SourceTable } from './source.ts';
import { missingTimeIndexes } from './time-index.ts';

export interface InstallOptions {
  /** Return the SQL that is still to be run, for a DBA, and change nothing on the team's tables. */
  readonly print?: boolean;
  /** Create the missing indexes on link columns and on the time columns of windows that segments use, concurrently. */
  readonly indexes?: boolean;
  /** Called while indexes are built, a few times a second. */
  readonly onIndexProgress?: (progress: IndexProgress) => void;
  /** Ring the doorbell from the triggers. Default: as installed before; true at first. */
  readonly notify?: boolean;
  /** Install although indexes on link columns are missing. */
  readonly slow?: boolean;
  /** Milliseconds to keep trying for the lock of one table, 60,000 by default. */
  readonly patience?: number;
  /** Which kind of triggers a table has about which the config says nothing; `auto` by default. */
  readonly capture?: CaptureSetting | undefined;
}

/** What else happens under the setup lock: after the new triggers, before the removal of those that no source needs. */
export interface Between {
  /** The catalogue that workers follow until then. Its sources stay captured until `publish` has committed. */
  readonly followed?: Catalogue;
  readonly publish: (client: Client) => Promise<void>;
}

export interface InstallReport {
  /** One line for each change; empty when everything was in place. */
  readonly changes: readonly string[];
  /** Which kinds of triggers were installed, and why; one line a table. */
  readonly triggers?: readonly string[];
  /** Tables on which capture could not be proven, each with the reason. */
  readonly notes?: readonly string[];
  /** With `print`: the SQL. */
  readonly sql?: string;
}

const PATIENCE = 60_000;
/** The next installation may run as another member of segmentd_owner. */
const HAND_OVER = 'select segmentd_internal.hand_over();\n';

/**
 * Installs capture for a catalogue. Idempotent.
 * @param between skipped with `print`
 * @throws {Failure} `incompatible`, `usage`, `permission`, `failed`: see the functions of each part
 */
export async function install(
  pool: Pool,
  catalogue: Catalogue,
  options: InstallOptions = {},
  between?: Between,
): Promise<InstallReport> {
  return withSetupLock(pool, (client) => run(pool, client, catalogue, options, between));
}

async function run(
  pool: Pool,
  client: Client,
  catalogue: Catalogue,
  options: InstallOptions,
  between: Between | undefined,
): Promise<InstallReport> {
  await refuseOtherSchema(client);
  const plans = planSources(catalogue);
  const needed = between?.followed ? unionOfSources(plans, planSources(between.followed)) : plans;
  await refuseHiddenRows(client, plans);
  await refuseDistributed(client, plans);
  const indexes = await ensureIndexes(pool, client, plans, options);
  const doorbell = await setDoorbell(client, options.notify);
  const added = await stepsFor(client, needed, doorbell, options.capture);
  const grants = await grantAccess(client, plans, options);
  if (options.print) {
    const text = [
      ...indexes,
      ...grants,
      ...added.steps.map(stepScript),
      ...(added.steps.length > 0
        ? [`${HAND_OVER}-- Afterwards run \`segmentd install\` once more: it records what is installed.\n`]
        : []),
    ].join('\n');
    return { changes: [], sql: text === '' ? '-- Everything is in place.\n' : text };
  }
  const patience = options.patience ?? PATIENCE;
  const notes: string[] = [];
  for (const step of added.steps) notes.push(...(await runStep(client, step, patience)));
  // Sources that needed no step are proven too.
  for (const source of added.sources.filter((one) => !added.steps.some((step) => step.title === titleOf(one)))) {
    notes.push(
      ...(await inTransaction(client, { lockTimeout: 'short' }, () =>
        proveInstalled(client, source, '`segmentd uninstall` removes capture'),
      )),
    );
  }
  await between?.publish(client);
  const removed = needed === plans ? [] : (await stepsFor(client, plans, doorbell, options.capture)).steps;
  for (const step of removed) notes.push(...(await runStep(client, step, patience)));
  await client.query(HAND_OVER);
  // Workers cache the sources and their mask bits until the generation changes.
  await client.query('update segmentd_internal.installation set generation = generation + 1');
  const changes = [...indexes, ...[...added.steps, ...removed].flatMap((step) => step.changes), ...grants];
  const triggers = [...added.steps, ...removed].flatMap((step) => (step.triggers === undefined ? [] : [step.triggers]));
  return { changes, ...(triggers.length > 0 ? { triggers } : {}), ...(notes.length > 0 ? { notes } : {}) };
}

async function stepsFor(
  client: Client,
  plans: readonly SourcePlan[],
  doorbell: boolean,
  setting: CaptureSetting = 'auto',
): Promise<{ readonly sources: readonly SourceTable[]; readonly steps: readonly InstallStep[] }> {
  const sources = await inTransaction(client, {}, () => registerSources(client, plans));
  return {
    sources,
    steps: [
      ...(await stepsToInstall(client, sources, { doorbell, setting })),
      ...(await stepsToRemove(client, sources)),
      ...(await stepToDropFormerNames(client)),
    ],
  };
}

/**
 * Handles missing indexes: creates them (`indexes`), returns their commands (`print`), ignores them (`slow`), or refuses. Without the index of
 * a window the window still works, but later: that is never a reason to refuse. Returns lines to show.
 */
async function ensureIndexes(
  pool: Pool,
  client: Client,
  plans: readonly SourcePlan[],
  { print, indexes, slow, onIndexProgress }: InstallOptions,
): Promise<readonly string[]> {
  const links = await missingIndexes(client, plans);
  const missing = [...links, ...(indexes === true ? await missingTimeIndexes(client) : [])];
  const distinct = [...new Map(missing.map((one) => [one.command, one])).values()];
  if (print === true) return distinct.map((one) => `${one.command}\n`);
  if (indexes === true) return buildIndexes(client, distinct, { pool, onProgress: onIndexProgress });
  if (slow !== true) refuseMissing(distinct);
  return [];
}

async function setDoorbell(client: Client, notify: boolean | undefined): Promise<boolean> {
  const { rows } = await client.query<{ doorbell: boolean }>(
    `with changed as (update segmentd_internal.installation set doorbell = $1::boolean where doorbell <> $1::boolean returning doorbell)
     select coalesce((select doorbell from changed), doorbell) as doorbell from segmentd_internal.installation`,
    [notify ?? null],
  );
  return rows[0]?.doorbell ?? true;
}
