/**
 * Runs a step on the team's tables politely: a lock is waited for 200 ms at a time, so that the team's writes never queue
 * long behind the wish for it; in between they have their turn.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Failure, isHeldByAnother, sqlState } from '../base/error.ts';
import { join, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Client } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Step } from './plan.ts';

/** Milliseconds that the team's writes may have to wait behind our wish for a lock. */
const LOCK_TIMEOUT = 200;
/** Longer than the 1 s after which Postgres lets an autovacuum give way. */
const LOCK_TIMEOUT_AUTOVACUUM = 1_500;

/** `patience`: milliseconds to keep trying. */
export async function applyStep(client: Client, step: Step, patience: number): Promise<void> {
  const until = Date.now() + patience;
  let lockTimeout = LOCK_TIMEOUT;
  for (let delay = 50; ; delay = Math.min(delay * 2, 1_000)) {
    try {
      await inTransaction(client, { lockTimeout }, async () => {
        for (const command of [...quiet(step), ...step.commands]) await client.query(render(command).text);
        await step.finish?.(client);
      });
      return;
    } catch (error) {
      const state = sqlState(error);
      if (state === '42501') {
        throw new Failure('permission', `This role may not change the triggers of ${step.title}: it must own the table. \`segmentd install --print\` shows the SQL for somebody who does.`, { cause: error });
      }
      if (!isHeldByAnother(error)) throw error;
      if (Date.now() >= until) {
        throw new Failure('failed', `${step.title} was never free for a moment: some transaction holds it. Try again when it has ended.`, { cause: error });
      }
      lockTimeout = (await behindAutovacuum(client, step)) ? LOCK_TIMEOUT_AUTOVACUUM : LOCK_TIMEOUT;
      await pause(delay);
    }
  }
}

/** Writers hold a weaker lock until they end: who gets this one knows that none is left. Partitions are locked with it. */
function quiet(step: Step): readonly Fragment[] {
  if (!step.quiet || step.tables.length === 0) return [];
  return [sql`lock table ${join(step.tables.map(tableName), sql`, `)} in share row exclusive mode`];
}

/** Autovacuum gives way only to somebody who waits longer than `deadlock_timeout`. */
async function behindAutovacuum(client: Client, step: Step): Promise<boolean> {
  const { rows } = await client.query<{ vacuum: boolean }>(
    `select exists (
       select from pg_catalog.pg_locks l
       join pg_catalog.pg_stat_activity a on a.pid = l.pid and a.backend_type = 'autovacuum worker'
       join pg_catalog.pg_class c on c.oid = l.relation
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where l.locktype = 'relation' and l.granted
         and (n.nspname::text, c.relname::text) in (select * from unnest($1::text[], $2::text[]))
     ) as vacuum`,
    [step.tables.map((table) => table.schema), step.tables.map((table) => table.name)],
  );
  return rows[0]?.vacuum === true;
}

/** The step as a script that anybody can run. */
export function stepScript(step: Step): string {
  const commands = [sql`begin`, sql`set local lock_timeout = '200ms'`, ...quiet(step), ...step.commands, ...(step.closing ? [step.closing] : []), sql`commit`];
  return `-- ${step.title}\n${commands.map((command) => `${render(command).text};\n`).join('')}`;
}
