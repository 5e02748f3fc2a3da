/**
 * Names in plain English: labels where the catalogue has them, else the names that conditions write. Invariant: no name can be read
 * as words of the sentence around it; a name of which that is not sure stands in backquotes, which no value has. Pure.
 */
import { CONTACT, type Catalogue, type Field } from '../../catalogue/catalogue.ts';
import { plainField } from '../around-field.ts';

/** Where labels of relations are found. */
export type Wording = Pick<Catalogue, 'relations'>;

/** Written as an identifier is in most languages, with dots between its parts. */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_]*(\.[\p{L}\p{M}\p{N}_]+)*$/u;
/** Words of people, with spaces between them. */
const PLAIN_LABEL = /^\p{L}[\p{L}\p{M}\p{N}_'’&+/%#-]*( [\p{L}\p{M}\p{N}_'’&+/%#-]+)*$/u;
/** Words of the sentences around a name, wherever they stand in it. */
const OUR_WORDS: ReadonlySet<string> = new Set(
  'and or nor not neither none is has have does was contains starts ends satisfies where across among rows if'.split(
    ' ',
  ),
);
/** Words with which our own phrases begin. */
const BEGINNING: ReadonlySet<string> = new Set(
  'the no a an any every all more fewer exactly today tomorrow yesterday contact outer yes true false'.split(' '),
);
/** Would read as a field of a row around. */
const AROUND = /^(?:contact|outer)\./iu;

/** Whose rows names are read in. */
export interface NamePlace {
  /** Absent for the contact. */
  readonly relation: string | undefined;
  /** The relation whose rows stand around those. */
  readonly around?: string | undefined;
  readonly wording: Wording;
}

/** Inside a relation its own columns are bare; those of a row in between carry its name, those of the rows around `contact` or `outer`. */
export function nameOf(field: Field, { relation, around, wording }: NamePlace): string {
  const plain = plainField(field);
  if (field.around === 'contact') return `contact.${nameOf(plain, { relation: undefined, wording })}`;
  if (field.around === 'outer') return `outer.${nameOf(plain, { relation: around, wording })}`;
  const name = field.about === undefined ? quoted(field.name, PLAIN_NAME) : quoted(field.about.label, PLAIN_LABEL);
  if (wording.relations.get(field.owner)?.valuesOnly) return name;
  return field.owner === (relation ?? CONTACT) ? name : `${relationName(field.owner, wording)}.${name}`;
}

/** The rows of a relation. */
export function rowsName(relation: string, wording: Wording): string {
  const name = relationName(relation, wording);
  return wording.relations.get(relation)?.about === undefined ? `rows of ${name}` : name;
}

function relationName(relation: string, { relations }: Wording): string {
  if (relation === CONTACT) return CONTACT;
  const label = relations.get(relation)?.about?.label;
  return label === undefined ? quoted(relation, PLAIN_NAME) : quoted(label, PLAIN_LABEL);
}

function quoted(name: string, plain: RegExp): string {
  const words = name.toLowerCase().split(' ');
  const [first = '', second = ''] = words;
  const begins = BEGINNING.has(first) || (first === 'at' && (second === 'least' || second === 'most'));
  const isPlain = plain.test(name) && !begins && !AROUND.test(name) && !words.some((word) => OUR_WORDS.has(word));
  return isPlain ? name : `\`${name.replaceAll('`', '``')}\``;
}
