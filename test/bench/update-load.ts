/** Single-row statements as fast as n clients can: by pgbench where a machine has it, else by this process. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

export interface LoadOptions {
  readonly url: string;
  readonly contacts: number;
  readonly clients: number;
  readonly seconds: number;
  /** The statement of one transaction, with `:id` for the key of a random contact; absent: an update of one contact. */
  readonly statement?: string;
}

const UPDATE = 'update public.contacts set points = coalesce(points, 0) % 1000 + 1 where id = :id';

function findPgbench(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.map((folder) => join(folder, 'pgbench')).find((path) => existsSync(path));
}

const pgbench = findPgbench();

export function loadTool(): string {
  return pgbench === undefined ? 'load by Node' : 'load by pgbench';
}

/** Transactions per second. */
export async function load(options: LoadOptions): Promise<number> {
  return pgbench === undefined ? loadByNode(options) : loadByPgbench(pgbench, options);
}

async function loadByPgbench(
  program: string,
  { url, contacts, clients, seconds, statement = UPDATE }: LoadOptions,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-load-'));
  try {
    const script = join(folder, 'update.sql');
    await writeFile(script, `\\set id random(1, ${contacts})\n${statement};\n`);
    const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(seconds), '-f', script, url];
    const { stdout } = await promisify(execFile)(program, args);
    const tps = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
    if (!Number.isFinite(tps)) throw new Error(`pgbench said no tps: ${stdout}`);
    return tps;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function loadByNode({ url, contacts, clients, seconds, statement = UPDATE }: LoadOptions): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: clients });
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const one = async (): Promise<void> => {
    const client = await pool.connect();
    for (; performance.now() < end; done++) {
      const id = 1 + Math.floor(Math.random() * contacts);
      await client.query({ name: 'load', text: statement.replaceAll(':id', '$1'), values: [id] });
    }
    client.release();
  };
  await Promise.all(Array.from({ length: clients }, one));
  await pool.end();
  return done / seconds;
}
