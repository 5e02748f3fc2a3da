/** What stays on top of the live view: what runs, how to connect, what to do next. Writes the config file of the sample shop. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { urlWithoutPassword } from '../base/conninfo.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../postgres/pool.ts';
import { configFlag, createCommand } from './next-step.ts';
import { SHOP_CONFIG, SHOP_RANKS } from './shop/shop-table.ts';
import type { ViewHeading } from './view/view-model.ts';

export interface HeadingOptions {
  readonly url: string;
  /** As it was given; absent: the embedded Postgres. */
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly traffic: boolean;
  readonly command: string;
  readonly catalogue: Catalogue;
  /** The config of the sample shop; absent: the tables are the team's own. */
  readonly file: string | undefined;
  /** Path of the team's config for the other verbs; absent when they find it by themselves. */
  readonly configPath: string | undefined;
  readonly page: (() => string) | undefined;
}

export async function viewHeading(pool: Pool, options: HeadingOptions): Promise<ViewHeading> {
  const { databaseUrl, url, command, catalogue, file } = options;
  const config = file === undefined ? options.configPath : relative('', file);
  // Keys of deleted segments too: they are not free.
  const { rows } = await pool.query<{ key: string }>('select s.key from segmentd.segment s');
  const create = createCommand({ command, config, catalogue, taken: new Set(rows.map((row) => row.key)) });
  const where = databaseUrl === undefined ? '' : ' with the same connection settings';
  return {
    title: [
      ...(file === undefined ? ['your own tables'] : ['sample shop', ...(options.traffic ? [] : ['no traffic'])]),
      `queue on ${options.redisUrl === undefined ? 'Postgres' : 'Redis'}`,
    ],
    ...(options.page ? { page: options.page } : {}),
    // Of a server of their own people know the password, and what is shown here ends in logs.
    connect: `psql '${databaseUrl === undefined ? url : urlWithoutPassword(url)}'`,
    ...(create === undefined
      ? {}
      : { nextStep: { label: `make your own segment, in a second terminal${where}:`, command: create } }),
    more: [{ label: 'how each segment stands:', command: `${command} status${configFlag(config)}` }],
  };
}

/** So that every other verb finds the sample shop; written anew at each start, since the port differs. Returns its path. */
export async function writeShopConfig(
  options: { readonly directory: string; readonly databaseUrl: string | undefined },
  url: string,
): Promise<string> {
  await mkdir(options.directory, { recursive: true });
  const file = join(options.directory, 'segmentd.yaml');
  const database = options.databaseUrl === undefined ? `settings: { database_url: ${JSON.stringify(url)} }\n` : '';
  // The URL has a password, so a file that is there keeps no rights of its own.
  await rm(file, { force: true });
  await writeFile(
    file,
    `# The sample shop; \`segmentd dev\` writes this at each start.\n${database}${SHOP_CONFIG}${SHOP_RANKS}`,
    {
      mode: 0o600,
    },
  );
  return file;
}
