/**
 * Deltas by name: exactly who entered and left between two snapshots of the event log. What the next file will tell is
 * fixed in Postgres before its first byte is written (`export_change`, `pending_…`), and the cursor moves in the transaction
 * that finds the file finished. So a crash at any point makes the same file again, under the same name and number, and
 * nothing is skipped. One writer at a time, by an advisory lock that goes with its connection.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { integer, render, sql } from '../compile/fragment.ts';
import { lockClass } from '../postgres/advisory-lock.ts';
import { trySessionLock } from '../postgres/session-lock.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { tablesOf } from './output-column.ts';
import { manifestText, type Manifest } from './manifest.ts';
import { atOnce, checkRows, compact, exportRows, inPieces, meet, type Met, type RowOptions } from './rows.ts';
import { deltaColumns, firstDelta, pendingDelta, type Selection } from './selection.ts';
import { forgetForeign, unseenBy } from '../membership/snapshot-cursor.ts';

export interface DeltaOptions {
  /** Name among the deltas of the segment; any text up to 200 characters. */
  readonly delta: string;
  /** Also names, once, contacts that both entered and left since (`entered_left`, `left_entered`). Default: not at all. */
  readonly passing?: boolean;
  /** Begins anew: the next file holds everybody. */
  readonly restart?: boolean;
  /** Tests stop at the steps. */
  readonly failpoint?: (step: DeltaStep) => Promise<void>;
}

export type DeltaStep = 'fixed' | 'written' | 'published';

interface State {
  readonly number: number;
  readonly snapshot: string | null;
  readonly as_of: string | null;
  readonly pending_snapshot: string | null;
  readonly pending: Met | null;
  readonly reached: boolean;
  readonly ours: boolean;
}

const OWN: readonly string[] = ['change', 'contact_id', 'at', 'reason', 'version'];
const USUAL: readonly string[] = ['change', 'contact_id', 'at'];
const FIX = { lockTimeout: 5_000, statementTimeout: 600_000, idleTimeout: 30_000 } as const;

export async function exportDelta(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  options: RowOptions & DeltaOptions,
): Promise<Manifest> {
  const { delta: name } = options;
  checkName(name);
  const columns = withKey(options.columns ?? USUAL);
  // What the file tells is fixed before it is written: by then nothing may be wrong that could have been seen.
  checkRows(catalogue, deltaColumns(catalogue.contacts.key.type), columns, options);
  const { id: segment } = await meet(pool, key, name);
  const opened = await pool.query<{ id: number }>({ ...statement('delta-open'), values: [segment, name] });
  const id = opened.rows[0]?.id ?? 0;
  const held = await trySessionLock(pool, [lockClass.delta, id]);
  if (!held)
    throw new Failure(
      'conflict',
      `The delta ${JSON.stringify(name)} of ${key} is being written by somebody else right now.`,
    );
  try {
    return await writeDelta(pool, held.client, catalogue, key, id, { ...options, columns });
  } finally {
    await held.release();
  }
}

/** @throws {Failure} `usage` */
export function checkName(name: string): void {
  if (name === '' || name.length > 200 || /\0|\p{Surrogate}/u.test(name))
    throw new Failure('usage', 'The name of a delta is a text of 1 to 200 characters.');
}

async function writeDelta(
  pool: Pool,
  client: Client,
  catalogue: Catalogue,
  key: string,
  id: number,
  options: RowOptions & DeltaOptions & { readonly columns: readonly string[] },
): Promise<Manifest> {
  const { delta: name, failpoint, columns } = options;
  const fixed = await inTransaction(client, FIX, (same) => fix(same, key, id, options));
  await failpoint?.('fixed');
  const { met, since, number, repeated, changes } = fixed;
  const keyType = catalogue.contacts.key.type;
  const selection: Selection =
    since === null
      ? firstDelta(keyType, met.id, met.snapshot, met.version, met.members)
      : pendingDelta(keyType, id, options.passing === true, changes);
  const rows = {
    met,
    selection,
    name: `segment-${met.id}-delta-${id}-${String(number).padStart(6, '0')}-${compact(met.asOf)}`,
    columns,
    notes: client,
    delta: { name, number, since, repeated },
    finish: async (manifest: Manifest, publish: () => Promise<void>): Promise<void> => {
      await failpoint?.('written');
      // The lock went with its connection if that broke; then this fails before anything has its name.
      await inTransaction(client, FIX, async (same) => {
        const held = await same.query(
          'select from segmentd.export_delta d where d.id = $1 and d.number = $2 and d.pending_snapshot is not null for update',
          [id, number - 1],
        );
        if (held.rowCount !== 1)
          throw new Failure(
            'conflict',
            `The delta ${JSON.stringify(name)} of ${key} was written by somebody else meanwhile.`,
          );
        await publish();
        await failpoint?.('published');
        await same.query({ ...statement('delta-finish'), values: [id, manifestText(manifest)] });
      });
    },
  };
  if (
    inPieces(
      options,
      columns.every((column) => OWN.includes(column)),
    )
  )
    return exportRows(pool, catalogue, rows, options);
  return atOnce(pool, tablesOf(catalogue, columns), (at) => exportRows(pool, catalogue, { ...rows, at }, options));
}

/** Without both nobody could follow the membership. */
function withKey(columns: readonly string[]): readonly string[] {
  return [...['change', 'contact_id'].filter((name) => !columns.includes(name)), ...columns];
}

interface Fixed {
  readonly met: Met;
  readonly number: number;
  /** `as_of` of the file before; null for everybody. */
  readonly since: string | null;
  readonly repeated: boolean;
  readonly changes: number;
}

/** What the next file tells: what is pending, or from the cursor to this transaction's own snapshot. */
async function fix(client: Client, key: string, id: number, { delta: name, restart }: DeltaOptions): Promise<Fixed> {
  await client.query('set transaction isolation level repeatable read');
  if (restart === true) {
    await forgetForeign(client);
    await client.query('delete from segmentd.export_change c where c.delta_id = $1', [id]);
    await client.query(
      'update segmentd.export_delta set snapshot = null, as_of = null, pending_snapshot = null, pending = null where id = $1',
      [id],
    );
  }
  const { rows } = await client.query<State>({ ...statement('delta-state'), values: [id] });
  const state = rows[0];
  if (!state) throw new Failure('conflict', `The delta ${JSON.stringify(name)} of ${key} was removed meanwhile.`);
  const { number, snapshot, as_of: since } = state;
  const next = { number: number + 1, since };
  if (state.pending_snapshot !== null && state.pending) {
    const counted = await client.query<{ count: string }>(
      'select count(*) from segmentd.export_change c where c.delta_id = $1',
      [id],
    );
    return { ...next, met: { ...state.pending, key }, repeated: true, changes: Number(counted.rows[0]?.count) };
  }
  const again = `begin anew with --restart: the next file then holds everybody.`;
  if (!state.ours)
    throw new Failure(
      'conflict',
      `The delta ${JSON.stringify(name)} of ${key} was begun on another server, before a dump was restored; ${again}`,
    );
  if (!state.reached)
    throw new Failure(
      'conflict',
      `The event log no longer reaches back to ${since}, where the last file of the delta ${JSON.stringify(name)} ended; ${again}`,
    );
  const met = await meet(client, key, name);
  const changes = snapshot === null ? 0 : await keepChanges(client, id, met.id, snapshot);
  await client.query(
    'update segmentd.export_delta set pending_snapshot = $2::text::pg_snapshot, pending = $3 where id = $1',
    [id, met.snapshot, JSON.stringify(met)],
  );
  return { ...next, met, repeated: false, changes };
}

/** Events of a contact alternate, so the first and the last say what it was before and what it is now. */
async function keepChanges(client: Client, id: number, segment: number, since: string): Promise<number> {
  const { text, bind } =
    render(sql`insert into segmentd.export_change (delta_id, contact_id, change, at, reason, version)
    select ${integer(id)}, f.contact_id, case when f.first = f.last then f.first else f.first || '_' || f.last end, f.at, f.reason, f.version
    from (
      select e.contact_id, (array_agg(e.kind order by e.id))[1] as first, (array_agg(e.kind order by e.id desc))[1] as last,
        (array_agg(e.at order by e.id desc))[1] as at, (array_agg(e.reason order by e.id desc))[1] as reason,
        (array_agg(e.version order by e.id desc))[1] as version
      from segmentd.membership_event e where e.segment_id = ${integer(segment)} and ${unseenBy(since, sql`e.xid`)}
      group by e.contact_id
    ) f`);
  return (await client.query(text, bind())).rowCount ?? 0;
}
