/** Messages of the stream of changes. */
import { z } from '@hono/zod-openapi';
import { CHANGE_KINDS } from '../../feed/page-watch.ts';
import { Instant } from './common-schema.ts';

/** The data of an event `change`. */
export const PageChangeBody = z
  .object({
    segments: z
      .array(z.string())
      .nullable()
      .openapi({ description: 'Keys of the segments that changed; null: any may have.' }),
    kinds: z.array(z.enum(CHANGE_KINDS)).openapi({
      description:
        'What changed. `members`: who is in. `definition`: condition, name, description, tags. `state`: the state, or the progress of a build. `status`: workers, or work that fails.',
    }),
  })
  .openapi('PageChange');

/** The data of an event `fresh`. */
export const FreshnessBody = z
  .object({
    at: Instant,
    fresh_as_of: Instant.nullable(),
    reachable: z.boolean().openapi({ description: 'False: the database does not answer now.' }),
  })
  .openapi('Freshness');

export const StreamText = z.string().openapi({
  description:
    'Server-sent events. `ready`: the stream is open. `change`: a PageChange, a hint to read again. `fresh`: a Freshness, at least every 10 seconds.',
  example: 'id: q3Zk-7\nevent: change\ndata: {"segments":["spain"],"kinds":["members"]}\n\n',
});

export const StreamQuery = z.object({
  after: z
    .string()
    .max(100)
    .optional()
    .openapi({ description: 'As `Last-Event-ID`, for a page that was loaded again.' }),
});

export const StreamHeader = z.object({
  'last-event-id': z.string().max(100).optional().openapi({ description: 'The id of the last event that was read.' }),
});
