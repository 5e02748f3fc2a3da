/**
 * The database that `dev` is about to change, when it is not one of its own: where it is, what stands in it, and what will
 * be done to it, in sentences for its owner. Only reads.
 */
import { runningWorkers } from '../audit/worker-status.ts';
import { Failure } from '../base/error.ts';
import type { Config } from '../catalogue/config.ts';
import { readPublication } from '../catalogue/published-catalogue.ts';
import { configDifferenceSentence } from '../catalogue/published-config.ts';
import { placesOf } from '../postgres/connect/server-place.ts';
import { pendingMigrations } from '../postgres/migrate.ts';
import type { Pool } from '../postgres/pool.ts';
import { shopState } from './shop/load-shop.ts';

export interface Target {
  /** Host and port. */
  readonly server: string;
  readonly database: string;
  readonly user: string;
  readonly tables: 'empty' | 'shop' | 'other';
  /** Of segmentd. */
  readonly schema: 'missing' | 'older' | 'current';
  readonly segments: number;
  readonly workers: number;
  /** Whether a catalogue is published there. */
  readonly published: boolean;
}

/**
 * @throws {Failure} `usage` when the tables are a team's and no config names them; `conflict` when another catalogue is
 *   published there, since `install` shows who would move; `incompatible`
 */
export async function readTarget(
  pool: Pool,
  url: string,
  { config, ...called }: Called & { readonly config: Config | undefined },
): Promise<Target> {
  const tables = await shopState(pool);
  if (tables === 'other' && !config) throw ownTables(called);
  const { rows } = await pool.query<{ database: string; user: string; there: boolean }>(
    `select pg_catalog.current_database() as database, current_user as user,
            pg_catalog.to_regclass('segmentd.segment') is not null as there`,
  );
  const { database = '', user = '', there = false } = rows[0] ?? {};
  const pending = there ? await pendingMigrations(pool) : 0;
  const found = { server: placesOf(url), database, user, tables };
  if (!there || pending > 0)
    return { ...found, schema: there ? 'older' : 'missing', segments: 0, workers: 0, published: false };
  const counted = await pool.query<{ segments: number }>(
    `select count(*)::int as segments from segmentd.segment s where s.wanted_state <> 'deleted'`,
  );
  const publication = await readPublication(pool);
  const difference =
    tables === 'other' && config && publication
      ? configDifferenceSentence('The config file', config, publication.config)
      : undefined;
  if (difference !== undefined)
    throw new Failure(
      'conflict',
      `${difference} Run \`segmentd install\` to publish the file, and then \`segmentd dev\`.`,
    );
  return {
    ...found,
    schema: 'current',
    segments: counted.rows[0]?.segments ?? 0,
    workers: (await runningWorkers(pool)).length,
    published: publication !== undefined,
  };
}

/** How the other verbs are called, and this one, as in `DevOptions`. */
interface Called {
  readonly command: string;
  readonly started: string;
}

export function ownTables({ command, started }: Called): Failure {
  return new Failure(
    'usage',
    `This database has tables of its own, so the sample shop is not loaded into it. \`${started} --embedded\` shows the shop in a Postgres of its own; \`${command} init\` writes a config file for your tables.`,
  );
}

/** `database "shop" at db.example.com:5432, as user "app"` */
export function targetText({ server, database, user }: Target): string {
  return `database ${JSON.stringify(database)} at ${server}, as user ${JSON.stringify(user)}`;
}

/** What `dev` does to it, a line a step, each beginning with a verb. */
export function stepLines(
  target: Target,
  options: { readonly config: Config | undefined; readonly traffic: boolean; readonly queueInPostgres: boolean },
): readonly string[] {
  const { tables, schema, segments, workers, published } = target;
  const schemas = options.queueInPostgres ? 'the schemas segmentd and segmentd_queue' : 'the schema segmentd';
  const shop = 'public.contacts, public.orders, public.order_items and public.page_views';
  const captured =
    tables === 'other'
      ? [options.config?.contacts.table, ...Object.values(options.config?.relations ?? {}).map(({ table }) => table)]
      : [shop];
  return [
    ...(schema === 'missing' ? [`create ${schemas}`] : []),
    ...(schema === 'older' ? ['update the schema segmentd; workers of the older version stop'] : []),
    ...(tables === 'empty' ? [`load a sample shop: the tables ${shop}`] : []),
    ...(tables === 'other' && !published ? ['publish the config file as the catalogue'] : []),
    `put capture triggers on ${[...new Set(captured)].join(', ')}, where they are missing`,
    ...(tables !== 'other' && segments === 0 ? ['create the sample segments'] : []),
    workers > 0
      ? `run a worker beside ${workers === 1 ? 'the one that runs' : `the ${workers} that run`}`
      : 'run a worker',
    ...(tables !== 'other' && options.traffic
      ? ['insert, update and delete rows of the sample shop while it runs; --no-traffic leaves that out']
      : []),
    ...(tables === 'other' ? ['leave the rows of your tables as they are'] : []),
  ];
}
