/**
 * Erasure: removes every trace of a contact that the team has deleted from every table of segmentd, while workers run.
 * The membership diff removes memberships, as always; their events are deleted afterwards, without a lock. A running
 * build may have read the contact before it was deleted: erasure leaves the build its rows and waits for its end.
 * Exported files cannot be erased, so they are listed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import { masked } from '../base/mask.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { render, param, sql, type Fragment } from '../compile/fragment.ts';
import { dependentParams, writeDifference } from '../membership/diff.ts';
import { lockClass } from '../postgres/advisory-lock.ts';
import { slotOf, trySlotsShared } from '../postgres/lock.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { followKeys, KEY_CHANGE_TIMEOUT } from '../override/key-change.ts';
import { Registry } from '../followed/registry.ts';
import { contactExists, contactKeys } from '../override/override.ts';

/** An export that may hold the contact: written while it was in the segment, or naming it as entered or left. */
export interface ExportedTrace {
  readonly run: string;
  readonly segment: string;
  /** Absolute path where it was written; null: it went to a stream. */
  readonly file: string | null;
  /** Of a delta export: its name. */
  readonly delta: string | null;
  /** ISO 8601, UTC; null: it is being written. */
  readonly finishedAt: string | null;
}

export interface Forgotten {
  readonly contact: string;
  /** Memberships that were left. */
  readonly memberships: number;
  readonly events: number;
  /** Overrides that were removed. */
  readonly overrides: number;
  /**
   * What may still hold the contact, outside the database. A delta that named it as entered will not say that it left.
   */
  readonly exports: readonly ExportedTrace[];
}

export interface ForgetOptions {
  /** Milliseconds to wait for drains and builds that still hold the key; default a minute. */
  readonly timeout?: number;
}

const TIMEOUTS = { lockTimeout: 'short', statementTimeout: 30_000, idleTimeout: 30_000 } as const;
const LOG_TIMEOUTS = { ...TIMEOUTS, statementTimeout: 600_000 } as const;
const PAUSE = 50;

/**
 * @throws {Failure} `conflict` while the contact is in the team's table; `usage` for what cannot be a contact's key;
 * `failed` when something still holds the key after the time
 */
export async function forgetContact(
  pool: Pool,
  catalogue: Catalogue,
  contact: string,
  { timeout = 60_000 }: ForgetOptions = {},
): Promise<Forgotten> {
  const [key = ''] = contactKeys(catalogue.contacts.key.type, [contact]);
  const registry = new Registry(catalogue);
  const { rows: exports } = await pool.query<{
    run: string;
    segment: string;
    file: string | null;
    delta: string | null;
    finished_at: string | null;
  }>({ ...statement('forget-export'), values: [key] });
  const erased = { memberships: 0, events: 0, overrides: 0 };
  for (const end = performance.now() + timeout; ;) {
    const left = await follow(pool, catalogue, key)
      .then(() => leave(pool, registry, key))
      .catch((error: unknown) => {
        if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
        return undefined;
      });
    if (left) {
      erased.memberships += left.memberships;
      erased.overrides += left.overrides;
      erased.events += await eraseEvents(pool, key, left.at);
      const { rows } = await pool.query<{ place: string }>({ ...statement('forget-remains'), values: [key] });
      if (rows.length === 0) break;
      if (performance.now() > end) {
        throw new Failure(
          'failed',
          `The contact is still named in ${rows.map(({ place }) => place).join(', ')}: a build that is under way may need it. Run this again when it has ended.`,
        );
      }
    } else if (performance.now() > end) {
      throw new Failure('failed', 'A segment of the contact was busy all the time; run this again.');
    }
    await delay(PAUSE);
  }
  await pool.query(`select segmentd_internal.note_action('forget', null, null, $1::text::jsonb)`, [
    JSON.stringify(erased),
  ]);
  return {
    contact: key,
    ...erased,
    exports: exports.map(({ finished_at: finishedAt, ...same }) => ({ ...same, finishedAt })),
  };
}

interface Left {
  readonly at: string;
  readonly memberships: number;
  readonly overrides: number;
}

/**
 * Overrides of a key that changed belong to the new key: they are moved first. @throws 55P03 when a caller holds an
 * override
 */
async function follow(pool: Pool, catalogue: Catalogue, key: string): Promise<void> {
  const named = await pool.query(
    'select from segmentd_internal.key_change k where $1::text::segmentd.contact_key in (k.old_key, k.new_key) limit 1',
    [key],
  );
  if (named.rows.length === 0) return;
  await inTransaction(pool, { ...TIMEOUTS, statementTimeout: KEY_CHANGE_TIMEOUT }, async (client) => {
    await client.query(`select set_config('segmentd.worker', 'on', true)`);
    await followKeys(client, catalogue);
  });
}

/**
 * Returns undefined when the shard or a segment was busy: it waits for no lock while it holds one. @throws 55P03 when
 * the contacts are locked
 */
async function leave(pool: Pool, registry: Registry, key: string): Promise<Left | undefined> {
  const { catalogue } = registry;
  return inTransaction(pool, TIMEOUTS, async (client) => {
    await client.query(`select set_config('segmentd.worker', 'on', true)`);
    if (!(await lockShard(client, key))) return undefined;
    await refuseExisting(client, catalogue, key);
    const member = await client.query<{ segment_id: number }>(
      'select m.segment_id from segmentd.membership m where m.contact_id = $1::text::segmentd.contact_key',
      [key],
    );
    const ids = member.rows.map((row) => row.segment_id);
    const slots = [...new Set(ids.map(slotOf))];
    if ((await trySlotsShared(client, slots)).size < slots.length) return undefined;
    const { dependents } = await registry.current(client);
    const at = (await client.query<{ instant: string }>({ ...statement('instant') })).rows[0]?.instant ?? '';
    const purge = render(writeDifference({ rows: memberships(catalogue) }));
    await client.query(purge.text, purge.bind({ at, key, segments: ids, ...dependentParams(dependents, ids) }));
    const overrides = await remove(client, catalogue, sql`segmentd.override`, key);
    await remove(client, catalogue, sql`segmentd_internal.export_change`, key);
    await remove(client, catalogue, sql`segmentd.contact_rank`, key);
    const { rows: builds } = await client.query({ ...statement('forget-build') });
    // Builds that begin from here on read the contacts without this one.
    if (builds.length === 0)
      for (const table of [sql`segmentd_internal.change`, sql`segmentd_internal.recheck`, sql`segmentd_internal.stage`])
        await remove(client, catalogue, table, key);
    // No build reads these rows any more: those that an ended build left behind are deleted as a whole.
    if (builds.length === 0)
      await client.query(
        'delete from segmentd_internal.stage_chunk where $1::text::segmentd.contact_key = any (contacts)',
        [key],
      );
    await client.query(
      'update segmentd_internal.audit set position = null where position = $1::text::segmentd.contact_key',
      [key],
    );
    await client.query(
      'update segmentd_internal.action_log set contact = null where contact = $1::text::segmentd.contact_key',
      [key],
    );
    await client.query(
      'delete from segmentd_internal.repeatable_request where position(to_json($1::text)::text in body) > 0',
      [key],
    );
    return { at, memberships: ids.length, overrides };
  });
}

/**
 * Erases the events of the contact up to an instant; none while the shard is busy. The lock of the shard keeps drains from
 * the same rows of the sizes: two that wrote them in another order would deadlock.
 */
async function eraseEvents(pool: Pool, key: string, at: string): Promise<number> {
  return inTransaction(pool, LOG_TIMEOUTS, async (client) => {
    if (!(await lockShard(client, key))) return 0;
    const { rows } = await client.query<{ events: string }>({ ...statement('forget-event'), values: [key, at] });
    return Number(rows[0]?.events ?? 0);
  });
}

async function lockShard(client: Client, key: string): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(
    'select pg_try_advisory_xact_lock($1::int, segmentd_internal.shard($2::text)::int) as got',
    [lockClass.shard, key],
  );
  return rows[0]?.got === true;
}

async function refuseExisting(client: Client, catalogue: Catalogue, key: string): Promise<void> {
  const { text, bind } = render(
    sql`select ${contactExists(catalogue, param('key', 'segmentd.contact_key'))} as exists`,
  );
  const { rows } = await client.query<{ exists: boolean }>(text, bind({ key }));
  const { schema, name } = catalogue.contacts.table;
  if (rows[0]?.exists !== false)
    throw new Failure(
      'conflict',
      `Contact ${masked(key)} is in ${schema}.${name}: delete it there first, or its memberships would only come back.`,
    );
}

/** Removes nothing of a contact that has come back meanwhile: one snapshot sees its changes and the contact itself. */
async function remove(client: Client, catalogue: Catalogue, table: Fragment, key: string): Promise<number> {
  const contact = param('key', 'segmentd.contact_key');
  const { text, bind } = render(
    sql`delete from ${table} as t where t.contact_id = ${contact} and not ${contactExists(catalogue, contact)}`,
  );
  return (await client.query(text, bind({ key }))).rowCount ?? 0;
}

function memberships(catalogue: Catalogue): Fragment {
  const contact = param('key', 'segmentd.contact_key');
  return sql`select m.segment_id, m.contact_id, false as wanted, 'delete' as reason, coalesce(s.live_version, s.version) as version
    from segmentd.membership m join segmentd.segment s on s.id = m.segment_id
    where m.contact_id = ${contact} and m.segment_id = any (${param('segments', 'int[]')}) and not ${contactExists(catalogue, contact)}`;
}
