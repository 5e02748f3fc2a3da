/**
 * The schema of segmentd's own tables, as Drizzle sees them, and the types of their columns. `contact_key` is a domain over the
 * team's key type that exists before the migrations run; in TypeScript a key is always a string. Instants are text with
 * microseconds: a JavaScript Date would cut them to milliseconds.
 */
import { customType, pgSchema } from 'drizzle-orm/pg-core';

export const segmentd = pgSchema('segmentd');

export const contactKey = customType<{ data: string; driverData: string }>({
  dataType: () => 'segmentd.contact_key',
  toDriver: (key) => key,
});
export const instant = customType<{ data: string; driverData: string }>({ dataType: () => 'timestamptz' });
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' });
export const snapshot = customType<{ data: string; driverData: string }>({ dataType: () => 'pg_snapshot' });
