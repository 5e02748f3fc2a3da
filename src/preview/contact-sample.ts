/** Contacts looked at one by one: which leaves of a condition hold for how many of them. */
import { render } from '../compile/fragment.ts';
import type { Condition } from '../condition/ast.ts';
import { outline, resultOf, type Tree } from '../explain/condition-tree.ts';
import { exactly, extrapolated, shareOf, type Amount } from './amount.ts';
import { leafQuery, ofContactAlone, ownLeafQuery, sampleQuery, type Meaning } from './preview-query.ts';
import type { Limited } from './limited-session.ts';
import { CONTACTS_READ, sampleOf, type Sample } from './table-sample.ts';

export interface Sampled {
  readonly tree: Tree;
  /** Contacts that were looked at. */
  readonly looked: number;
  /** Keys of contacts that are in. */
  readonly keys: readonly string[];
  readonly sample: Sample;
  /** Of the contacts that were looked at, the number that satisfies all of the parts. */
  holding(...parts: readonly Tree[]): number;
  /** The same of all contacts. @param total how many contacts there are, when that is known */
  amount(total: number | undefined, ...parts: readonly Tree[]): Amount;
}

/** Of the time that is left, what each statement of the sample may take. */
const SHARE = 0.4;

export interface Contacts {
  readonly keys: readonly string[];
  readonly sample: Sample;
}

/** Undefined when there is no time. @param rows of the table, about */
export async function sampleContacts(
  session: Limited,
  meaning: Meaning,
  population: Condition,
  rows: number,
  now: string,
): Promise<Contacts | undefined> {
  const sample = sampleOf(rows, CONTACTS_READ);
  const found = await session.rows<{ keys: string[] }>(
    render(sampleQuery(meaning, population, sample)),
    { now },
    SHARE,
  );
  return found?.[0] && { keys: found[0].keys, sample };
}

/** @param most keys to name */
export async function sampleLeaves(
  session: Limited,
  meaning: Meaning,
  population: Condition,
  table: number,
  most: number,
  now: string,
): Promise<Sampled | undefined> {
  const { root, leaves } = outline(meaning.plan.condition);
  const conditions = leaves.map((leaf) => leaf.condition);
  const sample = sampleOf(table, CONTACTS_READ);
  const own = ofContactAlone(meaning);
  const contacts = own ? undefined : (await sampleContacts(session, meaning, population, table, now))?.keys;
  if (!own && !contacts) return undefined;
  const query = own
    ? ownLeafQuery(meaning, conditions, population, sample, most)
    : leafQuery(meaning, conditions, most);
  const found = await session.rows<{ held: number[]; count: number; keys: string[] }>(
    render(query),
    { now, contacts },
    SHARE,
  );
  if (!found) return undefined;
  const rows = found.map(({ held, ...row }) => ({ ...row, held: leaves.map(({ index }) => held.includes(index + 1)) }));
  const holding = (...parts: readonly Tree[]): number =>
    rows.filter(({ held }) => parts.every((part) => resultOf(part, held))).reduce((sum, row) => sum + row.count, 0);
  const looked = holding();
  return {
    tree: root,
    looked,
    keys: rows
      .filter(({ held }) => resultOf(root, held))
      .flatMap((row) => row.keys)
      .slice(0, most),
    sample,
    holding,
    amount(total, ...parts) {
      if (sample.complete) return exactly(holding(...parts));
      return total === undefined || looked === 0
        ? extrapolated(holding(...parts), sample)
        : shareOf(total, holding(...parts), looked, sample);
    },
  };
}
