/** `where-used KEY`: the segments that read this one, directly or through others, and the schedules that export it. */
import type { Uses } from '../../index.ts';
import { plural, snakeKeys, type Lines } from '../printed-output.ts';
import { table } from '../table.ts';
import type { Verb } from '../verb.ts';

export const whereUsed: Verb = (command, run) => {
  command.argument('<key>').action(
    run(async (session, key: string) => {
      const uses = await session.segmentd().segments.uses(key);
      await session.output.print(
        { ...uses, segments: uses.segments.map(snakeKeys) },
        () => usesText(uses),
        `Nothing uses ${key}: no segment reads it, no schedule exports it.`,
      );
    }),
  );
};

function usesText({ segments, schedules }: Uses): Lines {
  const readers = table(segments, [
    { title: 'key', value: (row) => row.key },
    { title: 'state', value: (row) => row.state },
    { title: 'reads', value: (row) => row.path.slice(1).join(' → ') + (row.wanted ? '' : ' (until its edit is live)') },
  ]);
  return [
    ...(segments.length === 0 ? [] : readers),
    ...(schedules.length === 0 ? [] : [`exported by ${plural(schedules.length, 'schedule')}: ${schedules.join(', ')}`]),
  ];
}
