/**
 * What callers give, checked at the edge: from JavaScript anything may come, and text that type-checks may be text that Postgres
 * cannot hold. A wrong input ends as one `Failure` that names the field. Conditions, zones and contacts' keys are validated where they
 * are used. Values go on as they came: nothing is copied or converted.
 */
import { Failure } from '../base/error.ts';
import {
  all,
  listOf,
  objectOf,
  optional,
  passing,
  recordOf,
  type Fields,
  type Mistake,
  type Path,
  type Shape,
} from '../base/value-shape.ts';
import { didYouMean } from '../base/suggest.ts';

export const text = all(
  passing((value) => typeof value === 'string', 'must be text'),
  passing(
    (value) => !/\0|\p{Surrogate}/u.test(String(value)),
    'holds a character that Postgres cannot store (NUL or half of a surrogate pair)',
  ),
);
export const optionalText = optional(text);
export const texts = listOf(text, 'must be a list of texts');
export const count = wholeFrom(0);
export const positive = wholeFrom(1);
/** `Infinity` is a time too. */
export const milliseconds = atLeastZero('must be a number of milliseconds');
export const percent = atLeastZero('must be a number of percent');
export const flag = passing((value) => typeof value === 'boolean', 'must be true or false');
export const callback = passing((value) => typeof value === 'function', 'must be a function');
export const signal = passing((value) => value instanceof AbortSignal, 'must be an AbortSignal');
export const client = having(['query'], 'must be a client of pg');
export const pool = having(['query', 'connect', 'end'], 'must be a pool of pg');
export const log = having(['debug', 'info', 'warn', 'error'], 'must be an object with debug, info, warn and error');
export const stream = passing(
  (value) => typeof value === 'object' && value !== null && 'write' in value,
  'must be a stream',
);
export const anything: Shape = () => [];
/** Names and values of any kind: another file checks what they mean. */
export const record = recordOf(anything, anything, 'must be an object');

export function oneOf(values: readonly string[]): Shape {
  return passing((value) => values.some((one) => one === value), `is one of ${values.join(', ')}`);
}

/** An object with these fields and no other. @param required fields that may not be left out */
export function input<T>(fields: Fields<T>, required: readonly (keyof T & string)[] = []): Shape {
  return objectOf<T>(fields, {
    required,
    message: 'must be an object',
    unknownField: (name, known) => {
      const hint = didYouMean(name, known);
      return `is unknown${hint === undefined ? '' : ` (${hint})`}`;
    },
  });
}

/** @param what with its article: `The options of a worker` @throws {Failure} `usage` with one sentence, of the first mistake */
export function checkInput(shape: Shape, value: unknown, what: string): void {
  const [mistake] = shape(value, []);
  if (mistake === undefined) return;
  const place = placeOf(mistake.path);
  const subject = place === '' ? what : `${what}: \`${place}\``;
  throw new Failure('usage', `${subject} ${mistake.message}${givenText(mistake)}.`);
}

function placeOf(path: Path): string {
  return path.reduce<string>(
    (before, part) => (typeof part === 'number' ? `${before}[${part}]` : before === '' ? part : `${before}.${part}`),
    '',
  );
}

function givenText({ message, given }: Mistake): string {
  return message.startsWith('must be ') ? `, not ${givenOf(given, message)}` : '';
}

/** In words, with its article. Text may be a secret and is not repeated; a number is, when another number is wanted. */
function givenOf(value: unknown, message: string): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'number' && /number|port/.test(message)) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a Date (write it as toISOString does)';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function wholeFrom(least: number, most = Infinity, message = `must be a whole number from ${least}`): Shape {
  return passing((value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most, message);
}

function atLeastZero(message: string): Shape {
  return passing((value) => typeof value === 'number' && value >= 0, message);
}

function having(names: readonly string[], message: string): Shape {
  return passing(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'),
    message,
  );
}
