/** `as-of KEY TIME`: who was in at an instant of the past, one a line, in order; constant memory whatever the size. */
import type { Verb } from '../verb.ts';

export const asOf: Verb = (command, run) => {
  command
    .argument('<key>')
    .argument('<time>')
    .option('--count', 'only how many')
    .action(
      run(async (session, key: string, time: string, flags: { readonly count?: boolean }) => {
        const segmentd = session.segmentd();
        if (flags.count) {
          const members = await segmentd.members.countAsOf(key, time);
          return session.output.print({ key, time, members }, () => String(members));
        }
        await session.output.stream(
          rows(segmentd.members.asOf(key, time)),
          (page) => page.map((row) => row.contactId),
          `${key} had no members at ${time}.`,
        );
      }),
    );
};

async function* rows(
  pages: AsyncIterable<readonly string[]>,
): AsyncGenerator<readonly { readonly contactId: string }[], void, void> {
  for await (const page of pages) yield page.map((contactId) => ({ contactId }));
}
