/**
 * Errors that reach a person. A `Failure` carries one sentence and the exit code of the CLI. Mistakes in a condition
 * are not errors but `Issue`s (condition/issue.ts). Every other thrown error is a bug or comes from Postgres. This file
 * also classifies every SQLSTATE; no other file decides what a SQLSTATE means for a retry.
 */
import { withoutSecrets } from './secret.ts';

export type FailureCode =
  | 'usage' // wrong arguments, unreadable or wrong config, a refused condition
  | 'not-found' // no such segment, contact, table
  | 'conflict' // the object exists already, or others use it
  | 'unreachable' // Postgres or Redis cannot be reached
  | 'permission' // the role lacks a right
  | 'incompatible' // server or schema version that this code cannot work with
  | 'too-slow' // a query took longer than its caller should wait; often an index is missing
  | 'drift' // stored membership differs from recomputed
  | 'failed'; // everything else

const EXIT: Readonly<Record<FailureCode, 1 | 2>> = {
  usage: 2,
  'not-found': 2,
  conflict: 2,
  unreachable: 1,
  permission: 1,
  incompatible: 1,
  'too-slow': 1,
  drift: 1,
  failed: 1,
};

export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly code: FailureCode;
  readonly data: unknown;
  /** Exit code of the CLI: 1 failed or drift, 2 bad input or usage. */
  readonly exitCode: 1 | 2;

  constructor(
    code: FailureCode,
    sentence: string,
    options: { cause?: unknown; data?: unknown; exitCode?: 1 | 2 } = {},
  ) {
    super(withoutSecrets(sentence), options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.data = options.data;
    this.exitCode = options.exitCode ?? EXIT[code];
  }
}

/** Its data has the key, so that the command line can suggest a similar one. */
export function noSegment(key: string): Failure {
  return new Failure('not-found', `There is no segment ${JSON.stringify(key)}.`, { data: { segment: key } });
}

/** SQLSTATE of a lock that was not granted in time: the transaction is retried. */
export const LOCK_NOT_AVAILABLE = '55P03';

/** SQLSTATE of what the role may not do. */
export const NO_RIGHT = '42501';

/** SQLSTATE of a row that stands there already. */
export const UNIQUE_VIOLATION = '23505';

/** SQLSTATE of a statement that its time limit or a person cancelled. */
export const QUERY_CANCELED = '57014';

/** SQLSTATE of a Postgres error, or `undefined` for any other value. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Whether a table, or its schema, is not there. */
export function isNoTable(error: unknown): boolean {
  return ['3F000', '42P01'].includes(sqlState(error) ?? '');
}

/** `ENOENT`, `ECONNREFUSED` and the like of the file system and the network; empty for an error without a code. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/**
 * Messages of pg for errors without a code: a connection that ended during or between queries, or that was not made in
 * time.
 */
export function isCutConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Connection terminated|Client (has encountered a connection error|was closed) and is not queryable|timeout exceeded when trying to connect)/.test(
      error.message,
    )
  );
}

/**
 * What an error of Postgres says about a retry:
 * `passing`: the cause is known to pass, so the same statement is retried;
 * `cancelled`: a limit of ours or a person ended the statement (`isOwnTimeout` distinguishes them);
 * `poison`: the cause is a condition or its data, or a function of the team under a cast or an operator (P0, 38, 39);
 * `caller`: a constraint, a right, a wrong login or database: a person must change something;
 * `internal`: any other code, such as XX000, which may not pass.
 */
export type Reading = 'passing' | 'cancelled' | 'poison' | 'caller' | 'internal';

/** The first fitting prefix of a SQLSTATE counts: a class, or a whole code. */
const READINGS: readonly (readonly [Reading, RegExp])[] = [
  ['cancelled', /^57014/],
  // Connection lost; serialization and deadlock; out of connections or memory; object in use; lock not available;
  // shutdown, restart, idle timeouts.
  ['passing', /^(08|40001|40P01|53[0234]|55006|55P03|57P0[1235]|25P0[34])/],
  ['poison', /^(0A|21|22|38|39|42|54|P0)/],
  ['caller', /^(23|25|28|2B|3D|3F|53|55|57|F0)/],
];

export function readingOf(code: string): Reading {
  return READINGS.find(([, codes]) => codes.test(code))?.[0] ?? 'internal';
}

/**
 * Whether the statement failed and the connection is sound: poison or a cancel. Ask `isOwnTimeout` before blaming a
 * segment.
 */
export function isPoison(code: string): boolean {
  return ['poison', 'cancelled'].includes(readingOf(code));
}

/**
 * Whether its time limit ended the statement, and not a person or a stop. Both have 57014; a limit cannot end a
 * statement early.
 * @param ms since the statement began, or earlier
 * @param limit its `statement_timeout` in milliseconds
 */
export function isOwnTimeout(error: unknown, ms: number, limit: number): boolean {
  return sqlState(error) === QUERY_CANCELED && ms >= limit;
}

/**
 * Routines that raise `tuple concurrently updated` and `deleted` during DDL of another session. Their SQLSTATE is
 * XX000.
 */
const CONCURRENT_DDL: ReadonlySet<unknown> = new Set(['simple_heap_update', 'simple_heap_delete']);

/** Whether another session holds a lock or runs DDL: the same transaction is retried on the same connection. */
export function isHeldByAnother(error: unknown): boolean {
  const code = sqlState(error);
  if (code === undefined) return false;
  if (/^(40001|40P01|55006|55P03)/.test(code)) return true;
  return (
    code === 'XX000' &&
    typeof error === 'object' &&
    error !== null &&
    'routine' in error &&
    CONCURRENT_DDL.has(error.routine)
  );
}
