/** `create KEY`: refuses a bad condition with every issue, returns at once unless `--wait`. */
import { Option } from 'commander';
import type { SegmentKind } from '../../index.ts';
import type { Verb } from '../verb.ts';
import { addSegmentFlags, printNotes, readSegmentFlags, type SegmentFlags } from '../segment-flag.ts';
import { printWhenLive } from '../print-segment.ts';

export const create: Verb = (command, run) => {
  addSegmentFlags(command.argument('<key>'))
    .addOption(new Option('--kind <kind>').choices(['dynamic', 'static', 'snapshot']).default('dynamic'))
    .option('--of <key>', 'of a snapshot: the segment whose members it gets')
    .option('--reuse', 'take the key of a deleted segment')
    .action(
      run(
        async (
          session,
          key: string,
          flags: SegmentFlags & { readonly kind: SegmentKind; readonly of?: string; readonly reuse?: boolean },
        ) => {
          const input = {
            key,
            kind: flags.kind,
            ...(flags.of === undefined ? {} : { of: flags.of }),
            ...(await readSegmentFlags(session, flags)),
          };
          const { notes, ...segment } = await session
            .segmentd()
            .segments.create(input, { reuse: flags.reuse === true });
          await printNotes(session, notes);
          await printWhenLive(session, segment, flags);
        },
      ),
    );
};
