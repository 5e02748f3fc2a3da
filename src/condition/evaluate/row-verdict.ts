/**
 * Tries a draft on one contact's document, row by row: what a page shows as one types. A row that cannot be answered is null: its
 * condition has an issue, or the document lacks what it reads, because that is hidden or was not asked for yet. A group is null when
 * its rows leave it open. Postgres' verdicts of the same rows are the truth; a test holds both together. Pure.
 */
import { unreachable } from '../../base/unreachable.ts';
import type { Catalogue, Field } from '../../catalogue/catalogue.ts';
import type { Condition } from '../ast.ts';
import { checkCondition } from '../check/check-condition.ts';
import { fieldsOf, pastsOf, readsKey, relationsOf, segmentsOf } from '../references.ts';
import { writtenRows, type WrittenRow } from '../written-row.ts';
import type { ContactDocument } from './document.ts';
import { evaluate } from './evaluator.ts';

/** Yes, no, or not known. */
export type RowVerdict = boolean | null;

export interface RowVerdictOptions {
  /** The instant of the verdict: that of the document. ISO 8601 with an offset or `Z`. */
  readonly at: string;
  /** Zone of the segment, an IANA name; default: the catalogue's. */
  readonly timezone?: string;
}

/**
 * The verdict of each row, by its JSON pointer into the condition.
 * @param json the draft as it stands, whole or not
 */
export function rowVerdicts(
  json: unknown,
  document: ContactDocument,
  catalogue: Catalogue,
  { at, timezone = catalogue.timezone }: RowVerdictOptions,
): ReadonlyMap<string, RowVerdict> {
  const leaf = ({ json: written }: WrittenRow): RowVerdict => {
    const checked = checkCondition(written, { catalogue, timezone });
    if (!checked.ok || !covers(document, checked.condition, catalogue)) return null;
    return evaluate({ condition: checked.condition, timezone }, document, at, { timestamps: catalogue.timestamps });
  };
  return verdictsOfRows(writtenRows(json), leaf);
}

/** The verdicts of rows and of the groups around them. @param leaf the verdict of a row that is no group */
export function verdictsOfRows(
  root: WrittenRow,
  leaf: (row: WrittenRow) => RowVerdict,
): ReadonlyMap<string, RowVerdict> {
  const found = new Map<string, RowVerdict>();
  const visit = (row: WrittenRow): RowVerdict => {
    const verdict = row.kind === 'leaf' ? leaf(row) : groupVerdict(row.kind, row.children.map(visit));
    found.set(row.pointer, verdict);
    return verdict;
  };
  visit(root);
  return found;
}

function groupVerdict(kind: Exclude<WrittenRow['kind'], 'leaf'>, parts: readonly RowVerdict[]): RowVerdict {
  switch (kind) {
    case 'all':
      return allOf(parts);
    case 'any':
      return anyOf(parts);
    case 'not':
      return not(allOf(parts));
    case 'choice':
      return choice(parts);
    default:
      return unreachable(kind);
  }
}

function allOf(parts: readonly RowVerdict[]): RowVerdict {
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

function anyOf(parts: readonly RowVerdict[]): RowVerdict {
  return not(allOf(parts.map(not)));
}

function not(verdict: RowVerdict): RowVerdict {
  return verdict === null ? null : !verdict;
}

/** The first test that holds decides. Without a last answer the verdict is no. */
function choice([test, answer, ...rest]: readonly RowVerdict[]): RowVerdict {
  if (test === undefined) return false;
  if (answer === undefined) return test;
  if (test !== null) return test ? answer : choice(rest);
  const other = choice(rest);
  return answer === other ? answer : null;
}

/** Whether the document holds all that the condition reads. */
function covers(document: ContactDocument, condition: Condition, catalogue: Catalogue): boolean {
  const { key, fields, relations, segments, segmentsRead } = document;
  if (key === undefined && readsKey(condition)) return false;
  const known = new Set(segmentsRead ?? [...segmentsOf(condition), ...segments]);
  if ([...segmentsOf(condition)].some((key) => !known.has(key))) return false;
  if ([...pastsOf(condition)].some((key) => !Object.hasOwn(document.pasts ?? {}, key))) return false;
  if ([...relationsOf(condition)].some((name) => !Object.hasOwn(relations, name))) return false;
  return [...fieldsOf(condition)].every((field) =>
    isOfContact(field, catalogue)
      ? Object.hasOwn(fields, field.name)
      : [...relationsOf(condition)].every((name) => holdsColumn(document, name, field)),
  );
}

function isOfContact(field: Field, { contacts, relations }: Catalogue): boolean {
  return contacts.fields.get(field.name) === field || !relations.has(field.owner);
}

/** A relation without rows answers whatever is asked of its columns. */
function holdsColumn({ relations }: ContactDocument, name: string, { owner, name: column }: Field): boolean {
  const [row] = Object.hasOwn(relations, name) ? (relations[name] ?? []) : [];
  if (!row) return true;
  const columns = owner === name ? row.fields : row.middle?.[owner];
  // Of two relations in one condition, the column belongs to the one that reaches it.
  return columns === undefined || Object.hasOwn(columns, column);
}
