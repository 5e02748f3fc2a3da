/**
 * `segmentd/schema`: the public tables and views as Drizzle sees them, for joins with the team's own. They are to be read;
 * segments are written by the API or by SQL on `segment`, overrides by SQL on `override`. Keys of contacts and instants are text, whatever the key's type.
 */
import { bigint, date, integer, jsonb, numeric, text } from 'drizzle-orm/pg-core';
import { SEGMENT_STATES } from '../lifecycle/state.ts';
import { contactKey, instant, segmentd } from '../postgres/table/column.ts';
import { membership, membershipEvent } from '../postgres/table/membership.ts';
import { segment, segmentVersion, override } from '../postgres/table/segment.ts';

export { membership, membershipEvent, segment, segmentVersion, override };

/** How each segment stands; sizes are exact. */
export const segmentStatus = segmentd
  .view('segment_status', {
    key: text().notNull(),
    state: text({ enum: SEGMENT_STATES }).notNull(),
    members: bigint({ mode: 'number' }).notNull(),
    freshAsOf: instant('fresh_as_of'),
    version: integer().notNull(),
    liveVersion: integer('live_version'),
    progress: numeric(),
    error: jsonb(),
    stale: text().array().notNull(),
    rowsAsOf: instant('rows_as_of'),
    timeAsOf: instant('time_as_of'),
    owed: text().array().notNull(),
    /** The condition of the live version in English. */
    sentence: text(),
  })
  .existing();

/** Members of every segment now, with its key and name. */
export const member = segmentd
  .view('member', {
    segmentKey: text('segment_key').notNull(),
    segmentName: text('segment_name'),
    contactId: contactKey('contact_id').notNull(),
    enteredAt: instant('entered_at').notNull(),
  })
  .existing();

/** From when to when each contact was in. */
export const membershipPeriod = segmentd
  .view('membership_period', {
    segmentKey: text('segment_key').notNull(),
    contactId: contactKey('contact_id').notNull(),
    enteredAt: instant('entered_at'),
    leftAt: instant('left_at'),
  })
  .existing();

/** Who entered and left which segment, when and why: `membershipEvent` with the segment's key and name. */
export const memberEvent = segmentd
  .view('member_event', {
    segmentKey: text('segment_key').notNull(),
    segmentName: text('segment_name'),
    contactId: contactKey('contact_id').notNull(),
    kind: text({ enum: membershipEvent.kind.enumValues }).notNull(),
    reason: text({ enum: membershipEvent.reason.enumValues }).notNull(),
    version: integer().notNull(),
    at: instant().notNull(),
    id: bigint({ mode: 'bigint' }).notNull(),
  })
  .existing();

/** Size at the end of each day (UTC) on which a segment changed. */
export const segmentSize = segmentd
  .view('segment_size', {
    segmentKey: text('segment_key').notNull(),
    day: date().notNull(),
    members: bigint({ mode: 'number' }).notNull(),
    entries: bigint({ mode: 'number' }).notNull(),
    exits: bigint({ mode: 'number' }).notNull(),
  })
  .existing();
