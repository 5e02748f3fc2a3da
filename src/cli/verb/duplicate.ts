/** `duplicate KEY NEW`: the same condition, zone and tags under a new key. */
import type { Verb } from '../verb.ts';
import { printWhenLive } from '../print-segment.ts';
import { addWaitFlags, type WaitFlags } from '../wait-flag.ts';

export const duplicate: Verb = (command, run) => {
  addWaitFlags(command.argument('<key>').argument('<new>'), 'it is live')
    .option('--reuse', 'take the key of a deleted segment')
    .action(
      run(async (session, key: string, newKey: string, flags: WaitFlags & { readonly reuse?: boolean }) => {
        const segment = await session.segmentd().segments.duplicate(key, newKey, { reuse: flags.reuse === true });
        await printWhenLive(session, segment, flags);
      }),
    );
};
