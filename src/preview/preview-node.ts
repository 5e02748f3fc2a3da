/**
 * The parts of a condition with their numbers. Invariant: the number of the whole condition, and the last number of its
 * funnel, are the headline; the numbers before are never less. Pure.
 */
import type { ConditionTree } from '../explain/condition-tree.ts';
import { clampAmount, type Amount } from './amount.ts';
import type { ContactSample } from './contact-sample.ts';

/** A leaf or a group. */
export interface PreviewNode {
  readonly kind: 'leaf' | 'all' | 'any' | 'not';
  /** Of a leaf, in English. */
  readonly text: string | null;
  /** Contacts that satisfy this part alone; null when there was no time. */
  readonly alone: number | null;
  /** Of a part of an `all` group: contacts that satisfy it and the parts before it. */
  readonly left: number | null;
  /** The same with what each rests on. */
  readonly amounts: { readonly alone: Amount | null; readonly left: Amount | null };
  readonly children: readonly PreviewNode[];
}

/**
 * The tree with numbers.
 * @param inside the headline
 * @param total of all contacts
 */
export function previewTree(
  root: ConditionTree,
  sampled: ContactSample | undefined,
  inside: Amount,
  total: Amount,
): PreviewNode {
  const known = total.basis === 'exact' ? total.value : undefined;
  const count = (parts: readonly ConditionTree[], isNecessary: boolean): Amount | null => {
    const amount = sampled?.amountHolding(known, ...parts) ?? null;
    return amount && isNecessary && inside.low !== null
      ? clampAmount(amount, inside.basis === 'exact' ? inside.value : 0)
      : amount;
  };
  /** @param isNecessary whether all contacts that are in satisfy it */
  const visit = (tree: ConditionTree, isNecessary: boolean, alone: Amount | null, left: Amount | null): PreviewNode => {
    const { kind } = tree;
    const children = kind === 'leaf' ? [] : tree.children;
    const visitChild = (child: ConditionTree, index: number): PreviewNode => {
      const isLast = index === children.length - 1;
      const needed = isNecessary && kind === 'all';
      const own = kind === 'all' && children.length === 1 ? alone : count([child], needed);
      const before = index === 0 ? own : count(children.slice(0, index + 1), needed);
      return visit(child, needed, own, kind === 'all' ? (isLast ? alone : before) : null);
    };
    return {
      kind,
      text: kind === 'leaf' ? tree.text : null,
      alone: alone?.value ?? null,
      left: left?.value ?? null,
      amounts: { alone, left },
      children: children.map(visitChild),
    };
  };
  return visit(root, true, inside, null);
}
