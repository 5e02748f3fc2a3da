/**
 * Any error → what a person reads and the exit code: one clear sentence, for a refused condition one line an issue. Errors of Postgres are
 * distinguished by SQLSTATE. A stack is shown only with SEGMENTD_DEBUG.
 */
import { CommanderError } from 'commander';
import { visible } from '../base/visible.ts';
import { codeOf, Failure, isCutConnection, sqlState } from '../base/error.ts';
import type { Issue } from '../condition/issue.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';
import { failureKind } from '../postgres/connect/failure-kind.ts';
import { WrongArguments } from './wrong-arguments.ts';

export interface ErrorText {
  readonly sentence: string;
  readonly issues?: readonly Issue[];
  /** Of the verb, when its arguments are wrong. */
  readonly usage?: string;
  readonly code: string;
  readonly exitCode: 0 | 1 | 2;
}

/** `%` stands for Postgres' own message; only where that names objects and never holds values. */
const BY_SQLSTATE: Readonly<Record<string, readonly [code: string, sentence: string]>> = {
  '3F000': ['incompatible', "segmentd's tables are not in this database; run `segmentd migrate` first."],
  '42P01': [
    'incompatible',
    "segmentd's tables are not in this database, or not up to date; run `segmentd migrate` first.",
  ],
  '42703': ['incompatible', "segmentd's tables are not up to date; run `segmentd migrate` first."],
  '42883': [
    'incompatible',
    "segmentd's functions are not in this database, or not up to date; run `segmentd migrate` first.",
  ],
  '42501': ['permission', 'The database role lacks a right that this needs: %.'],
  '28P01': ['unreachable', 'Postgres refused the password.'],
  '28000': ['unreachable', 'Postgres refused the login: %.'],
  '3D000': ['unreachable', 'Postgres is there, but not the database: %.'],
  '57P01': ['unreachable', 'Postgres ended the connection (it is shutting down, or an administrator cut it).'],
  '57P03': ['unreachable', 'Postgres is starting up or shutting down; try again in a moment.'],
  '53300': ['unreachable', 'Postgres has no connection left for us (max_connections).'],
  '25006': ['failed', 'The database is read only: is this a replica, or is default_transaction_read_only on?'],
  '55P03': ['failed', 'Another transaction holds a lock that this needs; try again in a moment.'],
  '57014': ['failed', 'Postgres cancelled the query: it took longer than its timeout.'],
};

const NETWORK = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
]);

/** Returns what a person reads of an error, and the exit code. */
export function errorText(error: unknown): ErrorText {
  if (error instanceof Failure) {
    return {
      sentence: error.message,
      code: error.code,
      exitCode: error.exitCode,
      ...(error instanceof RefusedCondition ? { issues: error.issues } : {}),
      ...(error instanceof WrongArguments ? { usage: error.usage } : {}),
    };
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === 'commander.help')
      return { sentence: '', code: 'usage', exitCode: error.exitCode === 0 ? 0 : 2 };
    return {
      sentence: sentenceOf(error.message.replace(/^error: /, '').replace(/\n/g, ' ')),
      code: 'usage',
      exitCode: 2,
    };
  }
  const state = sqlState(error);
  const message = error instanceof Error ? error.message : String(error);
  const known = state === undefined ? undefined : BY_SQLSTATE[state];
  if (known) return { sentence: known[1].replace('%', () => message), code: known[0], exitCode: 1 };
  if (state !== undefined) {
    const detail = namesObjectsOnly(state, error)
      ? `: ${sentenceOf(message)}`
      : '; its message may hold values of rows and is left out.';
    return { sentence: `Postgres reported an error (SQLSTATE ${state})${detail}`, code: 'failed', exitCode: 1 };
  }
  const kind = failureKind(error);
  if (kind === 'certificate' || kind === 'tls' || kind === 'no-tls' || kind === 'no-password')
    return {
      sentence: `The connection to Postgres could not be made: ${sentenceOf(message)}`,
      code: 'unreachable',
      exitCode: 1,
    };
  if (isCutConnection(error))
    return {
      sentence: 'The connection to Postgres was cut or could not be made in time.',
      code: 'unreachable',
      exitCode: 1,
    };
  if (isNetwork(error))
    return {
      sentence: `The server cannot be reached: ${sentenceOf(message || codeOf(error))}`,
      code: 'unreachable',
      exitCode: 1,
    };
  return {
    sentence: `This should not have happened: ${sentenceOf(message)} Set SEGMENTD_DEBUG=1 to see where.`,
    code: 'failed',
    exitCode: 1,
  };
}

/** Data errors (22), broken constraints (23) and what functions of the team raise (P0, 38, 39) quote values; our own functions do not. */
function namesObjectsOnly(state: string, error: unknown): boolean {
  if (!/^(22|23|P0|38|39)/.test(state)) return true;
  return (
    typeof error === 'object' &&
    error !== null &&
    'where' in error &&
    /^PL\/pgSQL function segmentd(_internal)?\./.test(String(error.where))
  );
}

/** For SEGMENTD_DEBUG: where it was thrown, without a message that may hold values. */
export function traceOf(error: Error): string {
  const state = sqlState(error);
  const trace = error.stack ?? '';
  return trace.replace(error.message, () =>
    state === undefined || namesObjectsOnly(state, error) ? visible(error.message) : `SQLSTATE ${state}`,
  );
}

export function printIssue(issue: Issue): string {
  const where = issue.pointer === '' ? 'the whole condition' : issue.pointer;
  const sentence = sentenceOf(issue.hint ? `${issue.message.replace(/\.$/, '')}: ${issue.hint}` : issue.message);
  return `  ${issue.code} at ${where}: ${sentence}`;
}

function sentenceOf(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** A failed connection over several addresses is an AggregateError of network errors. */
function isNetwork(error: unknown): boolean {
  return NETWORK.has(codeOf(error)) || (error instanceof AggregateError && error.errors.some(isNetwork));
}
