/** A database with contacts and orders, a folder with its config, and the CLI run there in-process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { cli, type CliInput, type CliResult } from './in-process.ts';

const TABLES = `
  create table public.contacts (id bigint generated always as identity primary key, email text, country text, age integer, tags text[],
    created_at timestamptz not null default now());
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null references public.contacts on delete cascade,
    status text, total numeric(10, 2), placed_at timestamptz not null default now());
  create index on public.orders (contact_id);
  insert into public.contacts (email, country, age) values ('a@x', 'ES', 20), ('b@x', 'PT', 30), ('c@x', 'ES', 40), (null, null, null);
  insert into public.orders (contact_id, status, total) values (1, 'paid', 10), (2, 'open', 20)`;

export const CONFIG = `
contacts: { table: public.contacts, key: id, created: created_at }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
timezone: Europe/Madrid
`;

export interface World {
  readonly database: TestDatabase;
  readonly folder: string;
  /** Runs a verb with DATABASE_URL and the folder as its own. */
  run(...argv: string[]): Promise<CliResult>;
  /** Runs a verb that must succeed without a word on stderr. @returns what it printed */
  ok(...argv: string[]): Promise<string>;
  /** The same with `--json`. @returns what it printed, parsed */
  json(...argv: string[]): Promise<unknown>;
  runWith(input: CliInput, ...argv: string[]): Promise<CliResult>;
  /** Writes a file and returns its name. */
  file(name: string, content: unknown): Promise<string>;
  end(): Promise<void>;
}

export async function createWorld(
  options: { readonly tables?: string; readonly config?: string } = {},
): Promise<World> {
  const database = await createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-cli-'));
  await database.pool.query(options.tables ?? TABLES);
  await writeFile(join(folder, 'segmentd.yaml'), options.config ?? CONFIG);
  const env = { DATABASE_URL: database.url, SEGMENTD_LOG_LEVEL: 'error' };
  const run = (...argv: string[]): Promise<CliResult> => cli(argv, { cwd: folder, env });
  const ok = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...argv);
    expect({ code, stderr }, argv.join(' ')).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  return {
    database,
    folder,
    run,
    ok,
    json: async (...argv) => JSON.parse(await ok(...argv, '--json')) as unknown,
    runWith: (input, ...argv) => cli(argv, { cwd: folder, ...input, env: { ...env, ...input.env } }),
    async file(name, content) {
      await writeFile(
        join(folder, name),
        typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
      );
      return name;
    },
    async end() {
      await rm(folder, { recursive: true, force: true });
      await database.drop();
    },
  };
}
