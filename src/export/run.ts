/**
 * Notes each export in `segmentd.export_run`: that it runs, and what became of it. One that nobody scheduled says again and
 * again that it lives; whoever looks next finds those whose process was killed and says so.
 */
import { sqlState } from '../base/error.ts';
import { Lease } from '../base/lease.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { manifestText, type Manifest } from './manifest.ts';

export interface Run {
  end(state: 'done' | 'failed', manifest?: Manifest, error?: string): Promise<void>;
  /** Nothing more is said of it. Idempotent. */
  stop(): void;
}

const LIVES_SECONDS = 60;
/** 42501 no right, 25006 a replica: whoever may only read exports without being noted. */
const READ_ONLY = ['42501', '25006'];
const UNNOTED: Run = { end: async () => {}, stop: () => {} };

/** @param runId the run that this is, when there is one already: whoever keeps it decides what its failure means */
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
        await client.query({
          ...statement('export-end'),
          values: [id, state, manifest ? manifestText(manifest) : null, error ?? null],
        });
      },
      stop: () => letGo?.(),
    };
  } catch (error) {
    if (READ_ONLY.includes(sqlState(error) ?? '')) return UNNOTED;
    throw error;
  }
}

/** The lease of a run of its own: nobody takes such a run over, but its state is `failed` once the lease has ended. */
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

/** Runs that are noted as running though their process is gone. */
export async function recoverRuns(client: Queryable): Promise<void> {
  await client.query({ ...statement('run-recover') });
}
