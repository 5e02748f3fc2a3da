/** `edit KEY`: changes what is given; membership follows the old condition until the new one is built. */
import { Failure } from '../../base/error.ts';
import type { Verb } from '../run-cli.ts';
import { addSegmentFlags, readSegmentFlags, type SegmentFlags } from '../segment-flag.ts';
import { printWhenLive } from './create.ts';

export const edit: Verb = (program, run) => {
  addSegmentFlags(program.command('edit <key>').description('change a segment')).action(
    run(async (session, key: string, flags: SegmentFlags) => {
      const change = await readSegmentFlags(session, flags);
      if (Object.keys(change).length === 0) throw new Failure('usage', 'Nothing to change: give --condition, --name, --description, --timezone or --tag.');
      await printWhenLive(session, await session.segmentd().edit(key, change), flags.wait === true);
    }),
  );
};
