/**
 * The parts of a draft that get numbers: the rows as they are written, behind the base filter of the contacts. Each leaf carries
 * its checked condition. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Condition } from '../condition/ast.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { describe } from '../condition/describe/describe.ts';
import { writtenRows, type WrittenKind, type WrittenRow } from '../condition/written-row.ts';
import type { VersionPlan } from '../followed/plan.ts';

export interface PreviewPart {
  readonly kind: WrittenKind;
  /** JSON pointer into the draft; null for what the base filter adds. */
  readonly pointer: string | null;
  /** Of a leaf. */
  readonly leaf?: PreviewLeaf;
  readonly children: readonly PreviewPart[];
}

export interface PreviewLeaf {
  /** Place in `PreviewParts.leaves`. */
  readonly index: number;
  readonly condition: Condition;
  /** In English. */
  readonly text: string;
  /** Part of the base filter, which every contact of a preview satisfies. */
  readonly isBase: boolean;
}

export interface PreviewParts {
  readonly root: PreviewPart;
  readonly leaves: readonly PreviewLeaf[];
}

/**
 * The parts of a plan.
 * @param json what the plan was made from
 */
export function partsOf(
  catalogue: Catalogue,
  { parts, timezone }: Pick<VersionPlan, 'parts' | 'timezone'>,
  json: unknown,
): PreviewParts {
  const leaves: PreviewLeaf[] = [];
  const leafOf = (condition: Condition, pointer: string | null): PreviewPart => {
    const leaf = { index: leaves.length, condition, text: describe(condition, catalogue), isBase: pointer === null };
    leaves.push(leaf);
    return { kind: 'leaf', pointer, leaf, children: [] };
  };
  const partOf = (row: WrittenRow): PreviewPart => {
    const { kind, pointer } = row;
    if (kind !== 'leaf') return { kind, pointer, children: row.children.map(partOf) };
    const checked = checkCondition(row.json, { catalogue, timezone });
    if (!checked.ok) throw new Error('a part of a checked condition was refused');
    return leafOf(checked.condition, pointer);
  };
  const base = basePartsOf(parts.base).map((condition) => leafOf(condition, null));
  const own = partOf(writtenRows(json));
  return { root: base.length === 0 ? own : behind(base, own), leaves };
}

function basePartsOf(base: Condition): readonly Condition[] {
  if (base.kind === 'constant' && base.value) return [];
  return base.kind === 'and' ? base.children : [base];
}

/** One funnel, when the draft is one. */
function behind(base: readonly PreviewPart[], own: PreviewPart): PreviewPart {
  return own.kind === 'all'
    ? { ...own, children: [...base, ...own.children] }
    : { kind: 'all', pointer: null, children: [...base, own] };
}
