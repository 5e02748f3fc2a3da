/** What operators ask for: rebuilds, verifications, SQL, checks of conditions, waits, the feed, erasures. */
import { z } from '@hono/zod-openapi';
import { Instant, IssueBody } from './common-schema.ts';
import { AsReadBody } from './segment-schema.ts';

export const RebuildBody = z
  .object({ keys: z.array(z.string()).openapi({ description: 'Segments that will be rebuilt.' }) })
  .openapi('RequestedRebuild');

export const VerificationWrite = z
  .strictObject({
    repair: z.boolean().optional().openapi({ description: 'Queues a recheck of each contact that differs.' }),
  })
  .openapi('NewVerification');

export const VerificationBody = z
  .object({
    key: z.string(),
    checked: z.int().openapi({ description: 'Contacts that were compared.' }),
    missing: z.array(z.string()).openapi({ description: 'Contacts that should be members and are not.' }),
    extra: z.array(z.string()).openapi({ description: 'Contacts that are members and should not be.' }),
    pending: z.int().openapi({ description: 'Differences whose change still waits for a worker.' }),
  })
  .openapi('Verification');

const Printed = z.object({
  sql: z.string().openapi({ description: 'Whole: it runs in psql as it is.' }),
  text: z.string().openapi({ description: 'With `$1`, `$2`, … in place of the values.' }),
  params: z.array(z.unknown()),
});

export const SqlBody = z
  .object({
    key: z.string().nullable(),
    version: z.int().nullable(),
    description: z.string(),
    rebuild: Printed.openapi({ description: 'Rows: all members.' }),
    recheck: Printed.openapi({ description: 'Rows: which of some contacts match.' }),
  })
  .openapi('SegmentSql');

export const CheckWrite = z
  .strictObject({
    condition: z.unknown().openapi({ description: 'JsonLogic.', example: { '==': [{ var: 'country' }, 'ES'] } }),
    timezone: z.string().max(100).optional(),
  })
  .openapi('NewCheck');

export const CheckBody = z
  .object({
    sentence: z.string().nullable().openapi({ description: 'The condition in English; null when it is refused.' }),
    issues: z.array(IssueBody).openapi({ description: 'Empty for a condition that can be saved.' }),
    sql: SqlBody.nullable(),
    read: AsReadBody,
  })
  .openapi('Check');

export const WaitWrite = z
  .strictObject({
    segment: z.string().max(200).optional().openapi({ description: 'Waits also until its wanted version is live.' }),
    timeout: z.int().min(1).max(30_000).optional().openapi({ description: 'Milliseconds; default 10,000.' }),
  })
  .openapi('NewWait');

export const WaitedBody = z
  .object({
    late: z
      .array(
        z.object({
          table: z.string(),
          column: z.string(),
          path: z.array(z.string()).nullable(),
          as_of: Instant.nullable(),
          every: z.number().nullable().openapi({ description: 'Milliseconds between two looks.' }),
        }),
      )
      .openapi({ description: 'Fields without a usable index, whose windows are as of an earlier instant.' }),
  })
  .openapi('Waited');

export const Consumer = z.object({
  consumer: z
    .string()
    .min(1)
    .max(200)
    .openapi({ param: { name: 'consumer', in: 'path' }, example: 'crm' }),
});

export const FeedWrite = z
  .strictObject({
    acknowledge: z
      .string()
      .regex(/^\d{1,18}$/)
      .optional()
      .openapi({ description: 'Id of the last event that was dealt with: it and those before do not come again.' }),
    limit: z.int().min(1).max(1_000).optional().openapi({ description: 'Default 100.' }),
    segments: z.array(z.string().max(200)).max(100).optional().openapi({ description: 'Others are passed over.' }),
    from: z.enum(['now', 'start']).optional().openapi({ description: 'Where a new consumer begins; default now.' }),
  })
  .openapi('NewFeedPage');

export const FeedPageBody = z
  .object({
    events: z.array(
      z.object({
        id: z.string(),
        segment: z.string().nullable(),
        segment_id: z.int(),
        contact_id: z.string(),
        kind: z.enum(['entered', 'left']),
        reason: z.string(),
        version: z.int(),
        at: Instant,
      }),
    ),
    acknowledge: z.string().nullable().openapi({ description: 'To be sent back; null without events.' }),
  })
  .openapi('FeedPage');

export const ErasureBody = z
  .object({
    contact: z.string(),
    memberships: z.int(),
    events: z.int(),
    overrides: z.int(),
    exports: z
      .array(
        z.object({
          run: z.string(),
          segment: z.string(),
          file: z.string().nullable(),
          delta: z.string().nullable(),
          finished_at: Instant.nullable(),
        }),
      )
      .openapi({ description: 'Exports that may still hold the contact, outside the database.' }),
  })
  .openapi('Erasure');
