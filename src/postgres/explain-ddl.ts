/**
 * Explains errors of migrate, install and uninstall. Their statements carry no rows of the team, so the sentence may
 * show Postgres' own message. An event trigger of the team can fail inside our statement with any SQLSTATE; the
 * sentence then names it.
 */
import { Failure, readingOf, sqlState } from '../base/error.ts';
import type { Queryable } from './pool.ts';

/** Codes whose message all other errors leave out, because it may hold values of rows. */
const LEFT_OUT = /^(22|23|P0|38|39)/;

const EVENT_TRIGGERS = `
  select e.evtname as name, p.proname as function, p.oid::regprocedure::text as signature
  from pg_catalog.pg_event_trigger e join pg_catalog.pg_proc p on p.oid = e.evtfoid
  where e.evtenabled <> 'D' order by e.evtname`;

/** The error to throw instead of `error`, or `error` itself. `database` must not be in a failed transaction. */
export async function explainDdl(database: Queryable, error: unknown): Promise<unknown> {
  const root = error instanceof Failure ? error.cause : error;
  const code = sqlState(root);
  if (code === undefined || !(root instanceof Error) || readingOf(code) === 'passing') return error;
  const message = root.message.replace(/[.\s]*$/, '');
  const trigger = await raisedBy(database, root).catch(() => undefined);
  if (trigger) {
    return new Failure(
      'failed',
      `The event trigger "${trigger.name}" of this database failed in ${trigger.signature} (SQLSTATE ${code}): ${message}. Disable it while this command runs: alter event trigger ${quoted(trigger.name)} disable;`,
      { cause: root },
    );
  }
  if (error instanceof Failure || !LEFT_OUT.test(code)) return error;
  return new Failure('failed', `Postgres refused a statement of this command (SQLSTATE ${code}): ${message}.`, {
    cause: root,
  });
}

/**
 * The event trigger whose function the error's context names. The context is in the server's language; names are not
 * translated.
 */
async function raisedBy(
  database: Queryable,
  error: Error,
): Promise<{ readonly name: string; readonly signature: string } | undefined> {
  const context = 'where' in error ? String(error.where) : '';
  if (context === '') return undefined;
  const { rows } = await database.query<{ name: string; function: string; signature: string }>(EVENT_TRIGGERS);
  return rows.find((row) => context.includes(`${row.function}(`));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
