/** How the installation stands, schedules and their runs, as the API gives them. */
import { z } from '@hono/zod-openapi';
import { FORMATS } from '../../export/format/format.ts';
import { Authored, Instant } from './common-schema.ts';

export const BacklogBody = z
  .object({
    fresh_as_of: Instant.nullable(),
    lag: z.number().nullable().openapi({ description: 'Seconds.' }),
    rows_as_of: Instant.nullable(),
    rows_lag: z.number().nullable(),
    time_as_of: Instant.nullable(),
    time_lag: z.number().nullable(),
    standby: z.boolean(),
    changes: z.int(),
    rechecks: z.int(),
    rebuilds: z.int(),
    installed: z.boolean(),
  })
  .openapi('Backlog');

export const WorkerBody = z
  .object({
    id: z.string(),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    started_at: Instant,
    seen_at: Instant,
    silent_for: z.number(),
    queue: z.object({ backend: z.enum(['redis', 'postgres']), place: z.string() }).nullable(),
    current: z.boolean(),
  })
  .openapi('Worker');

export const SegmentStatusBody = z
  .object({
    key: z.string(),
    state: z.string(),
    members: z.int(),
    fresh_as_of: Instant.nullable(),
    rows_as_of: Instant.nullable(),
    time_as_of: Instant.nullable(),
    version: z.int(),
    live_version: z.int().nullable(),
    progress: z.number().nullable(),
    error: z.unknown(),
    stale: z.array(z.string()),
    owed: z.array(z.string()),
  })
  .openapi('SegmentStatus');

export const AuditStatusBody = z
  .object({
    started_at: Instant.nullable().openapi({ description: 'Since when the pass under way runs; null between two.' }),
    checked: z.int().openapi({ description: 'Contacts compared in the pass under way.' }),
    finished_at: Instant.nullable().openapi({ description: 'When the last complete pass ended.' }),
    total: z.int().nullable().openapi({ description: 'Contacts that the last complete pass compared.' }),
    differences: z.int().openapi({ description: 'Differences found and repaired since the installation.' }),
    differed_at: Instant.nullable().openapi({ description: 'When the last difference was found.' }),
  })
  .openapi('AuditStatus');

export const StatusQuery = z.object({
  segments: z.enum(['all', 'moving']).default('all').openapi({
    description: '`moving`: only segments that are being built, or wait to be.',
  }),
});

export const StatusBody = z
  .object({
    backlog: BacklogBody,
    workers: z.array(WorkerBody),
    audit: AuditStatusBody.nullable().openapi({
      description: 'The rolling comparison of members with the data; null before its first step.',
    }),
    segments: z.array(SegmentStatusBody),
  })
  .openapi('Status');

export const FindingBody = z
  .object({ level: z.enum(['ok', 'warn', 'fail']), sentence: z.string(), fix: z.string().optional() })
  .openapi('Finding');

export const FindingsBody = z.object({ findings: z.array(FindingBody) }).openapi('Findings');

const Run = z
  .object({
    id: z.string(),
    schedule: z.int(),
    key: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    due_at: Instant.nullable(),
    attempt: z.int(),
    file: z.string().nullable(),
    count: z.number().nullable(),
    error: z.unknown(),
    requested_at: Instant,
    created_by: Authored.created_by.nullable(),
    database_role: Authored.database_role.nullable(),
    finished_at: Instant.nullable(),
  })
  .openapi('ScheduleRun');

const shape = {
  key: z.string(),
  cron: z.string().max(200),
  timezone: z.string(),
  format: z.enum(FORMATS),
  gzip: z.boolean(),
  folder: z.string().max(1_000),
  passing: z.boolean(),
  formulas: z.boolean(),
  consistent: z.boolean(),
  fresh: z.boolean(),
} as const;

export const ScheduleBody = z
  .object({
    ...shape,
    id: z.int(),
    columns: z.array(z.string()).nullable(),
    delta: z.string().nullable(),
    next_at: Instant.nullable(),
    paused: z.boolean().openapi({ description: 'It runs only when a run is requested.' }),
    error: z.unknown().openapi({ description: 'Why it cannot run at all.' }),
    ...Authored,
    last_run: Run.nullable(),
  })
  .openapi('Schedule');

export const SchedulesBody = z.object({ schedules: z.array(ScheduleBody) }).openapi('Schedules');
export const RunsBody = z.object({ runs: z.array(Run) }).openapi('ScheduleRuns');

export const ScheduleWrite = z
  .strictObject({
    key: shape.key,
    cron: shape.cron,
    timezone: shape.timezone.optional(),
    format: shape.format.optional(),
    columns: z.array(z.string().max(200)).max(200).optional(),
    gzip: shape.gzip.optional(),
    folder: shape.folder.optional(),
    delta: z.string().max(200).optional(),
    passing: shape.passing.optional(),
    formulas: shape.formulas.optional(),
    consistent: shape.consistent.optional(),
    fresh: shape.fresh.optional(),
  })
  .openapi('NewSchedule');

export const ScheduleEdit = z
  .strictObject({
    cron: shape.cron.optional(),
    timezone: shape.timezone.optional(),
    format: shape.format.optional(),
    columns: z.array(z.string().max(200)).max(200).nullable().optional(),
    gzip: shape.gzip.optional(),
    folder: shape.folder.optional(),
    delta: z.string().max(200).nullable().optional(),
    passing: shape.passing.optional(),
    formulas: shape.formulas.optional(),
    consistent: shape.consistent.optional(),
    fresh: shape.fresh.optional(),
    paused: z.boolean().optional(),
  })
  .openapi('ScheduleEdit');
