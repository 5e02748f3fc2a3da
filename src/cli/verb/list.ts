/** `list`: the segments there are. */
import type { Verb } from '../verb.ts';
import { segmentTable } from '../segment-text.ts';

export const list: Verb = (command, run) => {
  command.option('--search <text>', 'only those with the text in key, name, description or tags').action(
    run(async (session, flags: { readonly search?: string }) => {
      const segments = await session.segmentd().segments.list(flags);
      await session.output.print(
        segments,
        () => (segments.length === 0 ? [] : segmentTable(segments)),
        flags.search === undefined
          ? 'There are no segments.'
          : `No segment has ${JSON.stringify(flags.search)} in its key, name, description or tags.`,
      );
    }),
  );
};
