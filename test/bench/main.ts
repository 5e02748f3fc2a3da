/**
 * `npm run bench -- [figure…] [--quick]`: measures on a Postgres of its own (or `BENCH_DATABASE_URL`, a superuser's) and
 * prints a table and, last, JSON. Figures that take long run only by name. Exits 1 when a figure could not be measured; a missed bound is reported and is no error.
 */
import { parseArgs } from 'node:util';
import { alternative } from './alternative.ts';
import { apply } from './apply.ts';
import { asOf } from './as-of.ts';
import { backlog } from './backlog.ts';
import { bulk } from './bulk.ts';
import { burst } from './burst.ts';
import { capture } from './capture.ts';
import { catchUp } from './catch-up.ts';
import { create } from './create.ts';
import { draftNumber } from './draft-number.ts';
import { evaluation } from './evaluation.ts';
import { exportFigure } from './export.ts';
import type { Context, Figure } from './figure.ts';
import { freshness } from './freshness.ts';
import { history } from './history.ts';
import { importKeys } from './import.ts';
import { memory } from './memory.ts';
import { overview } from './overview.ts';
import { pageKeys } from './page-keys.ts';
import { pageSeen } from './page-seen.ts';
import { preview } from './preview.ts';
import { propagation } from './propagation.ts';
import { rank } from './rank-load.ts';
import { rebuildEmpty } from './rebuild-empty.ts';
import { rebuildNested } from './rebuild-nested.ts';
import { rebuildPart } from './rebuild-part.ts';
import { rebuildQueued } from './rebuild-queued.ts';
import { rebuildSame } from './rebuild-same.ts';
import { json, table, type Report } from './report.ts';
import { rush } from './rush.ts';
import { startBenchServer } from './bench-server.ts';
import { snapshot } from './snapshot.ts';
import { pageStart } from './start-page.ts';
import { startup } from './startup.ts';
import { stream } from './stream-load.ts';
import { time } from './time.ts';
import { writer } from './writer.ts';
import { year } from './year.ts';

const FIGURES = {
  startup,
  freshness,
  burst,
  create,
  backlog,
  evaluation,
  capture,
  writer,
  bulk,
  'rebuild-empty': rebuildEmpty,
  'rebuild-same': rebuildSame,
  'rebuild-part': rebuildPart,
  'rebuild-nested': rebuildNested,
  'rebuild-queued': rebuildQueued,
  rank,
  snapshot,
  propagation,
  preview,
  'draft-number': draftNumber,
  import: importKeys,
  export: exportFigure,
  apply,
  'as-of': asOf,
  history,
  overview,
  'page-seen': pageSeen,
  'page-keys': pageKeys,
  stream,
  'start-page': pageStart,
  time,
  rush,
  'catch-up': catchUp,
  year,
  alternative,
  // Last: it reports the peak over all workers before it.
  memory,
} satisfies Record<string, Figure>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !(name in FIGURES));
if (unknown.length > 0) {
  process.stderr.write(`no such figure: ${unknown.join(', ')}; there are ${Object.keys(FIGURES).join(', ')}\n`);
  process.exit(2);
}

const note = (text: string): void => void process.stderr.write(`${text}\n`);
const server = await startBenchServer(note);
const context: Context = { server, quick: values.quick, memory: [], note };
const reports: Report[] = [];
try {
  for (const [figure, { title, long, run }] of Object.entries<Figure>(FIGURES)) {
    if (positionals.length > 0 ? !positionals.includes(figure) : long === true) continue;
    note(`${figure}: ${title}`);
    const start = performance.now();
    const report = await run(context).then(
      (rows) => ({ rows }),
      (error: unknown) => ({
        rows: [],
        failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    );
    reports.push({ figure, title, seconds: (performance.now() - start) / 1000, ...report });
    note(table(reports.slice(-1)));
  }
} finally {
  await server.stop();
}
const about = `${server.about}${values.quick ? ', quick' : ''}`;
process.stdout.write(`${about}\n${table(reports)}\n\n${json(about, reports)}\n`);
process.exitCode = reports.some((report) => report.failure !== undefined) ? 1 : 0;
