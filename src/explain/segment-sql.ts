/**
 * The SQL that a condition became, for people who read it or run it: the statement of a rebuild, which lists the members,
 * and that of a recheck, which lists the matches among some contacts. A worker's statements cover many segments and write
 * the difference too; their predicates are these. Reads the definition only, and runs none of the SQL.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { fill, ident, list, render, sql, tableName, written, type Fragment } from '../compile/fragment.ts';
import { layOut } from '../compile/layout.ts';
import { memberQuery, recheckQuery } from '../compile/statement.ts';
import { describe } from '../condition/describe/describe.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';
import { planVersion, type VersionPlan } from '../followed/plan.ts';
import { contactKeys } from '../override/override.ts';
import type { Queryable } from '../postgres/pool.ts';
import { segmentIds } from '../segment/read-segment.ts';
import { readExplainedSegment } from './stored-state.ts';

export interface PrintedStatement {
  /** Whole: the values are written into the text. Runs in psql as it is. */
  readonly sql: string;
  /** With `$1`, `$2`, … in place of the values. */
  readonly text: string;
  /** The values, in the order of their numbers; arrays in Postgres' own notation. */
  readonly params: readonly unknown[];
}

export interface SegmentSql {
  /** Null for a condition that is not saved. */
  readonly key: string | null;
  /** The version whose SQL this is: the live one, before the first build the wanted one; null as `key`. */
  readonly version: number | null;
  /** The condition in plain English. */
  readonly description: string;
  /** Rows (contact_id): all members. */
  readonly rebuild: PrintedStatement;
  /** Rows (contact_id, segments): the segment's id for each of the contacts that matches. */
  readonly recheck: PrintedStatement;
}

export interface SqlOptions {
  /** Keys of the contacts in the recheck. Default: the first three contacts of the table. */
  readonly contacts?: readonly string[];
}

/** Of a segment. @throws {Failure} `not-found`; `usage` for a text that cannot be the key of a contact; `RefusedCondition` */
export async function sqlOfSegment(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  options: SqlOptions = {},
): Promise<SegmentSql> {
  const { id, kind, condition, timezone, explained_version: version } = await readExplainedSegment(client, key);
  const { rows } = await client.query<{ any: boolean }>(
    'select exists (select from segmentd.override w where w.segment_id = $1) as any',
    [id],
  );
  const overrides = rows[0]?.any === true;
  const input = { segmentId: id, version: version ?? 0, condition, timezone, overrides };
  const plan = planOrIssues(catalogue, kind === null ? input : { ...input, kind });
  return { key, version, ...(await statementsOf(client, catalogue, plan, options)) };
}

/** Of a condition that is not saved. @throws {RefusedCondition} */
export async function sqlOfCondition(
  client: Queryable,
  catalogue: Catalogue,
  condition: unknown,
  timezone: string | null,
  options: SqlOptions = {},
): Promise<SegmentSql> {
  const plan = planOrIssues(catalogue, { segmentId: 0, version: 0, condition, timezone });
  return { key: null, version: null, ...(await statementsOf(client, catalogue, plan, options)) };
}

function planOrIssues(catalogue: Catalogue, input: Parameters<typeof planVersion>[1]): VersionPlan {
  const planned = planVersion(catalogue, input);
  if (planned.ok) return planned.plan;
  throw new RefusedCondition('The condition does not fit the tables.', planned.issues);
}

async function statementsOf(
  client: Queryable,
  catalogue: Catalogue,
  plan: VersionPlan,
  { contacts }: SqlOptions,
): Promise<Pick<SegmentSql, 'description' | 'rebuild' | 'recheck'>> {
  const ids = await segmentIds(client);
  const options = { segmentId: (key: string): number => ids.get(key) ?? 0 };
  const some =
    contacts === undefined
      ? firstContacts(catalogue)
      : list(contactKeys(catalogue.contacts.key.type, contacts), 'segmentd.contact_key');
  return {
    description: describe(plan.condition, catalogue),
    rebuild: printed(memberQuery(catalogue, plan, { low: false, high: false }, options)),
    recheck: printed(fill(recheckQuery(catalogue, [plan], options), 'contacts', some)),
  };
}

/** Workers bind the instant of `segmentd.instant()`, which readers may not call; it is that of `now()` or just behind. */
function printed(query: Fragment): PrintedStatement {
  const statement = fill(query, 'now', sql`now()`);
  const { text, bind } = render(statement);
  return { sql: layOut(written(statement)), text: layOut(text), params: bind() };
}

function firstContacts({ contacts: { table, key } }: Catalogue): Fragment {
  const column = sql`c.${ident(key.column)}`;
  return sql`array(select ${column}::segmentd.contact_key from ${tableName(table)} as c order by ${column} limit 3)`;
}
