/**
 * What callers give, looked at before anything is done with it: from JavaScript anything may come, and what type-checks may
 * still be no text that Postgres can hold or no count. Conditions, zones and keys of contacts are validated where they are used.
 */
import { Failure } from '../base/error.ts';
import { kindOf } from '../base/given.ts';

const KINDS: readonly unknown[] = ['dynamic', 'static', 'snapshot'];

/** @throws {Failure} `usage` */
export function checkText(value: unknown, what: string): asserts value is string {
  if (typeof value !== 'string') throw new Failure('usage', `${what} must be text, not ${kindOf(value)}.`);
  if (/\0|\p{Surrogate}/u.test(value))
    throw new Failure(
      'usage',
      `${what} holds a character that Postgres cannot store (NUL or half of a surrogate pair).`,
    );
}

/** Whether there is such a segment is for the database to say. @throws {Failure} `usage` */
export function checkKey(key: unknown): asserts key is string {
  checkText(key, 'The key of a segment');
}

/** For what may be left out. @throws {Failure} `usage` */
export function checkOptionalKey(key: unknown): void {
  if (key !== undefined) checkKey(key);
}

/** @param what with its article: `The limit`. @throws {Failure} `usage` */
export function checkCount(value: unknown, what: string): void {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new Failure(
      'usage',
      `${what} must be a whole number, not ${typeof value === 'number' ? String(value) : kindOf(value)}.`,
    );
}

/** The version that the caller read, where one is given. @throws {Failure} `usage` */
export function checkExpected(options: unknown): void {
  checkObject(options, 'What is given');
  const { expectedVersion } = options;
  if (expectedVersion !== undefined) checkCount(expectedVersion, 'The expected version');
}

/** @throws {Failure} `usage` */
export function checkObject(value: unknown, what: string): asserts value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failure('usage', `${what} must be an object, not ${kindOf(value)}.`);
}

/** @throws {Failure} `usage` */
export function checkTexts(value: unknown, what: string, each: string): void {
  if (!Array.isArray(value)) throw new Failure('usage', `${what} must be a list of texts, not ${kindOf(value)}.`);
  for (const one of value) checkText(one, each);
}

/** Of whatever fields there are, each that is given. @param fields name → what it is called, with its article */
export function checkTextFields(options: unknown, fields: Readonly<Record<string, string>>): void {
  checkObject(options, 'What is given');
  for (const [name, what] of Object.entries(fields)) if (options[name] !== undefined) checkText(options[name], what);
}

/** What a segment is to be, or what an edit changes of it. @throws {Failure} `usage` */
export function checkSegment(input: unknown): void {
  checkTextFields(input, {
    of: 'The key of a segment',
    name: 'The name',
    description: 'The description',
    timezone: 'The zone',
  });
  checkObject(input, 'A segment');
  const { kind, tags } = input;
  if (kind !== undefined && !KINDS.includes(kind))
    throw new Failure('usage', `The kind of a segment is one of ${KINDS.join(', ')}.`);
  if (tags !== undefined) checkTexts(tags, 'The tags', 'A tag');
}

/** A segment, or a condition with its zone. @throws {Failure} `usage` */
export function checkOf(of: unknown): void {
  checkTextFields(of, { key: 'The key of a segment', timezone: 'The zone' });
}

/** A page of a list. @throws {Failure} `usage` */
export function checkPage(options: unknown, endless = false): void {
  checkTextFields(options, { after: 'The key of a contact' });
  checkObject(options, 'A page');
  const { limit } = options;
  if (limit !== undefined && !(endless && limit === Infinity)) checkCount(limit, 'The limit');
}

/** Where an export goes. @throws {Failure} `usage` */
export function checkTarget(to: unknown): void {
  checkObject(to, 'Where an export goes');
  if (typeof to['stream'] === 'object' && to['stream'] !== null && 'write' in to['stream']) return;
  for (const place of ['file', 'folder'] as const) if (typeof to[place] === 'string' && to[place] !== '') return;
  throw new Failure('usage', 'An export goes to one of { stream }, { file } and { folder }.');
}
