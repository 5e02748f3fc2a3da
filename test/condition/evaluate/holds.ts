/** Shorthands of the evaluator's suites: the verdict of a condition over one document of the shop. */
import type {
  ContactDocument,
  DocumentRow,
  DocumentValue,
  MembershipPast,
} from '../../../src/condition/evaluate/document.ts';
import { evaluate } from '../../../src/condition/evaluate/evaluator.ts';
import { accepted } from '../ask.ts';

export interface Given {
  readonly key?: string;
  readonly fields?: Readonly<Record<string, DocumentValue>>;
  readonly orders?: readonly Readonly<Record<string, DocumentValue>>[];
  readonly items?: readonly DocumentRow[];
  readonly segments?: readonly string[];
  readonly pasts?: Readonly<Record<string, MembershipPast>>;
  readonly now?: string;
  readonly zone?: string;
  readonly timestamps?: string;
}

export function holds(json: unknown, given: Given = {}): boolean {
  const document: ContactDocument = {
    ...(given.key === undefined ? {} : { key: given.key }),
    fields: given.fields ?? {},
    relations: { orders: (given.orders ?? []).map((fields) => ({ fields })), items: given.items ?? [], notes: [] },
    segments: given.segments ?? [],
    pasts: given.pasts ?? {},
  };
  const checked = { condition: accepted(json), timezone: given.zone ?? 'Europe/Madrid' };
  return evaluate(
    checked,
    document,
    given.now ?? '2024-05-15T12:00:00Z',
    given.timestamps === undefined ? {} : { timestamps: given.timestamps },
  );
}

/** The verdicts of one condition over several values of one field. */
export function verdicts(json: unknown, name: string, values: readonly DocumentValue[], given: Given = {}): boolean[] {
  return values.map((value) => holds(json, { ...given, fields: { ...given.fields, [name]: value } }));
}
