/**
 * What every check-* file works with: where it stands (scope, JSON pointer), what it may use (catalogue, limits) and where
 * it reports. A handler returns `undefined` after it reports, so that its siblings are still checked: a check reports all
 * issues, never the first only. Knows no operator.
 */
import { masked, shortened } from '../../base/mask.ts';
import type { Catalogue, Relation } from '../../catalogue/catalogue.ts';
import type { Condition, Operand } from '../ast.ts';
import { hintOf } from '../hint.ts';
import type { Issue } from '../issue.ts';
import { type Limits, maximumIssues } from '../limit.ts';

/** Whose columns names mean: the contact's, or those of a relation's row and of the rows that the relation goes through. */
export interface NameScope {
  readonly relation?: Relation;
  /** Inside a relation that was refused: names are not resolved, and everything else is still checked. */
  readonly unknown?: true;
  /** The scope around the relation. */
  readonly around?: NameScope;
}

/** Whether names mean columns of related rows, not of the contact. */
export function isInRelation(scope: NameScope): boolean {
  return scope.relation !== undefined || scope.unknown === true;
}

/** Whether names mean columns of rows inside the rows of another relation. */
export function isNested(scope: NameScope): boolean {
  return scope.around !== undefined && isInRelation(scope.around);
}

/** `alone`: a bare `true` or `false` is a whole condition here; in a group it is refused. */
export type Position = 'alone' | 'grouped';

export interface Argument {
  readonly value: unknown;
  readonly at: string;
}

/**
 * Where a condition stands. `contacts.where` may not depend on segments, a rank may not depend on ranks, and the `where` of a relation reads
 * the row alone.
 */
export type Place = 'segment' | 'contacts.where' | 'rank' | 'relation.where';

export interface Check {
  readonly catalogue: Catalogue;
  readonly limits: Limits;
  readonly place: Place;
  /** Absent: keys of other segments are not looked up. */
  readonly knownSegment?: (key: string) => boolean;
  readonly issues: Issues;
  condition(node: unknown, at: string, scope: NameScope, position: Position): Condition | undefined;
  operand(node: unknown, at: string, scope: NameScope): Operand | undefined;
  /** Counts one subquery over a relation against the limit. */
  useRelation(at: string): void;
  /** The rows of a relation that count, as a filter. Reports, once a relation, when the catalogue's condition for that is refused. */
  admitted(relation: string, at: string): Condition;
}

export type Checked =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export class Issues {
  readonly #list: Issue[] = [];
  #more = 0;

  /** Always `undefined`, so that a handler can end with `return issues.report(…)`. */
  report(code: string, pointer: string, message: string, hint?: string): undefined {
    if (this.#list.length < maximumIssues) this.#list.push({ code, pointer, message, hint: hint ?? hintOf(code) });
    else this.#more += 1;
    return undefined;
  }

  get found(): boolean {
    return this.#list.length > 0;
  }

  all(): Issue[] {
    return capIssues(this.#list, this.#more);
  }
}

/** The first `maximumIssues` issues, and one that counts the others. @param unlisted how many more there were */
export function capIssues(issues: readonly Issue[], unlisted = 0): Issue[] {
  const more = unlisted + Math.max(0, issues.length - maximumIssues);
  const listed = issues.slice(0, maximumIssues);
  return more === 0
    ? listed
    : [
        ...listed,
        {
          code: 'more-issues',
          pointer: '',
          message: `${more} more issues are not listed.`,
          hint: hintOf('more-issues'),
        },
      ];
}

/** Appends a key to a JSON pointer (RFC 6901). */
export function under(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** True for an object that is not an array, whatever its prototype. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The kind of a value, in words of a message. */
export function sayKind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

/** A value as a message quotes it: shortened, without addresses of people. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(masked(value)));
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return sayKind(value);
}
