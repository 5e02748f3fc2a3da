/** Segments as the API takes and gives them. */
import { z } from '@hono/zod-openapi';
import { SEGMENT_KINDS, SEGMENT_STATES, VERSION_STATES, WANTED_STATES } from '../../lifecycle/state.ts';
import { NEED_CODES } from '../../overview/segment-need.ts';
import { Authored, Instant } from './common-schema.ts';

const Condition = z.unknown().openapi({ description: 'JsonLogic.', example: { '==': [{ var: 'country' }, 'ES'] } });

export const SegmentBody = z
  .object({
    key: z.string(),
    name: z.string().nullable(),
    description: z.string().nullable(),
    kind: z.enum(SEGMENT_KINDS),
    condition: Condition,
    timezone: z.string().nullable(),
    tags: z.array(z.string()),
    state: z.enum(SEGMENT_STATES),
    wanted_state: z.enum(WANTED_STATES),
    version: z.int().openapi({ description: 'The version that is wanted.' }),
    live_version: z.int().nullable().openapi({ description: 'The version that the members come from.' }),
    error: z.unknown().openapi({ description: 'Why the wanted version is not followed.' }),
    members: z.int().openapi({ description: 'Exact.' }),
    created_at: Instant,
    updated_at: Instant,
    updated_by: Authored.created_by,
    database_role: Authored.database_role,
  })
  .openapi('Segment');

/** How a condition was read that a query builder wrote. */
export const NoteBody = z.object({ pointer: z.string(), message: z.string() }).openapi('BuilderNote');

/** Absent from an answer when the condition is as it was sent. */
export const AsReadBody = z
  .object({ condition: z.unknown(), notes: z.array(NoteBody) })
  .optional()
  .openapi({
    description:
      'The condition as it was read where a query builder wrote it, into which the pointers of this answer lead. Absent when that is the one that was sent.',
  });

export const WrittenSegmentBody = SegmentBody.extend({
  notes: z.array(NoteBody).optional().openapi({
    description:
      'What was read how, where a query builder wrote the condition; pointers lead into what was sent. Absent when the condition is as it was sent.',
  }),
}).openapi('WrittenSegment');

export const NeedBody = z
  .object({
    code: z.enum(NEED_CODES),
    sentence: z.string(),
    command: z.string().nullable().openapi({ description: 'A command of the command line that helps.' }),
  })
  .openapi('Need');

/** A segment with what its page shows beside: how it changed, how fresh it is, what it needs. */
export const SegmentOutlineBody = SegmentBody.extend({
  sentence: z.string().nullable().openapi({ description: 'The live version in English; null until it is validated.' }),
  change_day: z
    .int()
    .nullable()
    .openapi({ description: 'Members now less members at `change_since`; null before the first build.' }),
  change_since: Instant.openapi({
    description:
      '24 hours ago. The beginning of yesterday (UTC) for a segment in which very many contacts moved yesterday.',
  }),
  spark: z.array(z.int()).openapi({
    description: 'Members at the end of each of the last 30 days (UTC), the oldest first; the last is now.',
  }),
  fresh_as_of: Instant.nullable().openapi({ description: 'Everything before it is in the membership.' }),
  proved_at: Instant.nullable().openapi({
    description: 'When a complete audit last compared the members with the data; null before, and after a rebuild.',
  }),
  proof: z
    .object({
      at: Instant,
      contacts: z.int().openapi({ description: 'Contacts that were compared.' }),
      differences: z.int().openapi({ description: 'Found, and repaired.' }),
    })
    .nullable(),
  progress: z.number().nullable().openapi({ description: 'Of a running build, 0 to 1.' }),
  used_by: z.int().openapi({ description: 'Segments that read it, and schedules that export it.' }),
  needs: NeedBody.nullable().openapi({ description: 'What a person must do; null when nothing.' }),
  edited_by: z.string(),
  edited_at: Instant,
  applied: z.boolean().openapi({ description: '`segmentd apply` wrote the wanted version from a file.' }),
}).openapi('SegmentOutline');

const written = {
  name: z.string().max(200).nullable().optional(),
  description: z.string().max(2_000).nullable().optional(),
  timezone: z.string().nullable().optional(),
  tags: z.array(z.string().max(100)).max(50).optional(),
  kind: z.enum(SEGMENT_KINDS).optional(),
  condition: Condition.optional(),
} as const;

export const NewSegmentBody = z
  .strictObject({ ...written, key: z.string(), of: z.string().optional(), reuse: z.boolean().optional() })
  .openapi('NewSegment');

export const SegmentEditBody = z
  .strictObject({
    ...written,
    confirm: z.boolean().optional().openapi({ description: 'Lets the edit through, however many members it moves.' }),
  })
  .openapi('SegmentEdit');

export const StateBody = z.strictObject({ state: z.enum(['live', 'paused', 'archived']) }).openapi('WantedState');
export const DuplicateBody = z.strictObject({ key: z.string() }).openapi('Duplicate');
export const RestorationBody = z.strictObject({ confirm: z.boolean().optional() }).openapi('Restoration');

export const VersionBody = z
  .object({
    version: z.int(),
    state: z.enum(VERSION_STATES),
    created_at: Instant,
    ...Authored,
    applied: z.boolean().openapi({ description: 'Written from a file by `segmentd apply`.' }),
    kind: z.enum(SEGMENT_KINDS),
    condition: Condition,
    timezone: z.string().nullable(),
    live: z.boolean(),
    wanted: z.boolean(),
    error: z.unknown(),
    changes: z.array(z.string()).openapi({ description: 'What differs from the version before, in words.' }),
  })
  .openapi('Version');

export const UsesBody = z
  .object({
    segments: z.array(
      z.object({ key: z.string(), state: z.enum(SEGMENT_STATES), path: z.array(z.string()), wanted: z.boolean() }),
    ),
    schedules: z.array(z.int()),
  })
  .openapi('Uses');
