/**
 * A worker as a process of its own, to be killed. Its arguments: the database's URL, and the folder of the code (ours, or a
 * copy that was changed). Says `ready` when it runs; with `HANG` set to a step of a drain it says `hangs` there and stays.
 */
import { pathToFileURL } from 'node:url';
import type * as workers from '../../src/worker/worker.ts';

const [url = '', root = ''] = process.argv.slice(2);
const { createWorker } =
  root === ''
    ? await import('../../src/worker/worker.ts')
    : ((await import(new URL('src/worker/worker.ts', pathToFileURL(`${root}/`)).href)) as typeof workers);

const hang = process.env['HANG'];
const worker = createWorker({
  databaseUrl: url,
  queue: null,
  pollInterval: 20,
  drains: 2,
  failpoint: {
    drain: async (step) => {
      if (step !== hang) return;
      process.stdout.write('hangs\n');
      await new Promise(() => setInterval(() => {}, 1_000));
    },
  },
});
await worker.start();
process.stdout.write('ready\n');
