/**
 * The kinds of statement that capture has a trigger for, and how Postgres must show each trigger. Nothing here knows
 * what the trigger functions do.
 */

/** `row` is each row that logical replication writes: replication fires no statement triggers. */
export type Operation = 'insert' | 'update' | 'delete' | 'truncate' | 'row';
export const OPERATIONS: readonly Operation[] = ['insert', 'update', 'delete', 'truncate', 'row'];

/** The value of `pg_trigger.tgenabled` of an intact trigger: A fires always, R in a replica's session only. */
export function enabledOf(operation: Operation): 'A' | 'R' {
  return operation === 'row' ? 'R' : 'A';
}
