/**
 * Reads the verdict of a condition on one contact at one instant from Postgres: whole, and leaf by leaf. Invariant: one
 * statement reads all of it, so every part is about the same rows.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { join, render, param, sql, type Fragment } from '../compile/fragment.ts';
import { predicate } from '../compile/predicate.ts';
import type { SqlScope } from '../compile/scope.ts';
import type { Condition } from '../condition/ast.ts';
import type { Queryable } from '../postgres/pool.ts';
import { leafDetail } from './leaf-detail.ts';
import { contactKey, contactTable } from './contact-scope.ts';
import type { Outline } from './condition-tree.ts';

export interface ContactVerdict {
  readonly holds: boolean;
  /** By leaf, before any negation. */
  readonly held: readonly boolean[];
  /** By leaf, as text; null for what is missing or has nothing to show. */
  readonly actual: readonly (string | null)[];
  readonly threshold: readonly (string | null)[];
}

/** Longer values are cut. */
const MOST_CHARACTERS = 1_000;

/** The verdict with its details. Undefined when there is no such contact. */
export async function readContactVerdict(
  client: Queryable,
  scope: SqlScope,
  condition: Condition,
  { leaves }: Outline,
  contact: string,
  at: string,
): Promise<ContactVerdict | undefined> {
  const details = leaves.map((leaf) => leafDetail(scope, leaf));
  const rows = await queryContact<ContactVerdict>(client, scope.catalogue, contact, at, [
    sql`(${predicate(scope, condition)}) is true as holds`,
    sql`${booleanArray(
      scope,
      leaves.map((leaf) => leaf.condition),
    )} as held`,
    sql`${textArray(details.map(({ actual }) => actual))} as actual`,
    sql`${textArray(details.map(({ threshold }) => threshold))} as threshold`,
  ]);
  return rows && { ...rows, actual: rows.actual.map(truncated) };
}

/** By leaf, whether it holds. Undefined when there is no such contact. */
export async function readLeafResults(
  client: Queryable,
  scope: SqlScope,
  { leaves }: Outline,
  contact: string,
  at: string,
): Promise<readonly boolean[] | undefined> {
  const held = sql`${booleanArray(
    scope,
    leaves.map((leaf) => leaf.condition),
  )} as held`;
  return (await queryContact<{ held: readonly boolean[] }>(client, scope.catalogue, contact, at, [held]))?.held;
}

export async function queryContact<Row extends object>(
  client: Queryable,
  catalogue: Catalogue,
  contact: string,
  at: string,
  columns: readonly Fragment[],
): Promise<Row | undefined> {
  const key = param('contact', 'segmentd.contact_key');
  const { text, bind } = render(sql`select ${join(
    columns,
    sql`,
  `,
  )}
from ${contactTable(catalogue)} where ${contactKey(catalogue)} = ${key}`);
  const { rows } = await client.query<Row>(text, bind({ contact, now: at }));
  return rows[0];
}

export function booleanArray(scope: SqlScope, conditions: readonly Condition[]): Fragment {
  return sql`array[${join(
    conditions.map((condition) => sql`(${predicate(scope, condition)}) is true`),
    sql`, `,
  )}]::boolean[]`;
}

export function textArray(values: readonly Fragment[]): Fragment {
  return sql`array[${join(values, sql`, `)}]::text[]`;
}

export function truncated(text: string | null): string | null {
  return text !== null && text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
