/**
 * Errors as `application/problem+json` (RFC 9457), with our issues. Invariant: a problem says what a `Failure` says, which is meant for
 * people; every other error is a bug or comes from Postgres, and only its SQLSTATE leaves the process, never a value of a row.
 */
import { HTTPException } from 'hono/http-exception';
import { Failure, isCutConnection, readingOf, sqlState, type FailureCode, NO_RIGHT } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Issue } from '../condition/issue.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 421 | 422 | 428 | 429 | 500 | 503;

export interface Problem {
  /** `about:blank`: the title says what the status says. */
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: ProblemStatus;
  /** One sentence for people. */
  readonly detail: string;
  /** Stable name for programs. */
  readonly code: string;
  /** What is wrong with a condition or a body, each with a JSON pointer. */
  readonly issues?: readonly Issue[];
  /** What the code comes with: the numbers of a guarded edit, the versions of a conflict. */
  readonly data?: unknown;
}

const TITLES: Readonly<Record<ProblemStatus, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const STATUSES: Readonly<Record<FailureCode, ProblemStatus>> = {
  usage: 400,
  'not-found': 404,
  conflict: 409,
  unreachable: 503,
  permission: 403,
  incompatible: 503,
  'too-slow': 503,
  drift: 409,
  failed: 409,
};

/** A refusal by the HTTP layer itself. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProblemStatus,
    code: string,
    detail: string,
    more: {
      readonly issues?: readonly Issue[];
      readonly data?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail);
    this.headers = more.headers ?? {};
    this.problem = problemOf(status, code, detail, more);
  }
}

export function problemOf(
  status: ProblemStatus,
  code: string,
  detail: string,
  { issues, data }: { readonly issues?: readonly Issue[]; readonly data?: unknown } = {},
): Problem {
  return {
    type: 'about:blank',
    title: TITLES[status],
    status,
    detail,
    code,
    ...(issues === undefined ? {} : { issues }),
    ...(data === undefined ? {} : { data }),
  };
}

/** The problem that an error is. What is no message for people goes to the log. */
export function problemFrom(error: unknown, log: Log): Problem {
  if (error instanceof Refusal) return error.problem;
  // hono throws it for a body that is no JSON.
  if (error instanceof HTTPException && error.status === 400)
    return problemOf(400, 'wrong-input', 'The body is no JSON.');
  if (error instanceof RefusedCondition)
    return problemOf(422, 'refused-condition', error.message, { issues: error.issues });
  if (error instanceof Failure) return problemOf(statusOf(error), error.code, error.message, { data: error.data });
  // No client reads this answer: it left, or newer work took the place.
  if (error instanceof Error && error.name === 'AbortError')
    return problemOf(503, 'cancelled', 'The request was cancelled.');
  const code = sqlState(error);
  if (code === NO_RIGHT) return problemOf(403, 'permission', 'Your role may not do this.');
  if (isCutConnection(error) || (code !== undefined && readingOf(code) === 'passing'))
    return problemOf(503, 'unreachable', 'The database does not answer now. Try again.');
  if (code === '57014') return problemOf(503, 'too-slow', 'The database took too long, and the query was cancelled.');
  log.error({ err: error }, 'a request failed');
  return problemOf(
    500,
    'internal',
    `The server failed${code === undefined ? '' : ` (SQLSTATE ${code})`}. Its log says more.`,
  );
}

/** A conflict with a later version is a precondition that failed. */
function statusOf({ code, data }: Failure): ProblemStatus {
  const overtaken = typeof data === 'object' && data !== null && 'expected' in data && 'version' in data;
  return code === 'conflict' && overtaken ? 412 : STATUSES[code];
}
