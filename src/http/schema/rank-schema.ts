/** Ranks as the API gives them. */
import { z } from '@hono/zod-openapi';
import { Instant } from './common-schema.ts';

export const RankBody = z
  .object({
    name: z.string(),
    state: z.enum(['current', 'waiting', 'failed']).openapi({
      description: '`waiting`: not computed yet under its definition; `failed`: the values before stay.',
    }),
    as_of: Instant.nullable().openapi({ description: 'The instant under which the values were computed.' }),
    age: z.number().nullable().openapi({ description: 'Seconds since then.' }),
    ms: z.number().nullable().openapi({ description: 'Duration of the last computation in milliseconds.' }),
    ranked: z.int().nullable().openapi({ description: 'Contacts that have the rank.' }),
    moved: z.int().nullable().openapi({ description: 'Contacts whose rank the last computation changed.' }),
    every: z.int().openapi({ description: 'Milliseconds between two computations.' }),
    next_at: Instant.nullable(),
    late: z.number().openapi({ description: 'Seconds by which the next computation is late.' }),
    error: z.string().nullable(),
    failed_at: Instant.nullable(),
  })
  .openapi('Rank');

export const RanksBody = z.object({ ranks: z.array(RankBody) }).openapi('Ranks');

export const RankAsk = z
  .strictObject({ name: z.string().max(200).optional().openapi({ description: 'Absent: all ranks.' }) })
  .openapi('RankAsk');

export const AskedRanksBody = z
  .object({ ranks: z.array(z.object({ name: z.string(), call: z.int() })) })
  .openapi('AskedRanks');
