/**
 * Keeps the catalogue true while the team changes its tables. Read again when a statement fails with 42xxx and every few
 * seconds: segments whose live version no longer checks become `invalid` with the column named and their members frozen;
 * those that check again are rebuilt, and versions that were refused under another catalogue are judged again, once. Segments are frozen before the drains use the new catalogue: a plan that is gone
 * from a live segment would lose its work.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { acceptDrift, findDrift, findUnreportedAlone, type Drift } from '../capture/drift.ts';
import type { Pool } from '../postgres/pool.ts';
import { freezeSegment, refuseVersion } from '../segment/freeze.ts';
import { planVersion, sourcesRead, type SegmentKind } from '../segment/plan.ts';
import { bumpGeneration, type Registry } from '../segment/registry.ts';
import { inTransaction } from '../postgres/transaction.ts';

interface Row {
  readonly id: number;
  readonly state: string;
  readonly wanted_state: string;
  readonly frozen: boolean;
  readonly live: Version | null;
  /** The wanted version where it is not the live one. */
  readonly wanted: (Version & { readonly state: string; readonly drifted: boolean }) | null;
}

interface Version {
  readonly version: number;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly kind: SegmentKind;
}

const followed = (where: string): string => `
  select s.id, s.state, s.wanted_state, s.frozen_at is not null as frozen,
    case when lv.version is not null then jsonb_build_object('version', lv.version, 'condition', lv.condition, 'timezone', lv.timezone, 'kind', lv.kind) end as live,
    case when s.version is distinct from s.live_version then jsonb_build_object('version', wv.version, 'condition', wv.condition, 'timezone', wv.timezone, 'kind', wv.kind,
      'state', wv.state, 'drifted', coalesce(wv.error ->> 'code' = 'drift', false)) end as wanted
  from segmentd.segment s
  join segmentd.segment_version wv on wv.segment_id = s.id and wv.version = s.version
  left join segmentd.segment_version lv on lv.segment_id = s.id and lv.version = s.live_version
  where ${where}
  order by s.id`;

const FOLLOWED = followed(`s.state in ('live', 'building', 'held', 'invalid')`);
const ASKED = followed(`s.state = 'invalid' and s.wanted_state = 'live' and s.id = any ($1::int[])`);

/** Which refused versions are judged again: all, or those that only the tables had spoilt when they were being built. */
type Again = 'refused' | 'drifted';

export class CatalogueWatch {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #load: () => Promise<Catalogue>;
  readonly #onChange: () => void;
  #reading: Promise<boolean> | undefined;
  #print: string;

  constructor(pool: Pool, registry: Registry, load: () => Promise<Catalogue>, onChange: () => void) {
    this.#pool = pool;
    this.#registry = registry;
    this.#load = load;
    this.#onChange = onChange;
    this.#print = fingerprint(registry.catalogue);
  }

  /** True when the catalogue changed. One reading at a time; whoever asks meanwhile shares it. */
  refresh(): Promise<boolean> {
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Segments are followed that our catalogue does not fit: either it is old, or they are to be frozen. */
  async mend(): Promise<void> {
    if (!(await this.refresh())) await judgeAgain(this.#pool, this.#registry.catalogue, 'drifted');
  }

  /** The slow look: the catalogue, and what no trigger can tell (a partition attached, a table rewritten, a trigger disabled). */
  async inspect(): Promise<readonly Drift[]> {
    await this.refresh();
    const catalogue = this.#registry.catalogue;
    return (await findDrift(this.#pool, catalogue)).length > 0 ? this.#rebuildReaders(catalogue) : [];
  }

  /** Requests and the new fingerprint in one transaction: whatever drifts later is seen by the next look. */
  async #rebuildReaders(catalogue: Catalogue): Promise<readonly Drift[]> {
    return inTransaction(this.#pool, { lockTimeout: 2_000 }, async (client) => {
      const drift = await findUnreportedAlone(client, catalogue);
      if (drift.length === 0) return drift;
      const sources = [...new Set(drift.map((one) => one.source))];
      const { segments } = await this.#registry.current(client);
      const readers = [...segments.values()].filter(({ live, building }) =>
        [live, building?.plan].some((plan) => plan !== undefined && sources.some((source) => sourcesRead(catalogue, plan).has(source))),
      );
      await client.query(`insert into segmentd.rebuild_request (segment_id, reason) select unnest($1::int[]), 'repair'`, [readers.map(({ id }) => id)]);
      await acceptDrift(client, catalogue, sources);
      return drift;
    });
  }

  async #refresh(): Promise<boolean> {
    const catalogue = await this.#load();
    const print = fingerprint(catalogue);
    if (print === this.#print) return false;
    await judgeAgain(this.#pool, catalogue);
    this.#registry.replaceCatalogue(catalogue);
    this.#print = print;
    this.#onChange();
    return true;
  }
}

/**
 * Freezes what no longer checks, requests the rebuild of what does again, and proposes what was refused. To be done when the
 * catalogue is another, and before the first drain: nobody knows under which catalogue a version was refused.
 */
export async function judgeAgain(pool: Pool, catalogue: Catalogue, again: Again = 'refused'): Promise<void> {
  const { rows } = await pool.query<Row>(FOLLOWED);
  for (const row of rows) await judgeOne(pool, catalogue, row, again);
}

/**
 * Who asks for the rebuild of an invalid segment has it judged again; the judgement meets the request.
 * @param recall reads the catalogue anew: the column may just have come
 */
export async function judgeRequested(pool: Pool, recall: () => Promise<Catalogue>): Promise<void> {
  const { rows: asked } = await pool.query<{ id: number; request: string }>(
    `select s.id, max(r.id)::text as request from segmentd.rebuild_request r join segmentd.segment s on s.id = r.segment_id
     where s.state = 'invalid' and s.wanted_state = 'live' group by s.id`,
  );
  if (asked.length === 0) return;
  const catalogue = await recall();
  const { rows } = await pool.query<Row>(ASKED, [asked.map(({ id }) => id)]);
  for (const row of rows) await judgeOne(pool, catalogue, row, 'refused');
  // Last, for who waits sees by it that the segment is not judged yet.
  await pool.query(`delete from segmentd.rebuild_request r using unnest($1::int[], $2::bigint[]) as asked(segment_id, upto) where r.segment_id = asked.segment_id and r.id <= asked.upto`, [
    asked.map(({ id }) => id),
    asked.map(({ request }) => request),
  ]);
}

async function judgeOne(pool: Pool, catalogue: Catalogue, row: Row, again: Again): Promise<void> {
  const { id, state, live, wanted } = row;
  const plan = (version: Version) => planVersion(catalogue, { segmentId: id, ...version });
  const coming = wanted?.state === 'accepted' ? plan(wanted) : undefined;
  const kept = live ? plan(live) : undefined;
  const target = coming ?? kept;
  const refused = wanted?.state === 'invalid' && (again === 'refused' || wanted.drifted) && plan(wanted).ok;
  if (state === 'invalid') {
    if (refused) await proposeAgain(pool, id, wanted.version);
    if (target?.ok && row.wanted_state === 'live') await thaw(pool, id);
    return;
  }
  if (kept?.ok === false && !row.frozen) {
    await freezeSegment(pool, id, { state: 'invalid', error: { code: 'drift', issues: kept.issues } }, 'live');
    if (coming?.ok) await thaw(pool, id);
  }
  if (wanted && coming?.ok === false) {
    const error = { code: 'drift', issues: coming.issues } as const;
    if (live && kept?.ok) await refuseVersion(pool, id, wanted.version, error);
    else await freezeSegment(pool, id, { state: 'invalid', error }, 'build');
  }
  if (refused) await proposeAgain(pool, id, wanted.version);
}

/** What the tables fit now may still be refused for what other segments are, or by Postgres: that is judged where versions are accepted. */
async function proposeAgain(pool: Pool, id: number, version: number): Promise<void> {
  await pool.query(`update segmentd.segment_version set state = 'proposed', error = null where segment_id = $1 and version = $2 and state = 'invalid'`, [id, version]);
}

async function thaw(pool: Pool, id: number): Promise<void> {
  await inTransaction(pool, { lockTimeout: 2_000 }, async (client) => {
    await client.query(`select set_config('segmentd.worker', 'on', true)`);
    const { rowCount } = await client.query(`update segmentd.segment set state = 'building', error = null where id = $1 and state = 'invalid'`, [id]);
    if (rowCount === 0) return;
    await client.query(`insert into segmentd.rebuild_request (segment_id, reason) values ($1, 'repair')`, [id]);
    await bumpGeneration(client);
  });
}

function fingerprint(catalogue: Catalogue): string {
  return JSON.stringify(catalogue, (_, value: unknown) => (value instanceof Map ? [...value] : value));
}
