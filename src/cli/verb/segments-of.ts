/** `segments-of CONTACT`: the segments a contact is in. */
import { table } from '../table.ts';
import type { Verb } from '../verb.ts';

export const segmentsOf: Verb = (command, run) => {
  command.argument('<contact>').action(
    run(async (session, contact: string) => {
      const segments = await session.segmentd().members.segmentsOf(contact);
      // Without a config the verb does not know which table has the contacts.
      const exists = session.config === undefined || (await session.segmentd().members.contactExists(contact));
      await session.output.print(segments, () =>
        segments.length === 0
          ? []
          : table(segments, [
              { title: 'key', value: (row) => row.key },
              { title: 'entered', value: (row) => row.enteredAt },
              { title: 'name', value: (row) => row.name },
            ]),
      );
      if (exists && segments.length === 0) await session.note(`${contact} is in no segment.`);
      if (exists) return undefined;
      await session.note(`There is no contact ${contact} in the contacts table.`);
      return 1;
    }),
  );
};
