/**
 * The comparison that the differential test and the mutants share: every rule over every contact, Postgres against the
 * evaluator. Many rules travel in one statement, as in production.
 */
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import {
  type CompiledSegment,
  memberQuery,
  rangeQuery,
  recheckQuery,
  type StatementOptions,
} from '../../src/compile/statement.ts';
import { type Fragment, render, type Statement } from '../../src/compile/fragment.ts';
import type { Condition } from '../../src/condition/ast.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import type { ContactDocument } from '../../src/condition/evaluate/document.ts';
import { evaluator } from '../../src/condition/evaluate/evaluator.ts';
import type { TestDatabase } from '../support/database.ts';
import { countingRows } from './counting-row.ts';
import { nows, zones } from './pool.ts';
import type { Random } from '../support/random.ts';
import { contactScope, randomRule, randomBoundary } from './random-condition.ts';

export interface Rule {
  readonly id: number;
  readonly json: unknown;
  readonly condition: Condition;
  readonly timezone: string;
}

/** Keys that `in_segment` may name, and their ids. */
export const others: ReadonlyMap<string, number> = new Map([
  ['others', 900_001],
  [`it's "one"`, 900_002],
]);

export function randomRules(r: Random, catalogue: Catalogue, count: number): Rule[] {
  const scope = contactScope(r, catalogue, [...others.keys()]);
  return Array.from({ length: count }, (_, id) => {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const json = id % 3 !== 0 ? randomBoundary(scope) : randomRule(scope, r.below(4));
      const checked = checkCondition(json, { catalogue, segments: (key) => others.has(key) });
      if (checked.ok) return { id, json, condition: checked.condition, timezone: r.pick(zones) };
      // The generator is well typed; only size can be refused.
      const codes = checked.issues.map((issue) => issue.code);
      if (codes.some((code) => !code.startsWith('too-')))
        throw new Error(`refused: ${JSON.stringify(checked.issues)} ${JSON.stringify(json)}`);
    }
    throw new Error('no rule within the limits');
  });
}

export type Strategy = 'recheck' | 'range' | 'member';

/** What a mutant changes on the way from rule to rows. */
export interface Mutation {
  /** The statement that has the mistake; default `recheck`. */
  readonly strategy?: Strategy;
  readonly catalogue?: (catalogue: Catalogue) => Catalogue;
  readonly segment?: (segment: CompiledSegment, now: string) => CompiledSegment;
  readonly statement?: (statement: Statement) => Statement;
}

const options: StatementOptions = {
  segmentId(key) {
    const id = others.get(key);
    if (id === undefined) throw new Error(`no segment ${key}`);
    return id;
  },
};

/** Contacts by rule, as SQL says. */
export async function sqlMembers(
  database: TestDatabase,
  catalogue: Catalogue,
  rules: readonly Rule[],
  now: string,
  strategy: Strategy,
  mutation: Mutation = {},
): Promise<Map<number, Set<number>>> {
  const compiled = mutation.catalogue ? mutation.catalogue(catalogue) : catalogue;
  const segments = rules.map(({ id, condition, timezone }): CompiledSegment => {
    const segment = { id, condition, timezone };
    return mutation.segment ? mutation.segment(segment, now) : segment;
  });
  const members = new Map<number, Set<number>>(rules.map(({ id }) => [id, new Set()]));
  const run = async <Row extends Record<string, unknown>>(query: Fragment): Promise<Row[]> => {
    const rendered = render(query);
    const statement = mutation.statement ? mutation.statement(rendered) : rendered;
    return database.query<Row>(
      statement.text,
      statement.bind({ now, contacts: await keysOf(database), low: -1, high: 1_000_000 }),
    );
  };
  if (strategy === 'member') {
    for (const segment of segments) {
      const rows = await run<{ contact_id: number }>(
        memberQuery(compiled, segment, { low: false, high: false }, options),
      );
      for (const row of rows) members.get(segment.id)?.add(row.contact_id);
    }
    return members;
  }
  const query =
    strategy === 'recheck'
      ? recheckQuery(compiled, segments, options)
      : rangeQuery(compiled, segments, { low: true, high: true }, options);
  for (const row of await run<{ contact_id: number; segments: number[] }>(query)) {
    for (const id of row.segments) members.get(id)?.add(row.contact_id);
  }
  return members;
}

const keys = new WeakMap<TestDatabase, Promise<number[]>>();

function keysOf(database: TestDatabase): Promise<number[]> {
  let known = keys.get(database);
  if (!known)
    keys.set(
      database,
      (known = database
        .query<{ id: number }>('select "ID" as id from fuzz."Per son"')
        .then((rows) => rows.map(({ id }) => id))),
    );
  return known;
}

/** Contacts by rule, as the evaluator says. */
export function oracleMembers(
  catalogue: Catalogue,
  documents: ReadonlyMap<number, ContactDocument>,
  rules: readonly Rule[],
  now: string,
): Map<number, Set<number>> {
  const counting = [...documents].map(([key, document]) => [key, countingRows(catalogue, document, now)] as const);
  return new Map(
    rules.map((rule) => {
      const holds = evaluator(rule, now, { timestamps: catalogue.timestamps });
      return [rule.id, new Set(counting.filter(([, document]) => holds(document)).map(([key]) => key))];
    }),
  );
}

export interface Difference {
  readonly rule: Rule;
  readonly now: string;
  readonly contact: number;
  /** What the evaluator says; SQL says the opposite. */
  readonly expected: boolean;
}

export function differences(
  rules: readonly Rule[],
  now: string,
  expected: ReadonlyMap<number, ReadonlySet<number>>,
  actual: ReadonlyMap<number, ReadonlySet<number>>,
): Difference[] {
  const found: Difference[] = [];
  for (const rule of rules) {
    const want: ReadonlySet<number> = expected.get(rule.id) ?? new Set();
    const got: ReadonlySet<number> = actual.get(rule.id) ?? new Set();
    for (const contact of new Set([...want, ...got])) {
      if (want.has(contact) !== got.has(contact)) found.push({ rule, now, contact, expected: want.has(contact) });
    }
  }
  return found;
}

/** Rules in groups of one statement, each with its instant. */
export function batches(
  rules: readonly Rule[],
  size: number,
): { readonly rules: readonly Rule[]; readonly now: string }[] {
  const found: { rules: readonly Rule[]; now: string }[] = [];
  for (let start = 0; start < rules.length; start += size) {
    found.push({ rules: rules.slice(start, start + size), now: nows[(start / size) % nows.length] ?? nows[0] });
  }
  return found;
}
