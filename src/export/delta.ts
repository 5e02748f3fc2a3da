/**
 * Deltas by name: exactly which contacts entered and left between two snapshots of the event log. The content of the
 * next file is fixed in Postgres before its first byte is written (delta-cursor.ts), and the cursor moves in the
 * transaction that publishes the file. So a crash at any point makes the same file again, under the same name and
 * number, and nothing is skipped. An advisory lock allows one writer at a time; the lock ends with its connection.
 */
import { Failure } from '../base/error.ts';
import { lockClass } from '../postgres/advisory-lock.ts';
import { trySessionLock } from '../postgres/session-lock.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { CURSOR_TIMEOUTS, finishFile, fixNextFile } from './delta-cursor.ts';
import { firstDelta, storedChanges } from './delta-selection.ts';
import type { DeltaManifest, Manifest } from './manifest.ts';
import { compactInstant, readSegmentSnapshot, type SegmentSnapshot } from './segment-snapshot.ts';
import type { Selection } from './selection.ts';

export interface DeltaOptions {
  /** Name among the deltas of the segment. */
  readonly delta: string;
  readonly passing?: boolean;
  readonly restart?: boolean;
  /** Tests stop at the steps. */
  readonly failpoint?: (step: DeltaStep) => Promise<void>;
}

export type DeltaStep = 'fixed' | 'written' | 'published';

/** The next file of a delta, while the lock of the delta is held. */
export interface DeltaFile {
  readonly segment: SegmentSnapshot;
  readonly selection: Selection;
  /** Of the file, without its extension. */
  readonly name: string;
  readonly manifest: DeltaManifest;
  /** The connection that holds the lock. */
  readonly client: Client;
  /** Publishes the complete file and moves the cursor. @throws {Failure} `conflict` when the lock was lost meanwhile */
  finish(manifest: Manifest, publish: () => Promise<void>): Promise<void>;
}

/**
 * Calls `work` with the next file of the delta.
 * @throws {Failure} `not-found`; `conflict` while another process writes the delta, or when the event log or the server
 * is no longer the one of the last file
 */
export async function withDelta<T>(
  pool: Pool,
  key: string,
  options: DeltaOptions,
  work: (file: DeltaFile) => Promise<T>,
): Promise<T> {
  const { delta: name } = options;
  const { id: segment } = await readSegmentSnapshot(pool, key, name);
  const opened = await pool.query<{ id: number }>({ ...statement('delta-open'), values: [segment, name] });
  const id = opened.rows[0]?.id ?? 0;
  const held = await trySessionLock(pool, [lockClass.delta, id]);
  if (!held)
    throw new Failure('conflict', `Another process is writing the delta ${JSON.stringify(name)} of ${key} right now.`);
  try {
    return await work(await nextFile(held.client, key, id, options));
  } finally {
    await held.release();
  }
}

async function nextFile(client: Client, key: string, id: number, options: DeltaOptions): Promise<DeltaFile> {
  const { delta: name, restart = false, passing = false, failpoint } = options;
  const delta = { id, name, key };
  const fixed = await inTransaction(client, CURSOR_TIMEOUTS, (same) => fixNextFile(same, delta, restart));
  await failpoint?.('fixed');
  const { segment, since, number, repeated, changes } = fixed;
  return {
    segment,
    selection: since === null ? firstDelta(segment) : storedChanges(id, passing, changes),
    name: `segment-${segment.id}-delta-${id}-${String(number).padStart(6, '0')}-${compactInstant(segment.asOf)}`,
    manifest: { name, number, since, repeated },
    client,
    async finish(manifest, publish) {
      await failpoint?.('written');
      await inTransaction(client, CURSOR_TIMEOUTS, (same) =>
        finishFile(same, delta, manifest, async () => {
          await publish();
          await failpoint?.('published');
        }),
      );
    },
  };
}
