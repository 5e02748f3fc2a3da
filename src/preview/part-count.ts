/**
 * How many contacts satisfy which parts of a draft: counted leaf by leaf, of a sample or of all. Every number of one count is of
 * the same contacts, so a funnel never rises. Pure.
 */
import { rowHolds } from '../condition/written-row.ts';
import { sampledAmount, type Amount, type Looked } from './amount.ts';
import type { PreviewPart } from './preview-part.ts';

/** Contacts of which the same leaves hold. */
export interface LeafGroup {
  /** Numbers of the leaves, from 1. */
  readonly held: readonly number[];
  readonly count: number;
  /** Of some of them. */
  readonly keys: readonly string[];
}

export class PartCount {
  readonly #groups: readonly (Omit<LeafGroup, 'held'> & { readonly held: ReadonlySet<number> })[];
  readonly #looked: Omit<Looked, 'size'>;
  /** Contacts that were looked at. */
  readonly size: number;

  constructor(groups: readonly LeafGroup[], looked: Omit<Looked, 'size'>) {
    this.#groups = groups.map((group) => ({ ...group, held: new Set(group.held) }));
    this.#looked = looked;
    this.size = this.count();
  }

  /** How many of these contacts satisfy all of the parts. */
  count(...parts: readonly PreviewPart[]): number {
    return this.#holding(parts).reduce((sum, group) => sum + group.count, 0);
  }

  /** How many of all contacts satisfy all of the parts. */
  amount(...parts: readonly PreviewPart[]): Amount {
    return sampledAmount(this.count(...parts), { ...this.#looked, size: this.size });
  }

  /** Keys of contacts that satisfy a part. */
  keys(part: PreviewPart, most: number): readonly string[] {
    return this.#holding([part])
      .flatMap(({ keys }) => keys)
      .slice(0, most);
  }

  #holding(parts: readonly PreviewPart[]) {
    return this.#groups.filter(({ held }) =>
      parts.every((part) => rowHolds(part, ({ leaf }) => leaf !== undefined && held.has(leaf.index + 1))),
    );
  }
}
