/** `dev` (`npm start`): see src/dev/dev.ts. Prints the table of verified segments at the end of `--for`. */
import { relative, resolve } from 'node:path';
import { createLog } from '../../base/log.ts';
import type { DevOptions, DevPlan } from '../../dev/dev.ts';
import { askConsent } from '../consent.ts';
import { duration } from '../duration-flag.ts';
import { howCalled, howStarted } from '../how-called.ts';
import { plural, snakeKeys } from '../printed-output.ts';
import { table } from '../table.ts';
import type { Verb } from '../verb.ts';
import type { Session } from '../verb-session.ts';

interface Flags {
  readonly for?: number;
  /** commander turns `--no-traffic` into this, and `--no-page` into the next. */
  readonly traffic: boolean;
  readonly page: boolean;
  readonly embedded?: boolean;
  readonly yes?: boolean;
  readonly logLevel?: string;
}

export const dev: Verb = (command, run) => {
  command
    .option('--for <duration>', 'stop by itself after that, verify every segment, print the table', duration)
    .option('--no-traffic', 'no live traffic')
    .option('--no-page', 'do not serve the page')
    .option('--yes', 'change the named database without asking')
    .option('--embedded', "use a Postgres of segmentd's own, whatever database is named")
    .action(
      run(
        async (session, flags: Flags) => {
          const { io, settings, output, bar } = session;
          const levelIsGiven = flags.logLevel !== undefined || Boolean(io.environment['SEGMENTD_LOG_LEVEL']);
          const { dev: develop } = await import('../../dev/dev.ts');
          const { HeldLines } = await import('../../dev/view/held-lines.ts');
          const messages = new HeldLines(io.stderr);
          const page = flags.page ? pageOver(session) : undefined;
          const report = await develop({
            databaseUrl: flags.embedded ? undefined : session.databaseUrl(),
            redisUrl: settings.redisUrl,
            config: session.config,
            configPath: configFlagOf(session),
            directory: resolve(io.cwd, '.segmentd'),
            duration: flags.for,
            traffic: flags.traffic,
            poolSize: settings.poolSize,
            batchSize: settings.batchSize,
            pollInterval: settings.pollInterval,
            rebuildConnections: settings.rebuildConnections,
            http: settings.http,
            ...(page ? { page } : {}),
            signal: io.signal,
            log: createLog({ level: levelIsGiven ? settings.logLevel : 'warn', stream: messages }),
            messages,
            command: howCalled(io.environment, process.argv[1] ?? ''),
            started: howStarted(io.environment, process.argv[1] ?? ''),
            screen: output.json ? io.stderr : io.stdout,
            keys: io.stdin,
            confirm: (plan) => confirm(session, plan, flags.yes === true),
            say: (line) => {
              bar.end();
              void output.note(line);
            },
            onProgress: (label, fraction) => bar.update(label, fraction),
          });
          bar.end();
          if (!report) return;
          await output.print(report.segments.map(snakeKeys), () =>
            table(report.segments, [
              { title: 'key', value: (row) => row.key },
              { title: 'state', value: (row) => row.state },
              { title: 'members', value: (row) => row.members, right: true },
              { title: 'checked', value: (row) => row.checked, right: true },
              { title: 'missing', value: (row) => row.missing.length, right: true },
              { title: 'extra', value: (row) => row.extra.length, right: true },
            ]),
          );
          const { drift, broken } = report;
          if (drift) await session.note('drift: stored and recomputed membership differ');
          if (broken.length > 0) await session.note(`not live: ${broken.join(', ')}; segmentd show KEY says why`);
          if (drift || broken.length > 0) return 1;
          await session.note(`verified: ${plural(report.segments.length, 'segment')}, no drift`);
        },
        { graceful: true },
      ),
    );
};

/** The page is loaded while the database starts. */
function pageOver(session: Session): DevOptions['page'] {
  const loaded = import('../page-service.ts');
  // The caller that awaits it gets the failure.
  loaded.catch(() => {});
  return async ({ databaseUrl, config }) => {
    const { createSegmentd } = await import('../../index.ts');
    const segmentd = createSegmentd({ databaseUrl, config, poolSize: session.settings.poolSize, log: session.log });
    const { servePage } = await loaded;
    const server = servePage(session, segmentd, {});
    try {
      await server.start();
    } catch (error) {
      await segmentd.close();
      throw error;
    }
    return {
      link: () => server.unusedLink(),
      async stop() {
        await server.stop();
        await segmentd.close();
      },
    };
  };
}

/** Absent where verbs that run in the same folder find the file by themselves. */
function configFlagOf({ io, configPath }: Session): string | undefined {
  const path = relative(io.cwd, configPath);
  return path === 'segmentd.yaml' ? undefined : path;
}

/** Says what will be done to which database, and asks. */
async function confirm(session: Session, { place, steps }: DevPlan, yes: boolean): Promise<void> {
  await session.note(`segmentd dev is about to change the ${place}. It will`);
  for (const step of steps) await session.note(`  - ${step}`);
  await session.note(
    `${howCalled(session.io.environment, process.argv[1] ?? '')} uninstall --purge --yes removes schemas and triggers again.`,
  );
  if (yes) return;
  await askConsent(session.io, session.output, {
    refusal:
      'There is no terminal to ask in: --yes goes on, --embedded leaves that database alone and uses a Postgres of its own.',
    declined: 'Nothing was changed. With --embedded it uses a Postgres of its own.',
  });
}
