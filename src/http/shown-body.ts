/** What resources that show contacts have in common: columns of the query, the right to reveal, values and events of an answer. */
import type { Context } from 'hono';
import { rightsOf } from '../access/person.ts';
import type { EventPlace, ListedEvent, ShownValues } from '../index.ts';
import type { HttpEnv } from './http-env.ts';
import { wrongCursor } from './page-cursor.ts';
import { Refusal } from './problem.ts';
import { snakeBody, type Snake } from './snake-body.ts';

/** `email,country` as a list. */
export function columnsOf(query: string | undefined): readonly string[] | undefined {
  return query?.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
}

/**
 * Lets a person see personal values, and notes it in the action log before they are read.
 * @throws {Refusal} 403 when this person may not
 */
export async function noteReveal(
  c: Context<HttpEnv>,
  reveal: boolean,
  of: { readonly segment?: string; readonly contact?: string },
): Promise<void> {
  if (!reveal) return;
  const { role } = c.var.person;
  if (!rightsOf(role).reveal)
    throw new Refusal(403, 'role', `To reveal personal values needs the role editor; yours is ${role}.`);
  await c.var.segmentd.access.note({ action: 'reveal', ...of });
}

/** The names of columns are the team's and stay as they are. */
export function bodyWithValues<T extends { readonly values: ShownValues }>(
  row: T,
): Snake<Omit<T, 'values'>> & { values: Record<string, string | null> } {
  const { values, ...rest } = row;
  return Object.assign(snakeBody<Omit<T, 'values'>>(rest), { values: { ...values } });
}

export const eventBody = (event: ListedEvent) => bodyWithValues(event);

/** The place that a cursor of events names. @throws {Refusal} 400 */
export function eventPlace(cursor: string | undefined): EventPlace | undefined {
  if (cursor === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(cursor);
    if (Array.isArray(read) && read.every((part) => typeof part === 'string')) {
      const [at, contact, id] = read;
      if (at !== undefined && contact !== undefined && id !== undefined && /^\d{1,18}$/.test(id) && INSTANT.test(at))
        return { at, contact, id };
    }
  } catch {
    // Not JSON: the refusal below says it.
  }
  throw wrongCursor();
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
