/** Who may come in over HTTP, and who did what. Secrets are stored as hashes. */
import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, text } from 'drizzle-orm/pg-core';
import { actor, contactKey, instant, internal } from './column.ts';

/** Programs that use the API. */
export const apiToken = internal.table('api_token', {
  name: text().primaryKey(),
  /** SHA-256 of the token, in hexadecimal. */
  hash: text().notNull().unique(),
  role: text({ enum: ['viewer', 'editor', 'admin'] }).notNull(),
  createdBy: text('created_by')
    .notNull()
    .default(sql`session_user`),
  actor: actor(),
  createdAt: instant('created_at')
    .notNull()
    .default(sql`clock_timestamp()`),
  /** Null: it has no end. */
  expiresAt: instant('expires_at'),
  /** To the minute; null: never. */
  usedAt: instant('used_at'),
});

/** Browsers that are signed in. */
export const webSession = internal.table('web_session', {
  /** SHA-256 of the cookie's value, in hexadecimal. */
  hash: text().primaryKey(),
  name: text().notNull(),
  role: text({ enum: ['viewer', 'editor', 'admin'] }).notNull(),
  /** How the person signed in. */
  way: text({ enum: ['link', 'oidc'] })
    .notNull()
    .default('link'),
  createdAt: instant('created_at')
    .notNull()
    .default(sql`clock_timestamp()`),
  expiresAt: instant('expires_at').notNull(),
});

/**
 * What persons did: who, when, how they came in, to which segment and contact. It holds no values of rows. Only sql/object/action-log.sql
 * writes it, and only the owner reads it.
 */
export const actionLog = internal.table(
  'action_log',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant()
      .notNull()
      .default(sql`clock_timestamp()`),
    /** The person; null: not known, as for a plain login. */
    actor: text(),
    databaseRole: text('database_role').notNull(),
    /** `session`, `token`, `proxy`, or the application name of the session. */
    way: text(),
    /** One of src/access/action.ts. */
    action: text().notNull(),
    /** Key of the segment, as it was then. */
    segment: text(),
    /** Null also after `forget`. */
    contact: contactKey(),
    detail: jsonb(),
  },
  (t) => [
    index('action_log_at_idx').on(t.at),
    index('action_log_segment_idx').on(t.segment, t.id),
    index('action_log_actor_idx').on(t.actor, t.id),
    index('action_log_contact_idx')
      .on(t.contact, t.id)
      .where(sql`${t.contact} is not null`),
  ],
);
