/**
 * Notes each export in `segmentd_internal.export_run`: that it runs, and how it ended. A run without a schedule renews a lease
 * while its process lives; the next export marks runs whose lease is over as failed (`recoverRuns`). It exports
 * nothing.
 */
import { codeOf, Failure, sqlState, NO_RIGHT } from '../base/error.ts';
import { Lease } from '../base/lease.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { manifestText, type Manifest } from './manifest.ts';

export interface Run {
  /** @throws {Failure} `conflict` for a download that was cancelled meanwhile: it is not done */
  end(state: 'done' | 'failed', manifest?: Manifest, error?: string): Promise<void>;
  /** Ends the renewals. Idempotent. */
  stop(): void;
}

const LIVES_SECONDS = 60;
/** No right, or a replica (25006): a role that may only read exports without a note. */
const READ_ONLY = [NO_RIGHT, '25006'];
const UNNOTED: Run = { end: async () => {}, stop: () => {} };

/** @param runId the run that this is, when it exists already: then the caller decides what a failure means */
export async function beginRun(
  pool: Pool,
  client: Queryable,
  segmentId: number,
  path: string | undefined,
  runId: string | undefined,
): Promise<Run> {
  try {
    if (runId === undefined) await recoverRuns(client);
    const { rows } = await client.query<{ id: string }>({
      ...statement('export-begin'),
      values: [segmentId, path ?? null, `pid ${process.pid}`, runId ?? null, LIVES_SECONDS],
    });
    const id = rows[0]?.id;
    const letGo = runId === undefined && id !== undefined ? keepAlive(pool, id) : undefined;
    return {
      async end(state, manifest, error) {
        if (runId !== undefined && state === 'failed') return;
        const { rowCount } = await client.query({
          ...statement('export-end'),
          values: [id, state, manifest ? manifestText(manifest) : null, error ?? null],
        });
        if (rowCount === 0 && runId !== undefined) throw new Failure('conflict', 'The export was cancelled.');
      },
      stop: () => letGo?.(),
    };
  } catch (error) {
    if (READ_ONLY.includes(sqlState(error) ?? '')) return UNNOTED;
    throw error;
  }
}

/**
 * The lease of a run of its own: no worker takes such a run over, but its state becomes `failed` once the lease has
 * ended.
 */
function keepAlive(pool: Pool, id: string): () => void {
  return new Lease({
    held: [id],
    seconds: LIVES_SECONDS,
    async renew(runs, seconds) {
      const { rowCount } = await pool.query({ ...statement('run-beat'), values: [id, seconds] });
      return rowCount === 0 ? [] : runs;
    },
  }).keep();
}

/** Marks runs as failed that are noted as running though their process has ended. */
export async function recoverRuns(client: Queryable): Promise<void> {
  await client.query({ ...statement('run-recover') });
}

/** The error of a run, as one sentence for `segmentd_internal.export_run`. */
export function failureSentence(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (error instanceof Error && error.name === 'AbortError') return 'It was interrupted.';
  // Postgres may name values of rows in its messages.
  const code = codeOf(error);
  return `It failed${code && ` (${code})`}.`;
}
