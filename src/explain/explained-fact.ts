/**
 * The facts that an explanation rests on: the verdict leaf by leaf at one instant, and the next instant at which time alone
 * changes it. An error about the team's data is a fact, not a failure. Reads only, inside the caller's transaction.
 */
import { isPoison, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Issue } from '../condition/issue.ts';
import type { planVersion, VersionPlan } from '../followed/plan.ts';
import type { Client } from '../postgres/pool.ts';
import { leavesThatChanged, outlineOfPlan, resultOf, type Outline } from './condition-tree.ts';
import { readContactVerdict, readLeafResults, type ContactVerdict } from './contact-verdict.ts';
import type { Explanation } from './explanation.ts';
import { readInstant } from './read-instant.ts';
import { findNextFlip } from './next-flip.ts';
import {
  readReferencedSegments,
  recomputingScope,
  storedMemberScope,
  type ReferencedSegments,
} from './referenced-segment.ts';

/** The plan of the explained version; without one, the issues why there is none. */
export type PlannedExplanation =
  | ReturnType<typeof planVersion>
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** What Postgres says of the contact now, and of what comes next. */
export interface Facts {
  /** Instant of the verdict, ISO 8601 with microseconds, UTC. */
  readonly at: string;
  /** Absent when the condition does not fit the tables. */
  readonly outline?: Outline;
  /** Absent when there is no such contact, or Postgres could not evaluate. */
  readonly verdict?: ContactVerdict;
  /** SQLSTATE with which Postgres refused to evaluate. */
  readonly error?: string;
  readonly next: Explanation['next'];
}

const NO_FLIP: Explanation['next'] = { flip: null, matches: null, causes: [], searched: null, error: null };

/** Evaluates the condition on the contact, and looks `days` ahead for the next flip. @param json what the plan was made of */
export async function readFacts(
  client: Client,
  catalogue: Catalogue,
  { planned, json }: { readonly planned: PlannedExplanation; readonly json: unknown },
  contact: string,
  days: number,
): Promise<Facts> {
  const at = await readInstant(client);
  if (!planned.ok) return { at, next: NO_FLIP };
  const { plan } = planned;
  const parts = outlineOfPlan(catalogue, plan, json);
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
  const { flip, searched = null, futures } = await findNextFlip(client, catalogue, plan, references, contact, at, days);
  if (flip === undefined) return { ...NO_FLIP, searched };
  const scope = recomputingScope(catalogue, plan, references, futures);
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

/** After an error about the data the transaction stays usable. Only the error's code is kept: its message may hold values. */
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
