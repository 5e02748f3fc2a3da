/** `explain KEY CONTACT`: why a contact is in a segment or not, leaf by leaf, and when that changes by time alone. */
import { InvalidArgumentError } from 'commander';
import type { Verb } from '../verb.ts';
import { explanationText } from '../explanation-text.ts';

export const explain: Verb = (command, run) => {
  command
    .argument('<key>')
    .argument('<contact>')
    .option('--days <number>', 'how far to look ahead for the next change by time; default 3660', wholeNumber)
    .action(
      run(async (session, key: string, contact: string, flags: { readonly days?: number }) => {
        const explanation = await session.segmentd().segments.explain(key, contact, flags);
        await session.output.print(explanation, () => explanationText(explanation));
        if (explanation.exists) return undefined;
        await session.note(`There is no contact ${explanation.contact} in the contacts table.`);
        return 1;
      }),
    );
};

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of days.');
  return Number(text);
}
