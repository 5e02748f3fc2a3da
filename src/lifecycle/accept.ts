/**
 * Validates proposed versions, SQL edits and those of our API alike: typed check, references, cycles, EXPLAIN of the compiled
 * SQL. One at a time under an advisory lock, because two edits at once could close a cycle. An invalid edit leaves the
 * live version maintained; `error` describes the wanted one.
 */
import { masked } from '../base/mask.ts';
import {
  codeOf,
  isCutConnection,
  isOwnTimeout,
  LOCK_NOT_AVAILABLE,
  QUERY_CANCELED,
  readingOf,
  sqlState,
} from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, sql } from '../compile/fragment.ts';
import { memberQuery } from '../compile/statement.ts';
import type { Issue } from '../condition/issue.ts';
import { lockClass, single } from '../postgres/advisory-lock.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { knownZones } from '../postgres/known-zone.ts';
import { CONFIRMED, acceptConfirmed } from './guard.ts';
import { cataloguePrint } from '../followed/fingerprint.ts';
import { planVersion, type VersionPlan } from '../followed/plan.ts';
import { readReferences, referencesFor } from '../segment/reference-graph.ts';
import { readFirst, referenceIssues } from '../segment/reference.ts';
import { bumpGeneration } from '../followed/registry.ts';
import type { SegmentKind } from './state.ts';
import { inWorkerTransaction } from './worker-transaction.ts';
import { cancelBuild } from './write-build.ts';
import { markAccepted, markRejected } from './write-segment.ts';
import { markVersionAccepted, markVersionInvalid, supersedeVersions } from './write-version.ts';

interface Proposed {
  readonly id: number;
  readonly key: string;
  readonly kind: SegmentKind;
  readonly version: number;
  readonly condition: unknown;
  /** It has a condition; the JSON null is one, and the driver shows it as it shows none. */
  readonly conditioned: boolean;
  readonly timezone: string | null;
  readonly live_version: number | null;
}

const TIMEOUTS = { lockTimeout: 2_000, statementTimeout: 10_000, idleTimeout: 30_000 } as const;

/** A row that a caller's open transaction holds is validated after its end: nobody else's version waits for it. */
const PROPOSED = `
  select s.id, s.key, v.kind, v.version, v.condition, v.condition is not null as conditioned, v.timezone, s.live_version
  from segmentd.segment_version v
  join segmentd.segment s on s.id = v.segment_id and s.version = v.version
  where v.state = 'proposed' and s.wanted_state in ('live', 'paused')
  order by s.id
  limit 100
  for no key update of s skip locked`;

/** A version does not fit a catalogue that may be older than the tables. */
class Doubtful extends Error {}

/**
 * Validates what is proposed, at most a hundred, and lets through what was confirmed; returns how many.
 * @param recall reads the catalogue anew: a column that came after the last reading is no reason to refuse, so nothing is
 * refused under a catalogue that was not read for it
 */
export async function acceptVersions(
  pool: Pool,
  catalogue: Catalogue,
  recall?: () => Promise<Catalogue>,
): Promise<number> {
  const waiting = await pool.query(
    `select from segmentd.segment_version v join segmentd.segment s on s.id = v.segment_id where v.state = 'proposed' or ${CONFIRMED} limit 1`,
  );
  if (waiting.rowCount === 0) return 0;
  try {
    return await validateAll(pool, catalogue, recall !== undefined);
  } catch (error) {
    if (!recall || !(error instanceof Doubtful)) throw error;
    return validateAll(pool, await recall(), false);
  }
}

async function validateAll(pool: Pool, catalogue: Catalogue, doubtful: boolean): Promise<number> {
  return inWorkerTransaction(pool, TIMEOUTS, async (client) => {
    await client.query('select pg_advisory_xact_lock($1, $2)', [lockClass.single, single.accept]);
    const { rows } = await client.query<Proposed>(PROPOSED);
    // A chain is validated from its foot: its top, not its middle, is what may be too far up.
    const { reads } = await readReferences(client);
    let validated = 0;
    for (const row of readFirst(rows, reads)) if (await checkApart(client, catalogue, row, doubtful)) validated += 1;
    const released = await acceptConfirmed(client);
    await supersedeVersions(client);
    if (validated + released > 0) await bumpGeneration(client);
    return validated + released;
  });
}

/** One row that cannot even be checked is refused like any other mistake, and keeps nobody else's version waiting. As `validate`. */
async function checkApart(client: Client, catalogue: Catalogue, row: Proposed, doubtful: boolean): Promise<boolean> {
  await client.query('savepoint checked');
  try {
    const validated = await validate(client, catalogue, row, doubtful);
    await client.query('release savepoint checked');
    return validated;
  } catch (error) {
    const code = sqlState(error);
    const own =
      code === undefined
        ? !(error instanceof Doubtful || isCutConnection(error) || codeOf(error) !== '')
        : readingOf(code) === 'poison';
    if (!own) throw error;
    await client.query('rollback to savepoint checked');
    const why = code === undefined ? '' : ` (SQLSTATE ${code})`;
    await refuse(client, catalogue, row, [
      {
        code: 'not-checkable',
        pointer: '',
        message: `The condition cannot be checked${why}.`,
        hint: 'write it anew, with fewer operators inside one another',
      },
    ]);
    return true;
  }
}

/** False when a table that the version reads is locked: it stays proposed, and the others are validated. */
async function validate(client: Client, catalogue: Catalogue, row: Proposed, doubtful: boolean): Promise<boolean> {
  // What is kept by hand has nothing that could be wrong.
  const issues = row.conditioned ? await issuesOf(client, catalogue, row) : [];
  if (issues === undefined) return false;
  if (issues.length === 0) {
    await markVersionAccepted(client, [row.id]);
    await markAccepted(client, [row.id]);
    return true;
  }
  if (doubtful) throw new Doubtful();
  await refuse(client, catalogue, row, issues);
  return true;
}

async function refuse(client: Client, catalogue: Catalogue, row: Proposed, issues: readonly Issue[]): Promise<void> {
  // `drift`: validated again when the tables have changed.
  const passing = issues.some((issue) => issue.code === 'withheld') ? { code: 'drift' } : {};
  const error = JSON.stringify({ version: row.version, ...passing, issues });
  await markVersionInvalid(client, row, error);
  const state = await markRejected(client, row.id, error, cataloguePrint(catalogue));
  // A first build of an earlier version ends with it: drains park nothing for a segment that is invalid.
  if (state === 'invalid') await cancelBuild(client, row.id);
}

/** Undefined when a table is locked, so that nothing can be said yet. */
async function issuesOf(client: Client, catalogue: Catalogue, row: Proposed): Promise<readonly Issue[] | undefined> {
  const known = await client.query<{ id: number; key: string }>(
    `select s.id, s.key from segmentd.segment s where s.state <> 'deleted' and s.wanted_state <> 'deleted'`,
  );
  const ids = new Map(known.rows.map((one) => [one.key, one.id]));
  // A condition is validated as such: a snapshot, too, is built by it.
  const planned = planVersion(
    catalogue,
    {
      segmentId: row.id,
      version: row.version,
      condition: row.condition,
      timezone: row.timezone,
      kind: 'dynamic',
      overrides: true,
    },
    (key) => ids.has(key),
  );
  if (!planned.ok) return planned.issues;
  const { timezone } = planned.plan;
  if (timezone !== catalogue.timezone && !(await knownZones(client, [timezone])).has(timezone)) {
    return [
      {
        code: 'unknown-timezone',
        pointer: '',
        message: `${masked(timezone)} is not a time zone that this Postgres knows`,
        hint: 'use an IANA name such as Europe/Madrid',
      },
    ];
  }
  const { reads, bound } = await referencesFor(client, row.condition);
  const wrong = referenceIssues(row.key, row.condition, reads, bound);
  return wrong.length > 0 ? wrong : explain(client, catalogue, planned.plan, ids);
}

/**
 * What passes the check must also plan: EXPLAIN under a savepoint, so that a refusal spoils only this version. It is rolled
 * back in any case: that frees the team's tables before the next version locks its own.
 */
async function explain(
  client: Client,
  catalogue: Catalogue,
  plan: VersionPlan,
  ids: ReadonlyMap<string, number>,
): Promise<readonly Issue[] | undefined> {
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
    // A person cancelled the statement, or it could not run now: nothing is known of the condition.
    const unknown =
      code === undefined ||
      readingOf(code) === 'passing' ||
      (code === QUERY_CANCELED && !isOwnTimeout(error, performance.now() - started, TIMEOUTS.statementTimeout));
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
