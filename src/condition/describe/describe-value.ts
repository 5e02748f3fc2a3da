/**
 * Fixed values and lists of them in plain English. Invariant: no text can be read as another value or as words of the
 * sentence around it; a text of which that is not sure stands in double quotes. Pure.
 */
import type { Literal } from '../ast.ts';

/** So many values of a list are written out. */
const WRITTEN = 20;
const LONGEST_PLAIN = 60;

/** Words that join the parts of a sentence: a text that holds one is quoted. */
const JOINING: ReadonlySet<string> = new Set(['and', 'or', 'nor', 'not', 'is', 'has', 'does', 'where']);
/** Words with which our own phrases for values begin: a text that begins with one is quoted. */
const BEGINNING: ReadonlySet<string> = new Set(
  'after all any at before between contains empty every false greater in less missing neither no none null on one the this today tomorrow true value within yes yesterday'.split(
    ' ',
  ),
);

/** Letters and digits, and signs that stand inside words, addresses and paths. */
const PLAIN_WORD = /^[\p{L}\p{M}\p{N}_.@+\-/:#&'’%]+$/u;
const LIKE_A_DATE = /^\d{4}-\d\d/;

/** A text as people write it, in quotes where it could be read as something else: empty, digits only, `no`, `a, b`. */
export function describeText(text: string): string {
  return isPlain(text) ? text : JSON.stringify(text);
}

function isPlain(text: string): boolean {
  const words = text.split(' ');
  const [first = ''] = words;
  if (text.length > LONGEST_PLAIN || !words.every((word) => PLAIN_WORD.test(word))) return false;
  if (!/\p{L}/u.test(first) || LIKE_A_DATE.test(text) || !Number.isNaN(Number(text))) return false;
  const lower = words.map((word) => word.toLowerCase());
  return !BEGINNING.has(lower[0] ?? '') && !lower.some((word) => JOINING.has(word));
}

const INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?Z$/;

/** An instant as people write it: `2024-05-01 10:00 UTC`. */
function plainInstant(text: string): string {
  const [, day, minute, second = '00', fraction = ''] = INSTANT.exec(text) ?? [];
  if (day === undefined) return text;
  const part = fraction.replace(/0+$/, '');
  const seconds = part === '' && second === '00' ? '' : `:${second}${part === '' ? '' : `.${part}`}`;
  return `${day} ${minute}${seconds} UTC`;
}

const asItIs = (value: string): string => value;

const words: Readonly<Record<Literal['family'], (value: string) => string>> = {
  text: describeText,
  number: asItIs,
  boolean: (value) => (value === 'true' ? 'yes' : 'no'),
  date: asItIs,
  instant: plainInstant,
  uuid: asItIs,
};

/** What people read in place of values, by the value's text. Invariant: no label is another value or another label. */
export type ValueWords = Readonly<Record<string, string>>;

/** @param labels of the field's values. A value that reads like the label of another says that it is the value. */
export function describeValue({ family, value }: Literal, labels?: ValueWords): string {
  if (labels !== undefined && Object.hasOwn(labels, value)) return describeText(labels[value] ?? value);
  const text = words[family](value);
  const isLabel = Object.values(labels ?? {}).some((label) => label.toLowerCase() === value.toLowerCase());
  return isLabel ? `the value ${text}` : text;
}

/** `ES, PT or FR`. */
export function describeList(values: readonly Literal[], last: 'or' | 'and', labels?: ValueWords): string {
  const shown = values.slice(0, WRITTEN).map((value) => describeValue(value, labels));
  const more = values.length - WRITTEN;
  const all = more > 0 ? [...shown, `${more.toLocaleString('en-US')} more`] : shown;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} ${last} ${all.at(-1)}`;
}

/** What a value is not, when it is none of these: `not ES`, `neither ES nor PT`, `none of ES, PT or FR`. */
export function describeNone(values: readonly Literal[], labels?: ValueWords): string {
  if (values.length < 2) return `not ${describeList(values, 'or', labels)}`;
  const [first, second] = values.slice(0, 2).map((value) => describeValue(value, labels));
  return values.length === 2 ? `neither ${first} nor ${second}` : `none of ${describeList(values, 'or', labels)}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
