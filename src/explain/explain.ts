/**
 * Why a contact is in a segment, or is not: every leaf of the condition with the contact's value, the verdict as stored
 * and as Postgres computes it now, what waits, why it entered or left, and when time alone will change it. Invariant: one
 * snapshot answers everything. Reads only. No part of the answer may be logged: it holds the team's values.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { planVersion, tablesRead } from '../followed/plan.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { Pool } from '../postgres/pool.ts';
import { ranksReadBy } from '../rank/rank-state.ts';
import { staleReferences } from '../segment/stale-reference.ts';
import { inExplainSession } from './explain-session.ts';
import { readFacts, type PlannedExplanation } from './explained-fact.ts';
import { explanationOf } from './assemble-explanation.ts';
import type { ExplainOptions, Explanation } from './explanation.ts';
import { hasUnsweptEdge, readStoredState, type StoredState } from './stored-state.ts';

/** Ten years. */
const DAYS = 3_660;
/** A thousand years. Ten thousand years ahead, dates can no longer be computed. */
const MOST_DAYS = 365_000;

/**
 * Explains one contact in one segment.
 * @param contact the contact's key as text
 * @throws {Failure} `not-found` for an unknown segment; `usage` when `contact` cannot be a contact's key, or `days` is out of range
 */
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
  return inExplainSession(pool, `the condition of ${key}`, async (client) => {
    const stored = await readStoredState(client, catalogue, key, contact);
    const planned = planOf(catalogue, stored);
    if (planned.ok) await lockTables(client, tablesRead(catalogue, [planned.plan]));
    const facts = await readFacts(client, catalogue, { planned, json: stored.segment.condition }, contact, days);
    const crossed =
      facts.verdict && planned.ok ? await hasUnsweptEdge(client, catalogue, planned.plan, contact, facts.at) : false;
    const stale = await staleReferences(client, key);
    const ranks = planned.ok ? await ranksReadBy(client, catalogue, planned.plan.parts.own) : [];
    return explanationOf({
      catalogue,
      key,
      contact,
      stored,
      planned,
      facts,
      crossed,
      stale,
      ranks: ranks.map(({ name, asOf }) => ({ name, asOf })),
      masked: options.masked === true,
    });
  });
}

/** The plan asks for overrides only when this contact has one. */
function planOf(catalogue: Catalogue, { segment, contact }: StoredState): PlannedExplanation {
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
