/**
 * Puts the capture triggers on the team's tables. Each table is done in one short transaction that first locks out
 * writers: one that ran without the trigger, or under the function before, has then ended, so nothing of it can be lost,
 * and `installed_at` is true from the commit on. Only what differs is touched; several processes take turns.
 */
import { Failure, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { underSetupLock } from '../postgres/advisory-lock.ts';
import { explainDdl } from '../postgres/explain-ddl.ts';
import { refuseOtherSchema } from '../postgres/migrate.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { grantAccess, refuseHiddenRows } from './column-access.ts';
import { runStep, stepScript } from './run-step.ts';
import { refuseDistributed } from './distributed.ts';
import { buildIndex, ensureIndexes } from './link-index.ts';
import { stepsToRemove, stepsToInstall, proveInstalled, titleOf, type InstallStep } from './install-step.ts';
import { registerSources, unionOfSources, planSources, type SourceTable, type SourcePlan } from './source.ts';
import { expectedTimeIndexes } from './time-index.ts';
import { branchName } from './table-tree.ts';

export interface InstallOptions {
  /** Return the SQL that is still to be run, for a DBA; change nothing on the team's tables. */
  readonly print?: boolean;
  /** Create the missing indexes on link columns and on the times that windows are about, concurrently. */
  readonly indexes?: boolean;
  /** Ring the doorbell from the triggers (default: as installed before, at first true). */
  readonly notify?: boolean;
  /** Go on without indexes on link columns. */
  readonly slow?: boolean;
  /** Milliseconds to keep trying for the lock of one table, 60,000 by default. */
  readonly patience?: number;
}

/** What else happens under the set-up lock, between the new triggers and the removal of those that nothing needs. */
export interface Between {
  /** The catalogue that workers follow until then: what it reads is captured until `publish` has committed. */
  readonly followed?: Catalogue;
  readonly publish: (client: Client) => Promise<void>;
}

export interface InstallReport {
  /** One line for each thing done; empty when all was in place. */
  readonly changes: readonly string[];
  /** Tables on which no write could be tried, each with the reason. */
  readonly notes?: readonly string[];
  /** With `print`: the SQL. */
  readonly sql?: string;
}

const PATIENCE = 60_000;
/** Whoever installs next may be another member of segmentd_owner. */
const HAND_OVER = 'select segmentd.hand_over();\n';

/** @param between not done with `print` */
export async function install(
  pool: Pool,
  catalogue: Catalogue,
  options: InstallOptions = {},
  between?: Between,
): Promise<InstallReport> {
  return withSetupLock(pool, (client) => run(client, catalogue, options, between));
}

/** Runs `fn` alone among migrate, install and uninstall of all processes, on a connection of its own. */
export async function withSetupLock<T>(pool: Pool, fn: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await underSetupLock(client, () => fn(client));
  } catch (error) {
    // Neither ours nor Postgres': the connection itself may be gone.
    if (sqlState(error) === undefined && !(error instanceof Failure))
      broken = error instanceof Error ? error : new Error(String(error));
    throw broken ? error : await explainDdl(client, error);
  } finally {
    client.release(broken);
  }
}

async function run(
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
  const indexes = [
    ...(await ensureIndexes(client, plans, options)),
    ...(await timeIndexes(client, catalogue, options)),
  ];
  const doorbell = await setDoorbell(client, options.notify);
  const added = await stepsFor(client, needed, doorbell);
  const grants = await grantAccess(client, plans, options);
  if (options.print) {
    const text = [
      ...indexes,
      ...grants,
      ...added.steps.map(stepScript),
      ...(added.steps.length > 0
        ? [`${HAND_OVER}-- Afterwards run \`segmentd install\` once more: it takes note of what stands.\n`]
        : []),
    ].join('\n');
    return { changes: [], sql: text === '' ? '-- Everything is in place.\n' : text };
  }
  const patience = options.patience ?? PATIENCE;
  const notes: string[] = [];
  for (const step of added.steps) notes.push(...(await runStep(client, step, patience)));
  // Those that stood already.
  for (const source of added.sources.filter((one) => !added.steps.some((step) => step.title === titleOf(one)))) {
    notes.push(
      ...(await inTransaction(client, { lockTimeout: 'short' }, () =>
        proveInstalled(client, source, '`segmentd uninstall` takes capture off'),
      )),
    );
  }
  await between?.publish(client);
  const removed = needed === plans ? [] : (await stepsFor(client, plans, doorbell)).steps;
  for (const step of removed) notes.push(...(await runStep(client, step, patience)));
  await client.query(HAND_OVER);
  // Workers hold the sources and their mask bits under the generation.
  await client.query('update segmentd.installation set generation = generation + 1');
  const changes = [...indexes, ...[...added.steps, ...removed].flatMap((step) => step.changes), ...grants];
  return { changes, ...(notes.length > 0 ? { notes } : {}) };
}

async function stepsFor(
  client: Client,
  plans: readonly SourcePlan[],
  doorbell: boolean,
): Promise<{ readonly sources: readonly SourceTable[]; readonly steps: readonly InstallStep[] }> {
  const sources = await inTransaction(client, {}, () => registerSources(client, plans));
  return {
    sources,
    steps: [...(await stepsToInstall(client, sources, { doorbell })), ...(await stepsToRemove(client, sources))],
  };
}

/** Windows work without them, only later. */
async function timeIndexes(client: Client, catalogue: Catalogue, options: InstallOptions): Promise<readonly string[]> {
  if (options.indexes !== true) return [];
  const missing = await expectedTimeIndexes(client, catalogue);
  if (options.print) return missing.map((one) => `${one.command}\n`);
  for (const one of missing) await buildIndex(client, one);
  return missing.map((one) => `created an index on ${branchName(one.table)} (${one.column})`);
}

async function setDoorbell(client: Client, notify: boolean | undefined): Promise<boolean> {
  const { rows } = await client.query<{ doorbell: boolean }>(
    `with changed as (update segmentd.installation set doorbell = $1::boolean where doorbell <> $1::boolean returning doorbell)
     select coalesce((select doorbell from changed), doorbell) as doorbell from segmentd.installation`,
    [notify ?? null],
  );
  return rows[0]?.doorbell ?? true;
}
