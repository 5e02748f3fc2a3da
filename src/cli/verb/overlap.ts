/** `overlap KEY KEY`: how far two segments have the same members. */
import { table } from '../table.ts';
import type { Verb } from '../verb.ts';

export const overlap: Verb = (command, run) => {
  command
    .argument('<first>')
    .argument('<second>')
    .action(
      run(async (session, first: string, second: string) => {
        const result = await session.segmentd().members.overlap(first, second);
        const { firstMembers, secondMembers, both, onlyFirst, onlySecond } = result;
        const share = (of: number): string => `${of === 0 ? 0 : Math.round((100 * both) / of)} %`;
        await session.output.print(result, () =>
          table(
            [
              { what: first, members: firstMembers, note: `${share(firstMembers)} are in ${second}` },
              { what: second, members: secondMembers, note: `${share(secondMembers)} are in ${first}` },
              { what: 'both', members: both, note: '' },
              { what: `only ${first}`, members: onlyFirst, note: '' },
              { what: `only ${second}`, members: onlySecond, note: '' },
            ],
            [
              { title: 'segment', value: (row) => row.what },
              { title: 'members', value: (row) => row.members, right: true },
              { title: '', value: (row) => row.note },
            ],
          ),
        );
      }),
    );
};
