/**
 * Finds a key that stands twice in one object of a JSON text. JSON.parse keeps the last value and drops the others silently;
 * in a condition that drops a child. Reads each character once and does not recurse, so depth costs nothing.
 */

export interface RepeatedKey {
  readonly key: string;
  /** Where the key stands again, counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** The first repeated key, if any. @param text a JSON text that JSON.parse accepts */
export function repeatedKey(text: string): RepeatedKey | undefined {
  /** The keys of each object that is open here, outermost first; `undefined` for an array. */
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

/** The position behind the closing quote of the string that starts at `start`. */
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
