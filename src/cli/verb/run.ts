/** `run`: the worker, until a signal; `--once` drains, finishes what is owed and exits. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Failure } from '../../base/error.ts';
import { captureMissing } from '../../segment/capture-state.ts';
import { interrupted } from '../io.ts';
import type { Verb } from '../run-cli.ts';

export const run: Verb = (program, runVerb) => {
  program
    .command('run')
    .description('keep the segments: the worker')
    .option('--once', 'drain, finish owed rebuilds, exit')
    .action(
      runVerb(async (session, flags: { readonly once?: boolean }) => {
        const { signal } = session.io;
        const { batchSize, pollInterval, rebuildConnections, auditPeriod, eventMonths, guardPercent, guardMembers, exportFolder, http } = session.settings;
        await using worker = session.segmentd().worker({ http, batchSize, pollInterval, rebuildConnections, auditPeriod, eventMonths, guard: { percent: guardPercent, members: guardMembers }, exportFolder: resolve(session.io.cwd, exportFolder) });
        if (flags.once) {
          const { installed } = await session.segmentd().backlog();
          if (!installed) throw captureMissing();
          // What is under way when the signal comes is rolled back by the stop, and done by the next run.
          await Promise.race([worker.once(), interrupted(signal)]);
          return;
        }
        const outdated = new Promise<Failure>((settle) => worker.events.once('outdated', settle));
        await worker.start();
        // A segment that waits for triggers looks like one that takes long: say so at once.
        const findings = await session.segmentd().doctor().catch((err: unknown) => {
          session.log.warn({ err }, 'the installation could not be checked');
          return [];
        });
        for (const { level, sentence, mend } of findings) if (level === 'fail') session.log.warn({ mend }, sentence);
        session.log.info('the worker runs');
        const why = signal.aborted ? undefined : await Promise.race([once(signal, 'abort'), outdated]);
        session.log.info('the worker stops');
        if (why instanceof Failure) throw why;
      }, { graceful: true }),
    );
};
