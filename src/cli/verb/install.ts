/**
 * `install`: publishes the config file as the catalogue that counts, and puts the capture triggers on the team's tables.
 * `--dry-run` shows what would change, `--print` the SQL; neither changes anything. `--indexes` says what each index costs before it builds any.
 */
import type { PublishReport } from '../../index.ts';
import { publicationLines } from '../../publication/publication-preview.ts';
import { agreeOnIndexes, indexLines, refusalText } from '../index-text.ts';
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

export const install: Verb = (command, run) => {
  command
    .option(
      '--dry-run',
      'show what the file would change, which segments it concerns and how many members would move; change nothing',
    )
    .option('--yes', 'publish the file however many members it moves, and create indexes however many they are')
    .option('--print', 'print the SQL for a DBA, change nothing')
    .option('--notify', 'let the triggers ring a sleeping worker (default)')
    .option('--no-notify', 'leave the doorbell out: for teams that use PREPARE TRANSACTION')
    .option('--indexes', 'create the missing indexes without blocking writers; says their sizes, and asks above 10')
    .option('--slow', 'go on without those indexes')
    .action(
      run(async (session, flags: Flags) => {
        const { guardPercent, guardMembers, previewTimeout } = session.settings;
        const { admin } = session.segmentd();
        const builds = flags.indexes === true && flags.print !== true && flags.dryRun !== true;
        if (builds) await agreeOnIndexes(session, await admin.missingIndexes(), flags.yes === true);
        const report = await admin.install({
          dryRun: flags.dryRun === true,
          yes: flags.yes === true,
          guard: { percent: guardPercent, members: guardMembers },
          timeout: previewTimeout,
          signal: session.io.signal,
          print: flags.print === true,
          indexes: flags.indexes === true,
          onIndexProgress: ({ table, column, number, total, fraction }) =>
            session.bar.update(
              `index ${number} of ${total}: ${table.schema}.${table.name} (${column})`,
              (number - 1 + fraction) / total,
            ),
          slow: flags.slow === true,
          ...(flags.notify === undefined ? {} : { notify: flags.notify }),
        });
        session.bar.end();
        for (const note of report.notes ?? []) await session.output.note(note);
        if (flags.print && !session.output.json) return session.output.document(report.sql ?? '');
        await session.output.print(report, () => reportText(report));
        const refusal = flags.slow === true || flags.indexes === true ? undefined : refusalText(report.indexes ?? []);
        if (flags.dryRun !== true || refusal === undefined) return;
        await session.note(refusal);
        return 2;
      }),
    );
};

function reportText(report: PublishReport): string | readonly string[] {
  const lines = [
    ...publicationLines(report),
    ...indexLines(report.indexes ?? []),
    ...capturesLine(report.captures ?? []),
    ...report.changes,
    ...(report.triggers ?? []),
    ...(report.published ? ['published the catalogue'] : []),
  ];
  return lines.length === 0 ? 'up to date' : lines;
}

function capturesLine(tables: NonNullable<PublishReport['captures']>): readonly string[] {
  const names = tables.map(({ schema, name }) => `${schema}.${name}`);
  return names.length === 0 ? [] : [`would put capture triggers on ${names.join(', ')}`];
}
