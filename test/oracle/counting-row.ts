/**
 * Which rows of the oracle's world count, said without conditions: what `where` of its relations says. The evaluator's documents are narrowed by
 * it, so that a compiler that forgets such a `where` differs.
 */
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { namesInScope, stepsFrom } from '../../src/catalogue/to-one-relation.ts';
import type { ContactDocument, DocumentRow, DocumentValue } from '../../src/condition/evaluate/document.ts';
import { parseInstant } from '../../src/condition/literal.ts';

type Columns = Readonly<Record<string, DocumentValue>>;
type Ones = Readonly<Record<string, Columns>>;

const DAY = 86_400_000_000n;

/** Microseconds of an instant as Postgres prints it in UTC; undefined for NULL. */
function microsOf(text: DocumentValue | undefined): bigint | undefined {
  if (typeof text !== 'string') return undefined;
  const far = 10n ** 30n;
  if (text === 'infinity') return far;
  if (text === '-infinity' || text.endsWith(' BC')) return -far;
  const micros = parseInstant(text.replace(' ', 'T').replace(/[+]00$/, 'Z'));
  // Beyond the years that a literal can have.
  return typeof micros === 'bigint' ? micros : far;
}

const COUNTS: Readonly<Record<string, (row: Columns, now: bigint) => boolean>> = {
  bills: ({ gift }) => gift !== 'true',
  lines({ at }, now) {
    const micros = microsOf(at);
    return micros === undefined || micros > now || micros <= now - 30n * DAY;
  },
  works({ since }, now) {
    const micros = microsOf(since);
    return micros !== undefined && micros <= now;
  },
  house({ listed, audited_at: audited }, now) {
    const micros = microsOf(audited);
    return listed !== 'false' && (micros === undefined || micros <= now || micros > now + 365n * DAY);
  },
};

/** The document without the rows that do not count at that instant. */
export function countingRows(catalogue: Catalogue, document: ContactDocument, at: string): ContactDocument {
  const now = microsOf(at) ?? 0n;
  const counts = (relation: string, columns: Columns): boolean => COUNTS[relation]?.(columns, now) ?? true;
  const ones = (of: Ones, place?: string): Ones =>
    Object.fromEntries(
      Object.entries(of).filter(([name]) => {
        const relation = catalogue.relations.get(name);
        const steps = relation && stepsFrom(catalogue, relation, namesInScope(catalogue, place));
        return steps?.every((step) => counts(step.name, of[step.name] ?? {}));
      }),
    );
  const rows = (relation: string, all: readonly DocumentRow[]): readonly DocumentRow[] =>
    all
      .filter(({ fields, middle = {} }) =>
        Object.entries({ ...middle, [relation]: fields }).every(([name, columns]) => counts(name, columns)),
      )
      .map((row) => ({ ...row, one: ones(row.one ?? {}, relation) }));
  return {
    ...document,
    one: ones(document.one ?? {}),
    relations: Object.fromEntries(Object.entries(document.relations).map(([name, all]) => [name, rows(name, all)])),
  };
}
