/** A trial as the API gives it. It holds values of a contact; nothing of it is logged. */
import { z } from '@hono/zod-openapi';
import { Instant } from './common-schema.ts';

export const TrialWrite = z
  .strictObject({
    condition: z.unknown().openapi({ description: 'JsonLogic.' }),
    timezone: z.string().optional().openapi({ description: 'Zone of the segment; default: that of the catalogue.' }),
    reveal: z
      .boolean()
      .optional()
      .openapi({ description: 'Shows values that are masked otherwise. Needs the role editor.' }),
  })
  .openapi('TrialRequest');

export const TrialBody = z
  .object({
    exists: z.boolean().openapi({ description: 'False: there is no such row in the contacts table.' }),
    at: Instant,
    verdict: z
      .boolean()
      .nullable()
      .openapi({ description: 'Whether the contact would be in, the base filter included; null without a contact.' }),
    base: z.boolean().nullable().openapi({ description: 'Whether the base filter admits the contact.' }),
    rows: z.array(
      z.object({
        pointer: z.string().openapi({
          description: 'JSON pointer into the condition; of a negated row that of its `!`.',
          example: '/and/0',
        }),
        result: z.boolean().nullable().openapi({ description: 'Whether the row holds, as Postgres says.' }),
        actual: z
          .string()
          .nullable()
          .openapi({ description: 'The value of the contact, masked where the catalogue says so.' }),
      }),
    ),
    document: z.record(z.string(), z.unknown()).nullable().openapi({
      description:
        'What `rowVerdicts` of segmentd/condition evaluates: the fields that the condition reads, and no others.',
    }),
    hidden: z.array(z.string()).openapi({
      description:
        'Fields and relations that the document leaves out: masked, or of too many rows. Postgres answers for them.',
    }),
  })
  .openapi('Trial');
