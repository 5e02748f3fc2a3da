import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { to as copyTo } from 'pg-copy-streams';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, median, percentile, ratio, timed } from './measure.ts';
import { createWorld, type World } from './bench-world.ts';

/** Columns of the file, and the same rows as a team would copy them with psql. */
const FILES = [
  {
    what: 'key and entry',
    columns: 'contact_id,entered_at',
    copy: 'select m.contact_id, m.entered_at from segmentd.membership m where m.segment_id = 1 order by m.contact_id',
  },
  {
    what: 'with four columns of the contact',
    columns: 'contact_id,email,country,points,last_seen_at',
    copy: `select m.contact_id, c.email, c.country, c.points, c.last_seen_at from segmentd.membership m join public.contacts c on c.id = m.contact_id
      where m.segment_id = 1 order by m.contact_id`,
  },
] as const;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * One export in a process of its own, so that its time and its peak memory are its alone; of what `npm run build` makes, as a
 * team runs it: the loader that runs TypeScript takes 40 MB more.
 */
const PROCESS = `
  import { readFileSync } from 'node:fs';
  import { createSegmentd } from './dist/index.js';
  const [databaseUrl, config, key, format, file, columns] = process.argv.slice(1);
  const segmentd = createSegmentd({ databaseUrl, config });
  await segmentd.catalogue();
  const start = performance.now();
  await segmentd.exports.write(key, { format, to: { file }, columns: columns.split(',') });
  const ms = performance.now() - start;
  const peak = Number(/VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  await segmentd.close();
  console.log(JSON.stringify({ ms, peak }));`;

/** A million members without a worker: how they came is no matter here. */
export async function fill(world: World, members: number): Promise<void> {
  await world.segmentd.segments.create({ key: 'everybody', condition: true });
  const client = await world.pool.connect();
  try {
    await client.query(`begin; set local segmentd.worker = 'on'`);
    await client.query(`update segmentd.segment set state = 'live', live_version = version`);
    await client.query(
      'insert into segmentd.membership (segment_id, contact_id, entered_at) select 1, n, clock_timestamp() from generate_series(1, $1::int) n',
      [members],
    );
    await client.query(
      'insert into segmentd_internal.member_count (segment_id, shard, members, day) values (1, 0, $1, current_date)',
      [members],
    );
    await client.query('commit');
    await client.query('vacuum analyze segmentd.membership');
  } finally {
    client.release();
  }
}

export const exportFigure: Figure = {
  title: 'Export of 1,000,000 members to a file / COPY of the same rows to a file',
  async run(context: Context) {
    const contacts = context.quick ? 100_000 : 1_000_000;
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    const folder = await mkdtemp(join(tmpdir(), 'segmentd-bench-'));
    const rows: Row[] = [];
    try {
      await fill(world, contacts);
      await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT });
      for (const { what, columns, copy } of FILES) {
        const peaks: Record<string, number[]> = { csv: [], parquet: [] };
        const side = (format: 'csv' | 'parquet') => async (): Promise<number> => {
          const argv = [
            '--input-type=module',
            '--eval',
            PROCESS,
            '--',
            world.url,
            world.configFile,
            'everybody',
            format,
            join(folder, format),
            columns,
          ];
          const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: ROOT });
          const { ms, peak } = JSON.parse(stdout) as { ms: number; peak: number };
          peaks[format]?.push(peak);
          return ms;
        };
        const times = await alternate(context.quick ? 1 : 3, {
          csv: side('csv'),
          copy: async () => {
            const client = await world.pool.connect();
            try {
              return await timed(() =>
                pipeline(
                  client.query(copyTo(`copy (${copy}) to stdout with (format csv, header)`)),
                  createWriteStream(join(folder, 'copy')),
                ),
              );
            } finally {
              client.release();
            }
          },
          parquet: side('parquet'),
        });
        const size = (await stat(join(folder, 'csv'))).size / 2 ** 20;
        rows.push(
          {
            measure: `CSV, ${what}`,
            value: ratio(times.csv, times.copy),
            unit: 'x',
            wanted: { atMost: 1.5 },
            beside: `${median(times.csv).toFixed(0)} / ${median(times.copy).toFixed(0)} ms, ${size.toFixed(0)} MB`,
          },
          {
            measure: `Parquet, ${what}`,
            value: ratio(times.parquet, times.copy),
            unit: 'x',
            beside: `${median(times.parquet).toFixed(0)} ms`,
          },
          {
            measure: `peak memory of the process, CSV, ${what}`,
            value: percentile(peaks['csv'] ?? [], 1),
            unit: 'MB',
            wanted: { atMost: 150 },
          },
          {
            measure: `peak memory of the process, Parquet, ${what}`,
            value: percentile(peaks['parquet'] ?? [], 1),
            unit: 'MB',
            wanted: { atMost: 150 },
          },
        );
      }
      return rows;
    } finally {
      await rm(folder, { recursive: true, force: true });
      await world.drop();
    }
  },
};
