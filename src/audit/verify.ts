/**
 * Proves that stored membership is what the conditions say now. Each range of keys has a snapshot of its own, so that
 * none is held long; settle.ts separates drift from lag. `repair` queues rechecks; verify writes no membership.
 */
import { Failure, noSegment, sqlState, NO_RIGHT } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { chunkEnd, differenceInRange, type KeyRange } from '../membership/stored-difference.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { planVersion, type VersionPlan } from '../followed/plan.ts';
import { compare, PATIENCE, settle, type Remaining, type Suspect } from './settle.ts';
import { isFollowed, type SegmentKind, type SegmentState } from '../lifecycle/state.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';

export interface Verification {
  readonly key: string;
  /** Contacts compared. */
  readonly checked: number;
  /** Contact keys that should be members and are not. */
  readonly missing: readonly string[];
  /** Contact keys that are members and should not be. */
  readonly extra: readonly string[];
  /** Differences whose change still waits for the worker: lag, not drift. */
  readonly pending: number;
}

export interface VerifyOptions {
  /** One segment; otherwise every live one. */
  readonly key?: string;
  /** Queues a recheck with reason `repair` for each difference. */
  readonly repair?: boolean;
  readonly onProgress?: (fraction: number) => void;
  /**
   * Without a key: called for a live segment whose condition does not fit the tables. Without `onUnfit` verify fails on
   * it.
   */
  readonly onUnfit?: (key: string) => void;
  /** Milliseconds to wait for queued work before a difference is called pending; 10 s by default. */
  readonly patience?: number;
}

/** About half a second of reading for a dozen segments. */
const CHUNK_CONTACTS = 50_000;
const TIMEOUTS = { lockTimeout: 'short', statementTimeout: 60_000, idleTimeout: 30_000 } as const;

/** @throws {Failure} `not-found` for an unknown key, `failed` for a segment that is not kept now */
export async function verify(
  pool: Pool,
  catalogue: Catalogue,
  options: VerifyOptions = {},
): Promise<readonly Verification[]> {
  const segments = await livePlans(pool, catalogue, options);
  const ids = await segmentIds(pool);
  const queryOptions = { segmentId: (key: string) => ids.get(key) ?? 0 };
  const total = Math.max(1, await countContacts(pool, catalogue));
  const found = new Map<number, Remaining[]>(segments.map(({ plan }) => [plan.id, []]));
  let checked = 0;
  for (let range: KeyRange = { low: undefined, high: undefined }; segments.length > 0;) {
    const { low, high } = range;
    const end = await retryLocked(
      () => inTransaction(pool, TIMEOUTS, (client) => chunkEnd(client, catalogue, { low, high }, CHUNK_CONTACTS)),
      PATIENCE,
    );
    range = { low: range.low, high: end?.key };
    const plans = segments.map(({ plan }) => plan);
    const difference = differenceText(differenceInRange(catalogue, plans, range, queryOptions));
    const suspects = await compare<Suspect>(pool, TIMEOUTS, difference, { ...range });
    const remaining = await settle(pool, catalogue, plans, suspects, queryOptions, {
      longest: options.patience ?? 10_000,
      pause: 50,
      timeouts: TIMEOUTS,
    });
    for (const row of remaining) found.get(row.segment_id)?.push(row);
    checked += end?.count ?? 0;
    options.onProgress?.(Math.min(1, checked / total));
    if (!end) break;
    range = { low: end.key, high: undefined };
  }
  const drift = [...found.values()].flat().filter((row) => !row.queued);
  if (options.repair === true && drift.length > 0) await queueRepair(pool, drift);
  if (options.key === undefined) await note(pool, drift.length);
  return segments.map(({ key, plan }) => verification(key, total, found.get(plan.id) ?? []));
}

const MAY_NOT_WRITE: readonly (string | undefined)[] = [NO_RIGHT, '25006'];

/** Notes the result for the metrics. A role that may only read verifies without it. */
async function note(pool: Pool, differences: number): Promise<void> {
  await pool.query({ ...statement('verify-note'), values: [differences] }).catch((error: unknown) => {
    if (!MAY_NOT_WRITE.includes(sqlState(error))) throw error;
  });
}

function verification(key: string, checked: number, rows: readonly Remaining[]): Verification {
  const drift = rows.filter((row) => !row.queued);
  return {
    key,
    checked,
    missing: drift.filter((row) => row.wanted).map((row) => row.contact_id),
    extra: drift.filter((row) => !row.wanted).map((row) => row.contact_id),
    pending: rows.length - drift.length,
  };
}

async function livePlans(
  pool: Pool,
  catalogue: Catalogue,
  { key, onUnfit }: VerifyOptions,
): Promise<{ key: string; plan: VersionPlan }[]> {
  const { rows } = await pool.query<{
    id: number;
    key: string;
    state: SegmentState;
    version: number | null;
    condition: unknown;
    timezone: string | null;
    kind: SegmentKind;
    overrides: boolean;
  }>(
    `select s.id, s.key, case when s.frozen_at is null then s.state else 'frozen' end as state, v.version, v.condition, v.timezone, v.kind,
       exists (select from segmentd.override w where w.segment_id = s.id and w.kind <> 'member') as overrides
     from segmentd.segment s left join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
     where $1::text is null and segmentd_internal.is_followed(s.state) and s.live_version is not null and s.frozen_at is null or s.key = $1 order by s.id`,
    [key ?? null],
  );
  const [only] = rows;
  if (key !== undefined && !only) throw noSegment(key);
  const plans: { key: string; plan: VersionPlan }[] = [];
  for (const row of rows) {
    if (row.version === null || !isFollowed(row.state)) {
      throw new Failure('failed', `${row.key} is ${row.state}: its members are frozen and cannot be verified.`);
    }
    const planned = planVersion(catalogue, { ...row, segmentId: row.id, version: row.version });
    if (!planned.ok) {
      if (key !== undefined || !onUnfit)
        throw new RefusedCondition(
          `The live condition of ${row.key} does not fit the tables any more.`,
          planned.issues,
          {
            code: 'failed',
          },
        );
      onUnfit(row.key);
      continue;
    }
    plans.push({ key: row.key, plan: planned.plan });
  }
  return plans;
}

async function segmentIds(pool: Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ id: number; key: string }>('select s.id, s.key from segmentd.segment s');
  return new Map(rows.map((row) => [row.key, row.id]));
}

async function countContacts(pool: Pool, catalogue: Catalogue): Promise<number> {
  const { schema, name } = catalogue.contacts.table;
  const { text, bind } = render(sql`select count(*)::int as contacts from ${tableName({ schema, name })}`);
  const { rows } = await retryLocked(
    () => inTransaction(pool, TIMEOUTS, (client) => client.query<{ contacts: number }>(text, bind())),
    PATIENCE,
  );
  return rows[0]?.contacts ?? 0;
}

function differenceText(difference: Fragment): Fragment {
  return sql`select d.segment_id, d.contact_id::text as contact_id, d.wanted from (${difference}) as d`;
}

async function queueRepair(pool: Pool, drift: readonly Suspect[]): Promise<void> {
  await pool.query({
    ...statement('append-recheck'),
    values: [
      drift.map((row) => row.segment_id),
      drift.map((row) => row.contact_id),
      drift.map(() => 'repair'),
      drift.map(() => null),
      null,
    ],
  });
}
