/**
 * Affected columns → segments. Built once for each generation of the registry: for each source the segments that read it, and for
 * each mask bit those that read that column. A change of the contacts table without a mask (a new contact, a deleted one, one with a
 * new key) concerns every segment.
 */
import { contactSource, RANKS, relationSource, type Catalogue } from '../catalogue/catalogue.ts';
import { sourcesRead, type VersionPlan } from './plan.ts';

export interface CapturedSource {
  readonly id: number;
  readonly key: string;
  /** Column → mask bit. */
  readonly bits: ReadonlyMap<string, number>;
}

interface SourceRoute {
  readonly all: readonly number[];
  readonly byBit: ReadonlyMap<number, readonly number[]>;
}

export class Route {
  readonly #sources = new Map<number, SourceRoute>();
  readonly #memo = new Map<string, readonly number[]>();
  readonly #contact: number | undefined;
  readonly #rank: number | undefined;

  constructor(catalogue: Catalogue, sources: readonly CapturedSource[], plans: readonly VersionPlan[]) {
    const contacts = contactSource(catalogue);
    this.#contact = sources.find((source) => source.key === contacts)?.id;
    const ranks = catalogue.relations.get(RANKS);
    const ofRanks = ranks?.valuesOnly ? relationSource(ranks) : undefined;
    this.#rank = sources.find((source) => source.key === ofRanks)?.id;
    for (const source of sources) {
      const all = new Set<number>();
      const byBit = new Map<number, Set<number>>();
      for (const plan of plans) {
        if (!sourcesRead(catalogue, plan).has(source.key)) continue;
        all.add(plan.id);
        for (const column of plan.references.columns.get(source.key) ?? []) {
          const bit = source.bits.get(column);
          if (bit === undefined) continue;
          const readers = byBit.get(bit);
          if (readers) readers.add(plan.id);
          else byBit.set(bit, new Set([plan.id]));
        }
      }
      this.#sources.set(source.id, {
        all: ascending(all),
        byBit: new Map([...byBit].map(([bit, readers]) => [bit, ascending(readers)])),
      });
    }
  }

  knows(source: number): boolean {
    return this.#sources.has(source);
  }

  isContact(source: number): boolean {
    return source === this.#contact;
  }

  /** Whether it is the table of ranks, which may hold a row of a contact that was deleted meanwhile. */
  isRank(source: number): boolean {
    return source === this.#rank;
  }

  /** Segments, ascending, that a change may concern. `mask` is the decimal text of the bits, null for "everything". */
  affected(source: number, mask: string | null): readonly number[] {
    const memo = `${source} ${mask ?? ''}`;
    const known = this.#memo.get(memo);
    if (known) return known;
    const found = this.#compute(source, mask);
    this.#memo.set(memo, found);
    return found;
  }

  #compute(source: number, mask: string | null): readonly number[] {
    const route = this.#sources.get(source);
    if (!route) return [];
    if (mask === null) return route.all;
    const bits = BigInt.asUintN(64, BigInt(mask));
    const found = new Set<number>();
    for (const [bit, readers] of route.byBit) {
      if ((bits >> BigInt(bit)) & 1n) for (const id of readers) found.add(id);
    }
    return ascending(found);
  }
}

function ascending(ids: Iterable<number>): readonly number[] {
  return [...ids].toSorted((a, b) => a - b);
}
