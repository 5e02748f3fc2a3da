/** `status [KEY]`: how fresh membership is, what waits, and the state of each segment. */
import { snakeKeys } from '../printed-output.ts';
import { slowFields, statusText } from '../status-text.ts';
import type { Verb } from '../verb.ts';

export const status: Verb = (command, run) => {
  command.argument('[key]').action(
    run(async (session, key?: string) => {
      const { admin } = session.segmentd();
      const segments = await admin.status(key);
      const backlog = await admin.backlog();
      const audit = await admin.auditStatus();
      const slow = slowFields(await admin.timeliness(key));
      const stale = await admin.staleReferences(key);
      const queue = await admin.queueHealth();
      const workers = await admin.workers();
      const lockHolders = await admin.lockHolders();
      const troubles = await admin.troubles();
      const ranks = await session.segmentd().ranks.list();
      await session.output.print(
        {
          ...backlog,
          slow,
          audit: audit && snakeKeys(audit),
          queue: snakeKeys(queue),
          workers: workers.map(snakeKeys),
          lockHolders,
          troubles,
          stale,
          ranks: ranks.map(snakeKeys),
          segments: segments.map(snakeKeys),
        },
        () => statusText({ segments, backlog, audit, slow, stale, queue, workers, lockHolders, troubles, ranks }),
      );
    }),
  );
};
