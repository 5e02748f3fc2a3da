import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { createBuilder, MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure } from './figure.ts';
import { alternate, median, ratio, timed } from './measure.ts';
import { createWorld } from './bench-world.ts';

const PIECE = 10_000;

/** Keys 1 to `count`, one a line, as a file would be read. */
function keys(count: number): Readable {
  return Readable.from(
    (function* () {
      for (let low = 1; low <= count; low += PIECE)
        yield Array.from({ length: Math.min(PIECE, count - low + 1) }, (_, index) => `${low + index}\n`).join('');
    })(),
  );
}

export const importKeys: Figure = {
  title:
    'Import of 1,000,000 keys into a static segment, through its rebuild, events included / bare COPY into a table like membership',
  async run(context: Context) {
    const size = context.quick ? QUICK_MILLION : MILLION;
    const world = await createWorld(context, size);
    const builder = await createBuilder(world);
    const client = await world.pool.connect();
    try {
      await client.query('create table public.bench_equal (like segmentd.membership including all)');
      await client.query(
        'alter table public.bench_equal alter segment_id set default 1, alter entered_at set default clock_timestamp()',
      );
      let members = 0;
      let written = 0;
      let imports = 0;
      const times = await alternate(context.quick ? 2 : 3, {
        import: async () => {
          await client.query(`begin; set local segmentd.worker = 'on'; delete from segmentd.override; commit`);
          await client.query('vacuum segmentd.override');
          await client.query('truncate segmentd.membership, segmentd.membership_event, segmentd_internal.member_count');
          const key = `import-${imports++}`;
          await world.segmentd.segments.create({ key, kind: 'static' });
          await builder.rebuild();
          await client.query('checkpoint');
          return timed(async () => {
            written = await timed(() => world.segmentd.overrides.writeStream('add', key, keys(size.contacts)));
            members = (await builder.rebuild())[0]?.entered ?? 0;
          });
        },
        bare: async () => {
          await client.query('truncate public.bench_equal');
          await client.query('checkpoint');
          return timed(() =>
            pipeline(keys(size.contacts), client.query(copyFrom('copy public.bench_equal (contact_id) from stdin'))),
          );
        },
      });
      if (members !== size.contacts) throw new Error(`${members} of ${size.contacts} are members`);
      return [
        {
          measure: 'import / bare COPY',
          value: ratio(times.import, times.bare),
          unit: 'x',
          wanted: { atMost: 5 },
          beside: `${median(times.import).toFixed(0)} / ${median(times.bare).toFixed(0)} ms, of which ${written.toFixed(0)} ms until it was written; ${members} members`,
        },
      ];
    } finally {
      client.release();
      await builder.close();
      await world.drop();
    }
  },
};
