/**
 * A condition tried before it is saved: how many contacts are in and out, some of them, every row alone and as a funnel,
 * the cost. Limited in time: a number that cannot be counted is estimated, and its basis says so. Reads only. No part of
 * it may be logged: it names contacts.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { Failure } from '../base/error.ts';
import { CALL_DEFAULTS, DEFAULT_SETTINGS } from '../base/option.ts';
import { integer, render, sql, tableName } from '../compile/fragment.ts';
import { predicate } from '../compile/predicate.ts';
import type { Condition } from '../condition/ast.ts';
import { describe } from '../condition/describe/describe.ts';
import { fieldsOf } from '../condition/references.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { planVersion, tablesRead, type VersionPlan } from '../followed/plan.ts';
import { segmentIds } from '../segment/read-segment.ts';
import { exactAmount, plannerAmount, clampAmount, subtractAmount, type Amount, type Basis } from './amount.ts';
import { readContactSample, type ContactSample } from './contact-sample.ts';
import { countLeaves, countLeavesOfAll, MOST_GROUPS } from './count-leaf.ts';
import { readIndexAdvice, type Advice } from './index-advice.ts';
import { inLimitedSession, type LimitedSession } from './limited-session.ts';
import { nameContacts, type NamedContact } from './named-contact.ts';
import { costClass, readPlanEstimate, type Cost } from './plan-cost.ts';
import type { PartCount } from './part-count.ts';
import { partsOf, type PreviewParts } from './preview-part.ts';
import { countQuery, leavesOfAllQuery, membersQuery, draftScope, type Draft } from './preview-query.ts';
import { mismatchableFields, mismatchQuery, tableWithAlias, type Mismatch } from './type-mismatch.ts';
import { previewTree, type PreviewNode } from './preview-node.ts';
import { selectiveFields } from './selective-leaf.ts';

/**
 * What is counted. `estimate`: nothing; every number comes from a sample, at once. `exact`: the contacts that are in; rows stay
 * estimated. `rows`: each row too, in one pass over all contacts.
 */
export type PreviewMode = 'estimate' | 'exact' | 'rows';

export interface PreviewOptions {
  /** Default `exact`. Where it is given, no number is a guess of Postgres' planner: without time the call fails. */
  readonly mode?: PreviewMode;
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
  /** Some contacts that are in, with the columns that the config shows of a contact. */
  readonly sample: readonly NamedContact[];
  /** Its own number, and the last one of its funnel, is `in`. */
  readonly condition: PreviewNode;
  /** jsonb fields of the condition whose values have another type than declared; null when there was no time, and of an estimate. */
  readonly mismatches: readonly Mismatch[] | null;
  readonly cost: Cost;
  readonly advice: readonly Advice[];
}

/** What is tried. */
export interface PreviewedCondition {
  readonly condition: unknown;
  readonly timezone?: string | null;
}

const TIMEOUT = DEFAULT_SETTINGS.previewTimeout;
const SAMPLE = CALL_DEFAULTS.previewSample;
/** Share of the time left that each count of values of another type may take. */
const MISMATCH_SHARE = 0.2;
const HARDLY_MORE = 1.25;

/**
 * Tries a condition that was checked.
 * @throws {DOMException} `AbortError` once the signal is raised
 * @throws {Failure} `failed` when a mode is given and there is no time for a sample
 */
export async function preview(
  pool: Pool,
  catalogue: Catalogue,
  { condition, timezone = null }: PreviewedCondition,
  options: PreviewOptions = {},
): Promise<Preview> {
  const { mode = 'exact', timeout = TIMEOUT, sample: most = SAMPLE, signal } = options;
  const plan = planOf(catalogue, condition, timezone);
  const parts = partsOf(catalogue, plan, condition);
  return inLimitedSession(pool, { timeout, ...(signal ? { signal } : {}) }, async (session) => {
    const { client } = session;
    await lockTables(client, tablesRead(catalogue, [plan]));
    const ids = await segmentIds(client);
    const draft: Draft = { catalogue, plan, segmentId: (key) => ids.get(key) ?? 0 };
    const everybody: Draft = { ...draft, plan: planOf(catalogue, true) };
    const population = everybody.plan.condition;
    const at = (await client.query<{ instant: string }>({ ...statement('instant') })).rows[0]?.instant ?? '';
    const planned = await readPlanEstimate(client, membersQuery(draft), at);
    const all = await readPlanEstimate(client, sql`select from ${tableName(catalogue.contacts.table)}`, at);

    const contacts = await readContactSample(session, draft, population, all.rows, at);
    const sampled = contacts && (await countLeaves(session, draft, parts, contacts, most, at));
    if (options.mode !== undefined && !sampled) throw noTime();
    const mismatches = mode === 'estimate' ? null : await countMismatches(session, draft, population, at);
    const counted = await countAll(session, draft, parts, {
      mode,
      contacts,
      sampled,
      cost: planned.cost,
      most,
      at,
    });
    const total = counted.total ?? (await countContacts(session, everybody, { mode, contacts, sampled }, all.rows, at));
    const inside =
      counted.inside ?? sampled?.amount(parts.root) ?? clampAmount(plannerAmount(planned.rows), 0, total.value);
    const outside = subtractAmount(total, inside);
    const rows = counted.rows ?? sampled;
    return {
      description: describe(plan.condition, catalogue),
      at: instantText(at),
      contacts: total.value,
      in: inside.value,
      out: outside.value,
      basis: inside.basis,
      bounds: inside.low === null || inside.high === null ? null : { low: inside.low, high: inside.high },
      amounts: { contacts: total, in: inside, out: outside },
      sample: await nameContacts(client, catalogue, counted.keys ?? sampled?.keys(parts.root, most) ?? []),
      condition: previewTree(parts.root, rows, inside),
      mismatches,
      cost: costClass(planned.cost, all.cost),
      advice: await readIndexAdvice(
        client,
        catalogue,
        plan,
        all.rows,
        rows && planned.scansContacts ? selectiveFields(parts.root, rows) : [],
      ),
    };
  });
}

/** The plan of a condition that was checked. @throws {Error} when it does not check */
export function planOf(catalogue: Catalogue, condition: unknown, timezone: string | null = null): VersionPlan {
  const planned = planVersion(catalogue, { segmentId: 0, version: 0, condition, timezone });
  if (!planned.ok) throw new Error('the condition was not checked');
  return planned.plan;
}

function noTime(): Failure {
  return new Failure('failed', 'There was no time to look at a sample of the contacts: the database is slow now.');
}

interface Counted {
  readonly inside?: Amount;
  readonly total?: Amount;
  /** Every row, counted. */
  readonly rows?: PartCount;
  readonly keys?: readonly string[];
}

interface Sampled {
  readonly mode: PreviewMode;
  readonly contacts: ContactSample | undefined;
  readonly sampled: PartCount | undefined;
}

/** What the mode asks to be counted, as far as there is time. */
async function countAll(
  session: LimitedSession,
  draft: Draft,
  parts: PreviewParts,
  {
    mode,
    contacts,
    sampled,
    cost,
    most,
    at,
  }: Sampled & { readonly cost: number; readonly most: number; readonly at: string },
): Promise<Counted> {
  if (sampled && contacts?.sampling === 'complete')
    return { inside: sampled.amount(parts.root), total: exactAmount(sampled.size), rows: sampled };
  if (mode === 'estimate') return {};
  const isEnough = (sampled?.keys(parts.root, most).length ?? 0) >= most;
  if (mode === 'rows' || (isEnough && (await countsRowsToo(session, draft, parts, cost, at)))) {
    const rows = await countLeavesOfAll(session, draft, parts, at);
    if (!rows) return {};
    const keys = isEnough ? undefined : await readSomeMembers(session, draft, most, at);
    return {
      inside: rows.amount(parts.root),
      total: exactAmount(rows.size),
      rows,
      ...(keys ? { keys } : {}),
    };
  }
  const counted = await countMembers(session, draft, isEnough ? 0 : most, at);
  return counted ? { inside: exactAmount(counted.count), ...(counted.keys ? { keys: counted.keys } : {}) } : {};
}

/** Whether a pass over every row costs hardly more than the count of those who are in. */
async function countsRowsToo(
  session: LimitedSession,
  draft: Draft,
  { leaves }: PreviewParts,
  cost: number,
  now: string,
): Promise<boolean> {
  const pass = leavesOfAllQuery(
    draft,
    leaves.map(({ condition }) => condition),
    MOST_GROUPS,
  );
  return (await readPlanEstimate(session.client, pass, now)).cost <= HARDLY_MORE * cost;
}

/** Keys of contacts that are in, of which the sample had too few. */
async function readSomeMembers(
  session: LimitedSession,
  draft: Draft,
  most: number,
  now: string,
): Promise<readonly string[] | undefined> {
  const some = sql`select q.contact_id::text as key from (${membersQuery(draft)}) as q(contact_id) limit ${integer(most)}`;
  return (await session.rowsInTime<{ key: string }>(render(some), { now }))?.map(({ key }) => key);
}

async function countMembers(
  session: LimitedSession,
  draft: Draft,
  most: number,
  now: string,
): Promise<{ readonly count: number; readonly keys: readonly string[] | null } | undefined> {
  const rows = await session.rowsInTime<{ count: string; keys: string[] | null }>(
    render(countQuery(membersQuery(draft), most)),
    { now },
  );
  return rows && { count: Number(rows[0]?.count ?? 0), keys: most === 0 ? null : (rows[0]?.keys ?? []) };
}

/** How many contacts there are. @param rows of the table, by the planner's estimate */
async function countContacts(
  session: LimitedSession,
  everybody: Draft,
  { mode, contacts, sampled }: Sampled,
  rows: number,
  now: string,
): Promise<Amount> {
  const known =
    contacts?.total ?? (mode === 'estimate' ? undefined : (await countMembers(session, everybody, 0, now))?.count);
  if (known !== undefined) return exactAmount(known);
  return sampled?.amount() ?? plannerAmount(rows);
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
