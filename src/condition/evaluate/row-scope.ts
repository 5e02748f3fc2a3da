/**
 * A row of a document in the scope that asks for it, so that a rule finds the enclosing row and the contact from there. json-logic-js
 * hands a rule nothing but the row. Pure.
 */
import type { ContactDocument, DocumentRow } from './document.ts';

/** A related row with the scope around it. */
export interface RowInScope extends DocumentRow {
  readonly around: RuleScope;
}

/** What a rule is asked of: the contact, or a related row. */
export type RuleScope = ContactDocument | RowInScope;

export function rowsInScope(rows: readonly DocumentRow[], around: RuleScope): readonly RowInScope[] {
  return rows.map((row) => ({ ...row, around }));
}

export function contactOf(scope: RuleScope): ContactDocument {
  let next = scope;
  while ('around' in next) next = next.around;
  return next;
}

/** @throws {Error} when the scope is the contact, around which there is no row */
export function scopeAround(scope: RuleScope): RuleScope {
  if (!('around' in scope)) throw new Error('no row is around the contact');
  return scope.around;
}
