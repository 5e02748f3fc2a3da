/**
 * Fixed values as a person types them. What is typed becomes the JSON that says exactly that, and what cannot be read stays as it is
 * typed, so that the checker names the mistake and nothing is lost. Pure.
 */
import type { Family } from '../../condition/condition.ts';

/** What an input shows for a constant. */
export function constantText(json: unknown): string {
  if (typeof json === 'string') return json;
  if (typeof json === 'number' || typeof json === 'boolean') return String(json);
  return json === null || json === undefined ? '' : JSON.stringify(json);
}

const PLAIN_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** The constant that a typed text means where values are of that family. */
export function constantOf(text: string, family: Family): unknown {
  switch (family) {
    case 'number': {
      const number = Number(text);
      const isExact = PLAIN_NUMBER.test(text) && String(number) === text && Math.abs(number) <= Number.MAX_SAFE_INTEGER;
      return isExact ? number : text;
    }
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'text':
    case 'date':
    case 'instant':
    case 'uuid':
    case 'json':
    case 'other':
      return text;
  }
}

/** A whole number of the language, such as the days of a window: JSON knows no text there. */
export function wholeNumberOf(text: string): unknown {
  return constantOf(text.trim(), 'number');
}

/** The values of a list. What is no list counts as its only value. */
export function listItems(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json as readonly unknown[];
  return json === '' || json === null || json === undefined ? [] : [json];
}

/** Splits what is pasted or typed: lines, tabs, semicolons; commas where no line break is. */
export function splitValues(text: string): readonly string[] {
  const parts = /[\n\t;]/.test(text) ? text.split(/[\r\n\t;]+/) : text.split(',');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The list that many lines mean; a value that was there before keeps its JSON. Values that come twice are taken once. */
export function listOfTexts(texts: readonly string[], before: readonly unknown[], family: Family): readonly unknown[] {
  const known = new Map(before.map((json) => [constantText(json), json]));
  return [...new Set(texts)].map((text) => (known.has(text) ? known.get(text) : constantOf(text, family)));
}

/** A list with more values behind; those that it has are not repeated. */
export function withValues(before: readonly unknown[], texts: readonly string[], family: Family): readonly unknown[] {
  const known = new Set(before.map(constantText));
  const fresh = [...new Set(texts)].filter((text) => !known.has(text));
  return fresh.length === 0 ? before : [...before, ...fresh.map((text) => constantOf(text, family))];
}
