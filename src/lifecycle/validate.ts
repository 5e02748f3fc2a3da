/**
 * Validates one proposed version against the database: its condition, its time zone, what it reads, and whether Postgres can plan the
 * compiled SQL. Writes nothing; accept.ts writes the outcome.
 */
import { isOwnTimeout, LOCK_NOT_AVAILABLE, QUERY_CANCELED, readingOf, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, sql } from '../compile/fragment.ts';
import { memberQuery } from '../compile/statement.ts';
import type { Issue } from '../condition/issue.ts';
import { planVersion, type VersionPlan } from '../followed/plan.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import { knownZones } from '../postgres/known-zone.ts';
import type { Client } from '../postgres/pool.ts';
import { segmentIds } from '../segment/read-segment.ts';
import { readEventLog } from '../segment/log-reach.ts';
import { referencesFor } from '../segment/reference-graph.ts';
import { versionIssues } from '../segment/version-issues.ts';
import type { SegmentKind } from './state.ts';

export interface ProposedVersion {
  readonly id: number;
  readonly key: string;
  readonly version: number;
  readonly kind: SegmentKind;
  readonly condition: unknown;
  /** Whether it has a condition: the JSON null is one, and the driver shows it like none. */
  readonly conditioned: boolean;
  readonly timezone: string | null;
}

/** Milliseconds for each statement. */
export const STATEMENT_TIMEOUT = 10_000;

/** Returns every reason against the version, or undefined when a table is locked and nothing can be said yet. */
export async function validate(
  client: Client,
  catalogue: Catalogue,
  { id, key, version, condition, conditioned, timezone }: ProposedVersion,
): Promise<readonly Issue[] | undefined> {
  const references = await referencesFor(client, condition);
  const zones =
    timezone === null || timezone === catalogue.timezone ? new Set<string>() : await knownZones(client, [timezone]);
  const candidate = { key, condition: conditioned ? condition : undefined, timezone };
  const log = await readEventLog(client);
  const issues = versionIssues(candidate, { catalogue, zones, log, ...references });
  if (issues.length > 0 || !conditioned) return issues;
  // A snapshot, too, is built by its condition.
  const input = { segmentId: id, version, condition, timezone, kind: 'dynamic', overrides: true } as const;
  const planned = planVersion(catalogue, input);
  return planned.ok ? explain(client, catalogue, planned.plan) : planned.issues;
}

/**
 * Postgres must also plan what passes the check. EXPLAIN runs under a savepoint, so that its error spoils only this version. The
 * savepoint is rolled back in any case: that frees the team's tables before the next version locks its own.
 */
async function explain(client: Client, catalogue: Catalogue, plan: VersionPlan): Promise<readonly Issue[] | undefined> {
  const ids = await segmentIds(client);
  const query = memberQuery(catalogue, plan, { low: false, high: false }, { segmentId: (key) => ids.get(key) ?? 0 });
  const { text, bind } = render(sql`explain ${query}`);
  const started = performance.now();
  await client.query(`savepoint explained; ${SHORT_WAIT}`);
  try {
    await client.query(text, bind({ now: '2000-01-01T00:00:00Z' }));
    await client.query('rollback to savepoint explained; release savepoint explained');
    return [];
  } catch (error) {
    await client.query('rollback to savepoint explained');
    const code = sqlState(error);
    if (code === LOCK_NOT_AVAILABLE) return undefined;
    // A person cancelled the statement, or it could not run now: that says nothing about the condition.
    const unknown =
      code === undefined ||
      readingOf(code) === 'passing' ||
      (code === QUERY_CANCELED && !isOwnTimeout(error, performance.now() - started, STATEMENT_TIMEOUT));
    if (unknown) throw error;
    return [
      {
        code: 'not-plannable',
        pointer: '',
        message: `Postgres cannot plan this condition (SQLSTATE ${code})`,
        hint: 'look whether the columns that it reads still exist with the types they had, and whether the worker may read them',
      },
    ];
  }
}
