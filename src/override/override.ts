/**
 * Overrides of single contacts. A static segment has added members; a dynamic one includes and excludes contacts, whatever its condition
 * says. Writes the override in the caller's own transaction, and a trigger on it queues the recheck. Never writes membership.
 * An override lives as long as its contact: a contact that is not in the contacts table is rejected.
 */
import { Failure, noSegment } from '../base/error.ts';
import { masked } from '../base/mask.ts';
import type { Catalogue, KeyType } from '../catalogue/catalogue.ts';
import { ident, render, param, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { canonicalUuid, formatInstant, isDate, isOutsideYears, parseInstant } from '../condition/literal.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { showSegment } from '../segment/read-segment.ts';

export type OverrideVerb = 'add' | 'remove' | 'include' | 'exclude' | 'reset';

export interface OverrideOptions {
  /** Why the caller decides so, to be read later. */
  readonly note?: string;
  /** Until when it holds: an instant as Postgres reads it, UTC without a zone. The worker deletes the override then. */
  readonly until?: string;
}

export interface Overridden {
  readonly key: string;
  /** Number of named contacts, each counted once. */
  readonly asked: number;
  /** Number of overrides written or deleted; `remove` and `reset` do not count contacts that had none. */
  readonly changed: number;
  /** Texts that name no contact, as they were given; present with `skipUnknown`. */
  readonly unknown?: readonly string[];
}

/** An override as it is stored. */
export interface Override {
  readonly contactId: string;
  readonly kind: 'member' | 'include' | 'exclude';
  readonly note: string | null;
  /** The person who wrote it last, where known; else the database role. */
  readonly createdBy: string;
  /** The login that wrote it last. */
  readonly databaseRole: string;
  /** ISO 8601 with microseconds, UTC; so is `expiresAt`. */
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

export const KIND_OF = {
  add: 'member',
  remove: 'member',
  include: 'include',
  exclude: 'exclude',
  reset: null,
} as const satisfies Record<OverrideVerb, Override['kind'] | null>;

/** The id of the segment that a verb writes into. @throws {Failure} `not-found`; `conflict` when the segment is of another kind */
export async function overrideTarget(client: Queryable, key: string, verb: OverrideVerb): Promise<number> {
  const { kind } = await showSegment(client, key);
  const isMember = verb === 'add' || verb === 'remove';
  if (isMember && kind === 'snapshot')
    throw new Failure(
      'conflict',
      `${key} is a snapshot: contacts are neither added nor removed; segmentd edit ${key} --kind static makes it static.`,
    );
  if (isMember && kind === 'dynamic')
    throw new Failure(
      'conflict',
      `${key} is dynamic: include or exclude contacts, or make it static with segmentd edit ${key} --kind static.`,
    );
  if (!isMember && kind !== 'dynamic')
    throw new Failure(
      'conflict',
      `${key} is ${kind} and has no condition to override; ${kind === 'static' ? 'add or remove contacts' : 'a snapshot does not change'}.`,
    );
  const { rows } = await client.query<{ id: number }>({ ...statement('segment-id'), values: [key] });
  const row = rows[0];
  if (!row) throw noSegment(key);
  return row.id;
}

/**
 * Writes overrides for all the contacts, or for none.
 * @throws {Failure} `not-found` for the segment, or with `data: string[]` for contacts that do not exist; `conflict` for a segment
 *   of another kind; `usage` for a text that cannot be a contact's key, or a wrong `until`
 */
export async function writeOverrides(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  verb: OverrideVerb,
  contacts: readonly string[],
  options: OverrideOptions = {},
): Promise<Overridden> {
  const id = await overrideTarget(client, key, verb);
  const asked = contactKeys(catalogue.contacts.key.type, contacts);
  if (asked.length === 0) throw new Failure('usage', 'Name at least one contact.');
  const until = await expiry(client, options.until);
  checkNote(options.note);
  const unknown = await unknownContacts(client, catalogue, asked);
  // The overrides of a deleted contact may still be deleted.
  if (unknown.length > 0 && verb !== 'remove' && verb !== 'reset') {
    throw new Failure(
      'not-found',
      `There is no contact ${masked(unknown.slice(0, 5).join(', '))}${unknown.length > 5 ? ` and ${unknown.length - 5} more` : ''}; nothing was changed.`,
      { data: unknown },
    );
  }
  const kind = KIND_OF[verb];
  const values = verb === 'remove' || verb === 'reset' ? [id, asked] : [id, asked, kind, options.note ?? null, until];
  const { rowCount } = await client.query({
    ...statement(verb === 'remove' || verb === 'reset' ? 'override-delete' : 'override-write'),
    values,
  });
  return { key, asked: asked.length, changed: rowCount ?? 0 };
}

/** @throws {Failure} `usage` */
export function checkNote(note: string | undefined): void {
  if (note !== undefined && /\0|\p{Surrogate}/u.test(note))
    throw new Failure(
      'usage',
      'The note holds a character that Postgres cannot store (NUL or half of a surrogate pair).',
    );
}

/**
 * The instant in canonical text. A wrong one never reaches Postgres: an error there would end the caller's transaction.
 * @throws {Failure} `usage` for a text that is no instant, and for an instant in the past
 */
export async function expiry(client: Queryable, until: string | undefined): Promise<string | null> {
  if (until === undefined) return null;
  const zoned = isDate(until) ? `${until}T00:00:00Z` : /([Zz]|[+-]\d{2}(:?\d{2})?)$/.test(until) ? until : `${until}Z`;
  const at = parseInstant(zoned);
  if (at === undefined || isOutsideYears(at))
    throw new Failure(
      'usage',
      `${JSON.stringify(masked(until))} is not an instant; write 2030-01-31, or 2030-01-31T12:00:00Z (UTC where no zone is given).`,
    );
  const text = formatInstant(at);
  const { rows } = await client.query<{ past: boolean }>('select $1::timestamptz <= segmentd.instant() as past', [
    text,
  ]);
  if (rows[0]?.past !== false)
    throw new Failure('usage', `${until} has passed; an override needs an instant in the future.`);
  return text;
}

/** Those of the keys that are not in the contacts table. */
export async function unknownContacts(
  client: Queryable,
  catalogue: Catalogue,
  contacts: readonly string[],
): Promise<readonly string[]> {
  const { text, bind } = render(sql`select k.key from unnest(${param('contacts', 'text[]')}) as k(key)
    where not ${contactExists(catalogue, sql`k.key::segmentd.contact_key`)}`);
  return (await client.query<{ key: string }>(text, bind({ contacts }))).rows.map((row) => row.key);
}

/** Each key once, as Postgres writes it. @throws {Failure} `usage` for a text that cannot be the key of a contact */
export function contactKeys(type: KeyType, contacts: readonly string[]): readonly string[] {
  return [...new Set(contacts.map((contact) => canonicalKey(type, contact)))];
}

function canonicalKey(type: KeyType, contact: string): string {
  const wrong = new Failure('usage', `${JSON.stringify(masked(contact))} cannot be the key of a contact here.`);
  if (type === 'text') {
    if (contact === '' || /\0|\p{Surrogate}/u.test(contact)) throw wrong;
    return contact;
  }
  if (type === 'uuid') {
    const uuid = canonicalUuid(contact);
    if (uuid === undefined) throw wrong;
    return uuid;
  }
  if (!/^-?\d{1,19}$/.test(contact)) throw wrong;
  const bits = type === 'integer' ? 32 : 64;
  const number = BigInt(contact);
  if (BigInt.asIntN(bits, number) !== number) throw wrong;
  return String(number);
}

export function contactExists(catalogue: Catalogue, key: Fragment): Fragment {
  const { table, key: own } = catalogue.contacts;
  return sql`exists (select from ${tableName(table)} c where c.${ident(own.column)} = ${key})`;
}

/** Counts included and excluded contacts of a dynamic segment; zero for other kinds. */
export async function countOverrides(
  client: Queryable,
  key: string,
): Promise<{ readonly included: number; readonly excluded: number }> {
  const { rows } = await client.query<{ included: number; excluded: number }>({
    ...statement('override-count'),
    values: [key],
  });
  return rows[0] ?? { included: 0, excluded: 0 };
}

export interface OverridePage {
  /** At most so many; default all. */
  readonly limit?: number;
  /** Begins after this contact. */
  readonly after?: string;
}

interface OverrideRow {
  readonly contact_id: string;
  readonly kind: Override['kind'];
  readonly note: string | null;
  readonly created_by: string;
  readonly database_role: string;
  readonly created_at: string;
  readonly expires_at: string | null;
}

/** Overrides in order of the contacts. @throws {Failure} `not-found` */
export async function listOverrides(
  client: Queryable,
  key: string,
  { limit, after }: OverridePage = {},
): Promise<readonly Override[]> {
  await showSegment(client, key);
  const { rows } = await client.query<OverrideRow>({
    ...statement('override-list'),
    values: [key, after ?? null, limit ?? null],
  });
  return rows.map(({ contact_id, created_by, database_role, created_at, expires_at, kind, note }) => ({
    contactId: contact_id,
    kind,
    note,
    createdBy: created_by,
    databaseRole: database_role,
    createdAt: created_at,
    expiresAt: expires_at,
  }));
}
