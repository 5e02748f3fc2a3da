/**
 * The trigger functions of a source and the triggers that call them, as SQL: their names, the statements that create
 * them, and the hash by which `install` recognises an unchanged one. What the functions do stands in trigger-body.ts.
 */
import { hashOf } from '../../postgres/sql-file.ts';
import { empty, ident, keyword, literal, render, sql, type Fragment } from '../../compile/fragment.ts';
import type { SourceTable } from '../source.ts';
import { OPERATIONS, type Operation } from './operation.ts';
import { triggerBody } from './trigger-body.ts';

export interface CaptureFunction {
  readonly operation: Operation;
  /** Name in the schema segmentd_internal. */
  readonly name: string;
  /** Name of the triggers that call it. */
  readonly trigger: string;
  readonly body: string;
  /** Of the body. The function's comment holds it, so that `install` leaves an unchanged function alone. */
  readonly hash: string;
}

/** @param options.rows whether a subscription fills the table */
export function captureFunctions(
  source: SourceTable,
  options: { readonly doorbell: boolean; readonly rows: boolean },
): readonly CaptureFunction[] {
  return OPERATIONS.filter((operation) => operation !== 'row' || options.rows).map((operation) => {
    const body = render(triggerBody(source, operation, options)).text;
    return {
      operation,
      name: `capture_${source.id}_${operation}`,
      trigger: `segmentd_${source.id}_${operation}`,
      body,
      hash: hashOf(`${render(SETTINGS).text} ${body}`),
    };
  });
}

/** Operators are those of Postgres whatever the writer's search path is. */
const SETTINGS = sql`security definer set search_path = pg_catalog, pg_temp set jit = off`;

/**
 * The statements that create a function. They switch JIT off: a session makes its plans when it first writes, and a
 * plan made for a bulk statement would be compiled anew (0.8 s) for every later statement, single rows too.
 */
export function createFunction(capture: CaptureFunction): readonly Fragment[] {
  const name = sql`${ident('segmentd_internal', capture.name)}()`;
  return [
    sql`create or replace function ${name} returns trigger language plpgsql ${SETTINGS} as ${literal(capture.body)}`,
    // Otherwise every role that may use the schema could put it on a table of its own, and write the outbox with our
    // rights.
    sql`revoke all on function ${name} from public`,
    sql`comment on function ${name} is ${literal(commentOf(capture))}`,
  ];
}

export function commentOf(capture: CaptureFunction): string {
  return `Capture of segmentd, written by its installer (${capture.hash}).`;
}

const TRANSITION: Readonly<Record<Operation, Fragment>> = {
  insert: sql` referencing new table as segmentd_new`,
  update: sql` referencing old table as segmentd_old new table as segmentd_new`,
  delete: sql` referencing old table as segmentd_old`,
  truncate: empty,
  row: empty,
};

/** The statements that create a trigger on one table, partition or child. `table` is already quoted. */
export function createTrigger(capture: CaptureFunction, table: Fragment): readonly Fragment[] {
  const { operation } = capture;
  const trigger = ident(capture.trigger);
  if (operation === 'row') {
    return [
      sql`create or replace trigger ${trigger} after insert or update or delete on ${table} for each row execute function ${ident('segmentd_internal', capture.name)}()`,
      // In a replica's session only: statement triggers capture an ordinary write, so this trigger must cost it
      // nothing.
      sql`alter table only ${table} enable replica trigger ${trigger}`,
    ];
  }
  return [
    sql`create or replace trigger ${trigger} after ${keyword(operation)} on ${table}${TRANSITION[operation]} for each statement execute function ${ident('segmentd_internal', capture.name)}()`,
    sql`alter table only ${table} enable always trigger ${trigger}`,
  ];
}
