/** Segments as callers want them and as workers keep them, their versions, and overrides of single contacts. */
import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { AWAY_STATES, SEGMENT_KINDS, SEGMENT_STATES, VERSION_STATES, WANTED_STATES } from '../../lifecycle/state.ts';
import { actor, contactKey, inNames, instant, segmentd } from './column.ts';

/** One row for each segment. Callers write the first group of columns, the worker the rest. */
export const segment = segmentd.table(
  'segment',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    key: text().notNull().unique(),
    name: text(),
    description: text(),
    kind: text({ enum: SEGMENT_KINDS }).notNull().default('dynamic'),
    condition: jsonb(),
    timezone: text(),
    tags: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    wantedState: text('wanted_state', { enum: WANTED_STATES }).notNull().default('live'),
    state: text({ enum: SEGMENT_STATES }).notNull().default('building'),
    version: integer().notNull().default(1),
    liveVersion: integer('live_version'),
    error: jsonb(),
    frozenAt: instant('frozen_at'),
    /** Versions up to this number are confirmed, however many members they move (lifecycle/guard.ts); callers write it. */
    confirmedVersion: integer('confirmed_version'),
    /** Print of the catalogue and of Postgres under which a version was rejected or failed (followed/fingerprint.ts). */
    validatedUnder: text('validated_under'),
    /** When a failed segment is tried again although no change is known, and how often it was. */
    retryAt: instant('retry_at'),
    retries: smallint().notNull().default(0),
    deletedAt: instant('deleted_at'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    updatedAt: instant('updated_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    updatedBy: text('updated_by')
      .notNull()
      .default(sql`session_user`),
    updatedActor: actor('updated_actor'),
  },
  (t) => [
    // Segments that need the worker: probe.sql asks for them at every look, and reading a thousand rows would be half of its cost.
    index('segment_keep_idx')
      .on(t.id)
      .where(
        sql`${t.state} = 'building'
        or ${inNames(t.wantedState, AWAY_STATES)} and ${t.state} <> ${t.wantedState}
        or ${t.wantedState} = 'live' and ${inNames(t.state, AWAY_STATES)}
        or ${t.state} = 'held' and ${t.confirmedVersion} >= ${t.version}
        or ${t.state} = 'live' and ${t.liveVersion} <> ${t.version} and ${t.error} is null`,
      ),
    check('segment_kind_known', inNames(t.kind, SEGMENT_KINDS)),
    check('segment_wanted_state_known', inNames(t.wantedState, WANTED_STATES)),
    check('segment_state_known', inNames(t.state, SEGMENT_STATES)),
    check('segment_key_plain', sql`${t.key} ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$'`),
  ],
);

/** Every version that was ever wanted; `proposed` until the worker has validated it. */
export const segmentVersion = segmentd.table(
  'segment_version',
  {
    segmentId: integer('segment_id').notNull(),
    version: integer().notNull(),
    kind: text({ enum: SEGMENT_KINDS }).notNull().default('dynamic'),
    condition: jsonb(),
    timezone: text(),
    state: text({ enum: VERSION_STATES }).notNull().default('proposed'),
    error: jsonb(),
    /** The condition in English (lifecycle/sentence.ts); null until it is validated. */
    sentence: text(),
    /** Fields and relations that the condition reads, as `country`, `orders` and `orders.total`. Written with the sentence. */
    reads: text().array(),
    /** Keys of the segments that the condition reads. Written with the sentence. */
    readsSegments: text('reads_segments').array(),
    /** Written by `apply`: the files of the folder hold it. */
    applied: boolean().notNull().default(false),
    /** What its members were built under (followed/fingerprint.ts); null before its first flip. */
    fingerprint: jsonb(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    createdBy: text('created_by')
      .notNull()
      .default(sql`session_user`),
    actor: actor(),
  },
  (t) => [
    primaryKey({ columns: [t.segmentId, t.version] }),
    index('segment_version_proposed_idx')
      .on(t.segmentId)
      .where(sql`${t.state} = 'proposed'`),
  ],
);

/**
 * Overrides of one contact in one segment: `member` of a static segment or a snapshot, `include` or `exclude` over the condition of a
 * dynamic one. Callers write them; triggers (sql/object/override-trigger.sql) queue the recheck.
 */
export const override = segmentd.table(
  'override',
  {
    segmentId: integer('segment_id').notNull(),
    contactId: contactKey('contact_id').notNull(),
    kind: text({ enum: ['member', 'include', 'exclude'] }).notNull(),
    note: text(),
    createdBy: text('created_by')
      .notNull()
      .default(sql`session_user`),
    actor: actor(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    expiresAt: instant('expires_at'),
  },
  (t) => [
    primaryKey({ columns: [t.segmentId, t.contactId] }),
    index('override_contact_idx').on(t.contactId),
    // Each reload of the registry asks which segments have overrides; it must not read a million added members for that.
    index('override_dynamic_idx')
      .on(t.segmentId)
      .where(sql`${t.kind} <> 'member'`),
    index('override_expiry_idx')
      .on(t.expiresAt)
      .where(sql`${t.expiresAt} is not null`),
    check('override_kind_known', sql`${t.kind} in ('member', 'include', 'exclude')`),
  ],
);
