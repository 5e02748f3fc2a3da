/**
 * A condition tried before it is saved: how many contacts are in and out, keys of some, every leaf alone and as a funnel,
 * the cost. Limited in time: a number that cannot be counted is estimated, and its basis says so. Reads only. No part of
 * it may be logged: it names contacts.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { CALL_DEFAULTS, DEFAULT_SETTINGS } from '../base/option.ts';
import { render, sql, tableName } from '../compile/fragment.ts';
import { predicate } from '../compile/predicate.ts';
import type { Condition } from '../condition/ast.ts';
import { describe } from '../condition/describe/describe.ts';
import { fieldsOf } from '../condition/references.ts';
import { outlineOf } from '../explain/condition-tree.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { planVersion, tablesRead, type VersionPlan } from '../followed/plan.ts';
import { segmentIds } from '../segment/read-segment.ts';
import { exactAmount, plannerAmount, clampAmount, subtractAmount, type Amount, type Basis } from './amount.ts';
import { readIndexAdvice, type Advice } from './index-advice.ts';
import { costClass, readPlanEstimate, type Cost } from './plan-cost.ts';
import {
  countWithTotalQuery,
  countQuery,
  membersQuery,
  readsContactOnly,
  draftScope,
  type Draft,
} from './preview-query.ts';
import { inLimitedSession, type LimitedSession } from './limited-session.ts';
import { mismatchableFields, mismatchQuery, tableWithAlias, type Mismatch } from './type-mismatch.ts';
import { previewTree, type PreviewNode } from './preview-node.ts';
import { readContactSample, type ContactSample } from './contact-sample.ts';
import { selectiveFields } from './selective-leaf.ts';

export interface PreviewOptions {
  /** Milliseconds for counting; default 5,000. */
  readonly timeout?: number;
  /** Contacts to name; default 10. */
  readonly sample?: number;
  /** Cancels the query in the server; the promise then rejects with an `AbortError`. */
  readonly signal?: AbortSignal;
}

export interface Preview {
  readonly description: string;
  /** The instant of the evaluation. All numbers are of this instant and of one snapshot. */
  readonly at: string;
  /** Contacts that the base filter admits: `in` and `out` together. */
  readonly contacts: number;
  readonly in: number;
  readonly out: number;
  /** What `in` rests on. */
  readonly basis: Basis;
  /** `in` lies between these: of a sample with 95 % confidence. Null where only the planner was asked. */
  readonly bounds: { readonly low: number; readonly high: number } | null;
  /** The three numbers, each with what it rests on. */
  readonly amounts: { readonly contacts: Amount; readonly in: Amount; readonly out: Amount };
  /** Keys of contacts that are in. */
  readonly sample: readonly string[];
  /** Its own number, and the last one of its funnel, is `in`. */
  readonly condition: PreviewNode;
  /** jsonb fields of the condition whose values have another type than declared; null when there was no time. */
  readonly mismatches: readonly Mismatch[] | null;
  readonly cost: Cost;
  readonly advice: readonly Advice[];
}

const TIMEOUT = DEFAULT_SETTINGS.previewTimeout;
const SAMPLE = CALL_DEFAULTS.previewSample;
/** Share of the time left that each count of values of another type may take. */
const MISMATCH_SHARE = 0.2;

/** Tries the condition of a plan. @throws {DOMException} `AbortError` once the signal is raised */
export async function preview(
  pool: Pool,
  catalogue: Catalogue,
  plan: VersionPlan,
  options: PreviewOptions = {},
): Promise<Preview> {
  const { timeout = TIMEOUT, sample: most = SAMPLE, signal } = options;
  return inLimitedSession(pool, { timeout, ...(signal ? { signal } : {}) }, async (session) => {
    const { client } = session;
    await lockTables(client, tablesRead(catalogue, [plan]));
    const ids = await segmentIds(client);
    const draft: Draft = { catalogue, plan, segmentId: (key) => ids.get(key) ?? 0 };
    const everybody: Draft = { ...draft, plan: planOf(catalogue, true) };
    const at = (await client.query<{ instant: string }>({ ...statement('instant') })).rows[0]?.instant ?? '';
    const planned = await readPlanEstimate(client, membersQuery(draft), at);
    const all = await readPlanEstimate(client, sql`select from ${tableName(catalogue.contacts.table)}`, at);
    const population = everybody.plan.condition;
    const sampled = await readContactSample(session, draft, population, all.rows, most, at);
    const mismatches = await countMismatches(session, draft, population, at);

    const named = sampled?.keys ?? [];
    const enough = named.length >= most;
    const complete = sampled?.sample.complete === true;
    const both =
      !complete && enough && planned.scansTable && readsContactOnly(draft)
        ? await countMembersAndTotal(session, draft, population, at)
        : undefined;
    const total = complete
      ? exactAmount(sampled.size)
      : await countContacts(session, both, everybody, sampled, all.rows, at);
    const counted = complete ? undefined : (both ?? (await countMembers(session, draft, enough ? 0 : most, at)));
    const inside = counted
      ? exactAmount(counted.count)
      : sampled
        ? sampled.amountHolding(total.basis === 'exact' ? total.value : undefined, sampled.tree)
        : clampAmount(plannerAmount(planned.rows), 0, total.value);
    const outside = subtractAmount(total, inside);
    const found = sampled && selectiveFields(sampled.tree, sampled.size, (part) => sampled.countHolding(part));
    return {
      description: describe(plan.condition),
      at: instantText(at),
      contacts: total.value,
      in: inside.value,
      out: outside.value,
      basis: inside.basis,
      bounds: inside.low === null || inside.high === null ? null : { low: inside.low, high: inside.high },
      amounts: { contacts: total, in: inside, out: outside },
      sample: enough ? named : (counted?.keys ?? named),
      condition: previewTree(sampled?.tree ?? outlineOf(plan.condition).root, sampled, inside, total),
      mismatches,
      cost: costClass(planned.cost, all.cost),
      advice: await readIndexAdvice(client, catalogue, plan, all.rows, found ?? []),
    };
  });
}

/** The plan of a condition that was checked. @throws {Error} when it does not check */
export function planOf(catalogue: Catalogue, condition: unknown, timezone: string | null = null): VersionPlan {
  const planned = planVersion(catalogue, { segmentId: 0, version: 0, condition, timezone });
  if (!planned.ok) throw new Error('the condition was not checked');
  return planned.plan;
}

async function countMembers(
  session: LimitedSession,
  draft: Draft,
  most: number,
  now: string,
): Promise<{ readonly count: number; readonly keys: readonly string[] } | undefined> {
  const rows = await session.rowsInTime<{ count: string; keys: string[] | null }>(
    render(countQuery(membersQuery(draft), most)),
    { now },
  );
  return rows && { count: Number(rows[0]?.count ?? 0), keys: rows[0]?.keys ?? [] };
}

async function countMembersAndTotal(
  session: LimitedSession,
  draft: Draft,
  population: Condition,
  now: string,
): Promise<{ readonly count: number; readonly keys: readonly string[]; readonly total: number } | undefined> {
  const rows = await session.rowsInTime<{ count: string; total: string }>(
    render(countWithTotalQuery(draft, population)),
    {
      now,
    },
  );
  return rows && { count: Number(rows[0]?.count ?? 0), keys: [], total: Number(rows[0]?.total ?? 0) };
}

/** How many contacts there are. @param rows of the table, by the planner's estimate */
async function countContacts(
  session: LimitedSession,
  both: { readonly total: number } | undefined,
  everybody: Draft,
  sampled: ContactSample | undefined,
  rows: number,
  now: string,
): Promise<Amount> {
  const total = both?.total ?? (await countMembers(session, everybody, 0, now))?.count;
  if (total !== undefined) return exactAmount(total);
  return sampled ? sampled.amountHolding(undefined) : plannerAmount(rows);
}

async function countMismatches(
  session: LimitedSession,
  draft: Draft,
  population: Condition,
  now: string,
): Promise<readonly Mismatch[] | null> {
  const { catalogue, plan } = draft;
  const read = fieldsOf(plan.condition);
  const found: Mismatch[] = [];
  for (const own of mismatchableFields(catalogue, (field) => read.has(field))) {
    const { rows } = await readPlanEstimate(session.client, sql`select from ${tableWithAlias(catalogue, own)}`, now);
    const query = mismatchQuery(catalogue, own, rows, [predicate(draftScope(draft), population)]);
    const [row] = (await session.rowsInTime<{ found: number[] }>(query.statement, { now }, MISMATCH_SHARE)) ?? [];
    if (!row) return null;
    found.push(...query.read(row));
  }
  return found;
}

/** As Postgres prints it in UTC → ISO 8601. */
function instantText(at: string): string {
  return at.replace(' ', 'T').replace(/\+00$/, 'Z');
}
