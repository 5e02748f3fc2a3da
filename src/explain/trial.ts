/**
 * A draft tried on one contact: Postgres' verdict of each row of the condition as it is written, with the contact's values, and the
 * document from which a page computes the same verdicts as one types. One snapshot at one instant. Reads only. No part of it may be
 * logged: it holds the team's values.
 */
import { maskText } from '../base/mask.ts';
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import { isMasked } from '../catalogue/resolve-display.ts';
import { sql } from '../compile/fragment.ts';
import type { SqlScope } from '../compile/scope.ts';
import type { Condition, LeafCondition } from '../condition/ast.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import type { ContactDocument } from '../condition/evaluate/document.ts';
import { verdictsOfRows, type RowVerdict } from '../condition/evaluate/row-verdict.ts';
import { writtenLeaves, writtenRows, type WrittenRow } from '../condition/written-row.ts';
import { queryByContactKey } from '../membership/contact-key.ts';
import { planVersion, tablesRead } from '../followed/plan.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';
import { readContactDocument } from './contact-document.ts';
import { booleanArray, queryContact, textArray, truncated } from './contact-verdict.ts';
import { inExplainSession } from './explain-session.ts';
import { leafDetail, shownFields } from './leaf-detail.ts';
import { readInstant } from './read-instant.ts';
import { readReferencedSegments, storedMemberScope } from './referenced-segment.ts';

export interface TrialRow {
  /** JSON pointer into the condition; of a negated row that of its `!`. */
  readonly pointer: string;
  /** Null for a contact that does not exist. */
  readonly result: RowVerdict;
  /** The contact's value as text, masked where the catalogue says so; null when it has none, and for groups. */
  readonly actual: string | null;
}

export interface Trial {
  /** False: there is no such row in the contacts table. */
  readonly exists: boolean;
  /** The instant of the verdicts. */
  readonly at: string;
  /** Whether the contact would be in, the base filter included; null for a contact that does not exist. */
  readonly verdict: RowVerdict;
  /** Whether the base filter admits the contact. */
  readonly base: RowVerdict;
  /** In the order in which they are written, groups before what stands in them. */
  readonly rows: readonly TrialRow[];
  /** What `rowVerdicts` of `segmentd/condition` evaluates; null for a contact that does not exist. */
  readonly document: ContactDocument | null;
  /** Fields and relations that the document leaves out, because they are masked or have too many rows. Postgres answers for them. */
  readonly hidden: readonly string[];
}

export interface TrialOptions {
  /** Shows values that are masked otherwise. */
  readonly reveal?: boolean;
}

/** Tries a checked condition. @throws {RefusedCondition} when it does not fit the tables; {Failure} `usage` for what cannot be a key */
export async function tryCondition(
  pool: Pool,
  catalogue: Catalogue,
  draft: { readonly condition: unknown; readonly timezone: string | null },
  contact: string,
  { reveal = false }: TrialOptions = {},
): Promise<Trial> {
  const planned = planVersion(catalogue, { segmentId: 0, version: 0, ...draft });
  if (!planned.ok) throw new RefusedCondition('The condition does not fit the tables.', planned.issues);
  const { plan } = planned;
  const isHidden = (field: Field): boolean => !reveal && isMasked(catalogue.contacts.display, field);
  const once = (): Promise<Trial> =>
    inExplainSession(pool, 'the condition', async (client) => {
      await lockTables(client, tablesRead(catalogue, [plan]));
      const at = await readInstant(client);
      const scope = storedMemberScope(catalogue, plan, await readReferencedSegments(client, catalogue, plan));
      return readTrial(client, scope, { json: draft.condition, base: plan.parts.base }, contact, at, isHidden);
    });
  return queryByContactKey(contact, once);
}

/** The trial inside a transaction. @param isHidden whether values of the field may not be shown */
export async function readTrial(
  client: Pick<Client, 'query'>,
  scope: SqlScope,
  { json, base }: { readonly json: unknown; readonly base: Condition },
  contact: string,
  at: string,
  isHidden: (field: Field) => boolean,
): Promise<Trial> {
  const root = writtenRows(json);
  const conditions = new Map(writtenLeaves(root).map((row) => [row, conditionOf(scope, row.json)]));
  const all = [base, ...conditions.values()];
  const read = await readVerdicts(client, scope, all, contact, at);
  const document = read && (await readContactDocument(client, scope, all.slice(1), contact, isHidden, at));
  const [admitted = null, ...held] = read?.held ?? [];
  const verdicts = new Map([...conditions.keys()].map((row, index) => [row, held[index] ?? null]));
  const results = verdictsOfRows(root, (row) => verdicts.get(row) ?? null);
  const values = new Map([...conditions.keys()].map((row, index) => [row, read?.actual[index + 1] ?? null]));
  const actualOf = (row: WrittenRow): string | null => {
    const condition = conditions.get(row);
    const value = values.get(row) ?? null;
    const masked = condition !== undefined && shownFields(valueLeaf(condition)).some(isHidden);
    return value !== null && masked ? maskText(value) : value;
  };
  return {
    exists: read !== undefined,
    at,
    verdict: read === undefined ? null : admitted === true && results.get('') === true,
    base: admitted,
    rows: allRows(root).map((row) => ({
      pointer: row.pointer,
      result: results.get(row.pointer) ?? null,
      actual: actualOf(row),
    })),
    document: document?.document ?? null,
    hidden: document?.hidden ?? [],
  };
}

function allRows(row: WrittenRow): readonly WrittenRow[] {
  return [row, ...row.children.flatMap(allRows)];
}

function conditionOf({ catalogue, timezone }: SqlScope, json: unknown): Condition {
  const checked = checkCondition(json, { catalogue, timezone });
  if (!checked.ok) throw new Error('a row of a checked condition checks');
  return checked.condition;
}

interface Verdicts {
  readonly held: readonly boolean[];
  readonly actual: readonly (string | null)[];
}

/** Whether each condition holds, and the value that it is about. Undefined when there is no such contact. */
async function readVerdicts(
  client: Pick<Client, 'query'>,
  scope: SqlScope,
  conditions: readonly Condition[],
  contact: string,
  at: string,
): Promise<Verdicts | undefined> {
  const details = conditions.map((condition) => leafDetail(scope, { condition: valueLeaf(condition), negated: false }));
  const row = await queryContact<Verdicts>(client, scope.catalogue, contact, at, [
    sql`${booleanArray(scope, conditions)} as held`,
    sql`${textArray(details.map(({ actual }) => actual))} as actual`,
  ]);
  return row && { ...row, actual: row.actual.map(truncated) };
}

/** The leaf whose value a row shows: of a range its lower bound, which is about the same value as the upper. */
function valueLeaf(condition: Condition): LeafCondition {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const [first] = condition.children;
      return first ? valueLeaf(first) : { kind: 'constant', value: true };
    }
    case 'not':
      return valueLeaf(condition.child);
    case 'admitted':
      return valueLeaf(condition.where);
    default:
      return condition;
  }
}
