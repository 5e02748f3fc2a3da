/** What pages show of a contact: the columns that the config lists, else a guess that masks what looks personal. Pure. */
import type { DisplayColumn, Family, Field } from './catalogue.ts';
import { displayName, type DisplayConfig } from './config.ts';
import type { Mistakes } from './mistake.ts';

export function resolveDisplay(
  given: readonly DisplayConfig[] | undefined,
  fields: ReadonlyMap<string, Field>,
  mistakes: Mistakes,
): readonly DisplayColumn[] {
  if (given === undefined)
    return guessDisplay(
      [...fields.values()].map(({ name, family, array, path, about }) => ({
        name,
        family,
        array: array || path !== undefined,
        personal: about?.personal === true,
      })),
    );
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

/** A column of contacts, as far as its name and type say what it holds. */
export interface TellingColumn {
  readonly name: string;
  readonly family: Family;
  /** Whether it holds several values. */
  readonly array: boolean;
  readonly personal: boolean;
}

/** Few columns by which people know a contact. */
export function guessDisplay(columns: readonly TellingColumn[]): readonly DisplayColumn[] {
  const texts = columns.filter(({ family, array }) => family === 'text' && !array);
  const found = TELLING.flatMap((pattern) => texts.find(({ name }) => pattern.test(name)) ?? []);
  return [...new Set(found)].slice(0, MOST_GUESSED).map(({ name, personal }) => ({ field: name, masked: personal }));
}

/** Whether pages mask the values of a field: as `display` says, else when it looks personal. */
export function isMasked(display: readonly DisplayColumn[] | undefined, field: Field): boolean {
  const listed = field.owner === 'contact' ? display?.find((one) => one.field === field.name) : undefined;
  return listed ? listed.masked : field.about?.personal === true;
}
