/** One export in a process of its own, so that its time and its peak memory are its alone: prints both as JSON. */
import { readFileSync } from 'node:fs';
import { createSegmentd, type FormatName } from '../../src/index.ts';
import { timed } from './measure.ts';

const [databaseUrl = '', config = '', key = '', format = 'csv', file = '', columns = ''] = process.argv.slice(2);
const segmentd = createSegmentd({ databaseUrl, config });
try {
  await segmentd.catalogue();
  const ms = await timed(() => segmentd.export(key, { format: format as FormatName, to: { file }, columns: columns.split(',') }));
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? NaN) / 1024;
  process.stdout.write(`${JSON.stringify({ ms, peak })}\n`);
} finally {
  await segmentd.close();
}
