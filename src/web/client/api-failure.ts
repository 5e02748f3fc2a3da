/** Why a request did not give what was asked for, in one shape: a problem of the API, or no answer at all. */
import { HttpError, ok } from '@oazapfts/runtime';
import type { Issue } from './api.ts';

/** What every refusal of the API says (RFC 9457), as far as the page reads it. */
interface Problem {
  readonly detail?: string;
  readonly code?: string;
  readonly issues?: readonly Issue[];
  readonly data?: unknown;
}

export class ApiFailure extends Error {
  /** Of HTTP; 0: the server did not answer. */
  readonly status: number;
  /** Stable name for programs; `disconnected` when the server did not answer. */
  readonly code: string;
  readonly issues: readonly Issue[];
  /** Numbers of a guarded edit, the version that overtook one, and the like. */
  readonly data: unknown;

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? 'The server gave no reason.');
    this.name = 'ApiFailure';
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.issues = problem.issues ?? [];
    this.data = problem.data;
  }
}

export function isDisconnected(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 0;
}

/** The person, or all pages of this address together, asked more than the server answers in a second. */
export function isTooMany(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 429;
}

type Response = Awaited<Parameters<typeof ok>[0]>;

/**
 * The data of a successful answer.
 * @param request a call of a function of client/api.ts
 * @throws {ApiFailure} otherwise; an aborted request rejects with its `AbortError`
 */
export async function answered<T extends Response>(request: Promise<T>): ReturnType<typeof ok<T>> {
  try {
    return await ok(request);
  } catch (error) {
    if (error instanceof HttpError) throw new ApiFailure(error.status, problemOf(error.data));
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiFailure(0, { code: 'disconnected', detail: 'The server does not answer.' });
  }
}

function problemOf(data: unknown): Problem {
  if (typeof data !== 'string') return data ?? {};
  try {
    return JSON.parse(data) as Problem;
  } catch {
    return {};
  }
}
