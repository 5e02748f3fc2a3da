/** `restore KEY`: a deleted segment as it was; `--to N`: an old condition as a new version. */
import type { Verb } from '../verb.ts';
import { expectedOf, ifVersionOption, versionNumber } from '../segment-flag.ts';
import type { Session } from '../verb-session.ts';
import { printWhenLive } from '../print-segment.ts';
import { guardEdit } from '../guard-edit.ts';

interface Flags {
  readonly to?: number;
  readonly yes?: boolean;
  readonly ifVersion?: number;
  readonly wait?: boolean;
}

export const restore: Verb = (program, run) => {
  program
    .command('restore <key>')
    .description('bring back a deleted segment, or an old version of one')
    .option('--to <version>', 'make the condition of this version the wanted one', versionNumber)
    .option('--yes', 'with --to: however many members it moves')
    .addOption(ifVersionOption())
    .option('--wait', 'return when it is live')
    .action(
      run(async (session, key: string, flags: Flags) => {
        const segmentd = session.segmentd();
        if (flags.to !== undefined && !flags.yes) await guardRestore(session, key, flags.to);
        const segment =
          flags.to === undefined
            ? await segmentd.segments.restore(key, expectedOf(flags))
            : await segmentd.segments.restoreVersion(key, flags.to, {
                confirm: flags.yes === true,
                ...expectedOf(flags),
              });
        await printWhenLive(session, segment, flags.wait === true);
      }),
    );
};

async function guardRestore(session: Session, key: string, number: number): Promise<void> {
  const old = (await session.segmentd().segments.versions(key)).find(({ version }) => version === number);
  // A version that is not there is refused by the restore itself.
  if (old && old.kind === 'dynamic')
    await guardEdit(session, key, { kind: old.kind, condition: old.condition, timezone: old.timezone ?? '' });
}
