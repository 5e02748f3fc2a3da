/** `delete`, `pause`, `resume`, `archive`: requests that the worker carries out. */
import type { Verb } from '../verb.ts';
import { expectedOf, ifVersionOption } from '../segment-flag.ts';

const NOUNS = { delete: 'deletion', pause: 'pause', resume: 'return', archive: 'archiving' } as const;

export function state(verb: keyof typeof NOUNS): Verb {
  return (command, run) =>
    command
      .argument('<key>')
      .addOption(ifVersionOption())
      .action(
        run(async (session, key: string, flags: { readonly ifVersion?: number }) => {
          await session.segmentd().segments[verb](key, expectedOf(flags));
          await session.output.print({ key, requested: verb }, () => `${NOUNS[verb]} of ${key} requested`);
        }),
      );
}
