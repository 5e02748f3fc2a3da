/** `dev` (`npm start`): see src/dev/dev.ts. Prints the table of verified segments at the end of `--for`. */
import { resolve } from 'node:path';
import { createLog } from '../../base/log.ts';
import { plural, snakeKeys, table } from '../printed-output.ts';
import type { Verb } from '../verb.ts';
import { duration } from '../duration-flag.ts';

interface Flags {
  readonly for?: number;
  /** commander turns `--no-traffic` into this. */
  readonly traffic: boolean;
  readonly logLevel?: string;
}

export const dev: Verb = (program, run) => {
  program
    .command('dev')
    .description(
      'run everything on this machine: Postgres unless DATABASE_URL, a sample shop, a worker, live traffic, a live view',
    )
    .option('--for <duration>', 'stop by itself after that, verify every segment, print the table', duration)
    .option('--no-traffic', 'no live traffic')
    .action(
      run(
        async (session, flags: Flags) => {
          const { io, settings, output, bar } = session;
          const levelIsGiven = flags.logLevel !== undefined || Boolean(io.environment['SEGMENTD_LOG_LEVEL']);
          const { dev: develop } = await import('../../dev/dev.ts');
          const report = await develop({
            databaseUrl: settings.databaseUrl,
            redisUrl: settings.redisUrl,
            config: session.config,
            directory: resolve(io.cwd, '.segmentd'),
            duration: flags.for,
            traffic: flags.traffic,
            poolSize: settings.poolSize,
            batchSize: settings.batchSize,
            pollInterval: settings.pollInterval,
            rebuildConnections: settings.rebuildConnections,
            http: settings.http,
            signal: io.signal,
            // The log would break up the view. Warnings are still printed.
            log: levelIsGiven ? session.log : createLog({ level: 'warn', stream: io.stderr }),
            command: io.environment['npm_lifecycle_event'] === 'start' ? 'npm run -s segmentd --' : 'segmentd',
            screen: output.json ? io.stderr : io.stdout,
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
