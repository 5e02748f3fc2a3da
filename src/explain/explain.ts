/**
 * Why a contact is in a segment, or is not: every leaf of the condition with the contact's value, the verdict as stored
 * and as Postgres computes it now, what waits, why it entered or left, and when time alone will change it. One snapshot
 * answers everything. Reads only; nothing of it may be logged, for it is made of the team's values.
 */
import { Failure, isPoison, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, sql } from '../compile/fragment.ts';
import { describe } from '../condition/describe/describe.ts';
import type { Issue } from '../condition/issue.ts';
import { lockTables, SHORT_WAIT } from '../postgres/give-way.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { planVersion, tablesRead, type VersionPlan } from '../followed/plan.ts';
import { staleReferences, type StaleReference } from '../segment/stale-reference.ts';
import type { ExplainedNode, ExplainOptions, Explanation } from './explanation.ts';
import { findNextFlip } from './next-flip.ts';
import { actualFamily, instantText } from './leaf-detail.ts';
import {
  recomputingScope,
  readReferencedSegments,
  storedMemberScope,
  type ReferencedSegments,
} from './referenced-segment.ts';
import { hasUnsweptEdge, readStoredState, type StoredState } from './stored-state.ts';
import { leavesThatChanged, outlineOf, resultOf, type Outline, type ConditionTree } from './condition-tree.ts';
import { readLeafResults, readContactVerdict, type ContactVerdict } from './contact-verdict.ts';

const TIMEOUTS = { statementTimeout: 10_000, idleTimeout: 30_000 } as const;
const DAYS = 3_660;
/** Ten thousand years hence nothing can be reckoned any more. */
const MOST_DAYS = 365_000;
/** How values print must not depend on the pool, which may be the caller's own. */
const PREPARE = `
  set transaction isolation level repeatable read, read only;
  set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC'; set local extra_float_digits = 1;
  set local bytea_output = 'hex'; set local jit = off; ${SHORT_WAIT}`;
/** Milliseconds to wait for a table that the team has locked. */
const PATIENCE = 30_000;

/** @throws {Failure} `not-found` for an unknown segment; `usage` when `contact` cannot be a contact's key */
export async function explain(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  contact: string,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const { days = DAYS } = options;
  if (!Number.isInteger(days) || days < 0 || days > MOST_DAYS)
    throw new Failure('usage', `The days to look ahead must be a whole number from 0 to ${MOST_DAYS}.`);
  const once = () =>
    inTransaction(pool, TIMEOUTS, async (client) => {
      await client.query(PREPARE);
      const stored = await readStoredState(client, catalogue, key, contact);
      const plan = planOf(catalogue, stored);
      if (plan.ok) await lockTables(client, tablesRead(catalogue, [plan.plan]));
      const facts = await evaluate(client, catalogue, plan, contact, days);
      const crossed =
        facts.verdict && plan.ok ? await hasUnsweptEdge(client, catalogue, plan.plan, contact, facts.at) : false;
      return report(key, contact, stored, plan, facts, crossed, await staleReferences(client, key));
    });
  return retryLocked(once, { patience: PATIENCE, what: `the condition of ${key}` });
}

type Planned = ReturnType<typeof planVersion> | { readonly ok: false; readonly issues: readonly Issue[] };

/** What was decided by hand is told of those only of whom it was. */
function planOf(catalogue: Catalogue, { segment, contact }: StoredState): Planned {
  const { id, kind, condition, timezone, explained_version: version } = segment;
  if (kind === null || version === null) return { ok: false, issues: [] };
  return planVersion(catalogue, {
    segmentId: id,
    version,
    condition,
    timezone,
    kind,
    overrides: contact.override !== null,
  });
}

interface Facts {
  readonly at: string;
  readonly outline?: Outline;
  readonly verdict?: ContactVerdict;
  readonly error?: string;
  readonly next: Explanation['next'];
}

const NO_FLIP: Explanation['next'] = { flip: null, matches: null, causes: [], searched: null, error: null };

async function evaluate(
  client: Client,
  catalogue: Catalogue,
  planned: Planned,
  contact: string,
  days: number,
): Promise<Facts> {
  const at = await readInstant(client);
  if (!planned.ok) return { at, next: NO_FLIP };
  const { plan } = planned;
  const parts = outlineOf(plan.condition);
  const references = await readReferencedSegments(client, catalogue, plan);
  const read = await attempt(client, () =>
    readContactVerdict(client, storedMemberScope(catalogue, plan, references), plan.condition, parts, contact, at),
  );
  if ('error' in read) return { at, outline: parts, error: read.error, next: NO_FLIP };
  if (!read.value) return { at, outline: parts, next: NO_FLIP };
  const next = await attempt(client, () => findFlip(client, catalogue, plan, references, parts, contact, at, days));
  return {
    at,
    outline: parts,
    verdict: read.value,
    next: 'error' in next ? { ...NO_FLIP, error: next.error } : next.value,
  };
}

async function findFlip(
  client: Client,
  catalogue: Catalogue,
  plan: VersionPlan,
  references: ReferencedSegments,
  parts: Outline,
  contact: string,
  at: string,
  days: number,
): Promise<Explanation['next']> {
  const { flip, searched = null } = await findNextFlip(client, catalogue, plan, references, contact, at, days);
  if (flip === undefined) return { ...NO_FLIP, searched };
  const scope = recomputingScope(catalogue, plan, references);
  const { rows } = await client.query<{ before: string }>(
    `select ($1::timestamptz - interval '1 microsecond')::text as before`,
    [flip],
  );
  const before = await readLeafResults(client, scope, parts, contact, rows[0]?.before ?? flip);
  const after = await readLeafResults(client, scope, parts, contact, flip);
  if (!before || !after) return { ...NO_FLIP, searched };
  return {
    ...NO_FLIP,
    flip,
    searched,
    matches: resultOf(parts.root, after),
    causes: leavesThatChanged(parts.root, before, after).map(({ text }) => text),
  };
}

/** An error about the data leaves the transaction usable, and only its code is kept: a message may hold values. */
async function attempt<T>(
  client: Client,
  fn: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly error: string }> {
  await client.query('savepoint attempt');
  try {
    const value = await fn();
    await client.query('release savepoint attempt');
    return { value };
  } catch (error) {
    const code = sqlState(error);
    if (code === undefined || !isPoison(code)) throw error;
    await client.query('rollback to savepoint attempt');
    return { error: code };
  }
}

async function readInstant(client: Client): Promise<string> {
  const { text, bind } = render(sql`select ${instantText(sql`i.i`)} as instant from segmentd.instant() as i(i)`);
  const { rows } = await client.query<{ instant: string }>(text, bind());
  const [row] = rows;
  if (!row) throw new Error('the clock returned nothing');
  return row.instant;
}

function report(
  key: string,
  contact: string,
  { segment, contact: state, exists }: StoredState,
  planned: Planned,
  facts: Facts,
  crossed: boolean,
  stale: readonly StaleReference[],
): Explanation {
  const { at, outline: parts, verdict, error = null, next } = facts;
  return {
    key,
    contact,
    at,
    segment: {
      state: segment.state,
      version: segment.explained_version,
      live: segment.live_version !== null,
      frozen: segment.frozen_at,
      building: segment.building,
      timezone: planned.ok ? planned.plan.timezone : segment.timezone,
      description: planned.ok ? describe(planned.plan.condition) : null,
      issues: planned.ok ? [] : planned.issues,
      stale,
    },
    exists,
    stored: {
      member: state.entered_at !== null,
      since: state.entered_at ?? state.at,
      reason: state.reason,
      version: state.version,
    },
    // Who does not exist matches nothing.
    computed: planned.ok && error === null ? (verdict?.holds ?? false) : null,
    error,
    override: state.override,
    pending: {
      changes: state.changes,
      rechecks: state.rechecks,
      unresolved: state.unresolved,
      crossed,
      rebuild: state.rebuild,
    },
    condition: parts ? explained(parts.root, verdict) : null,
    next,
  };
}

function explained(tree: ConditionTree, verdict: ContactVerdict | undefined): ExplainedNode {
  const result = verdict ? resultOf(tree, verdict.held) : null;
  if (tree.kind !== 'leaf')
    return { kind: tree.kind, result, children: tree.children.map((child) => explained(child, verdict)) };
  const { text, index } = tree;
  return {
    kind: 'leaf',
    text,
    result,
    actual: verdict?.actual[index] ?? null,
    family: actualFamily(tree),
    threshold: verdict?.threshold[index] ?? null,
  };
}
