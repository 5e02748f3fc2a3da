/** `restore KEY`: a deleted segment as it was; `--to N`: an old condition as a new version. */
import type { Verb } from '../verb.ts';
import { expectedOf, ifVersionOption, versionNumber } from '../segment-flag.ts';
import type { Session } from '../verb-session.ts';
import { printWhenLive } from '../print-segment.ts';
import { guardEdit } from '../guard-edit.ts';
import { addWaitFlags, type WaitFlags } from '../wait-flag.ts';

interface Flags extends WaitFlags {
  readonly to?: number;
  readonly yes?: boolean;
  readonly ifVersion?: number;
}

export const restore: Verb = (command, run) => {
  addWaitFlags(command.argument('<key>'), 'it is live')
    .option('--to <version>', 'make the condition of this version the wanted one', versionNumber)
    .option('--yes', 'with --to: however many members it moves')
    .addOption(ifVersionOption())
    .action(
      run(async (session, key: string, flags: Flags) => {
        const segmentd = session.segmentd();
        if (flags.to !== undefined && !flags.yes) await guardRestore(session, key, flags.to, expectedOf(flags));
        const segment =
          flags.to === undefined
            ? await segmentd.segments.restore(key, expectedOf(flags))
            : await segmentd.segments.restoreVersion(key, flags.to, {
                confirm: flags.yes === true,
                ...expectedOf(flags),
              });
        await printWhenLive(session, segment, flags);
      }),
    );
};

async function guardRestore(
  session: Session,
  key: string,
  number: number,
  expected: { readonly expectedVersion?: number },
): Promise<void> {
  const old = (await session.segmentd().segments.versions(key)).find(({ version }) => version === number);
  // A version that is not there is refused by the restore itself.
  if (old && old.kind === 'dynamic')
    await guardEdit(session, key, { kind: old.kind, condition: old.condition, timezone: old.timezone ?? '' }, expected);
}
