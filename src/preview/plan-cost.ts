/** What the planner expects of a statement, and the class of cost of a condition. An estimate, never a reason to refuse. */
import { render, sql, type Fragment } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';

export interface Cost {
  /** `low`: like reading the contacts once or twice; `high`: more than twenty times that. */
  readonly class: 'low' | 'medium' | 'high';
  /** In the planner's units; `contacts` is that of reading all contacts once. */
  readonly total: number;
  readonly contacts: number;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Total Cost': number;
  readonly 'Plan Rows': number;
  readonly Alias?: string;
  readonly Plans?: readonly PlanNode[];
}

export interface PlanEstimate {
  readonly cost: number;
  readonly rows: number;
  /** It reads all contacts, which the statement calls `c`. */
  readonly scansContacts: boolean;
}

/** What the planner expects. */
export async function readPlanEstimate(client: Queryable, of: Fragment, now: string): Promise<PlanEstimate> {
  const { text, bind } = render(sql`explain (format json) ${of}`);
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(text, bind({ now }));
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  return {
    cost: plan?.['Total Cost'] ?? 0,
    rows: plan?.['Plan Rows'] ?? 0,
    scansContacts: plan !== undefined && nodesOf(plan).some(isScanOfContacts),
  };
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Postgres numbers the aliases of partitions. */
function isScanOfContacts({ 'Node Type': type, Alias: alias = '' }: PlanNode): boolean {
  return type === 'Seq Scan' && /^c(_\d+)?$/.test(alias);
}

/** In the planner's units: below this cost, every condition counts as cheap. */
const CHEAP = 20_000;

/** @param total the planner's cost of the condition @param contacts the planner's cost of reading all contacts once */
export function costClass(total: number, contacts: number): Cost {
  const low = Math.max(2 * contacts, CHEAP);
  const medium = Math.max(20 * contacts, 10 * CHEAP);
  return {
    class: total <= low ? 'low' : total <= medium ? 'medium' : 'high',
    total: Math.round(total),
    contacts: Math.round(contacts),
  };
}
