/** Which leaves ask for so few contacts that an index on their field would find them. Pure. */
import type { Field } from '../catalogue/catalogue.ts';
import type { Operand } from '../condition/ast.ts';
import type { ExplainedLeaf, ConditionTree } from '../explain/condition-tree.ts';
import type { SelectiveField } from './plan-cost.ts';

/** An index is used for less than about this share of a table. */
const SELECTIVE_SHARE = 0.02;

/** Only what every member must satisfy: an index on one branch of an `or` does not spare the scan. */
export function selectiveFields(
  tree: ConditionTree,
  total: number,
  holding: (part: ConditionTree) => number,
): readonly SelectiveField[] {
  if (tree.kind === 'all')
    return tree.children.flatMap((child) =>
      child.kind === 'all' || child.kind === 'leaf' ? selectiveFields(child, total, holding) : [],
    );
  if (tree.kind !== 'leaf' || total === 0) return [];
  const field = indexableField(tree);
  return field && holding(tree) / total < SELECTIVE_SHARE ? [{ field, text: tree.text }] : [];
}

/** A plain column of contacts that is compared bare. */
function indexableField({ condition, negated }: ExplainedLeaf): Field | undefined {
  if (negated) return undefined;
  const operand = ((): Operand | undefined => {
    switch (condition.kind) {
      case 'compare':
        return condition.right.kind === 'literal' && condition.operator !== '!=' ? condition.left : undefined;
      case 'compare_day':
        return condition.operator === '!=' ? undefined : condition.left;
      case 'in':
        return condition.operand;
      case 'window':
      case 'period':
        return condition.operand;
      case 'text':
        return condition.operator === 'equals' && !condition.fold ? condition.operand : undefined;
      default:
        return undefined;
    }
  })();
  if (operand?.kind !== 'field') return undefined;
  const { field } = operand;
  const bare =
    field.path === undefined &&
    !field.array &&
    !field.castText &&
    field.family !== 'boolean' &&
    field.owner === 'contact';
  return bare ? field : undefined;
}
