/**
 * The bounds of one condition, which keep planning time and parameters bounded. Measured: 3,000 nested NOTs plan for 23 s;
 * more than 65,535 parameters fail; 10,000 values as one array parameter cost 24 ms.
 * Edges that look at whole days are all swept at midnight, by one statement with an arm for each. With 500 edges of one
 * segment other segments wait 2.5 s for it, with 3,000 11 s (100 contacts, two cores). Operators written one by one never
 * make 500 edges; a list of ages may.
 */
export interface Limits {
  /** Operators inside one another. */
  readonly depth: number;
  /** Operators in all, `var` included, values not. */
  readonly nodes: number;
  /** Relation subqueries in all. */
  readonly relations: number;
  /** Values in one list. */
  readonly values: number;
  /** Texts that one operator looks for inside a text: each is looked for in turn. */
  readonly needles: number;
  /** Values in one calculation. Each counts as infinite from 10^1000 on, so that no product of so many can overflow. */
  readonly terms: number;
  /** UTF-8 bytes of the condition as JSON. */
  readonly bytes: number;
  /** Days in a rolling window. */
  readonly days: number;
  /** Digits of a number, zeros behind and before the point included. */
  readonly digits: number;
  /** Characters (code points) of a text value. */
  readonly text: number;
  /** Edges of time, equal ones counted each time. */
  readonly edges: number;
}

export const defaultLimits: Limits = {
  depth: 20,
  nodes: 500,
  relations: 20,
  values: 10_000,
  needles: 1_000,
  terms: 20,
  bytes: 256 * 1024,
  days: 36_500,
  digits: 30,
  text: 1_000,
  edges: 500,
};

/** A value in a calculation that has more digits before the point counts as infinite, so that no product of such values can overflow. */
export const arithmeticDigits = 1_000;

/** Issues reported for one condition. A last issue counts the others: a list may hold 10,000 wrong values. */
export const maximumIssues = 100;

/**
 * Factors over the limits above for the tree that the checker makes. It is larger than what was written: `if` repeats its
 * tests, `all` is two subqueries, and an average is compared with each value of a list.
 */
export const lowered = { nodes: 8, depth: 3 } as const;
