/** `run`: the worker, until a signal; `--once` drains, finishes what is owed and exits. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Failure } from '../../base/error.ts';
import { withFields } from '../../base/log.ts';
import type { Worker } from '../../index.ts';
import { captureMissing } from '../../capture/require-capture.ts';
import { interrupted } from '../io.ts';
import type { Verb } from '../verb.ts';

/** A signal that comes while the worker starts stops it at once. */
async function startOrStop(worker: Worker, signal: AbortSignal): Promise<void> {
  const stop = (): void => void worker.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const started = worker.start();
    if (signal.aborted) stop();
    await started;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export const run: Verb = (program, runVerb) => {
  program
    .command('run')
    .description('run the worker, which keeps the segments')
    .option('--once', 'drain, finish owed rebuilds, and exit')
    .action(
      runVerb(
        async (session, flags: { readonly once?: boolean }) => {
          const { signal } = session.io;
          const {
            batchSize,
            pollInterval,
            rebuildConnections,
            auditPeriod,
            eventMonths,
            guardPercent,
            guardMembers,
            exportFolder,
            http,
          } = session.settings;
          await using worker = session.segmentd().worker({
            http,
            batchSize,
            pollInterval,
            rebuildConnections,
            auditPeriod,
            eventMonths,
            guard: { percent: guardPercent, members: guardMembers },
            exportFolder: resolve(session.io.cwd, exportFolder),
          });
          if (flags.once) {
            const { installed } = await session.segmentd().admin.backlog();
            if (!installed) throw captureMissing();
            // What is under way when the signal comes is rolled back by the stop, and done by the next run.
            await Promise.race([worker.once(), interrupted(signal)]);
            return;
          }
          const log = withFields(session.log, worker.identity);
          const outdated = new Promise<Failure>((settle) => worker.events.once('outdated', settle));
          try {
            await startOrStop(worker, signal);
          } catch (error) {
            if (signal.aborted) return;
            throw error;
          }
          // A segment that waits for triggers looks like one that takes long: say so at once.
          const findings = await session
            .segmentd()
            .admin.doctor()
            .catch((err: unknown) => {
              log.warn({ err }, 'the installation could not be checked');
              return [];
            });
          for (const { level, sentence, fix } of findings) if (level === 'fail') log.warn({ fix }, sentence);
          const why = signal.aborted ? undefined : await Promise.race([once(signal, 'abort'), outdated]);
          if (why instanceof Failure) throw why;
        },
        { graceful: true },
      ),
    );
};
