/**
 * A small team with segmentd on its tables, for tests of the protocol: contacts, orders, items; segments whose meaning is
 * known as hand-written SQL; actors that are stopped between their steps (world-actor.ts). `exact()` is what every such
 * test ends in. One world serves many runs: `begin` puts everything back.
 */
import pg from 'pg';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { planVersion } from '../../src/followed/plan.ts';
import { COUNT_LOG } from './count-log.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { publishConfig } from './publish.ts';
import { until } from './until.ts';
import { loadCode, type Code } from './world-code.ts';
import { findWrong } from './world-exact.ts';
import * as meanings from './world-meaning.ts';
import type { Meaning } from './world-meaning.ts';
import { CONFIG } from './world-config.ts';
import { plainCapture, TABLES } from './world-schema.ts';

export interface World {
  readonly database: TestDatabase;
  readonly url: string;
  /** The team's own connections. */
  readonly pool: pg.Pool;
  readonly code: Code;
  readonly catalogue: Catalogue;
  /** A pool as a worker has, named so that a schedule can see its waits; closed with the world. */
  workerPool(name: string, max?: number): Promise<pg.Pool>;
  /** How often a session of those pools did not have a lock in time (SQLSTATE 55P03). */
  refusals(): number;
  /** Empties everything, then runs `data` as the team; the segments are live, with the members that their SQL says. */
  begin(data: string, segments?: Readonly<Record<string, Meaning>>, options?: BeginOptions): Promise<void>;
  /** Creates segments or edits them, as plain SQL does; nothing is built yet. */
  want(segments: Readonly<Record<string, Meaning>>): Promise<void>;
  /** Works off all there is, on connections of its own. */
  settle(): Promise<void>;
  /** Waits until some worker has worked off all there is. */
  quiet(timeout?: number): Promise<void>;
  /** Throws when anything is not as it must be once nothing is pending. */
  exact(): Promise<void>;
  /** The same as sentences. */
  wrong(): Promise<string[]>;
  members(key: string): Promise<string[]>;
  state(
    key: string,
  ): Promise<{ id: number; state: string; version: number; live_version: number | null; error: unknown }>;
  end(): Promise<void>;
}

export interface BeginOptions {
  /**
   * Runs of one name give the segments the same ids, so that what was compiled and planned in one serves the next. They
   * must make the same versions of them too.
   */
  readonly again?: string;
}

export interface WorldOptions {
  readonly code?: Code;
  /** Puts capture on the tables; default our own plain one. */
  readonly capture?: (database: TestDatabase, catalogue: Catalogue) => Promise<void>;
  /** A migrated database on another server than that of the run. */
  readonly database?: TestDatabase;
  /** Run before the catalogue is read: more columns, other types. */
  readonly tables?: string;
}

const RESET = `
  set local session_replication_role = replica;
  delete from public.order_items; delete from public.orders; delete from public.contacts;
  delete from segmentd_internal.change; delete from segmentd_internal.key_change; delete from segmentd_internal.recheck; delete from segmentd_internal.rebuild_request; delete from segmentd_internal.build;
  delete from segmentd_internal.stage; delete from segmentd_internal.stage_chunk; delete from segmentd.override; delete from segmentd.segment_version; delete from segmentd.segment;
  delete from segmentd.membership; delete from segmentd.membership_event; delete from segmentd_internal.member_count; delete from segmentd_internal.size_day;
  update segmentd_internal.installation set generation = generation + 1;
  set local session_replication_role = origin`;

const known: readonly Meaning[] = Object.values(meanings).filter((meaning) => typeof meaning === 'object');

/** Segments as a first build leaves them, without building: most runs begin here, and there are thousands. */
function aliveAtOnce(segments: Readonly<Record<string, Meaning>>, firstId: number, catalogue: Catalogue): string {
  const each = Object.entries(segments).map(([key, { condition, sql }], index) => {
    const name = pg.escapeLiteral(key);
    const planned = planVersion(catalogue, { segmentId: firstId + index, version: 1, condition, timezone: null });
    const print = planned.ok ? pg.escapeLiteral(JSON.stringify(planned.plan.fingerprint)) : 'null';
    return `
      insert into segmentd.segment (id, key, condition, state, live_version) overriding system value
        values (${firstId + index}, ${name}, ${pg.escapeLiteral(JSON.stringify(condition))}, 'live', 1);
      update segmentd.segment_version set fingerprint = ${print} where segment_id = ${firstId + index};
      insert into segmentd.membership (segment_id, contact_id, entered_at)
        select s.id, c.id, segmentd.instant() from segmentd.segment s, public.contacts c where s.key = ${name} and (${sql});`;
  });
  return `set local segmentd.worker = on; ${each.join('')}
    update segmentd.segment_version set state = 'accepted';
    insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
      select m.segment_id, m.contact_id, 'entered', 'edit', 1, m.entered_at from segmentd.membership m;${COUNT_LOG}`;
}

/** Whether there is nothing to do; asked in our own words, not in the code's that is tested. */
async function isIdle(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ idle: boolean }>(`
    select not exists (select from segmentd_internal.change) and not exists (select from segmentd_internal.recheck where epoch is null)
      and not exists (select from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id where s.wanted_state = 'live')
      and not exists (select from segmentd.segment_version where state = 'proposed')
      and not exists (select from segmentd.segment where state = 'building' or state = 'live' and live_version <> version and error is null
        or wanted_state <> 'live' and state <> wanted_state or wanted_state = 'live' and state in ('paused', 'archived')) as idle`);
  return rows[0]?.idle === true;
}

/** What is left, for the message of a wait that was in vain. */
async function pending(pool: pg.Pool): Promise<unknown> {
  const { rows } = await pool.query(`
    select (select count(*) from segmentd_internal.change) as changes, (select json_agg(r) from (select segment_id, count(*), max(epoch) as epoch from segmentd_internal.recheck group by 1, epoch) r) as rechecks,
      (select json_agg(r) from segmentd_internal.rebuild_request r) as requests,
      (select json_agg(json_build_object('key', s.key, 'state', s.state, 'wanted', s.wanted_state, 'version', s.version, 'live', s.live_version, 'error', s.error,
        'versions', (select json_agg(v.version || ' ' || v.state) from segmentd.segment_version v where v.segment_id = s.id), 'build', row_to_json(b))) from segmentd.segment s left join segmentd_internal.build b on b.segment_id = s.id) as segments,
      (select json_agg(json_build_object('name', a.application_name, 'state', a.state, 'wait', a.wait_event, 'query', left(a.query, 80), 'owner', a.pid || ' ' || a.backend_start)) from pg_stat_activity a
        where a.datname = current_database() and a.pid <> pg_backend_pid()) as sessions`);
  return rows[0];
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const code = options.code ?? (await loadCode());
  const database = options.database ?? (await createDatabase({ template: 'migrated' }));
  const { pool, url } = database;
  await pool.query(TABLES);
  if (options.tables !== undefined) await pool.query(options.tables);
  const catalogue = await resolveCatalogue(pool, CONFIG);
  // Segments of `begin` have small ids, those that a test creates have others.
  await pool.query('alter sequence segmentd.segment_id_seq restart with 100000');
  await publishConfig(pool, CONFIG);
  await (options.capture ? options.capture(database, catalogue) : plainCapture(pool));
  const pools: pg.Pool[] = [];
  /** Meanings that were wanted in this run, beside those that everybody knows. */
  let wanted: Meaning[] = [];
  const firstIds = new Map<string, number>();
  let nextId = 1;

  let refusals = 0;
  const workerPool = async (name: string, max = 3): Promise<pg.Pool> => {
    const made = await openPool(url, { max, applicationName: name });
    made.on('acquire', (client) => countRefusals(client, () => (refusals += 1)));
    pools.push(made);
    return made;
  };
  const finisher = await workerPool('finisher');
  const client = await finisher.connect();
  // A test that crashes its server hears of it elsewhere.
  client.on('error', () => {});
  const session = new code.DrainSession(client, 'bigint');
  await session.prepare();
  const registry = new code.Registry(catalogue);

  const world: World = {
    database,
    url,
    pool,
    code,
    catalogue,
    workerPool,
    refusals: () => refusals,
    async begin(data, segments = {}, { again } = {}) {
      wanted = Object.values(segments);
      const first = (again === undefined ? undefined : firstIds.get(again)) ?? nextId;
      if (first === nextId) nextId += Object.keys(segments).length;
      if (again !== undefined) firstIds.set(again, first);
      await pool.query(
        `begin; ${RESET}; ${data}; ${aliveAtOnce(segments, first, catalogue)} delete from segmentd_internal.change; delete from segmentd_internal.key_change; commit`,
      );
    },
    async want(segments) {
      for (const [key, meaning] of Object.entries(segments)) {
        wanted.push(meaning);
        await pool.query(
          `insert into segmentd.segment (key, condition) values ($1, $2) on conflict (key) do update set condition = excluded.condition`,
          [key, JSON.stringify(meaning.condition)],
        );
      }
    },
    async settle() {
      for (let idle = await isIdle(pool); !idle;) {
        const accepted = await code.acceptVersions(finisher, catalogue);
        const carried = await code.carryOutRequests(finisher, registry);
        const resolved = await code.resolve(session, registry, 1_000);
        const drained = await code.drain(session, registry, { batchSize: 1_000 });
        const built = await code.rebuildOwed(finisher, registry, { connections: 2, wait: async () => {} });
        idle = (accepted + carried + resolved + built === 0 && drained.idle) || (await isIdle(pool));
      }
    },
    async quiet(timeout = 30_000) {
      await until(() => isIdle(pool), { timeout, interval: 5, message: 'nothing left to do' }).catch(
        async (error: unknown) => {
          throw new Error(`${String(error)}\n${JSON.stringify(await pending(pool), null, 1)}`, { cause: error });
        },
      );
    },
    async exact() {
      const wrong = await world.wrong();
      if (wrong.length > 0) throw new Error(`not exact:\n${wrong.join('\n')}`);
    },
    wrong: () => findWrong(pool, [...known, ...wanted]),
    async members(key) {
      const rows = await database.query<{ contact_id: string }>(
        `select m.contact_id::text from segmentd.member m where m.segment_key = $1 order by m.contact_id`,
        [key],
      );
      return rows.map((row) => row.contact_id);
    },
    async state(key) {
      const rows = await database.query<Awaited<ReturnType<World['state']>>>(
        'select s.id, s.state, s.version, s.live_version, s.error from segmentd.segment s where s.key = $1',
        [key],
      );
      if (!rows[0]) throw new Error(`there is no segment ${key}`);
      return rows[0];
    },
    async end() {
      client.release(true);
      for (const one of pools) await one.end();
      await database.drop();
    },
  };
  return world;
}

const counted = new WeakSet<pg.PoolClient>();

/** What Postgres says to a session, also when the session hides it. */
function countRefusals(client: pg.PoolClient, refused: () => void): void {
  if (counted.has(client)) return;
  counted.add(client);
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on('errorMessage', ({ code }: { code?: string }) => void (code === '55P03' && refused()));
}
