/**
 * Values under catalogued jsonb paths that have another type than the config declares. Conditions take them for
 * missing, so contacts are missed silently. Reads a sample of each table, one table at a time, for two seconds in all.
 */
import { sqlState, NO_RIGHT } from '../base/error.ts';
import { branchName } from '../capture/table-tree.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { sql } from '../compile/fragment.ts';
import type { Pool } from '../postgres/pool.ts';
import { readPlanEstimate } from '../preview/plan-cost.ts';
import { inLimitedSession } from '../preview/limited-session.ts';
import {
  mismatchableFields,
  mismatchQuery,
  tableWithAlias,
  type Mismatch,
  type TableFields,
} from '../preview/type-mismatch.ts';
import type { Finding } from './finding.ts';

/** Milliseconds for all tables. */
const PATIENCE = 2_000;

/** No right to read it, no such table or column, no lock in time: other findings speak of these. */
const PASSED_OVER: ReadonlySet<string | undefined> = new Set([NO_RIGHT, '42P01', '42703', '55P03']);

export async function paths(pool: Pool, catalogue: Catalogue, patience = PATIENCE): Promise<readonly Finding[]> {
  const end = performance.now() + patience;
  const tables = mismatchableFields(catalogue);
  const findings: Finding[] = [];
  const late: string[] = [];
  for (const own of tables) {
    const found = await look(pool, catalogue, own, Math.floor(end - performance.now()));
    if (found === undefined) late.push(tableOf(catalogue, own));
    else findings.push(...found.map((one): Finding => ({ level: 'warn', sentence: sentenceOf(one) })));
  }
  if (late.length > 0)
    findings.push({
      level: 'ok',
      sentence: `There was no time to look for jsonb values of another type than declared in ${late.join(', ')}.`,
    });
  if (findings.length === 0 && tables.length > 0)
    findings.push({
      level: 'ok',
      sentence: 'The jsonb values that were looked at have the types that the config declares.',
    });
  return findings;
}

/** Undefined when there was no time. */
async function look(
  pool: Pool,
  catalogue: Catalogue,
  own: TableFields,
  timeout: number,
): Promise<readonly Mismatch[] | undefined> {
  if (timeout < 1) return undefined;
  try {
    return await inLimitedSession(pool, { timeout, atOnce: true }, async (session) => {
      const { rows } = await readPlanEstimate(session.client, sql`select from ${tableWithAlias(catalogue, own)}`, '');
      const query = mismatchQuery(catalogue, own, rows);
      const [row] = (await session.rowsInTime<{ found: number[] }>(query.statement, {})) ?? [];
      return row && query.read(row);
    });
  } catch (error) {
    if (PASSED_OVER.has(sqlState(error))) return [];
    throw error;
  }
}

function sentenceOf({ field, type, values }: Mismatch): string {
  const about = values.basis === 'exact' ? '' : 'About ';
  const [are, count] = values.value === 1 ? ['value of it is', 'counts'] : ['values of it are', 'count'];
  return `The field ${field} is declared as ${type}. ${about}${values.value.toLocaleString('en-US')} ${are} of another type and ${count} as missing in conditions.`;
}

function tableOf(catalogue: Catalogue, { relation }: TableFields): string {
  return branchName(
    (relation === undefined ? undefined : catalogue.relations.get(relation)?.table) ?? catalogue.contacts.table,
  );
}
