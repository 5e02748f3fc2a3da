/**
 * The definition of a rank, `ranks.NAME` of the config: `by` is a number or a point in time of the contact, `among` a condition. Neither
 * may read a rank. `install` refuses a wrong definition; a rank that no longer fits the tables keeps its values and reports why.
 */
import { RANKS, type Catalogue, type Family, type Rank } from '../../catalogue/catalogue.ts';
import type { Condition, Operand } from '../ast.ts';
import type { Issue } from '../issue.ts';
import { typeOfOperand } from '../operand.ts';
import { RefusedCondition } from '../refused-condition.ts';
import { checkCondition, checkOperand } from './check-condition.ts';
import { checkFilter } from './check-filter.ts';

const ORDERED: readonly Family[] = ['number', 'date', 'instant'];

export type CheckedRank =
  | {
      readonly ok: true;
      readonly by: Operand;
      /** With the base filter. */
      readonly among: Condition;
      /** `among` as the config says it. */
      readonly own: Condition;
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Checks a rank in the catalogue's zone. Never throws. Pointers begin at the config: `/ranks/monetary/by/sum`. */
export function checkRank(catalogue: Catalogue, rank: Rank): CheckedRank {
  const context = { catalogue, timezone: catalogue.timezone, place: 'rank' } as const;
  const by = checkOperand(rank.by, context);
  const among = checkCondition(rank.among ?? true, context);
  const filter = checkFilter(catalogue);
  const issues = [
    ...(by.ok ? orderIssue(by.operand) : by.issues).map(under(rank.name, 'by')),
    ...(among.ok ? [] : among.issues).map(under(rank.name, 'among')),
    ...(filter.ok ? [] : filter.issues).map((issue) => ({ ...issue, pointer: `/contacts/where${issue.pointer}` })),
  ];
  if (issues.length > 0 || !by.ok || !among.ok || !filter.ok) return { ok: false, issues };
  const own = among.condition;
  return { ok: true, by: by.operand, among: { kind: 'and', children: [filter.condition, own] }, own };
}

function orderIssue(by: Operand): readonly Issue[] {
  const { family, array, called } = typeOfOperand(by);
  if (ORDERED.includes(family) && !array) return [];
  return [
    {
      code: 'wrong-type',
      pointer: '',
      message: `A rank is ordered by a number, a date or an instant; ${called} is ${array ? `an array of ${family}` : family}.`,
      hint: 'use a number, such as {"sum": [{"map": [ROWS, {"var": "total"}]}]}, or the instant of the last row',
    },
  ];
}

function under(name: string, part: 'by' | 'among'): (issue: Issue) => Issue {
  const place = `/${RANKS}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}/${part}`;
  return (issue) => ({ ...issue, pointer: `${place}${issue.pointer}` });
}

/** @throws {RefusedCondition} with the issues of all ranks */
export function refuseRanks(catalogue: Catalogue): void {
  const issues = [...(catalogue.ranks?.values() ?? [])].flatMap((rank) => {
    const checked = checkRank(catalogue, rank);
    return checked.ok ? [] : checked.issues;
  });
  if (issues.length > 0) throw new RefusedCondition('The ranks of the config are refused.', issues);
}
