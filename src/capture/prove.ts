/**
 * Proves that a write passes with capture on a table, and that the outbox receives it, before the installing
 * transaction commits. A savepoint is rolled back afterwards, so nothing of the proof remains. There are two proofs,
 * because only the team knows what its constraints accept:
 *
 * 1. On the table itself: an insert, an update and a delete of no rows. They fire our statement triggers and the
 *    team's; the team's row triggers do not fire. One row is updated to its own values, when no row trigger of the team
 *    would fire and no session has locked the row. What such a trigger did outside the database (a call over the
 *    network) could not be rolled back.
 * 2. On a temporary table of the same columns, without constraints: our trigger function captures a delete, so the
 *    outbox has one more row.
 *
 * This does not prove that every row passes: a constraint of the team may reject a row that our triggers never saw.
 */
import { Failure, sqlState, NO_RIGHT, LOCK_NOT_AVAILABLE, QUERY_CANCELED } from '../base/error.ts';
import { ident, join, keyword, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SourceTable } from './source.ts';
import { branchName, type Branch, type TableTree } from './table-tree.ts';
import { chooseKinds, installedKinds } from './choose-kind.ts';
import { captureFunctions, createTrigger } from './trigger/trigger.ts';

/** Why a table was not proven, in a few words; undefined when it was proven. */
export type Unproven = string | undefined;

/**
 * SQLSTATEs that say nothing about capture: missing rights, a read-only database, a busy lock, a cancelled statement.
 */
const NOT_OURS: ReadonlySet<string> = new Set([NO_RIGHT, '25006', LOCK_NOT_AVAILABLE, QUERY_CANCELED]);

/**
 * @param client is in a transaction
 * @param advice ends the sentence of the error
 * @throws {Failure} `failed` when a write fails, or when the outbox does not receive it
 */
export async function proveCapture(
  client: Client,
  source: SourceTable,
  tree: TableTree,
  advice: string,
): Promise<Unproven> {
  let unproven: Unproven;
  for (const branch of tree.branches) {
    unproven ??= await rolledBack(client, branch, advice, () => writeNothing(client, branch));
  }
  const [root] = tree.branches;
  unproven ??=
    root && (await rolledBack(client, root, advice, () => reachesOutbox(client, source, tree, root, advice)));
  return unproven;
}

async function rolledBack(
  client: Client,
  branch: Branch,
  advice: string,
  proof: () => Promise<Unproven>,
): Promise<Unproven> {
  await client.query(`savepoint proof; set local statement_timeout = ${TIMEOUT}`);
  try {
    return await proof();
  } catch (error) {
    const code = sqlState(error);
    if (code === undefined) throw error;
    if (NOT_OURS.has(code)) return `Postgres refused the proof (SQLSTATE ${code})`;
    throw new Failure(
      'failed',
      `A write of ${branchName(branch)} fails with capture on the table (SQLSTATE ${code}): ${advice}.`,
      { cause: error },
    );
  } finally {
    await client.query('rollback to savepoint proof; release savepoint proof');
  }
}

/** Milliseconds that one statement may take: writers wait behind the installation. */
const TIMEOUT = 1_000;

/** Sample keys and links, as short as a column may be. The row is deleted at once, and no other session sees it. */
const SAMPLES: Readonly<Record<string, Fragment>> = {
  smallint: sql`0`,
  integer: sql`0`,
  bigint: sql`0`,
  numeric: sql`0`,
  uuid: sql`'00000000-0000-0000-0000-000000000000'`,
  text: sql`'0'`,
  'character varying': sql`'0'`,
};

interface Writable {
  /** A column that an insert and an update may name. */
  readonly name: string;
  readonly type: string;
  /** Whether no row trigger and no rule of the team's acts on an update. */
  readonly quiet: boolean;
}

async function writeNothing(client: Client, branch: Branch): Promise<Unproven> {
  const { rows } = await client.query<Writable>({
    ...statement('capture-writable'),
    values: [branch.schema, branch.name],
  });
  const [column] = rows;
  if (column === undefined) return `this role may write no column of ${branchName(branch)}`;
  const table = tableName(branch);
  const name = ident(column.name);
  await run(client, sql`insert into ${table} (${name}) select null::${keyword(column.type)} where false`);
  await run(client, sql`update ${table} set ${name} = ${name} where false`);
  await run(client, sql`delete from ${table} where false`);
  if (column.quiet && branch.kind === 'r') {
    await run(
      client,
      sql`update only ${table} set ${name} = ${name} where ctid = any (array(select ctid from only ${table} limit 1 for no key update skip locked))`,
    );
  }
  return undefined;
}

async function reachesOutbox(
  client: Client,
  source: SourceTable,
  tree: TableTree,
  root: Branch,
  advice: string,
): Promise<Unproven> {
  const { kinds } = chooseKinds(source, tree, 'installed', {}, installedKinds(source, tree));
  const capture = captureFunctions(source, { doorbell: false, rows: false, kinds }).find(
    ({ operation }) => operation === 'delete',
  );
  if (!capture) throw new Error('there is no capture of deletes');
  const key = SAMPLES[source.kind === 'through' ? source.link.sqlType : source.keyType];
  if (key === undefined) return `its links are of type ${source.link.sqlType}`;
  const columns = await columnsOfBase(client, root);
  await run(
    client,
    sql`create temporary table segmentd_proof on commit drop as select ${columns} from ${tableName(root)} with no data`,
  );
  await run(client, sql`insert into pg_temp.segmentd_proof (${ident(source.link.column)}) values (${key})`);
  for (const command of createTrigger(capture, sql`pg_temp.segmentd_proof`)) await run(client, command);
  const before = await capturedRows(client);
  await client.query('delete from pg_temp.segmentd_proof');
  if ((await capturedRows(client)) <= before)
    throw new Failure('failed', `A write of ${branchName(root)} does not reach the outbox: ${advice}.`);
  return undefined;
}

/** The columns without the domains that they are of: a domain may refuse the null of a column that the proof does not fill. */
async function columnsOfBase(client: Client, root: Branch): Promise<Fragment> {
  const { rows } = await client.query<{ name: string; type: string | null }>({
    ...statement('capture-base-column'),
    values: [root.schema, root.name],
  });
  return join(
    rows.map(({ name, type }) =>
      type === null ? ident(name) : sql`${ident(name)}::${keyword(type)} as ${ident(name)}`,
    ),
    sql`, `,
  );
}

/** Number of rows in the outbox from this transaction. */
async function capturedRows(client: Client): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(
    'select count(*)::int as rows from segmentd_internal.change c where c.xid = pg_current_xact_id()',
  );
  return rows[0]?.rows ?? 0;
}

async function run(client: Client, command: Fragment): Promise<void> {
  await client.query(render(command).text);
}
