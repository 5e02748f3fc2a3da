/**
 * `install`: publishes the config file as the catalogue that counts, and puts the capture triggers on the team's tables.
 * `--dry-run` shows what would change, `--print` the SQL; neither changes anything.
 */
import type { PublishReport } from '../../index.ts';
import { publicationLines } from '../../publication/publication-preview.ts';
import type { Verb } from '../verb.ts';

interface Flags {
  readonly print?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** From `--notify` and `--no-notify`; absent: as before. */
  readonly notify?: boolean;
  readonly indexes?: boolean;
  readonly slow?: boolean;
}

export const install: Verb = (program, run) => {
  program
    .command('install')
    .description('publish the config file and put the capture triggers on your tables')
    .option(
      '--dry-run',
      'show what the file would change, which segments it concerns and how many members would move; change nothing',
    )
    .option('--yes', 'publish the file, however many members it moves')
    .option('--print', 'print the SQL for a DBA, change nothing')
    .option('--notify', 'let the triggers ring a sleeping worker (default)')
    .option('--no-notify', 'leave the doorbell out: for teams that use PREPARE TRANSACTION')
    .option('--indexes', 'create the missing indexes on link columns (concurrently)')
    .option('--slow', 'go on without those indexes')
    .action(
      run(async (session, flags: Flags) => {
        const { guardPercent, guardMembers, previewTimeout } = session.settings;
        const report = await session.segmentd().admin.install({
          dryRun: flags.dryRun === true,
          yes: flags.yes === true,
          guard: { percent: guardPercent, members: guardMembers },
          timeout: previewTimeout,
          signal: session.io.signal,
          print: flags.print === true,
          indexes: flags.indexes === true,
          slow: flags.slow === true,
          ...(flags.notify === undefined ? {} : { notify: flags.notify }),
        });
        for (const note of report.notes ?? []) await session.output.note(note);
        if (flags.print && !session.output.json) return session.output.document(report.sql ?? '');
        await session.output.print(report, () => reportText(report));
      }),
    );
};

function reportText(report: PublishReport): string | readonly string[] {
  const lines = [
    ...publicationLines(report),
    ...report.changes,
    ...(report.published ? ['published the catalogue'] : []),
  ];
  return lines.length === 0 ? 'up to date' : lines;
}
