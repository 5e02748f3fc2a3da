/** Parts of requests and answers that many resources share. */
import { z } from '@hono/zod-openapi';
import { PROBLEM_TYPE } from '../problem.ts';

export const Instant = z.string().openapi({
  description: 'ISO 8601 with microseconds, UTC.',
  example: '2026-11-30T06:12:41.120934Z',
});

/** Who wrote something. */
export const Authored = {
  created_by: z
    .string()
    .openapi({ description: 'The person, where known; else the database role.', example: 'ana@example.com' }),
  database_role: z.string().openapi({ description: 'The login of Postgres that wrote it.', example: 'segmentd_app' }),
} as const;

export const IssueBody = z
  .object({
    code: z.string().openapi({ example: 'unknown-field' }),
    pointer: z.string().openapi({ description: 'JSON pointer into the condition or the body.', example: '/and/0' }),
    message: z.string(),
    hint: z.string().optional(),
  })
  .openapi('Issue');

export const ProblemBody = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'One sentence for people.' }),
    code: z.string().openapi({ description: 'A stable name for programs.', example: 'refused-condition' }),
    issues: z.array(IssueBody).optional(),
    data: z.unknown().optional(),
  })
  .openapi('Problem');

const problem = (description: string) => ({ description, content: { [PROBLEM_TYPE]: { schema: ProblemBody } } });

/** What every route may answer besides what it is for. */
export const PROBLEMS = {
  400: problem('The request is wrong.'),
  401: problem('You are not signed in.'),
  403: problem('The role may not do this, or the request comes from elsewhere.'),
  429: problem('Too many requests.'),
  500: problem('The server failed.'),
  503: problem('The database does not answer.'),
} as const;

export const MISSING = { 404: problem('It does not exist.') } as const;
export const CONFLICT = { 409: problem('It conflicts with what is there, or moves too many members.') } as const;
export const OVERTAKEN = {
  412: problem('A later version is there.'),
  428: problem('If-Match is missing.'),
} as const;
export const REFUSED = { 422: problem('The condition is refused, with every issue.') } as const;

export function answer<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } };
}

export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

export const SegmentKey = z.object({
  key: z
    .string()
    .min(1)
    .max(200)
    .openapi({ param: { name: 'key', in: 'path' }, example: 'good_customers' }),
});

export const ContactKey = z.object({
  contact: z
    .string()
    .min(1)
    .max(1_000)
    .openapi({ param: { name: 'contact', in: 'path' }, example: '42' }),
});

/** `true` or `false` in a query. */
export const Flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

export const LIMITS = { default: 50, most: 500 } as const;

/** Of a list in pages. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIMITS.most).default(LIMITS.default),
  cursor: z.string().max(1_000).optional().openapi({ description: 'The `next` of the page before.' }),
});

export function pageBody<S extends z.ZodType>(name: string, item: S) {
  return z
    .object({ items: z.array(item), next: z.string().nullable().openapi({ description: 'Cursor of the next page.' }) })
    .openapi(name);
}

export const IfMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .openapi({ description: 'The ETag that the caller read; `*` writes in any case.', example: '"3"' }),
});
