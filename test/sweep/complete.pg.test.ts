/**
 * The edges of a condition are complete: for random rules over random rows, a contact that changes sides between two instants
 * has a row that crosses one of the rule's edges between them; also between any evaluation inside a span that is swept
 * as a whole and its end, whatever the zones' clocks did meanwhile. Each mutant of edges and bounds breaks it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFuzzDatabase, type FuzzDatabase } from '../oracle/fuzz-database.ts';
import { seed } from '../support/random.ts';
import { catalogueWith } from '../oracle/oracle-world.ts';
import { crossersOf, timelineOf, type CrossingMutation } from './crosser.ts';
import { MUTANTS } from './crossing-mutant.ts';
import { observe, type Observed } from './observation.ts';

let fuzz: FuzzDatabase;
let observed: readonly Observed[];

beforeAll(async () => {
  console.log(`FUZZ_SEED=${seed()}`);
  fuzz = await createFuzzDatabase({ contacts: 160, orders: 400, items: 400, parts: 100 });
  const sizes = { rules: 260, points: 40, spans: 36 };
  observed = [await observe(fuzz, 'UTC', seed() + 1, sizes), await observe(fuzz, 'America/Havana', seed() + 2, sizes)];
}, 240_000);
afterAll(() => fuzz?.database.drop());

interface Missed {
  readonly rule: unknown;
  readonly zone: string;
  readonly contact: number;
  readonly from: string;
  readonly to: string;
}

/** Changes that no crossing announces; at most a few. */
async function missedWith({ edges, text }: CrossingMutation, most: number): Promise<readonly Missed[]> {
  const missed: Missed[] = [];
  for (const { timestamps, rules, spans } of observed) {
    const catalogue = catalogueWith(timestamps);
    const whole = timelineOf(catalogue, rules, edges);
    for (const { from, to, changed } of spans) {
      // Only who changed is asked for.
      const keysOf = (id: number): readonly string[] => whole.edgesOfRule.get(id) ?? [];
      const asked = new Set(changed.flatMap(([rule]) => keysOf(rule.id)));
      const timeline = { ...whole, edges: new Map([...whole.edges].filter(([key]) => asked.has(key))) };
      const crossing = await crossersOf(fuzz.database, catalogue, timeline, from, to, text);
      for (const [rule, contact] of changed) {
        if (keysOf(rule.id).some((key) => crossing.get(key)?.has(contact) === true)) continue;
        missed.push({ rule: rule.json, zone: rule.timezone, contact, from, to });
        if (missed.length >= most) return missed;
      }
    }
  }
  return missed;
}

test('a contact that changes sides crosses an edge', { timeout: 120_000 }, async () => {
  const pairs = observed.reduce((sum, { rules }) => sum + rules.length * fuzz.documents.size, 0);
  expect(pairs).toBeGreaterThanOrEqual(20_000);
  const at = (of: Observed, single: boolean): number =>
    of.spans
      .filter(
        ({ from, to }) => (Date.parse(from) === Date.parse(to) || Date.parse(to) - Date.parse(from) === 1) === single,
      )
      .reduce((sum, span) => sum + span.changed.length, 0);
  for (const one of observed) {
    expect(at(one, true)).toBeGreaterThan(100);
    expect(at(one, false)).toBeGreaterThan(1_000);
  }
  expect(await missedWith({}, 3)).toEqual([]);
});

test.each(Object.entries(MUTANTS))('the test finds the mutant: %s', { timeout: 120_000 }, async (_name, mutation) => {
  expect(await missedWith(mutation, 1)).toHaveLength(1);
});
