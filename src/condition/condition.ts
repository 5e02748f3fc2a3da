/**
 * `segmentd/condition`: conditions without a database, in any JavaScript. A page checks a draft at each keystroke, says it
 * in English and tries it on one contact's document. Server and page check by the same code. Postgres alone decides
 * membership. Owns the public shape of these functions and nothing else; imports no module of Node.
 */
import type { Catalogue, Family } from '../catalogue/catalogue.ts';
import {
  catalogueFromJson,
  catalogueToJson,
  type CatalogueJson,
  type FieldJson,
  type RelationJson,
} from '../catalogue/catalogue-json.ts';
import type { Condition } from './ast.ts';
import { checkCondition } from './check/check-condition.ts';
import { describe as describeCondition } from './describe/describe.ts';
import type { ContactDocument, DocumentRow, DocumentValue } from './evaluate/document.ts';
import { evaluate as evaluateCondition } from './evaluate/evaluator.ts';
import { rowVerdicts, type RowVerdict, type RowVerdictOptions } from './evaluate/row-verdict.ts';
import type { BuilderNote } from './foreign/foreign-condition.ts';
import type { Issue } from './issue.ts';

export { catalogueFromJson, catalogueToJson, rowVerdicts };
export type {
  BuilderNote,
  Catalogue,
  CatalogueJson,
  ContactDocument,
  DocumentRow,
  DocumentValue,
  Family,
  FieldJson,
  Issue,
  RelationJson,
  RowVerdict,
  RowVerdictOptions,
};

/** A checked condition with the zones in which it is read. Make it with `check`. */
export interface CheckedDraft {
  readonly condition: Condition;
  /** Zone of the segment: its days and midnights. */
  readonly timezone: string;
  /** Zone of timestamps without one. */
  readonly timestamps: string;
  /** The catalogue against which it was checked: its labels are the words of `describe`. */
  readonly catalogue: Catalogue;
}

export interface CheckOptions {
  /** Zone of the segment, an IANA name; default: the catalogue's. */
  readonly timezone?: string;
  /** Whether a segment with that key exists; without it, keys of other segments are not looked up. */
  readonly isSegment?: (key: string) => boolean;
}

export type CheckResult =
  | { readonly ok: true; readonly draft: CheckedDraft }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Checks a condition against a catalogue as the server does. Never throws on JSON.
 * @param json anything that `JSON.parse` can return
 * @returns the checked draft, or every issue with its JSON pointer
 */
export function check(json: unknown, catalogue: Catalogue, options: CheckOptions = {}): CheckResult {
  const { timezone, isSegment } = options;
  const checked = checkCondition(json, {
    catalogue,
    ...(timezone === undefined ? {} : { timezone }),
    ...(isSegment ? { segments: isSegment } : {}),
  });
  if (!checked.ok) return checked;
  return {
    ok: true,
    draft: {
      condition: checked.condition,
      timezone: timezone ?? catalogue.timezone,
      timestamps: catalogue.timestamps,
      catalogue,
    },
  };
}

/**
 * Reads a condition as a query builder exports it (react-querybuilder, react-awesome-query-builder) in the words of this language, as
 * the server does. `check` then says whether it is accepted.
 * @param json anything that `JSON.parse` can return
 * @returns the condition to check and to save, and what was read how; without notes it is the condition that was given
 */
export async function readCondition(
  json: unknown,
  catalogue: Catalogue,
  options: Pick<CheckOptions, 'timezone'> = {},
): Promise<{ readonly condition: unknown; readonly notes: readonly BuilderNote[] }> {
  const { readCondition: read } = await import('./foreign/foreign-condition.ts');
  const { condition, notes } = read(json, { catalogue, ...options });
  return { condition, notes };
}

/** The draft in English, one sentence without a full stop. */
export function describe(draft: CheckedDraft): string {
  return describeCondition(draft.condition, draft.catalogue);
}

/**
 * Whether one contact satisfies the draft at an instant.
 * @param document the contact's values as Postgres prints them; a value that is absent counts as missing
 * @param now ISO 8601 with an offset or `Z`, as `new Date().toISOString()` gives it
 * @throws {Error} when `now` is no instant, or a value is not printed as Postgres prints its type
 */
export function evaluate(draft: CheckedDraft, document: ContactDocument, now: string): boolean {
  return evaluateCondition(draft, document, now, { timestamps: draft.timestamps });
}
