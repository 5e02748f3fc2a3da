/**
 * `edit KEY`: changes what is given; membership follows the old condition until the new one is built. An edit that moves
 * too many is refused with its numbers unless `--yes`; `--yes` alone confirms one that is held.
 */
import { Option } from 'commander';
import { Failure } from '../../base/error.ts';
import type { NotedSegment, SegmentChange, SegmentKind } from '../../index.ts';
import { guardEdit } from '../guard-edit.ts';
import { interrupted } from '../io.ts';
import { editPreviewText } from '../preview-text.ts';
import { snakeKeys } from '../printed-output.ts';
import type { Verb } from '../verb.ts';
import {
  addSegmentFlags,
  expectedOf,
  ifVersionOption,
  printNotes,
  readSegmentFlags,
  type SegmentFlags,
} from '../segment-flag.ts';
import type { Session } from '../verb-session.ts';
import { printWhenLive } from '../print-segment.ts';

interface Flags extends SegmentFlags {
  readonly kind?: SegmentKind;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly ifVersion?: number;
}

export const edit: Verb = (command, run) => {
  addSegmentFlags(command.argument('<key>'))
    .addOption(
      new Option(
        '--kind <kind>',
        'static or snapshot: keep the members that it has now; dynamic: follow --condition',
      ).choices(['dynamic', 'static', 'snapshot']),
    )
    .addOption(ifVersionOption())
    .option('--dry-run', 'only show who would enter and leave')
    .option('--yes', 'however many members it moves; alone: confirm an edit that is held')
    .action(
      run(
        async (session, key: string, flags: Flags) => {
          const change = {
            ...(await readSegmentFlags(session, flags)),
            ...(flags.kind === undefined ? {} : { kind: flags.kind }),
          };
          const nothing = Object.keys(change).length === 0;
          if (nothing && (!flags.yes || flags.dryRun))
            throw new Failure(
              'usage',
              'Nothing to change: give --condition, --name, --description, --timezone, --kind or --tag.',
            );
          if (flags.dryRun) return showEdit(session, key, change);
          if (!flags.yes) await guardEdit(session, key, change, expectedOf(flags));
          const write: Promise<NotedSegment> = nothing
            ? session.segmentd().segments.confirm(key, expectedOf(flags))
            : session.segmentd().segments.edit(key, change, { confirm: flags.yes === true, ...expectedOf(flags) });
          const { notes, ...segment } = await Promise.race([write, interrupted(session.io.signal)]);
          await printNotes(session, notes);
          await printWhenLive(session, segment, flags);
        },
        { graceful: true },
      ),
    );
};

async function showEdit(session: Session, key: string, change: SegmentChange): Promise<void> {
  const { settings, io, output } = session;
  const preview = await session
    .segmentd()
    .segments.previewEdit(key, change, { timeout: settings.previewTimeout, signal: io.signal });
  const { entering, leaving } = preview.sample;
  const sample = { entering: entering.map(snakeKeys), leaving: leaving.map(snakeKeys) };
  await output.print({ ...preview, sample }, () => editPreviewText(preview));
}
