/**
 * Options as callers give them: from JavaScript anything may come. A shape says of what kind each option is; what does not fit
 * becomes one `Failure` with one sentence.
 */
import { Failure } from './error.ts';
import { didYouMean } from './suggest.ts';

const KINDS = {
  text: { fits: (value: unknown) => typeof value === 'string', words: 'text' },
  count: { fits: (value: unknown) => isWhole(value, 0), words: 'a whole number from 0' },
  number: { fits: (value: unknown) => isWhole(value, 1), words: 'a whole number from 1' },
  milliseconds: {
    fits: (value: unknown) => typeof value === 'number' && value >= 0,
    words: 'a number of milliseconds',
  },
  percent: { fits: (value: unknown) => typeof value === 'number' && value >= 0, words: 'a number of percent' },
  switch: { fits: (value: unknown) => typeof value === 'boolean', words: 'true or false' },
  callback: { fits: (value: unknown) => typeof value === 'function', words: 'a function' },
  object: { fits: isObject, words: 'an object' },
  textOrObject: {
    fits: (value: unknown) => typeof value === 'string' || isObject(value),
    words: 'the path of a file, or an object',
  },
  pool: { fits: (value: unknown) => hasFunctions(value, ['query', 'connect', 'end']), words: 'a pool of pg' },
  client: { fits: (value: unknown) => hasFunctions(value, ['query']), words: 'a client of pg' },
  log: {
    fits: (value: unknown) => hasFunctions(value, ['debug', 'info', 'warn', 'error']),
    words: 'an object with debug, info, warn and error',
  },
  signal: { fits: (value: unknown) => value instanceof AbortSignal, words: 'an AbortSignal' },
} as const;

export type Kind = keyof typeof KINDS;
export type Shape<T> = Readonly<Record<keyof T & string, Kind>>;

/**
 * An option that is undefined is one that is not given.
 * @param what with its article: `The options of a worker`
 * @throws {Failure} `usage`
 */
export function checkGiven<T>(given: unknown, shape: Shape<T>, what: string): void {
  if (!isObject(given)) throw new Failure('usage', `${what} must be an object, not ${kindOf(given)}.`);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const kind: Kind | undefined = Object.hasOwn(shape, name) ? shape[name as keyof T & string] : undefined;
    if (kind === undefined) {
      const hint = didYouMean(name, Object.keys(shape));
      throw new Failure('usage', `${what} know no \`${name}\`${hint === undefined ? '' : ` (${hint})`}.`);
    }
    const { fits, words } = KINDS[kind];
    if (!fits(value))
      throw new Failure(
        'usage',
        `The option \`${name}\` must be ${words}, not ${typeof value === 'number' ? String(value) : kindOf(value)}.`,
      );
  }
}

/** In words, with its article. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a Date (write it as toISOString does)';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

function hasFunctions(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function')
  );
}
