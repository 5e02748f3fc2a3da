/**
 * A condition tried before it is saved: how many contacts are in and out, some of them, every leaf alone and as a funnel,
 * what it costs. Limited in time: what cannot be counted is estimated from a sample, and said to be. Reads only; nothing
 * of it may be logged, for it names contacts.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, sql, tableName } from '../compile/fragment.ts';
import type { Condition } from '../condition/ast.ts';
import { describe } from '../condition/describe.ts';
import { outline, resultOf, type Tree } from '../explain/tree.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { planVersion, tablesRead, type Plan } from '../segment/plan.ts';
import { segmentIds } from '../segment/store.ts';
import { adviceFor, costOf, explained, type Advice, type Cost } from './cost.ts';
import { countBothQuery, countQuery, inQuery, leafQuery, ofContactAlone, ownLeafQuery, sampleQuery, sampling, type Meaning } from './count.ts';
import { limited, type Limited } from './limited.ts';
import { selectiveOf } from './selective.ts';

export interface PreviewOptions {
  /** Milliseconds for counting; default 5,000. */
  readonly timeout?: number;
  /** Contacts to name; default 10. */
  readonly sample?: number;
  /** Cancels the query in the server; the promise then rejects with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/** A leaf or a group. Counts are of all contacts; estimated unless `Preview.leavesExact`. */
export interface PreviewNode {
  readonly kind: 'leaf' | 'all' | 'any' | 'not';
  /** Of a leaf, in English. */
  readonly text: string | null;
  /** Contacts that satisfy it, whatever the rest says; null when there was no time. */
  readonly alone: number | null;
  /** Of a part of an `all` group: contacts that satisfy it and the parts before it. */
  readonly left: number | null;
  readonly children: readonly PreviewNode[];
}

export interface Preview {
  readonly description: string;
  /** The instant of the evaluation. */
  readonly at: string;
  /** Contacts that the base filter admits: `in` and `out` together. */
  readonly contacts: number;
  readonly in: number;
  readonly out: number;
  /** False: `in` is an estimate. */
  readonly exact: boolean;
  /** Keys of contacts that are in. */
  readonly sample: readonly string[];
  readonly condition: PreviewNode;
  readonly leavesExact: boolean;
  readonly cost: Cost;
  readonly advice: readonly Advice[];
}

const TIMEOUT = 5_000;
const SAMPLE = 10;
/** Of the time, what the sample may take. */
const SAMPLE_SHARE = 0.4;

/** @param condition as checked: see `checkedPlan` */
export async function preview(pool: Pool, catalogue: Catalogue, plan: Plan, options: PreviewOptions = {}): Promise<Preview> {
  const { timeout = TIMEOUT, sample: most = SAMPLE, signal } = options;
  return limited(pool, { timeout, ...(signal ? { signal } : {}) }, async (session) => {
    const { client } = session;
    await lockTables(client, tablesRead(catalogue, [plan]));
    const ids = await segmentIds(client);
    const meaning: Meaning = { catalogue, plan, segmentId: (key) => ids.get(key) ?? 0 };
    const everybody: Meaning = { ...meaning, plan: planOf(catalogue, true) };
    const at = (await client.query<{ instant: string }>({ ...statement('instant') })).rows[0]?.instant ?? '';
    const planned = await explained(client, inQuery(meaning), at);
    const all = await explained(client, sql`select from ${tableName(catalogue.contacts.table)}`, at);
    const sampled = await sampleLeaves(session, meaning, everybody.plan.condition, all.rows, most, at);
    const share = sampled && sampled.total > 0 ? sampled.in / sampled.total : undefined;

    const named = sampled?.keys ?? [];
    const enough = named.length >= most;
    const both = sampled?.complete
      ? { count: sampled.in, keys: named, total: sampled.total }
      : enough && planned.scans && ofContactAlone(meaning)
        ? await countBoth(session, meaning, everybody.plan.condition, at)
        : undefined;
    const total = both?.total ?? (await count(session, everybody, 0, at))?.count ?? Math.round(all.rows);
    const counted = both ?? (await count(session, meaning, enough ? 0 : most, at));
    const estimate = share === undefined ? planned.rows : share * total;
    const inside = counted?.count ?? Math.min(total, Math.round(estimate));
    const found = sampled && selectiveOf(sampled.tree, sampled.total, (part) => sampled.holding(part));
    return {
      description: describe(plan.condition),
      at: instantText(at),
      contacts: total,
      in: inside,
      out: Math.max(0, total - inside),
      exact: counted !== undefined,
      sample: enough ? named : (counted?.keys ?? named),
      condition: nodeOf(sampled?.tree ?? outline(plan.condition).root, sampled, total),
      leavesExact: sampled?.complete === true,
      cost: costOf(planned.cost, all.cost),
      advice: await adviceFor(client, catalogue, plan, all.rows, found ?? []),
    };
  });
}

/** The plan of a condition that was checked. @throws {Error} when it does not check */
export function planOf(catalogue: Catalogue, condition: unknown, timezone: string | null = null): Plan {
  const planned = planVersion(catalogue, { segmentId: 0, version: 0, condition, timezone });
  if (!planned.ok) throw new Error('the condition was not checked');
  return planned.plan;
}

async function count(session: Limited, meaning: Meaning, most: number, now: string): Promise<{ readonly count: number; readonly keys: readonly string[] } | undefined> {
  const rows = await session.rows<{ count: string; keys: string[] | null }>(render(countQuery(inQuery(meaning), most)), { now });
  return rows && { count: Number(rows[0]?.count ?? 0), keys: rows[0]?.keys ?? [] };
}

async function countBoth(session: Limited, meaning: Meaning, population: Condition, now: string): Promise<{ readonly count: number; readonly keys: readonly string[]; readonly total: number } | undefined> {
  const rows = await session.rows<{ count: string; total: string }>(render(countBothQuery(meaning, population)), { now });
  return rows && { count: Number(rows[0]?.count ?? 0), keys: [], total: Number(rows[0]?.total ?? 0) };
}

interface Sampled {
  readonly tree: Tree;
  readonly total: number;
  readonly in: number;
  readonly keys: readonly string[];
  /** Not a sample: everybody was looked at. */
  readonly complete: boolean;
  /** Contacts for whom all of the parts hold. */
  holding(...parts: readonly Tree[]): number;
}

/** Keys; undefined when there is no time. All of them where there are not many. @param rows of the table, about */
export async function sampleContacts(session: Limited, meaning: Meaning, population: Condition, rows: number, now: string): Promise<readonly string[] | undefined> {
  return (await session.rows<{ keys: string[] }>(render(sampleQuery(meaning, population, sampling(rows))), { now }, SAMPLE_SHARE))?.[0]?.keys;
}

async function sampleLeaves(session: Limited, meaning: Meaning, population: Condition, table: number, most: number, now: string): Promise<Sampled | undefined> {
  const { root, leaves } = outline(meaning.plan.condition);
  const conditions = leaves.map((leaf) => leaf.condition);
  const own = ofContactAlone(meaning);
  const contacts = own ? undefined : await sampleContacts(session, meaning, population, table, now);
  if (!own && !contacts) return undefined;
  const query = own ? ownLeafQuery(meaning, conditions, population, sampling(table), most) : leafQuery(meaning, conditions, most);
  const found = await session.rows<{ held: number[]; count: number; keys: string[] }>(render(query), { now, contacts }, SAMPLE_SHARE);
  if (!found) return undefined;
  const rows = found.map(({ held, ...row }) => ({ ...row, held: leaves.map(({ index }) => held.includes(index + 1)) }));
  const holding = (...parts: readonly Tree[]): number =>
    rows.filter(({ held }) => parts.every((part) => resultOf(part, held))).reduce((sum, row) => sum + row.count, 0);
  const keys = rows.filter(({ held }) => resultOf(root, held)).flatMap((row) => row.keys);
  return { tree: root, total: holding(), in: holding(root), keys: keys.slice(0, most), complete: sampling(table) === undefined, holding };
}

function nodeOf(tree: Tree, sampled: Sampled | undefined, total: number, before?: readonly Tree[]): PreviewNode {
  const scaled = (...parts: readonly Tree[]): number | null =>
    sampled && sampled.total > 0 ? Math.round((sampled.holding(...parts) * total) / sampled.total) : sampled?.complete ? 0 : null;
  return {
    kind: tree.kind,
    text: tree.kind === 'leaf' ? tree.text : null,
    alone: scaled(tree),
    left: before ? scaled(...before, tree) : null,
    children: tree.kind === 'leaf' ? [] : tree.children.map((child, index) => nodeOf(child, sampled, total, tree.kind === 'all' ? tree.children.slice(0, index) : undefined)),
  };
}

/** As Postgres prints it in UTC → ISO 8601. */
function instantText(at: string): string {
  return at.replace(' ', 'T').replace(/\+00$/, 'Z');
}
