/**
 * What callers give, checked at the edge: from JavaScript anything may come, and text that type-checks may be text that Postgres
 * cannot hold. A wrong input ends as one `Failure` that names the field. Conditions, zones and contacts' keys are validated where they
 * are used. Values go on as they came: nothing is copied or converted.
 */
import { z } from 'zod';
import { Failure } from '../base/error.ts';
import { didYouMean } from '../base/suggest.ts';

export const text = z.string({ error: 'must be text' }).refine((value) => !/\0|\p{Surrogate}/u.test(value), {
  error: 'holds a character that Postgres cannot store (NUL or half of a surrogate pair)',
});
export const texts = z.array(text, { error: 'must be a list of texts' });
export const count = wholeFrom(0);
export const positive = wholeFrom(1);
/** `Infinity` is a time too. */
export const milliseconds = atLeastZero('must be a number of milliseconds');
export const percent = atLeastZero('must be a number of percent');
export const flag = z.boolean({ error: 'must be true or false' });
export const callback = z.custom<() => unknown>((value) => typeof value === 'function', {
  error: 'must be a function',
});
export const signal = z.instanceof(AbortSignal, { error: 'must be an AbortSignal' });
export const client = having(['query'], 'must be a client of pg');
export const pool = having(['query', 'connect', 'end'], 'must be a pool of pg');
export const log = having(['debug', 'info', 'warn', 'error'], 'must be an object with debug, info, warn and error');
export const anything = z.unknown();

export function oneOf(values: readonly string[]): z.ZodType {
  return z.enum(values, { error: `is one of ${values.join(', ')}` });
}

/** A schema for each field of `T`: a field without one, or one too many, does not compile. */
type Fields<T> = { readonly [Name in keyof Required<T>]: z.ZodType };

/** A schema that is built at its first use. */
export interface Input {
  schema(): z.ZodType;
}

/** An object with these fields and no other. @param required fields that may not be left out */
export function input<T>(fields: () => Fields<T>, required: readonly (keyof T & string)[] = []): Input {
  let built: z.ZodType | undefined;
  return { schema: () => (built ??= strictObject(fields(), required)) };
}

function strictObject(fields: Readonly<Record<string, z.ZodType>>, required: readonly string[]): z.ZodType {
  const names = Object.keys(fields);
  const shape = Object.entries(fields).map(([name, schema]) => [
    name,
    required.includes(name) ? schema : schema.optional(),
  ]);
  return z.strictObject(Object.fromEntries(shape) as Record<string, z.ZodType>, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownField(issue.keys[0] ?? '', names) : 'must be an object',
  });
}

function unknownField(name: string, names: readonly string[]): string {
  const hint = didYouMean(name, names);
  return `is unknown${hint === undefined ? '' : ` (${hint})`}`;
}

/** @param what with its article: `The options of a worker` @throws {Failure} `usage` with one sentence, of the first mistake */
export function checkInput(kind: z.ZodType | Input, value: unknown, what: string): void {
  const schema = 'schema' in kind ? kind.schema() : kind;
  const issue = schema.safeParse(value, { reportInput: true }).error?.issues[0];
  if (issue === undefined) return;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const place = path.reduce<string>(
    (before, part) =>
      typeof part === 'number' ? `${before}[${part}]` : before === '' ? String(part) : `${before}.${String(part)}`,
    '',
  );
  const subject = place === '' ? what : `${what}: \`${place}\``;
  const given = issue.message.startsWith('must be ') ? `, not ${givenOf(issue.input, issue.message)}` : '';
  throw new Failure('usage', `${subject} ${issue.message}${given}.`);
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

function wholeFrom(least: number): z.ZodType {
  const error = `must be a whole number from ${least}`;
  return z.int({ error }).min(least, { error });
}

function atLeastZero(error: string): z.ZodType {
  return z.custom<number>((value) => typeof value === 'number' && value >= 0, { error });
}

function having(names: readonly string[], error: string): z.ZodType {
  return z.custom<object>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'),
    { error },
  );
}
