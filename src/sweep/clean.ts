/**
 * Up to when no edge waited for a sweep. A look that finds nothing is clean at once. A look that finds crossings is
 * clean when all of them are swept, because everything that waited when it asked is in the outbox then; without this, a
 * field where a contact crosses at every look would never be clean. Pure.
 */

/** Edges of a field that is looked at rarely. */
export interface LateEdges {
  readonly edges: readonly number[];
  /** Server time up to which none of them waited; undefined before the first clean look. */
  readonly asOf: string | undefined;
}

/** Up to when crossings are queued, as far as the looks know. */
export interface Clean {
  /** Server time, for all edges but those of `late`; undefined before each of them was clean once. */
  readonly prompt: string | undefined;
  readonly late: readonly LateEdges[];
}

/** The last look of each group of edges, while what it found is not swept. */
export class PendingLooks {
  readonly #looks: Map<string, { readonly askedAt: string; readonly waiting: Set<number> }>;

  constructor(former?: PendingLooks) {
    this.#looks = new Map(former ? former.#looks : []);
  }

  /** Replaces the last look of the group. Returns whether the look is clean. */
  looked(name: string, crossing: readonly number[], askedAt: string): boolean {
    this.#looks.delete(name);
    if (crossing.length > 0) this.#looks.set(name, { askedAt, waiting: new Set(crossing) });
    return crossing.length === 0;
  }

  /** Returns the looks that are clean now that these edges are swept. */
  swept(edges: readonly number[]): readonly { readonly name: string; readonly askedAt: string }[] {
    return [...this.#looks].flatMap(([name, { askedAt, waiting }]) => {
      for (const id of edges) waiting.delete(id);
      if (waiting.size > 0) return [];
      this.#looks.delete(name);
      return [{ name, askedAt }];
    });
  }

  forget(name: string): void {
    this.#looks.delete(name);
  }
}

/** The earliest instant; undefined when one is undefined. All are texts in UTC, which sort as instants do. */
export function earliest(instants: readonly (string | undefined)[]): string | undefined {
  return instants.every((one) => one !== undefined) ? instants.toSorted()[0] : undefined;
}
