/** What pages show of a contact: the columns that the config lists, else a guess that masks what looks personal. Pure. */
import type { DisplayColumn, Field } from './catalogue.ts';
import { displayName, type DisplayConfig } from './config.ts';
import type { Mistakes } from './mistake.ts';

export function resolveDisplay(
  given: readonly DisplayConfig[] | undefined,
  fields: ReadonlyMap<string, Field>,
  mistakes: Mistakes,
): readonly DisplayColumn[] {
  if (given === undefined) return guessDisplay([...fields.values()]);
  return given.flatMap((entry) => {
    const name = displayName(entry);
    if (fields.has(name)) return [{ field: name, masked: typeof entry !== 'string' && entry[name] === 'masked' }];
    mistakes.add(
      `\`contacts.display\`: there is no field ${JSON.stringify(name)}${mistakes.hint(name, fields.keys())}.`,
    );
    return [];
  });
}

/** Columns by which people know a contact, the best first. */
const TELLING: readonly RegExp[] = [
  /e_?-?mail/i,
  /^(first_?name|full_?name|given_?name|name)$/i,
  /^(last_?name|family_?name|surname)$/i,
  /^company/i,
  /^city$/i,
  /^country/i,
];
const MOST_GUESSED = 4;

/** Few columns by which people know a contact. */
export function guessDisplay(fields: readonly Field[]): readonly DisplayColumn[] {
  const texts = fields.filter(({ family, array, path }) => family === 'text' && !array && path === undefined);
  const found = TELLING.flatMap((pattern) => texts.find(({ name }) => pattern.test(name)) ?? []);
  return [...new Set(found)]
    .slice(0, MOST_GUESSED)
    .map(({ name, about }) => ({ field: name, masked: about?.personal === true }));
}

/** Whether pages mask the values of a field: as `display` says, else when it looks personal. */
export function isMasked(display: readonly DisplayColumn[] | undefined, field: Field): boolean {
  const listed = field.owner === 'contact' ? display?.find((one) => one.field === field.name) : undefined;
  return listed ? listed.masked : field.about?.personal === true;
}
