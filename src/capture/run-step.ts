/**
 * Runs a step on the team's tables politely: a lock is waited for 200 ms at a time, so that the team's writes never queue
 * long behind the override for it; in between they have their turn. Only the first table is waited for so long. What holds that
 * one waits for a partition as short as everything else that reads two tables (give-way.ts), and gives way.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Failure, isHeldByAnother, QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import { empty, integer, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import type { Client } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { InstallStep } from './install-step.ts';

/** Milliseconds that the team's writes may have to wait behind our override for a lock. */
const LOCK_TIMEOUT = 200;
/** Longer than the 1 s after which Postgres lets an autovacuum give way. */
const LOCK_TIMEOUT_AUTOVACUUM = 1_500;

/** `patience`: milliseconds to keep trying. Returns what the step has to say beside its changes. */
export async function runStep(client: Client, step: InstallStep, patience: number): Promise<readonly string[]> {
  const until = Date.now() + patience;
  for (let delay = 50; ; delay = Math.min(delay * 2, 1_000)) {
    try {
      return await inTransaction(client, { lockTimeout: LOCK_TIMEOUT }, async () => {
        if (step.quiet) await keepWritersOut(client, step.tables);
        for (const command of step.commands) await client.query(render(command).text);
        return (await step.finish?.(client)) ?? [];
      });
    } catch (error) {
      const state = sqlState(error);
      if (state === '42501') {
        throw new Failure(
          'permission',
          `This role may not change the triggers of ${step.title}: it must own the table. \`segmentd install --print\` shows the SQL for somebody who does.`,
          { cause: error },
        );
      }
      if (!isWorthAnotherTry(error)) throw error;
      if (Date.now() >= until) {
        throw new Failure(
          'failed',
          `${step.title} was never free for a moment: some transaction holds it. Try again when it has ended.`,
          { cause: error },
        );
      }
      await stopAutovacuum(client, step);
      await pause(delay);
    }
  }
}

/** Also a cancel: all locks together may take so long, and no longer. */
function isWorthAnotherTry(error: unknown): boolean {
  return isHeldByAnother(error) || sqlState(error) === QUERY_CANCELED;
}

/** All partitions together are waited for so many times as long as one lock at most. */
const LOCKS_TOGETHER = 8;
const STEP_TIMEOUT = 60_000;

/** Writers hold a weaker lock until they end: who gets this one knows that none is left. Partitions are locked after their root. */
async function keepWritersOut(client: Client, tables: readonly Table[]): Promise<void> {
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
 * Autovacuum gives way only to somebody who waits longer than `deadlock_timeout`. Each of its tables is waited for so long with
 * nothing else in hand; afterwards the step has its turn.
 */
async function stopAutovacuum(client: Client, step: InstallStep): Promise<void> {
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
      if (!isWorthAnotherTry(error)) throw error;
    });
  }
}

/** The step as a script that anybody can run. */
export function stepScript(step: InstallStep): string {
  const locks = step.quiet
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
