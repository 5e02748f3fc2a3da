/** A sample of contacts: which leaves of a condition hold for how many of them. Reads only, within the session's time. */
import { render } from '../compile/fragment.ts';
import type { Condition } from '../condition/ast.ts';
import { outlineOf, resultOf, type ConditionTree } from '../explain/condition-tree.ts';
import { exactAmount, extrapolatedAmount, shareAmount, type Amount } from './amount.ts';
import {
  leavesOfKeysQuery,
  readsContactOnly,
  leavesOfSampleQuery,
  sampledKeysQuery,
  type Draft,
} from './preview-query.ts';
import type { LimitedSession } from './limited-session.ts';
import { CONTACTS_READ_WHOLE, tableSample, type TableSample } from './table-sample.ts';

export interface ContactSample {
  readonly tree: ConditionTree;
  /** Contacts in the sample. */
  readonly size: number;
  /** Keys of contacts that are in. */
  readonly keys: readonly string[];
  readonly sample: TableSample;
  /** How many contacts of the sample satisfy all of the parts. */
  countHolding(...parts: readonly ConditionTree[]): number;
  /** How many of all contacts satisfy them. @param total how many contacts there are, when that is known */
  amountHolding(total: number | undefined, ...parts: readonly ConditionTree[]): Amount;
}

/** Share of the time left that each statement of the sample may take. */
const SAMPLE_SHARE = 0.4;

export interface SampledKeys {
  readonly keys: readonly string[];
  readonly sample: TableSample;
}

/** Keys of a sample of contacts. Undefined when there is no time. @param rows of the table, about */
export async function readSampledKeys(
  session: LimitedSession,
  draft: Draft,
  population: Condition,
  rows: number,
  now: string,
): Promise<SampledKeys | undefined> {
  const sample = tableSample(rows, CONTACTS_READ_WHOLE);
  const found = await session.rowsInTime<{ keys: string[] }>(
    render(sampledKeysQuery(draft, population, sample)),
    { now },
    SAMPLE_SHARE,
  );
  return found?.[0] && { keys: found[0].keys, sample };
}

/** The sample, leaf by leaf. Undefined when there is no time. @param table rows of the table, about @param most keys to name */
export async function readContactSample(
  session: LimitedSession,
  draft: Draft,
  population: Condition,
  table: number,
  most: number,
  now: string,
): Promise<ContactSample | undefined> {
  const { root, leaves } = outlineOf(draft.plan.condition);
  const conditions = leaves.map((leaf) => leaf.condition);
  const sample = tableSample(table, CONTACTS_READ_WHOLE);
  const contactOnly = readsContactOnly(draft);
  const contacts = contactOnly ? undefined : (await readSampledKeys(session, draft, population, table, now))?.keys;
  if (!contactOnly && !contacts) return undefined;
  const query = contactOnly
    ? leavesOfSampleQuery(draft, conditions, population, sample, most)
    : leavesOfKeysQuery(draft, conditions, most);
  const found = await session.rowsInTime<{ held: number[]; count: number; keys: string[] }>(
    render(query),
    { now, contacts },
    SAMPLE_SHARE,
  );
  if (!found) return undefined;
  const rows = found.map(({ held, ...row }) => ({ ...row, held: leaves.map(({ index }) => held.includes(index + 1)) }));
  const countHolding = (...parts: readonly ConditionTree[]): number =>
    rows.filter(({ held }) => parts.every((part) => resultOf(part, held))).reduce((sum, row) => sum + row.count, 0);
  const size = countHolding();
  return {
    tree: root,
    size,
    keys: rows
      .filter(({ held }) => resultOf(root, held))
      .flatMap((row) => row.keys)
      .slice(0, most),
    sample,
    countHolding,
    amountHolding(total, ...parts) {
      if (sample.complete) return exactAmount(countHolding(...parts));
      return total === undefined || size === 0
        ? extrapolatedAmount(countHolding(...parts), sample)
        : shareAmount(total, countHolding(...parts), size, sample);
    },
  };
}
