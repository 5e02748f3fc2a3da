/**
 * Runs a step on the team's tables politely. It waits for a lock 200 ms at a time, so that the team's writes never
 * queue long behind it; between two tries the team's writes have their turn. Only the first table has this long wait. A
 * step that holds that table waits for a partition as short as every transaction that reads two tables
 * (postgres/give-way.ts), and gives way.
 */
import { Failure, sqlState, NO_RIGHT } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import { empty, integer, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import type { Client } from '../postgres/pool.ts';
import { growing, isHeldOrCancelled, retryLocked } from '../postgres/retry-locked.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { InstallStep } from './install-step.ts';

/** Milliseconds that the team's writes may have to wait behind our request for a lock. */
const LOCK_TIMEOUT = 200;
/** Longer than `deadlock_timeout`, 1 s by default: after that Postgres cancels an autovacuum that blocks us. */
const LOCK_TIMEOUT_AUTOVACUUM = 1_500;

/**
 * @param patience milliseconds to keep trying
 * @returns lines to show beside the step's changes
 * @throws {Failure} `permission` when this role does not own the table; `failed` when no try got its locks in time
 */
export async function runStep(client: Client, step: InstallStep, patience: number): Promise<readonly string[]> {
  const apply = () =>
    inTransaction(client, { lockTimeout: LOCK_TIMEOUT }, async () => {
      if (step.locksOutWriters) await lockOutWriters(client, step.tables);
      for (const command of step.commands) await client.query(render(command).text);
      return (await step.finish?.(client)) ?? [];
    }).catch((error: unknown) => {
      throw sqlState(error) === NO_RIGHT ? noRight(step, error) : error;
    });
  return retryLocked(apply, {
    patience,
    // A cancelled statement counts too: the time for all locks together is limited by `statement_timeout`.
    isRefusal: isHeldOrCancelled,
    onRefusal: () => interruptAutovacuum(client, step),
    pause: growing(50, 1_000),
    tooLate: (cause) =>
      new Failure(
        'failed',
        `A transaction holds ${step.title}, and did not end in time. Run the command again when that transaction has ended.`,
        { cause },
      ),
  });
}

function noRight({ title }: InstallStep, cause: unknown): Failure {
  return new Failure(
    'permission',
    `This role may not change the triggers of ${title}: it must own the table. \`segmentd install --print\` shows the SQL for its owner.`,
    { cause },
  );
}

/** The wait for all partitions together, as a multiple of the wait for one lock. */
const LOCKS_TOGETHER = 8;
const STEP_TIMEOUT = 60_000;

/**
 * Writers hold a weaker lock until they end, so none is left when this lock is granted. Partitions are locked after
 * their root.
 */
async function lockOutWriters(client: Client, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    await client.query(render(lock(table, { only: true })).text);
    await client.query(SHORT_WAIT);
    await client.query(
      `select set_config('statement_timeout', (extract(epoch from current_setting('lock_timeout')::interval) * 1000 * ${LOCKS_TOGETHER})::int::text, true)`,
    );
    await client.query(render(lock(table)).text);
    await client.query(render(sql`set local statement_timeout = ${integer(STEP_TIMEOUT)}`).text);
  }
}

function lock(table: Table, { only = false }: { readonly only?: boolean } = {}): Fragment {
  return sql`lock table ${only ? sql`only ` : empty}${tableName(table)} in share row exclusive mode`;
}

/**
 * Makes an autovacuum of the step's tables give way, which it does only for a session that waits longer than
 * `deadlock_timeout`. The wait happens with no other lock held; afterwards the step tries again.
 */
async function interruptAutovacuum(client: Client, step: InstallStep): Promise<void> {
  const { rows } = await client.query<Table>(
    `with recursive part (oid) as (
       select c.oid from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where (n.nspname::text, c.relname::text) in (select * from unnest($1::text[], $2::text[]))
       union select i.inhrelid from part join pg_catalog.pg_inherits i on i.inhparent = part.oid
     )
     select distinct n.nspname as schema, c.relname as name
     from pg_catalog.pg_locks l
     join part on part.oid = l.relation
     join pg_catalog.pg_stat_activity a on a.pid = l.pid and a.backend_type = 'autovacuum worker'
     join pg_catalog.pg_class c on c.oid = l.relation
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where l.locktype = 'relation' and l.granted`,
    [step.tables.map((table) => table.schema), step.tables.map((table) => table.name)],
  );
  for (const table of rows) {
    await inTransaction(client, { lockTimeout: LOCK_TIMEOUT_AUTOVACUUM }, () =>
      client.query(render(lock(table, { only: true })).text),
    ).catch((error: unknown) => {
      if (!isHeldOrCancelled(error)) throw error;
    });
  }
}

/** The step as a script for a DBA. */
export function stepScript(step: InstallStep): string {
  const locks = step.locksOutWriters
    ? step.tables.flatMap((table) => [lock(table, { only: true }), sql`set local lock_timeout = '50ms'`, lock(table)])
    : [];
  const commands = [
    sql`begin`,
    sql`set local lock_timeout = '200ms'`,
    ...locks,
    ...step.commands,
    ...(step.closing ? [step.closing] : []),
    sql`commit`,
  ];
  return `-- ${step.title}\n${commands.map((command) => `${render(command).text};\n`).join('')}`;
}
