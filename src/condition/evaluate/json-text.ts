/**
 * Reads the text of a jsonb value without losing digits: numbers keep their text (JSON.parse would make them doubles).
 * Takes what Postgres prints, and looks no deeper than the elements of an array.
 */

export type JsonValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number' | 'string'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonValue[] }
  | { readonly kind: 'object'; readonly empty: boolean };

export function readJson(text: string): JsonValue {
  const trimmed = text.trim();
  switch (trimmed[0]) {
    case 'n':
      return { kind: 'null' };
    case 't':
    case 'f':
      return { kind: 'boolean', value: trimmed === 'true' };
    case '"':
      return { kind: 'string', text: String(JSON.parse(trimmed)) };
    case '[':
      return { kind: 'array', items: elements(trimmed).map(readJson) };
    case '{':
      return { kind: 'object', empty: /^\{\s*\}$/.test(trimmed) };
    default:
      return { kind: 'number', text: trimmed };
  }
}

/** The text of each element of an array. */
function elements(array: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 1;
  for (let i = 0; i < array.length; i += 1) {
    const character = array[i];
    if (character === '"') i = endOfString(array, i);
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ',' && depth === 1) {
      found.push(array.slice(start, i));
      start = i + 1;
    } else if (character === ']' || character === '}') {
      depth -= 1;
      if (depth === 0) found.push(array.slice(start, i));
    }
  }
  return found.length === 1 && found[0]?.trim() === '' ? [] : found;
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
