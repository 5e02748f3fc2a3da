/** `run`: the worker, until a signal, with `--serve` the page beside it; `--once` drains, finishes what is owed and exits. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { Failure } from '../../base/error.ts';
import { withFields, type Log } from '../../base/log.ts';
import type { Worker } from '../../index.ts';
import { captureMissing } from '../../capture/require-capture.ts';
import { errorText } from '../error-text.ts';
import { namingRole } from '../missing-role.ts';
import { interrupted } from '../io.ts';
import type { Verb } from '../verb.ts';
import type { Session } from '../verb-session.ts';

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

interface Flags {
  readonly once?: boolean;
  readonly serve?: boolean;
}

export const run: Verb = (command, runVerb) => {
  command
    .addOption(new Option('--once', 'drain, finish owed rebuilds, and exit').conflicts('serve'))
    .option('--serve', 'also serve the page and the HTTP API, as the verb serve does')
    .action(
      runVerb(
        async (session, flags: Flags) => {
          const { batchSize, pollInterval, rebuildConnections, auditPeriod, eventMonths, actionDays, http } =
            session.settings;
          const { guardPercent, guardMembers, exportFolder } = session.settings;
          await using worker = session.segmentd().worker({
            http,
            batchSize,
            pollInterval,
            rebuildConnections,
            auditPeriod,
            eventMonths,
            actionDays,
            guard: { percent: guardPercent, members: guardMembers },
            exportFolder: resolve(session.io.cwd, exportFolder),
          });
          const log = withFields(session.log, worker.identity);
          try {
            await (flags.once ? passOnce(session, worker) : serve(session, worker, log, flags.serve === true));
          } catch (error) {
            const { sentence, code, exitCode } = errorText(namingRole(error, 'run'));
            // Who collects JSON lines gets as one of them what a person gets as a sentence.
            if (!session.isLogged || session.output.json || session.io.signal.aborted || exitCode !== 1) throw error;
            log.error({ code }, sentence);
            return 1;
          }
        },
        // A single pass is a command like others.
        { graceful: true, logged: (flags) => flags['once'] !== true },
      ),
    );
};

async function passOnce(session: Session, worker: Worker): Promise<void> {
  const stop = interrupted(session.io.signal);
  const { installed } = await Promise.race([session.segmentd().admin.backlog(), stop]);
  if (!installed) throw captureMissing();
  // What is under way when the signal comes is rolled back by the stop, and done by the next run.
  await Promise.race([worker.once(), stop]);
}

/** Until the signal. @throws {Failure} when the worker does not start, when another version migrates the schema, or when it is dropped */
async function serve(session: Session, worker: Worker, log: Log, withPage: boolean): Promise<void> {
  const { signal } = session.io;
  const outdated = new Promise<Failure>((settle) => worker.events.once('outdated', settle));
  try {
    await startOrStop(worker, signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  await using page = withPage && !signal.aborted ? await servedPage(session) : undefined;
  if (page) await session.output.document(`${page.link}\n`);
  // A segment that waits for triggers looks like one that takes long: say so at once.
  const check = session.segmentd().admin.doctor();
  const findings = await Promise.race([check, interrupted(signal)]).catch((err: unknown) => {
    if (!signal.aborted) log.warn({ err }, 'the installation could not be checked');
    return [];
  });
  for (const { level, sentence, fix } of findings) if (level === 'fail') log.warn({ fix }, sentence);
  const why = signal.aborted ? undefined : await Promise.race([once(signal, 'abort'), outdated]);
  if (why instanceof Failure) throw why;
}

interface ServedPage extends AsyncDisposable {
  /** Signs a browser in, once. */
  readonly link: string;
}

/** The page in the worker's process, until it is disposed of. */
async function servedPage(session: Session): Promise<ServedPage> {
  const { servePage } = await import('../page-service.ts');
  const server = servePage(session, session.segmentd(), {});
  await server.start();
  return { link: server.signInLink(), [Symbol.asyncDispose]: () => server.stop() };
}
