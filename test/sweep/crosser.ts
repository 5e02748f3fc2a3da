/** Who crosses the edges of a set of rules between two instants, by the SQL that sweeps use. */
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { crosses, edgeRows, waysOf } from '../../src/compile/edge-crossing.ts';
import { integer, join, render, param, sql } from '../../src/compile/fragment.ts';
import type { Condition } from '../../src/condition/ast.ts';
import { edgesOf, type Edge } from '../../src/temporal/edge.ts';
import type { TestDatabase } from '../support/database.ts';

export interface TimedRule {
  readonly id: number;
  readonly condition: Condition;
  readonly timezone: string;
}

export interface Timeline {
  readonly edges: ReadonlyMap<string, Edge>;
  /** Keys of edges by rule. */
  readonly edgesOfRule: ReadonlyMap<number, readonly string[]>;
}

export type EdgesOf = typeof edgesOf;

/** What a mutant changes. */
export interface CrossingMutation {
  readonly edges?: EdgesOf;
  /** The text of the rendered statement. */
  readonly text?: (text: string) => string;
}

export function timelineOf(catalogue: Catalogue, rules: readonly TimedRule[], find: EdgesOf = edgesOf): Timeline {
  const edges = new Map<string, Edge>();
  const edgesOfRule = new Map<number, string[]>();
  for (const { id, condition, timezone } of rules) {
    const own = find(condition, catalogue, timezone);
    for (const edge of own) edges.set(edge.key, edge);
    edgesOfRule.set(
      id,
      own.map((edge) => edge.key),
    );
  }
  return { edges, edgesOfRule };
}

/** Contacts by edge that cross in the span. */
export async function crossersOf(
  database: TestDatabase,
  catalogue: Catalogue,
  { edges }: Timeline,
  from: string,
  to: string,
  mutate: (text: string) => string = (text) => text,
): Promise<Map<string, Set<number>>> {
  const keys = [...edges.keys()];
  const span = { from: param('from', 'timestamptz'), to: param('to', 'timestamptz') };
  const ways = [...edges.values()].flatMap((edge, index) =>
    waysOf(catalogue, edge).map((way) => ({ edge: way, index })),
  );
  const arms = ways.map(({ edge, index }) => {
    const where = edgeRows(catalogue, edge);
    return sql`select ${integer(index)} as edge, ${where.contact}::int as contact from ${where.from} where ${crosses(edge, where, span)} and ${where.contact} is not null`;
  });
  const found = new Map<string, Set<number>>(keys.map((key) => [key, new Set()]));
  for (let start = 0; start < arms.length; start += 100) {
    const { text, bind } = render(join(arms.slice(start, start + 100), sql` union `));
    for (const row of await database.query<{ edge: number; contact: number }>(mutate(text), bind({ from, to }))) {
      found.get(keys[row.edge] ?? '')?.add(row.contact);
    }
  }
  return found;
}
