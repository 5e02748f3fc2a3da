/** What the page adds to `npm start`, from the start of the process to the lines that say what to do next. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCli } from '../support/process.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, median, percentile } from './measure.ts';

export const pageStart: Figure = {
  title: '`npm start` with the page and without, until it is ready; the sample shop is loaded already',
  async run(context: Context) {
    const folder = await mkdtemp(join(tmpdir(), 'segmentd-start-'));
    const firstView: number[] = [];
    const ready =
      (...flags: readonly string[]) =>
      async (): Promise<number> => {
        const start = performance.now();
        const child = startCli(['dev', '--embedded', ...flags], {
          cwd: folder,
          env: { DATABASE_URL: '', REDIS_URL: '', SEGMENTD_CONFIG: '', SEGMENTD_LOG_LEVEL: '' },
        });
        // The first start loads the shop.
        await child.line(/^psql /, 300_000);
        const seconds = (performance.now() - start) / 1_000;
        const link = /^open the page: (\S+)/.exec(child.stdout.find((line) => line.startsWith('open the page:')) ?? '');
        if ((link === null) !== flags.includes('--no-page')) throw new Error(`flags ${flags.join(' ')}, no such line`);
        if (link) firstView.push(await secondsOfPage(new URL(link[1] ?? '').origin));
        await child.kill('SIGINT');
        return seconds;
      };
    try {
      const times = await alternate(context.quick ? 3 : 9, {
        'with the page': ready(),
        'without it': ready('--no-page'),
      });
      const [page, none] = [times['with the page'], times['without it']];
      return [
        {
          measure: 'with the page',
          value: median(page),
          unit: 's',
          beside: `worst ${percentile(page, 1).toFixed(2)} s`,
        },
        { measure: 'without it', value: median(none), unit: 's', beside: `worst ${percentile(none, 1).toFixed(2)} s` },
        {
          measure: 'difference of a round',
          value: median(page.map((one, round) => one - (none[round] ?? NaN))),
          unit: 's',
          wanted: { atMost: 0.7 },
          beside: `${page.length} rounds`,
        },
        { measure: 'the first page after that', value: median(firstView.slice(1)), unit: 's' },
      ] satisfies Row[];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** A clone bundles the page when the first browser asks. */
async function secondsOfPage(origin: string): Promise<number> {
  const start = performance.now();
  const answer = await fetch(origin, { headers: { accept: 'text/html' } });
  if (!(await answer.text()).includes('/assets/')) throw new Error(`${origin} answers ${answer.status}`);
  return (performance.now() - start) / 1_000;
}
