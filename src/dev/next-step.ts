/** The command that a person runs next: their own segment, from a second terminal, ready to be copied into a shell. */
import type { Catalogue, Field } from '../catalogue/catalogue.ts';

export interface NextStepOptions {
  /** How the other verbs are called from where this was, such as `npm run -s segmentd --`. */
  readonly command: string;
  /** Path of the config file, when verbs do not find it by themselves. */
  readonly config: string | undefined;
  readonly catalogue: Catalogue;
  /** Keys that are taken. */
  readonly taken: ReadonlySet<string>;
}

/** A segment of the shop, and then of any table: the first whose field is there and whose key is free. */
const EXAMPLES: readonly { readonly key: string; readonly field: string; readonly value: string }[] = [
  { key: 'spain', field: 'country', value: 'ES' },
  { key: 'portugal', field: 'country', value: 'PT' },
  { key: 'france', field: 'country', value: 'FR' },
  { key: 'germany', field: 'country', value: 'DE' },
];

/** Absent when no field fits an example. */
export function createCommand({ command, config, catalogue, taken }: NextStepOptions): string | undefined {
  const { fields } = catalogue.contacts;
  const isText = (field: Field | undefined): boolean =>
    field?.family === 'text' && !field.array && field.labels === undefined;
  const example = EXAMPLES.find(({ key, field }) => !taken.has(key) && isText(fields.get(field)));
  const create = (key: string, condition: unknown): string =>
    `echo ${quoted(JSON.stringify(condition))} | ${command} create ${key} --condition -${configFlag(config)}`;
  if (example) return create(example.key, { '==': [{ var: example.field }, example.value] });
  const named = [...fields].find(([name, field]) => isText(field) && /^[\w. -]+$/.test(name))?.[0];
  if (named === undefined) return undefined;
  return create(freeKey('my_first', taken), { '!=': [{ var: named }, null] });
}

export function configFlag(config: string | undefined): string {
  return config === undefined ? '' : ` --config ${/^[\w./-]+$/.test(config) ? config : quoted(config)}`;
}

function freeKey(wanted: string, taken: ReadonlySet<string>): string {
  let key = wanted;
  for (let n = 2; taken.has(key); n += 1) key = `${wanted}_${n}`;
  return key;
}

/** As one word for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
