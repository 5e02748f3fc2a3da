/** `members KEY`: contact keys, one a line, in order; constant memory whatever the size. */
import { InvalidArgumentError } from 'commander';
import type { Verb } from '../verb.ts';

export const members: Verb = (program, run) => {
  program
    .command('members <key>')
    .description('list the contacts in a segment')
    .option('--limit <number>', 'most contacts', parseLimit)
    .option('--after <contact>', 'go on behind this contact')
    .action(
      run(async (session, key: string, flags: { readonly limit?: number; readonly after?: string }) => {
        await session.output.stream(
          session.segmentd().members.pages(key, flags),
          (member) => member.contactId,
          `${key} has no members${flags.after === undefined ? '' : ` behind ${flags.after}`}.`,
        );
      }),
    );
};

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
