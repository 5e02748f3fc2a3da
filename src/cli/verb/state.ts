/** `delete`, `pause`, `resume`, `archive`: requests that the worker carries out. */
import type { Verb } from '../verb.ts';
import { expectedOf, ifVersionOption } from '../segment-flag.ts';

const STATES = [
  ['delete', 'delete a segment; refused while another uses it', 'deletion'],
  ['pause', 'stop keeping a segment; its members stay as they are', 'pause'],
  ['resume', 'keep a paused or archived segment again; it is rebuilt', 'return'],
  ['archive', 'archive a segment; its members stay as they are', 'archiving'],
] as const;

export const state: Verb = (program, run) => {
  for (const [verb, summary, noun] of STATES) {
    program
      .command(`${verb} <key>`)
      .description(summary)
      .addOption(ifVersionOption())
      .action(
        run(async (session, key: string, flags: { readonly ifVersion?: number }) => {
          await session.segmentd().segments[verb](key, expectedOf(flags));
          await session.output.print({ key, requested: verb }, () => `${noun} of ${key} requested`);
        }),
      );
  }
};
