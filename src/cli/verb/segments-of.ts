/** `segments-of CONTACT`: the segments a contact is in. */
import { table } from '../output.ts';
import type { Verb } from '../run-cli.ts';

export const segmentsOf: Verb = (program, run) => {
  program
    .command('segments-of <contact>')
    .description('list the segments a contact is in')
    .action(
      run(async (session, contact: string) => {
        const segments = await session.segmentd().segmentsOf(contact);
        await session.output.print(segments, () =>
          segments.length === 0
            ? ''
            : table(segments, [
                { title: 'key', value: (row) => row.key },
                { title: 'entered', value: (row) => row.enteredAt },
                { title: 'name', value: (row) => row.name },
              ]),
        );
      }),
    );
};
