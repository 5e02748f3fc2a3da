/**
 * Looks at everything that segmentd depends on and that others may change: the server, its own schema, the triggers and
 * indexes on the team's tables, and what holds the workers up. Reads only. Each finding is a sentence (what is wrong,
 * why it matters) and the command that fixes it; the worst findings come first.
 */
import { distributedSentence, distributedTables } from '../capture/distributed.ts';
import { findUnreported } from '../capture/drift.ts';
import { neededIndexes } from '../capture/index-need.ts';
import { stepsToInstall } from '../capture/install-step.ts';
import { stepsToRemove } from '../capture/removal-step.ts';
import { registeredSources } from '../capture/source-row.ts';
import { planSources, type SourcePlan } from '../capture/source.ts';
import { branchName } from '../capture/table-tree.ts';
import { Failure } from '../base/error.ts';
import { spanText } from '../base/span.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { clockBehind } from '../postgres/clock.ts';
import { pendingMigrations, staleObjects } from '../postgres/migrate.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { PUBLISHED_ADVICE, publicationsOfAll, publishedSentence } from '../postgres/publication.ts';
import { statement } from '../postgres/sql-file.ts';
import { readTroubles, troubleSentence } from '../postgres/trouble.ts';
import { paths } from './doctor-path.ts';
import { ranks } from './doctor-rank.ts';
import { clockSkew, server, zones, type OffsetOf, type Patience } from './doctor-server.ts';
import { logFindings } from './doctor-log.ts';
import { CLOCK_BEHIND, SILENT, workerFindings } from './doctor-worker.ts';
import { worstFirst, type Finding } from './finding.ts';

/** Changes that wait without being called a backlog. */
const LONG_BACKLOG = 100_000;

export interface DoctorOptions {
  readonly patience?: Patience;
  /** In place of this process's time zone data. */
  readonly offsetOf?: OffsetOf;
  /** What of the config the catalogue lacks because it does not fit the database. */
  readonly misfits?: readonly string[];
}

export async function doctor(
  pool: Pool,
  catalogue: Catalogue,
  options: DoctorOptions = {},
): Promise<readonly Finding[]> {
  const plans = planSources(catalogue);
  const { misfits = [] } = options;
  const findings = [...(await server(pool, catalogue, plans, options.patience ?? {})), ...misfits.map(misfit)];
  const schema = await ownSchema(pool);
  findings.push(...schema);
  findings.push(...(await published(pool)));
  if (schema.some((finding) => finding.level === 'fail')) return worstFirst(findings);
  const times = [...(await clockSkew(pool)), ...(await zones(pool, catalogue, options.offsetOf))];
  return worstFirst([
    ...findings,
    ...times,
    ...(await capture(pool, catalogue, plans, misfits.length === 0)),
    ...(await indexes(pool, catalogue)),
    ...(await paths(pool, catalogue)),
    ...(await ranks(pool, catalogue)),
    ...(await work(pool)),
  ]);
}

function misfit(mistake: string): Finding {
  return { level: 'fail', sentence: `The config does not fit the database: ${mistake}` };
}

async function ownSchema(database: Queryable): Promise<readonly Finding[]> {
  try {
    const pending = await pendingMigrations(database);
    if (pending > 0)
      return [
        {
          level: 'fail',
          sentence: `The schema "segmentd" lacks ${pending} migration${pending === 1 ? '' : 's'}.`,
          fix: 'segmentd migrate',
        },
      ];
  } catch (error) {
    if (error instanceof Failure) return [{ level: 'fail', sentence: error.message }];
    throw error;
  }
  const stale = await staleObjects(database);
  if (stale.length > 0)
    return [
      {
        level: 'warn',
        sentence: `Functions and views of segmentd are older than this version (${stale.join(', ')}).`,
        fix: 'segmentd migrate',
      },
    ];
  return [{ level: 'ok', sentence: 'The schema "segmentd" is up to date.' }];
}

async function published(database: Queryable): Promise<readonly Finding[]> {
  const publications = await publicationsOfAll(database);
  return publications.length === 0
    ? []
    : [{ level: 'warn', sentence: publishedSentence(publications), fix: PUBLISHED_ADVICE }];
}

/**
 * @param whole whether the catalogue has all that the config asks for: otherwise it does not say what is no longer
 * needed
 */
async function capture(
  pool: Pool,
  catalogue: Catalogue,
  plans: readonly SourcePlan[],
  whole: boolean,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const distributed = await distributedTables(pool, plans);
  if (distributed.length > 0)
    findings.push({ level: 'fail', sentence: distributedSentence(distributed), fix: 'segmentd uninstall' });
  const sources = await registeredSources(pool, plans);
  const unknown = plans.filter((plan) => !sources.some((source) => source.key === plan.key));
  for (const plan of unknown) {
    findings.push({
      level: 'fail',
      sentence: `Capture is not installed on ${branchName(plan.table)} (${plan.link.column}), or lacks some of its columns: its changes do not reach segments.`,
      fix: 'segmentd install',
    });
  }
  const { rows } = await pool.query<{ doorbell: boolean }>('select doorbell from segmentd_internal.installation');
  const steps = await stepsToInstall(pool, sources, { doorbell: rows[0]?.doorbell ?? true });
  for (const step of steps) {
    findings.push({
      level: 'fail',
      sentence: `Capture on ${step.title} is not complete: triggers or functions are missing, disabled or old, so changes may be missed.`,
      fix: 'segmentd install',
    });
  }
  if (whole && unknown.length === 0) {
    for (const step of await stepsToRemove(pool, sources)) {
      findings.push({
        level: 'warn',
        sentence: `Capture is installed where no condition needs it any more: ${step.title}. Each write there pays for it.`,
        fix: 'segmentd install',
      });
    }
  }
  for (const drift of await findUnreported(pool, catalogue)) {
    findings.push({ level: 'warn', sentence: `${drift.sentence} A running worker rebuilds what reads it.` });
  }
  if (findings.length === 0)
    findings.push({
      level: 'ok',
      sentence: `Capture is in place on ${plans.length} source${plans.length === 1 ? '' : 's'}.`,
    });
  return findings;
}

async function indexes(database: Queryable, catalogue: Catalogue): Promise<readonly Finding[]> {
  const needs = await neededIndexes(database, catalogue);
  const findings = needs.map(({ table, column, purpose, invalid, command }): Finding => {
    const harm =
      purpose === 'link'
        ? `has no index on ${column}: every change scans the table.`
        : `has no index on ${column}, which windows are about: each look for those who enter or leave by time scans the table, so the looks are rare.`;
    const failed = invalid
      .filter(({ building }) => !building)
      .map((index) => ` The index ${branchName(index)} on it is invalid, because a build of it failed.`);
    return { level: 'warn', sentence: `${branchName(table)} ${harm}${failed.join('')}`, fix: command };
  });
  return needs.some(({ purpose }) => purpose === 'link')
    ? findings
    : [{ level: 'ok', sentence: 'Every link column has an index.' }, ...findings];
}

async function work(database: Queryable): Promise<readonly Finding[]> {
  const { rows } = await database.query<{
    changes: number;
    rechecks: number;
    behind: number | null;
    time_behind: number | null;
    doorbell: boolean;
    troubled: readonly string[];
    readonly held: readonly string[];
  }>(statement('doctor-backlog'));
  const [row] = rows;
  if (!row) return [{ level: 'fail', sentence: 'The schema "segmentd" is not initialised.', fix: 'segmentd migrate' }];
  const waiting = row.changes + row.rechecks;
  const count = waiting > LONG_BACKLOG ? 'more than 100,000' : waiting.toLocaleString('en');
  const findings: Finding[] = [
    ...(await workerFindings(database, { behind: row.behind, waiting: count })),
    ...(await logFindings(database)),
  ];
  if (row.behind !== null && row.behind <= SILENT && (row.time_behind === null || row.time_behind > SILENT)) {
    const since =
      row.time_behind === null
        ? 'No worker has looked at windows yet'
        : `Windows have not been followed for ${Math.round(row.time_behind)} s longer than changes`;
    findings.push({ level: 'warn', sentence: `${since}: the worker's log says why its sweeps fail.` });
  }
  if (waiting > LONG_BACKLOG && row.behind !== null) {
    findings.push({
      level: 'warn',
      sentence: 'The backlog is long: workers do not keep up with the changes, or a lock holds them up.',
      fix: 'segmentd run (one more), or segmentd uninstall if capture must stop',
    });
  }
  for (const trouble of await readTroubles(database))
    findings.push({ level: 'fail', sentence: troubleSentence(trouble), fix: 'read the log of segmentd run' });
  const behind = await clockBehind(database);
  if (behind > CLOCK_BEHIND) {
    findings.push({
      level: 'warn',
      sentence: `The server's clock is ${spanText(behind)} behind an instant that segmentd has used: no contact enters or leaves by time until it has caught up. If the clock is right now, accept it.`,
      fix: 'segmentd doctor --accept-clock',
    });
  }
  if (!row.doorbell)
    findings.push({
      level: 'ok',
      sentence: 'The doorbell is left out (--no-notify): workers find changes by polling.',
    });
  if (row.troubled.length > 0)
    findings.push({
      level: 'warn',
      sentence: `Segments are not kept up to date: ${row.troubled.join(', ')}. Their members stay as they are.`,
      fix: 'segmentd status',
    });
  if (row.held.length > 0) {
    findings.push({
      level: 'warn',
      sentence: `An edit of ${row.held.join(', ')} moves many members and waits to be confirmed; the version before it stays live.`,
      fix: 'segmentd edit KEY --yes',
    });
  }
  return findings;
}
