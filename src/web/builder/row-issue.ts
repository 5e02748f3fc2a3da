/** Issues of a condition at the rows that they are about, in words that a person who is not ready yet can use. Pure; checks nothing itself. */
import type { Issue } from '../../condition/issue.ts';
import { builderJson, placedRows } from './builder-json.ts';
import type { Row, RowId } from './builder-node.ts';

export interface RowIssue {
  readonly pointer: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** It only says that a place is empty. */
  readonly empty: boolean;
}

export interface DraftCheck {
  readonly condition: unknown;
  /** Undefined while there are issues. */
  readonly sentence: string | undefined;
  readonly issues: readonly RowIssue[];
  readonly ofRow: ReadonlyMap<RowId, readonly RowIssue[]>;
  /** Where each row stands in the condition. */
  readonly pointers: ReadonlyMap<RowId, string>;
}

/** A draft before anything checks it: where its rows stand. */
export function uncheckedDraft(tree: Row): DraftCheck {
  const pointers = new Map(placedRows(tree).map(({ row, pointer }) => [row.id, pointer]));
  return { condition: builderJson(tree), sentence: undefined, issues: [], ofRow: new Map(), pointers };
}

/** Issues of the server, placed as those of the checker. */
export function byRow(issues: readonly RowIssue[], tree: Row): ReadonlyMap<RowId, readonly RowIssue[]> {
  const rowAt = new Map(placedRows(tree).map(({ row, pointer }) => [pointer, row.id]));
  const found = new Map<RowId, readonly RowIssue[]>();
  for (const issue of issues) {
    const id = nearest(issue.pointer, rowAt) ?? tree.id;
    found.set(id, [...(found.get(id) ?? []), issue]);
  }
  return found;
}

/** The innermost row that holds the pointer. */
function nearest(pointer: string, rowAt: ReadonlyMap<string, RowId>): RowId | undefined {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const id = rowAt.get(at);
    if (id !== undefined || at === '') return id;
  }
}

/** Where a group asks for its first row. */
const EMPTY_GROUP = ['empty-group', 'wrong-arity'];

export function rowIssue({ code, pointer, message, hint }: Issue, condition: unknown): RowIssue {
  const value = valueAt(condition, pointer);
  if (value === '') return { pointer, message: 'Enter a value.', hint: undefined, empty: true };
  if (Array.isArray(value) && value.length === 0 && EMPTY_GROUP.includes(code) && isGroupAt(pointer))
    return { pointer, message: 'Add a condition.', hint: undefined, empty: true };
  if (Array.isArray(value) && value.length === 0)
    return { pointer, message: 'Enter at least one value.', hint: undefined, empty: true };
  if (code === 'empty-group') return { pointer, message: 'Add a condition.', hint: undefined, empty: true };
  // On rows of a relation the empty name means the whole row: another code, and the same place to fill in.
  if (isEmptyName(value)) return { pointer, message: 'Choose a field.', hint: undefined, empty: true };
  return { pointer, message, hint, empty: false };
}

function isGroupAt(pointer: string): boolean {
  return /\/(?:and|or)$/.test(pointer);
}

function isEmptyName(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'var' in value && value.var === '';
}

/** What stands at a JSON pointer. */
function valueAt(json: unknown, pointer: string): unknown {
  let value = json;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
