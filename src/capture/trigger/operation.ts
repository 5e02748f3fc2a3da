/**
 * The operations that capture has a trigger for, and how Postgres must show each trigger. Nothing here knows what the
 * trigger functions do.
 */
import type { CaptureKind } from '../../catalogue/catalogue.ts';

/** `row` is each row that logical replication writes: replication fires no statement triggers. */
export type Operation = 'insert' | 'update' | 'delete' | 'truncate' | 'row';
export const OPERATIONS: readonly Operation[] = ['insert', 'update', 'delete', 'truncate', 'row'];

/** The operations that a team chooses a kind of trigger for. */
export const WRITES = ['insert', 'update', 'delete'] as const;
export type Write = (typeof WRITES)[number];

/**
 * The kind of trigger of each write. `statement`: one call a statement, which reads its rows from transition tables. `row`:
 * one call a row, cheaper for statements of few rows.
 */
export type Kinds = Readonly<Record<Write, CaptureKind>>;

export function isWrite(operation: Operation): operation is Write {
  return (WRITES as readonly string[]).includes(operation);
}

/** The value of `pg_trigger.tgenabled` of an intact trigger: A fires always, R in a replica's session only. */
export function enabledOf(operation: Operation): 'A' | 'R' {
  return operation === 'row' ? 'R' : 'A';
}
