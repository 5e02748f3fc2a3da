/**
 * What the worker knows of the segments: state, live plan, building plan, dependents, route. The cache belongs to a `generation` of the
 * installation: each transaction that changes a state, a live version or a build bumps it as its last statement. A transaction
 * that reads the generation after its locks, and finds it unchanged, may trust the cache.
 * Must not be read before the outbox is consumed: a segment that appears in between would miss the change.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { newestPublicationId } from '../catalogue/published-catalogue.ts';
import { refuseOtherSchema } from '../postgres/migrate.ts';
import type { Queryable } from '../postgres/pool.ts';
import { CatalogueBehind } from './catalogue-behind.ts';
import { EDGES, followedEdges, type EdgeLink, type FollowedEdges } from './edge-link.ts';
import { differingParts, type Fingerprint } from './fingerprint.ts';
import { planVersion, type VersionPlan, type PlanInput } from './plan.ts';
import { Route, type CapturedSource } from './route.ts';
import { isFollowed, type SegmentKind, type SegmentState } from '../lifecycle/state.ts';

export interface SegmentEntry {
  readonly id: number;
  readonly key: string;
  readonly state: SegmentState;
  /** The plan that membership follows; absent before the first flip and while frozen. */
  readonly live?: VersionPlan;
  /** The plan that a build stages; drains also park contacts for its epoch. */
  readonly building?: { readonly plan: VersionPlan; readonly epoch: number };
  /** The parts of our catalogue that differ from the one its members were built under. Absent: none. */
  readonly differs?: readonly string[];
}

export interface RegistryView {
  readonly generation: string;
  /** Its plans were made under this catalogue. The registry's may be another by now. */
  readonly catalogue: Catalogue;
  readonly segments: ReadonlyMap<number, SegmentEntry>;
  /** Plans of the live versions that membership follows. */
  readonly live: ReadonlyMap<number, VersionPlan>;
  readonly idOfKey: ReadonlyMap<string, number>;
  /** Segment → its readers by `in_segment`, live or building. */
  readonly dependents: ReadonlyMap<number, readonly number[]>;
  /** Segment → the segments that its live version reads, and how many such steps lead down from it (absent: none). */
  readonly reads: ReadonlyMap<number, readonly number[]>;
  readonly levels: ReadonlyMap<number, number>;
  readonly route: Route;
  /** Edges of time of these segments, and the segments that a crossing concerns. */
  readonly edges: FollowedEdges;
  /** Rises when the catalogue is replaced: statements compiled under another one are invalid. */
  readonly catalogueEpoch: number;
}

interface Row {
  readonly id: number;
  readonly key: string;
  readonly state: SegmentState;
  readonly live_version: number | null;
  readonly frozen: boolean;
  readonly live_condition: unknown;
  readonly live_timezone: string | null;
  readonly live_kind: SegmentKind | null;
  readonly live_fingerprint: Fingerprint | null;
  /** Epoch of the last build: it rises with every flip. */
  readonly built: number | null;
  /** Whether a dynamic segment has overrides. */
  readonly overrides: boolean;
  readonly build_version: number | null;
  readonly build_condition: unknown;
  readonly build_timezone: string | null;
  readonly build_kind: SegmentKind | null;
  readonly epoch: number | null;
}

const SEGMENTS = `
  select s.id, s.key, s.state, s.live_version, s.frozen_at is not null as frozen, lv.condition as live_condition, lv.timezone as live_timezone, lv.kind as live_kind, lv.fingerprint as live_fingerprint, b.epoch as built,
         exists (select from segmentd.override w where w.segment_id = s.id and w.kind <> 'member') as overrides,
         bv.version as build_version, bv.condition as build_condition, bv.timezone as build_timezone, bv.kind as build_kind,
         case when b.phase = 'staging' then b.epoch end as epoch
  from segmentd.segment s
  left join segmentd.segment_version lv on lv.segment_id = s.id and lv.version = s.live_version
  left join segmentd_internal.build b on b.segment_id = s.id
  left join segmentd.segment_version bv on bv.segment_id = s.id and bv.version = b.version and b.phase = 'staging'
  where s.state <> 'deleted'
  order by s.id`;

const SOURCES = `
  select so.id, so.key, json_agg(json_build_array(c.column_name, c.bit)) filter (where c.bit is not null) as bits
  from segmentd_internal.source so left join segmentd_internal.source_column c on c.source_id = so.id
  group by so.id, so.key`;

export class Registry {
  #catalogue: Catalogue;
  #snapshot: RegistryView | undefined;
  #catalogueEpoch = 0;
  /** Plans survive a reload: most generations change one segment of a thousand. */
  #plans = new Map<string, ReturnType<typeof planVersion>>();
  readonly #strict: boolean;
  /** Differences found before the catalogue was last read: for these, ours is not the older one. */
  #confirmed: ReadonlySet<string> = new Set();
  #differing: readonly string[] = [];

  /** @param options.strict refuses facts other than those a segment was built under until `confirm`: for a worker, which can read the catalogue again */
  constructor(catalogue: Catalogue, options: { readonly strict?: boolean } = {}) {
    this.#catalogue = catalogue;
    this.#strict = options.strict === true;
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** The team's tables changed: every version is planned again. */
  replaceCatalogue(catalogue: Catalogue): void {
    this.#catalogue = catalogue;
    this.#catalogueEpoch += 1;
    this.#plans.clear();
    this.#snapshot = undefined;
  }

  forget(): void {
    this.#snapshot = undefined;
  }

  /**
   * Differences found so far. Read the catalogue after this, then pass them to `confirm`: a segment that still differs is owed a
   * rebuild, and our catalogue is not the older one.
   */
  get differing(): readonly string[] {
    return this.#differing;
  }

  confirm(differences: readonly string[]): void {
    this.#confirmed = new Set(differences);
  }

  /** The view that was read last, however long ago. A drain may begin with it, and asks `current` after its locks. */
  get latest(): RegistryView | undefined {
    return this.#snapshot;
  }

  /**
   * The view as of this statement's snapshot. Cheap while the generation stays the same.
   * @throws {CatalogueBehind}
   * @throws {Failure} `incompatible` when another version of segmentd has migrated the schema meanwhile
   */
  async current(client: Queryable): Promise<RegistryView> {
    const generation = await readGeneration(client);
    if (this.#snapshot?.generation === generation) return this.#snapshot;
    await refuseOtherSchema(client);
    const { publication } = this.#catalogue;
    if (publication !== undefined && (await newestPublicationId(client)) !== publication) throw new CatalogueBehind([]);
    // The generation is read first: when the next statements see a later one, the next call reloads.
    const segments = await client.query<Row>(SEGMENTS);
    const sources = await client.query<{ id: number; key: string; bits: [string, number][] | null }>(SOURCES);
    const links = await client.query<EdgeLink>(EDGES);
    this.#snapshot = this.#build(generation, segments.rows, sources.rows.map(capturedSource), links.rows);
    return this.#snapshot;
  }

  #build(
    generation: string,
    rows: readonly Row[],
    sources: readonly CapturedSource[],
    links: readonly EdgeLink[],
  ): RegistryView {
    const plans = new Map<string, ReturnType<typeof planVersion>>();
    const plan = (input: PlanInput) => {
      // A snapshot loses its condition when it is made.
      const memo = `${input.segmentId} ${input.version} ${input.condition === null} ${input.overrides === true}`;
      const made = this.#plans.get(memo) ?? planVersion(this.#catalogue, input);
      plans.set(memo, made);
      return made;
    };
    const segments = new Map<number, SegmentEntry>();
    const behind: number[] = [];
    for (const row of rows) {
      const made = entry(row, plan);
      if (made) segments.set(row.id, made);
      else behind.push(row.id);
    }
    this.#plans = plans;
    this.#differing = rows.flatMap((row) => (segments.get(row.id)?.differs === undefined ? [] : [difference(row)]));
    if (behind.length > 0) throw new CatalogueBehind(behind);
    const unconfirmed = this.#strict
      ? rows.filter(
          (row) =>
            row.live_fingerprint !== null &&
            segments.get(row.id)?.differs !== undefined &&
            !this.#confirmed.has(difference(row)),
        )
      : [];
    if (unconfirmed.length > 0) throw new CatalogueBehind(unconfirmed.map(({ id }) => id));

    const idOfKey = new Map(rows.map((row) => [row.key, row.id]));
    const followed = [...segments.values()].flatMap((segment) =>
      [segment.live, segment.building?.plan].filter((p) => p !== undefined),
    );
    const dependents = new Map<number, Set<number>>();
    for (const reader of followed) {
      for (const key of reader.references.segments) {
        const id = idOfKey.get(key);
        if (id === undefined) continue;
        dependents.set(id, (dependents.get(id) ?? new Set()).add(reader.id));
      }
    }
    const live = new Map(
      [...segments.values()].flatMap((segment) => (segment.live ? [[segment.id, segment.live]] : [])),
    );
    const reads = readsOf(live, idOfKey);
    return {
      generation,
      catalogue: this.#catalogue,
      segments,
      live,
      reads,
      levels: levelsOf(reads),
      idOfKey,
      dependents: new Map([...dependents].map(([id, readers]) => [id, [...readers]])),
      route: new Route(this.#catalogue, sources, followed),
      edges: followedEdges([...segments.values()], links),
      catalogueEpoch: this.#catalogueEpoch,
    };
  }
}

function readsOf(
  live: ReadonlyMap<number, VersionPlan>,
  idOfKey: ReadonlyMap<string, number>,
): ReadonlyMap<number, readonly number[]> {
  const reads = new Map<number, readonly number[]>();
  for (const plan of live.values()) {
    const ids = [...plan.references.segments].map((key) => idOfKey.get(key)).filter((id) => id !== undefined);
    if (ids.length > 0) reads.set(plan.id, ids);
  }
  return reads;
}

/** Wanted versions never read each other in a cycle. Live ones may, between two flips: then the cycle is cut at one of them. */
function levelsOf(reads: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, number> {
  const levels = new Map<number, number>();
  const levelOf = (id: number): number => {
    const known = levels.get(id);
    const below = reads.get(id);
    if (known !== undefined || below === undefined) return known ?? 0;
    levels.set(id, 0);
    const level = 1 + Math.max(...below.map(levelOf));
    levels.set(id, level);
    return level;
  };
  for (const id of reads.keys()) levelOf(id);
  return levels;
}

/** Names a difference. After a flip it has another name, even when the fingerprint is the same. */
function difference({ id, live_version, built, live_fingerprint }: Row): string {
  return `${id} ${live_version ?? ''} ${built ?? ''} ${live_fingerprint === null ? '' : JSON.stringify(live_fingerprint)}`;
}

/** Undefined when a followed segment cannot be planned. */
function entry(row: Row, plan: (input: PlanInput) => ReturnType<typeof planVersion>): SegmentEntry | undefined {
  const {
    id,
    live_version,
    live_condition,
    live_timezone,
    live_kind,
    build_version,
    build_condition,
    build_timezone,
    build_kind,
    overrides,
  } = row;
  const followed = isFollowed(row.state);
  // A frozen segment that is built again stays frozen until the flip: its old version may be the reason.
  const live =
    followed && !row.frozen && live_version !== null
      ? plan({
          segmentId: id,
          version: live_version,
          condition: live_condition,
          timezone: live_timezone,
          kind: live_kind ?? 'dynamic',
          overrides,
        })
      : undefined;
  const building =
    followed && build_version !== null
      ? plan({
          segmentId: id,
          version: build_version,
          condition: build_condition,
          timezone: build_timezone,
          kind: build_kind ?? 'dynamic',
        })
      : undefined;
  if (live?.ok === false || building?.ok === false) return undefined;
  const differs = live ? differingParts(row.live_fingerprint, live.plan.fingerprint) : [];
  return {
    id,
    key: row.key,
    state: row.state,
    ...(live?.ok ? { live: live.plan } : {}),
    ...(differs.length === 0 ? {} : { differs }),
    ...(building?.ok && row.epoch !== null ? { building: { plan: building.plan, epoch: row.epoch } } : {}),
  };
}

function capturedSource(row: { id: number; key: string; bits: [string, number][] | null }): CapturedSource {
  return { id: row.id, key: row.key, bits: new Map(row.bits ?? []) };
}

export async function readGeneration(client: Queryable): Promise<string> {
  const { rows } = await client.query<{ generation: string }>({
    name: 'generation',
    text: 'select generation::text as generation from segmentd_internal.installation',
  });
  return rows[0]?.generation ?? '';
}

/** The last statement of a transaction that changes what the registry holds: it locks the one row until the commit. */
export async function bumpGeneration(client: Queryable): Promise<void> {
  await client.query('update segmentd_internal.installation set generation = generation + 1');
}
