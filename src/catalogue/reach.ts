/**
 * Which tables lead to the contact, and how far away they are: from the contacts table along links, nearest first. A table is reached by its
 * nearest ways only. Pure.
 */
import { linkName, nameKey, wordsOf } from './identifier-word.ts';
import type { SurveyTable } from './survey.ts';
import type { LinkOrigin, Omission, TableLink } from './table-link.ts';
import { isJunction, linkTraits, sizeBonus, type Trait } from './table-trait.ts';

/** How a relation's rows find the contact. `in`: they refer to the row before; `out`: the row before refers to them. */
export interface Way {
  readonly table: SurveyTable;
  readonly direction: 'in' | 'out';
  /** Column of `table`, and the column before that it equals. */
  readonly column: string;
  readonly target: string;
  readonly origin: LinkOrigin;
  /** Undefined: the contact itself. */
  readonly from: Way | undefined;
  /** Steps from the contact; a step to what many rows share counts more than one to rows of the contact's own. */
  readonly distance: number;
  /** The distance, and more for what an owner hardly asks for: the order of the proposal. */
  readonly score: number;
  /** Whether the row before is there only to join two tables. */
  readonly joined: boolean;
  readonly traits: readonly Trait[];
}

export interface Reached {
  /** Nearest first. */
  readonly ways: readonly Way[];
  readonly omissions: readonly Omission[];
}

/** Further away nothing is proposed. */
const FARTHEST = 5;
const MOST_STEPS = 4;

const COST = {
  /** Rows that refer to the contact. */
  own: 1,
  /** What the contact refers to. */
  outward: 1.5,
  /** Rows that refer to rows of a relation. */
  below: 1,
  /** Other rows of what the contact refers to: deals of its company. */
  sibling: 1.5,
  /** Beyond a table that only joins two: tags. */
  beyondJoin: 0.5,
  /** What a row of a relation refers to: the product of an item. */
  shared: 1.25,
  /** What says more of that: the categories of a film. */
  more: 2,
} as const;

const GUESSED = 0.2;
/** Of `customer_id` and `beneficiary_id` the first leads on. */
const UNNAMED = 0.05;

interface Adjacent {
  readonly table: SurveyTable;
  readonly direction: 'in' | 'out';
  readonly column: string;
  readonly target: string;
  readonly origin: LinkOrigin;
}

export function reachFrom(contacts: SurveyTable, links: readonly TableLink[], contactsHaveRows: boolean): Reached {
  const graph = new Graph(links);
  const best = new Map<string, Way[]>();
  const tenants = new Map<string, SurveyTable>();

  const stepsFrom = (from: Way | undefined): readonly Way[] => {
    const here = from?.table ?? contacts;
    if (from && steps(from) >= MOST_STEPS) return [];
    const isTenant = (table: SurveyTable): boolean => table.oid !== contacts.oid && graph.isTenant(table);
    if (from?.direction === 'out' && isTenant(here)) {
      tenants.set(here.oid, here);
      return [];
    }
    const isJoin = from?.direction === 'in' && graph.isJunction(here);
    return graph.next(here).flatMap((one): readonly Way[] => {
      const isLoop = one.table.oid === contacts.oid ? from !== undefined : holds(from, one.table);
      if (isLoop || one.table.refusal !== undefined) return [];
      // Each row of a tenant's table leads to the tenant: from the contact that says something, from its rows nothing more.
      if (from && one.direction === 'out' && isTenant(one.table)) return [];
      const cost = costOf(one, from, isJoin, () => graph.isJunction(one.table));
      const distance = (from?.distance ?? 0) + (cost ?? Number.POSITIVE_INFINITY);
      if (cost === undefined || distance > FARTHEST) return [];
      const isIndexed = one.direction === 'in' ? one.table.indexed.has(one.column) : here.indexed.has(one.target);
      const refers = one.direction === 'in' ? one.column : one.target;
      const traits = linkTraits(one.table, refers, isIndexed, contactsHaveRows);
      const more =
        traits.reduce((sum, trait) => sum + trait.cost, 0) +
        (one.origin.kind === 'guess' ? GUESSED : 0) +
        (!from && one.direction === 'in' && !isAbout(one.column, contacts) ? UNNAMED : 0) -
        sizeBonus(one.table, isTenant(one.table) ? 0 : graph.referring(one.table));
      return [{ ...one, from, distance, score: (from?.score ?? 0) + cost + more, joined: isJoin, traits }];
    });
  };

  // Each step costs something, so a distance is complete when it is the nearest that waits.
  const waiting = new Map<number, Way[]>();
  const wait = (ways: readonly Way[]): void => {
    for (const way of ways) {
      const list = waiting.get(way.distance);
      if (list) list.push(way);
      else waiting.set(way.distance, [way]);
    }
  };
  wait(stepsFrom(undefined));
  while (waiting.size > 0) {
    const distance = Math.min(...waiting.keys());
    const ways = (waiting.get(distance) ?? []).toSorted(byScore);
    waiting.delete(distance);
    for (const way of ways) {
      const [first, ...more] = best.get(way.table.oid) ?? [];
      if (!first) {
        best.set(way.table.oid, [way]);
        if (way.table.oid !== contacts.oid) wait(stepsFrom(way));
      } else if (first.distance === way.distance && first.from === way.from)
        best.set(way.table.oid, [first, ...more, way]);
    }
  }
  return {
    ways: [...best.values()].flat().sort(byScore),
    omissions: [...tenants.values()].map((table) => ({
      subject: `${table.text} (${graph.referring(table)} tables)`,
      reason: 'a large part of all tables refers to it, as to a tenant: nothing leads on from it',
    })),
  };
}

/** Whether a column is named after the table: `customer_id` and customers. */
export function isAbout(column: string, table: SurveyTable): boolean {
  const words = linkName(column)?.words ?? wordsOf(column);
  const own = wordsOf(table.name);
  return nameKey(words) === nameKey(own) || nameKey(words) === nameKey(own.slice(-1));
}

function costOf(one: Adjacent, from: Way | undefined, isJoin: boolean, leadsOn: () => boolean): number | undefined {
  if (!from) return one.direction === 'in' ? COST.own : COST.outward;
  if (one.direction === 'out') return isJoin ? COST.beyondJoin : COST.shared;
  if (from.direction === 'in') return COST.below;
  if (from.from === undefined) return COST.sibling;
  // Rows that refer to what many contacts share are no contact's own, except those that say more of it: the categories of a film.
  return leadsOn() ? COST.more : undefined;
}

function steps(way: Way): number {
  return way.from ? steps(way.from) + 1 : 1;
}

function holds(way: Way | undefined, table: SurveyTable): boolean {
  return way !== undefined && (way.table.oid === table.oid || holds(way.from, table));
}

/** The links between tables, from both of their ends. */
class Graph {
  readonly #next = new Map<string, Adjacent[]>();
  readonly #children = new Map<string, Set<string>>();
  readonly #linkColumns = new Map<string, Set<string>>();
  readonly #many: number;

  constructor(links: readonly TableLink[]) {
    for (const { child, column, parent, target, origin } of links) {
      this.#add(parent, { table: child, direction: 'in', column, target, origin });
      this.#add(child, { table: parent, direction: 'out', column: target, target: column, origin });
      collect(this.#children, parent.oid, child.oid);
      collect(this.#linkColumns, child.oid, column);
    }
    this.#many = Math.max(6, this.#next.size * 0.3);
  }

  #add(from: SurveyTable, one: Adjacent): void {
    const list = this.#next.get(from.oid);
    if (list) list.push(one);
    else this.#next.set(from.oid, [one]);
  }

  next(table: SurveyTable): readonly Adjacent[] {
    return this.#next.get(table.oid) ?? [];
  }

  /** How many tables refer to it. */
  referring(table: SurveyTable): number {
    return this.#children.get(table.oid)?.size ?? 0;
  }

  /** Whether a large part of all tables refers to it: accounts, organizations, tenants. */
  isTenant(table: SurveyTable): boolean {
    return this.referring(table) >= this.#many;
  }

  isJunction(table: SurveyTable): boolean {
    return isJunction(table, this.#linkColumns.get(table.oid) ?? new Set());
  }
}

function collect(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function byScore(a: Way, b: Way): number {
  return a.score - b.score || (b.table.rows ?? 0) - (a.table.rows ?? 0) || byColumn(a, b);
}

function byColumn(a: Way, b: Way): number {
  return a.table.text < b.table.text ? -1 : a.table.text > b.table.text ? 1 : a.column < b.column ? -1 : 1;
}
