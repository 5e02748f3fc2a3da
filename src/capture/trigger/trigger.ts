/**
 * The trigger functions of a source and the triggers that call them, as SQL: their names, the statements that create
 * them, and the hash by which `install` recognises an unchanged one. What the functions do stands in trigger-body.ts.
 */
import { hashOf } from '../../postgres/sql-file.ts';
import { empty, ident, keyword, literal, render, sql, type Fragment } from '../../compile/fragment.ts';
import type { CaptureKind } from '../../catalogue/catalogue.ts';
import type { SourceTable } from '../source.ts';
import { isWrite, OPERATIONS, WRITES, type Kinds, type Operation } from './operation.ts';
import type { BodyOptions } from './outbox-row.ts';
import { triggerBody } from './trigger-body.ts';

export interface CaptureFunction {
  readonly operation: Operation;
  /** `statement` for every operation that is no write. */
  readonly kind: CaptureKind;
  /** Name in the schema segmentd_internal. */
  readonly name: string;
  /** Name of the triggers that call it. */
  readonly trigger: string;
  readonly body: string;
  /** Of the body. The function's comment holds it, so that `install` leaves an unchanged function alone. */
  readonly hash: string;
}

/** What the functions of a source depend on beside the source itself. */
export interface CaptureForm extends BodyOptions {
  /** The kind of trigger for each write. */
  readonly kinds: Kinds;
  /** Whether a subscription fills the table. */
  readonly rows: boolean;
}

export function captureFunctions(source: SourceTable, form: CaptureForm): readonly CaptureFunction[] {
  return OPERATIONS.filter((operation) => operation !== 'row' || needsReplicatedRows(form)).map((operation) => {
    const kind = isWrite(operation) ? form.kinds[operation] : 'statement';
    const body = render(triggerBody(source, operation, kind, form)).text;
    return {
      operation,
      kind,
      name: functionName(source, operation, kind),
      trigger: `segmentd_${source.id}_${operation}`,
      body,
      hash: hashOf(`${render(SETTINGS[kind]).text} ${body}`),
    };
  });
}

/** Row triggers fire for replicated rows too. */
function needsReplicatedRows({ rows, kinds }: CaptureForm): boolean {
  return rows && WRITES.some((write) => kinds[write] === 'statement');
}

/** Name of a function in the schema segmentd_internal. It says the kind of its triggers. */
export function functionName(source: Pick<SourceTable, 'id'>, operation: Operation, kind: CaptureKind): string {
  return `capture_${source.id}_${operation}${kind === 'row' ? '_row' : ''}`;
}

/**
 * Operators are those of Postgres whatever the writer's search path is. A row function qualifies them and needs no
 * setting: each costs a call 3,000 instructions. It has no plan that JIT would compile.
 */
const SETTINGS: Readonly<Record<CaptureKind, Fragment>> = {
  statement: sql`security definer set search_path = pg_catalog, pg_temp set jit = off`,
  row: sql`security definer`,
};

/**
 * The statements that create a function. A statement function has JIT switched off: a session makes its plans when it
 * first writes, and a plan made for a bulk statement would be compiled anew (0.8 s) for every later statement, single
 * rows too.
 */
export function createFunction(capture: CaptureFunction): readonly Fragment[] {
  const name = sql`${ident('segmentd_internal', capture.name)}()`;
  return [
    sql`create or replace function ${name} returns trigger language plpgsql ${SETTINGS[capture.kind]} as ${literal(capture.body)}`,
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

/**
 * The statements that create a trigger on one table, partition or child. `table` is already quoted. Postgres gives a row
 * trigger of a partitioned table to its partitions, also to those that come later.
 */
export function createTrigger(capture: CaptureFunction, table: Fragment): readonly Fragment[] {
  const { operation, kind } = capture;
  const trigger = ident(capture.trigger);
  if (kind === 'row') {
    return [
      sql`create trigger ${trigger} after ${keyword(operation)} on ${table} for each row execute function ${ident('segmentd_internal', capture.name)}()`,
      sql`alter table ${table} enable always trigger ${trigger}`,
    ];
  }
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
