/** The error of a segment, which the worker stored as JSON, as a person reads it. Pure. */
import type { Issue } from '../index.ts';
import { printIssue } from './error-text.ts';

interface StoredError {
  /** Of a condition that does not fit; empty for any other error. */
  readonly issues: readonly Issue[];
  /** Its sentence, or as it is stored; empty when there is no error. */
  readonly message: string;
}

export function readStoredError(error: unknown): StoredError {
  if (error === null || error === undefined) return { issues: [], message: '' };
  const { message, issues } = error as { readonly message?: unknown; readonly issues?: unknown };
  if (Array.isArray(issues) && issues.length > 0 && issues.every(isIssue)) return { issues, message: '' };
  return { issues: [], message: typeof message === 'string' ? message : JSON.stringify(error) };
}

/** In one line: the first issue, and how many more there are. */
export function errorSentence(error: unknown): string {
  const { issues, message } = readStoredError(error);
  const [first, ...more] = issues;
  if (!first) return message;
  return `${printIssue(first).trimStart()}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
}

function isIssue(value: unknown): value is Issue {
  return typeof value === 'object' && value !== null && 'code' in value && 'pointer' in value && 'message' in value;
}
