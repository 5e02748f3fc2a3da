/**
 * A process with a rebuild queue, for tests that kill it or watch it end.
 * Arguments: database URL, Redis URL or `-`, and what to do: `hang` takes a job and never finishes it; `leave` rings,
 * starts to work, closes after a moment of life and must then end by itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createRebuildQueue } from '../../src/queue/rebuild-queue.ts';

const [databaseUrl = '', redisUrl = '-', mode = ''] = process.argv.slice(2);
const queue = createRebuildQueue({ databaseUrl, ...(redisUrl === '-' ? {} : { redisUrl }) });

if (mode === 'hang') {
  await queue.work(async () => {
    console.log('taken');
    await new Promise(() => {});
  });
} else {
  queue.request();
  await queue.work(async () => {});
  await queue.health();
  await queue.close();
  await delay(0);
  console.log('closed');
}
