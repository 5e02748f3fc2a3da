/**
 * Finds a key that stands twice in one object of a JSON text. JSON.parse keeps the last and loses the others without a word;
 * of a condition that would be a child dropped. Reads each character once and needs no call a level, so depth costs nothing.
 */

export interface RepeatedKey {
  readonly key: string;
  /** Where it comes again, from 1. */
  readonly line: number;
  readonly column: number;
}

/** The first there is. @param text that JSON.parse takes */
export function repeatedKey(text: string): RepeatedKey | undefined {
  /** Of the objects that are open here, from the outside in; an array has none. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        const key = String(JSON.parse(text.slice(at, end)));
        if (keys.has(key)) return { key, ...placeOf(text, at) };
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** Behind its closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (' \t\r\n'.includes(text[at] ?? '-')) at += 1;
  return text[at] === ':';
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
