/** `duplicate KEY NEW`: the same condition, zone and tags under a new key. */
import type { Verb } from '../verb.ts';
import { segmentText } from '../segment-text.ts';

export const duplicate: Verb = (program, run) => {
  program
    .command('duplicate <key> <new>')
    .description('copy a segment under a new key')
    .option('--reuse', 'take the key of a deleted segment')
    .action(
      run(async (session, key: string, newKey: string, flags: { readonly reuse?: boolean }) => {
        const segment = await session.segmentd().segments.duplicate(key, newKey, { reuse: flags.reuse === true });
        await session.output.print(segment, () => segmentText(segment));
      }),
    );
};
