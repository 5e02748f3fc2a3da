/**
 * Validates stored versions under the catalogue of now. It freezes segments whose version no longer fits, requests the rebuild of those that fit
 * again or were built under another catalogue, and proposes versions that were rejected under another. It compares stored facts
 * with those of now, never with what this process knew before: another worker may have read the catalogue first.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../postgres/pool.ts';
import { cataloguePrint, differingParts, type Fingerprint } from '../followed/fingerprint.ts';
import { freezeSegment, rejectUnbuildable } from './freeze.ts';
import { requestDiffering, requestRebuilds } from './request-rebuild.ts';
import { planVersion } from '../followed/plan.ts';
import { bumpGeneration } from '../followed/registry.ts';
import { refreshSentences } from './sentence.ts';
import type { SegmentKind, SegmentState, VersionState, WantedState } from './state.ts';
import { inWorkerTransaction } from './worker-transaction.ts';
import { countRetry, markUnfrozen } from './write-segment.ts';
import { proposeRejected } from './write-version.ts';

interface Row {
  readonly id: number;
  readonly key: string;
  readonly state: SegmentState;
  readonly wanted_state: WantedState;
  readonly frozen: boolean;
  /** Whether it failed or was rejected under another catalogue, or its time to be tried again has come. */
  readonly again: boolean;
  readonly live: (Version & { readonly fingerprint: Fingerprint | null }) | null;
  /** The wanted version when it is not the live one. */
  readonly wanted: (Version & { readonly state: VersionState }) | null;
}

interface Version {
  readonly version: number;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly kind: SegmentKind;
}

/** $1 is the print of the catalogue. */
const rows = (where: string): string => `
  select s.id, s.key, s.state, s.wanted_state, s.frozen_at is not null as frozen,
    s.validated_under is distinct from $1::text or coalesce(s.retry_at <= clock_timestamp(), false) as again,
    case when lv.version is not null then jsonb_build_object('version', lv.version, 'condition', lv.condition, 'timezone', lv.timezone, 'kind', lv.kind,
      'fingerprint', lv.fingerprint) end as live,
    case when s.version is distinct from s.live_version then jsonb_build_object('version', wv.version, 'condition', wv.condition, 'timezone', wv.timezone, 'kind', wv.kind,
      'state', wv.state) end as wanted
  from segmentd.segment s
  join segmentd.segment_version wv on wv.segment_id = s.id and wv.version = s.version
  left join segmentd.segment_version lv on lv.segment_id = s.id and lv.version = s.live_version
  where ${where}
  order by s.id`;

const EVERY = rows(`s.state in ('building', 'live', 'held', 'invalid', 'failed')`);
const UNSETTLED = rows(
  `s.state in ('invalid', 'failed') or wv.state = 'invalid' and segmentd_internal.is_followed(s.state)`,
);
const ASKED = rows(`s.state = 'invalid' and s.wanted_state = 'live' and s.id = any ($2::int[])`);

/**
 * Validates all segments. To be called before anything is evaluated under a catalogue that is new to this process.
 * Returns the keys of the segments whose members were built under another catalogue.
 */
export async function revalidate(pool: Pool, catalogue: Catalogue): Promise<readonly string[]> {
  const { rows: all } = await pool.query<Row>(EVERY, [cataloguePrint(catalogue)]);
  const differing = new Map<number, readonly string[]>();
  for (const row of all) {
    const parts = await revalidateOne(pool, catalogue, row);
    if (parts.length > 0) differing.set(row.id, parts);
  }
  await requestDiffering(pool, differing);
  await refreshSentences(pool, catalogue);
  return all.flatMap(({ id, key }) => (differing.has(id) ? [key] : []));
}

/** Validates frozen segments and rejected versions only: another worker may have decided on them under an older catalogue. */
export async function revalidateUnsettled(pool: Pool, catalogue: Catalogue): Promise<void> {
  const { rows: unsettled } = await pool.query<Row>(UNSETTLED, [cataloguePrint(catalogue)]);
  for (const row of unsettled) await revalidateOne(pool, catalogue, row);
}

/**
 * Validates invalid segments again for which a caller asked a rebuild. The validation fulfils the request.
 * @param recall reads the catalogue again: the missing column may be there by now
 */
export async function revalidateRequested(pool: Pool, recall: () => Promise<Catalogue>): Promise<void> {
  const { rows: asked } = await pool.query<{ id: number; request: string }>(
    `select s.id, max(r.id)::text as request from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id
     where s.state = 'invalid' and s.wanted_state = 'live' group by s.id`,
  );
  if (asked.length === 0) return;
  const catalogue = await recall();
  const { rows: validated } = await pool.query<Row>(ASKED, [cataloguePrint(catalogue), asked.map(({ id }) => id)]);
  for (const row of validated) await revalidateOne(pool, catalogue, { ...row, again: true });
  // Last: a `wait` sees by the request that the segment is not validated yet.
  await pool.query(
    `delete from segmentd_internal.rebuild_request r using unnest($1::int[], $2::bigint[]) as asked(segment_id, upto) where r.segment_id = asked.segment_id and r.id <= asked.upto`,
    [asked.map(({ id }) => id), asked.map(({ request }) => request)],
  );
}

/** Returns the parts of the catalogue that differ from those its members were built under; none for a frozen segment. */
async function revalidateOne(pool: Pool, catalogue: Catalogue, row: Row): Promise<readonly string[]> {
  const { id, state, live, wanted } = row;
  const plan = (version: Version) =>
    planVersion(catalogue, {
      segmentId: id,
      version: version.version,
      condition: version.condition,
      timezone: version.timezone,
      kind: version.kind,
    });
  const under = cataloguePrint(catalogue);
  const coming = wanted?.state === 'accepted' ? plan(wanted) : undefined;
  const kept = live ? plan(live) : undefined;
  const target = coming ?? kept;
  if (wanted?.state === 'invalid' && row.again && plan(wanted).ok) await proposeAgain(pool, id, wanted.version);
  if (state === 'invalid' || state === 'failed') {
    const passed = state === 'invalid' || row.again;
    if (passed && target?.ok && row.wanted_state === 'live') await unfreeze(pool, id);
    return [];
  }
  if (kept?.ok === false && !row.frozen) {
    await freezeSegment(pool, id, { state: 'invalid', error: { code: 'drift', issues: kept.issues } }, 'live', under);
    if (coming?.ok) await unfreeze(pool, id);
  }
  if (wanted && coming?.ok === false) {
    const error = { code: 'drift', issues: coming.issues } as const;
    if (live && kept?.ok) await rejectUnbuildable(pool, id, wanted.version, error, under);
    else await freezeSegment(pool, id, { state: 'invalid', error }, 'build', under);
  }
  return live && kept?.ok && !row.frozen ? differingParts(live.fingerprint, kept.plan.fingerprint) : [];
}

/** A version that fits the tables now may still be rejected for other segments, or by Postgres: accept.ts validates that. */
async function proposeAgain(pool: Pool, id: number, version: number): Promise<void> {
  await inWorkerTransaction(pool, { lockTimeout: 2_000 }, async (client) => {
    if ((await proposeRejected(client, [{ id, version }])) > 0) await countRetry(client, id);
  });
}

async function unfreeze(pool: Pool, id: number): Promise<void> {
  await inWorkerTransaction(pool, { lockTimeout: 2_000 }, async (client) => {
    if (!(await markUnfrozen(client, id))) return;
    await requestRebuilds(client, [id], 'repair');
    await bumpGeneration(client);
  });
}
