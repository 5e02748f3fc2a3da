/**
 * The parts of a condition with their numbers. Invariant: the number of the whole condition, and the last number of its
 * funnel, are the headline; the numbers before are never less. Pure.
 */
import type { WrittenKind } from '../condition/written-row.ts';
import { clampAmount, type Amount } from './amount.ts';
import type { PartCount } from './part-count.ts';
import type { PreviewPart } from './preview-part.ts';

/** A row of the condition, or a part of the base filter of the contacts. */
export interface PreviewNode {
  /** `choice` is an `if`: its children are tests and answers in turns. */
  readonly kind: WrittenKind;
  /** JSON pointer into the condition that was tried; null for what the base filter adds. */
  readonly pointer: string | null;
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
 * @param counted how many contacts satisfy which parts; absent when there was no time
 * @param inside the headline
 */
export function previewTree(root: PreviewPart, counted: PartCount | undefined, inside: Amount): PreviewNode {
  const count = (parts: readonly PreviewPart[], isNecessary: boolean): Amount | null => {
    const amount = counted?.amount(...parts) ?? null;
    return amount && isNecessary && inside.low !== null
      ? clampAmount(amount, inside.basis === 'exact' ? inside.value : 0)
      : amount;
  };
  /** @param isNecessary whether all contacts that are in satisfy it */
  const visit = (part: PreviewPart, isNecessary: boolean, alone: Amount | null, left: Amount | null): PreviewNode => {
    const { kind, pointer, leaf, children } = part;
    const visitChild = (child: PreviewPart, index: number): PreviewNode => {
      const isLast = index === children.length - 1;
      const needed = isNecessary && kind === 'all';
      // Beside it stands only the base filter, which all contacts satisfy.
      const isWhole = kind === 'all' && children.every((other) => other === child || other.pointer === null);
      const own = isWhole && child.pointer !== null ? alone : count([child], needed);
      const before = index === 0 ? own : count(children.slice(0, index + 1), needed);
      return visit(child, needed, own, kind === 'all' ? (isLast ? alone : before) : null);
    };
    return {
      kind,
      pointer,
      text: leaf?.text ?? null,
      alone: alone?.value ?? null,
      left: left?.value ?? null,
      amounts: { alone, left },
      children: children.map(visitChild),
    };
  };
  return visit(root, true, inside, null);
}
