/** Previews and explanations as the API gives them. They hold values of contacts; nothing of them is logged. */
import { z } from '@hono/zod-openapi';
import { Authored, Instant, IssueBody } from './common-schema.ts';
import { AsReadBody } from './segment-schema.ts';

export const AmountBody = z
  .object({
    value: z.number(),
    basis: z.enum(['exact', 'sample', 'planner']).openapi({
      description:
        "`exact`: counted. `sample`: extrapolated from some contacts. `planner`: a guess of Postgres' planner, which only a preview without a mode gives.",
    }),
    low: z.number().nullable().openapi({
      description:
        'The true number lies between `low` and `high` for 95 of 100 samples; null where only the planner was asked.',
    }),
    high: z.number().nullable(),
  })
  .openapi('Amount');

/** A tree names itself, so its type is written out. */
interface PreviewNodeOut {
  kind: 'leaf' | 'all' | 'any' | 'not' | 'choice';
  pointer: string | null;
  text: string | null;
  alone: number | null;
  left: number | null;
  amounts: { alone: z.infer<typeof AmountBody> | null; left: z.infer<typeof AmountBody> | null };
  children: PreviewNodeOut[];
}

export const PreviewNodeBody: z.ZodType<PreviewNodeOut> = z
  .object({
    kind: z
      .enum(['leaf', 'all', 'any', 'not', 'choice'])
      .openapi({ description: '`choice` is an `if`: its children are tests and answers in turns.' }),
    pointer: z.string().nullable().openapi({
      description:
        'JSON pointer into the condition that was sent; of a negated row that of its `!`. Null for what the base filter of the contacts adds.',
    }),
    text: z.string().nullable().openapi({ description: 'Of a leaf, in English.' }),
    alone: z.number().nullable().openapi({ description: 'Contacts that satisfy this part alone.' }),
    left: z.number().nullable().openapi({
      description: 'Of a part of an `all` group: contacts that satisfy it and the parts before it.',
    }),
    // A union: a nullable reference reads as an intersection in generated clients.
    amounts: z.object({ alone: z.union([AmountBody, z.null()]), left: z.union([AmountBody, z.null()]) }),
    children: z.array(z.lazy(() => PreviewNodeBody)),
  })
  .openapi('PreviewNode');

const Bounds = z.object({ low: z.number(), high: z.number() });

export const NamedContactBody = z
  .object({
    contact_id: z.string(),
    values: z.record(z.string(), z.string().nullable()).openapi({
      description:
        'The columns that the config shows of a contact, by the name of the field; masked as the config says.',
    }),
  })
  .openapi('NamedContact');

export const PreviewBody = z
  .object({
    description: z.string(),
    at: Instant,
    contacts: z.number(),
    in: z.number(),
    out: z.number(),
    basis: z.enum(['exact', 'sample', 'planner']),
    bounds: Bounds.nullable(),
    amounts: z.object({ contacts: AmountBody, in: AmountBody, out: AmountBody }),
    sample: z.array(NamedContactBody).openapi({ description: 'Some contacts that are in.' }),
    condition: PreviewNodeBody,
    mismatches: z.array(z.object({ field: z.string(), type: z.string(), values: AmountBody })).nullable(),
    cost: z.object({ class: z.enum(['low', 'medium', 'high']), total: z.number(), contacts: z.number() }),
    advice: z.array(z.object({ sentence: z.string(), command: z.string() })),
    read: AsReadBody,
  })
  .openapi('Preview');

/** Milliseconds that a preview may count. */
const Timeout = z.int().min(1).max(30_000).optional();
const Sample = z.int().min(0).max(100).optional();

export const PreviewWrite = z
  .strictObject({
    condition: z.unknown().openapi({ description: 'JsonLogic.' }),
    timezone: z.string().optional(),
    mode: z.enum(['estimate', 'exact', 'rows']).optional().openapi({
      description:
        '`estimate`: every number from a sample, at once. `exact`: `in` and `out` are counted, rows stay estimated. `rows`: each row is counted too. Without a mode as `exact`, and without time a guess of the planner.',
    }),
    timeout: Timeout,
    sample: Sample,
  })
  .openapi('PreviewRequest');

export const EditPreviewWrite = z
  .strictObject({
    condition: z.unknown().optional(),
    timezone: z.string().optional(),
    kind: z.enum(['dynamic', 'static', 'snapshot']).optional(),
    mode: z.enum(['estimate', 'exact']).optional().openapi({
      description:
        '`estimate`: from a sample, at once. `exact`, the default: counted, and estimated when there is no time to count.',
    }),
    timeout: Timeout,
    sample: Sample,
  })
  .openapi('EditPreviewRequest');

export const EditPreviewBody = z
  .object({
    key: z.string(),
    changes: z.array(z.string()),
    members: z.number(),
    entering: z.number(),
    leaving: z.number(),
    basis: z.enum(['exact', 'sample']),
    bounds: z.object({ entering: Bounds, leaving: Bounds }).nullable(),
    sample: z.object({ entering: z.array(NamedContactBody), leaving: z.array(NamedContactBody) }),
    live: z
      .boolean()
      .openapi({ description: 'Whether a version is live: before the first build no contact can leave.' }),
    guard: z.object({
      percent: z.number().nullable().openapi({
        description: 'Percent of the members that enter or leave; null where there is no member.',
      }),
      leaving: z.number(),
      exceeds: z.boolean().openapi({ description: 'Whether the edit has to be confirmed.' }),
      limits: z.object({ percent: z.number(), members: z.number() }).openapi({
        description: 'The guard holds an edit that moves more than both.',
      }),
    }),
  })
  .openapi('EditPreview');

type ExplainedOut =
  | {
      kind: 'leaf';
      pointer: string | null;
      text: string;
      result: boolean | null;
      actual: string | null;
      family: string;
      threshold: string | null;
      negated: boolean;
      relation: string | null;
      masked: boolean;
    }
  | {
      kind: 'all' | 'any' | 'not' | 'choice';
      pointer: string | null;
      result: boolean | null;
      children: ExplainedOut[];
    };

const Pointer = z.string().nullable().openapi({
  description: 'JSON pointer into the condition of the row; null for the base filter and overrides.',
  example: '/and/0',
});

export const ExplainedBody: z.ZodType<ExplainedOut> = z
  .union([
    z.object({
      kind: z.literal('leaf'),
      pointer: Pointer,
      text: z.string(),
      result: z.boolean().nullable(),
      actual: z
        .string()
        .nullable()
        .openapi({ description: 'The value of the contact, masked where `masked` says so.' }),
      family: z.string(),
      threshold: z
        .string()
        .nullable()
        .openapi({ description: 'What the value must be, in words, the negation included.', example: 'at least 18' }),
      negated: z.boolean(),
      relation: z
        .string()
        .nullable()
        .openapi({ description: 'The relation whose rows it reads; null for fields of the contact.' }),
      masked: z.boolean(),
    }),
    z.object({
      kind: z
        .enum(['all', 'any', 'not', 'choice'])
        .openapi({ description: '`choice`: tests and answers in turns; the first test that holds decides.' }),
      pointer: Pointer,
      result: z.boolean().nullable(),
      children: z.array(z.lazy(() => ExplainedBody)),
    }),
  ])
  .openapi('ExplainedNode');

/** Of what shows values of a contact. */
export const RevealQuery = z.object({
  reveal: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'Shows values that are masked otherwise. Needs the right `reveal`; the audit notes it.' }),
});

export const ExplanationBody = z
  .object({
    key: z.string(),
    contact: z.string(),
    at: Instant,
    segment: z.object({
      state: z.string(),
      version: z.int().nullable(),
      live: z.boolean(),
      frozen: Instant.nullable(),
      building: z.int().nullable(),
      timezone: z.string().nullable(),
      description: z.string().nullable(),
      issues: z.array(IssueBody),
      stale: z.array(z.unknown()),
    }),
    exists: z.boolean(),
    stored: z.object({
      member: z.boolean(),
      since: Instant.nullable(),
      reason: z.string().nullable(),
      version: z.int().nullable(),
    }),
    computed: z.boolean().nullable(),
    error: z.unknown(),
    override: z
      .object({
        kind: z.enum(['member', 'include', 'exclude']),
        note: z.string().nullable(),
        ...Authored,
        created_at: Instant,
        expires_at: Instant.nullable(),
      })
      .nullable(),
    ranks: z.array(z.object({ name: z.string(), as_of: Instant.nullable() })).openapi({
      description: 'The ranks that the condition reads, and the instant under which each was computed.',
    }),
    pending: z.object({
      changes: z.int(),
      rechecks: z.int(),
      unresolved: z.boolean(),
      crossed: z.boolean(),
      rebuild: z.boolean(),
    }),
    condition: ExplainedBody.nullable(),
    next: z.object({
      flip: Instant.nullable(),
      matches: z.boolean().nullable(),
      causes: z.array(z.string()),
      searched: Instant.nullable(),
      error: z.unknown(),
    }),
  })
  .openapi('Explanation');
